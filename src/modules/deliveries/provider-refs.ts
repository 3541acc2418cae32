import { sql } from 'kysely';
import { instant, type Tx } from '../../platform/db/index.ts';

/** Remembers which delivery a provider's reference stands for; needs a system transaction. The latest one counts. */
export async function saveProviderRef(
  tx: Tx,
  provider: string,
  ref: string,
  delivery: { readonly enteId: number; readonly deliveryId: string },
  realNow: number,
): Promise<void> {
  await sql`insert into provider_ref (provider, ref, ente_id, delivery_id, at_real)
    values (${provider}, ${ref}, ${delivery.enteId}, ${delivery.deliveryId}, ${instant(realNow)})
    on conflict (provider, ref) do update
    set ente_id = excluded.ente_id, delivery_id = excluded.delivery_id, at_real = excluded.at_real`.execute(tx.kysely);
}

/** Null when no message of ours went out under it; needs a system transaction. */
export async function findProviderRef(
  tx: Tx,
  provider: string,
  ref: string,
): Promise<{ enteId: number; deliveryId: string } | null> {
  const { rows } = await sql<{ ente_id: number; delivery_id: string }>`select ente_id, delivery_id from provider_ref
    where provider = ${provider} and ref = ${ref}`.execute(tx.kysely);
  const row = rows[0];
  return row === undefined ? null : { enteId: row.ente_id, deliveryId: row.delivery_id };
}

/** References older than any provider answers for. */
export async function sweepProviderRefs(tx: Tx, olderThanReal: number): Promise<void> {
  await sql`delete from provider_ref where at_real < ${instant(olderThanReal)}`.execute(tx.kysely);
}
