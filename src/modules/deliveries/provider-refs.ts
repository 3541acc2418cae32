import { sql } from 'kysely';
import { makeGroups } from '../../kernel/groups.ts';
import { type Database, instant, type Tx, unnestRows } from '../../platform/db/index.ts';

/** What a provider's reference stands for. */
interface ReferredDelivery {
  readonly enteId: number;
  readonly deliveryId: string;
}
interface ProviderRef extends ReferredDelivery {
  readonly ref: string;
}

/** References of one provider: saved and found one by one by who calls, in one statement for all that come together. */
export interface ProviderRefs {
  save(ref: string, enteId: number, deliveryId: string): Promise<void>;
  /** Null when no message of ours went out under it. */
  find(ref: string): Promise<ReferredDelivery | null>;
}

const MOST_AT_ONCE = 500;

export function makeProviderRefs(db: Database, provider: string, realNow: () => number): ProviderRefs {
  const save = makeGroups(async (refs: readonly ProviderRef[]) => {
    await db.system((tx) => saveRefs(tx, provider, refs, realNow()));
    return refs;
  }, MOST_AT_ONCE);
  const find = makeGroups((refs: readonly string[]) => db.system((tx) => findRefs(tx, provider, refs)), MOST_AT_ONCE);
  return {
    save: async (ref, enteId, deliveryId) => void (await save({ ref, enteId, deliveryId })),
    find,
  };
}

/** The latest delivery under a reference counts: providers use them again. */
async function saveRefs(tx: Tx, provider: string, refs: readonly ProviderRef[], realNow: number): Promise<void> {
  const latest = [...new Map(refs.map((one) => [one.ref, one])).values()];
  await sql`insert into provider_ref (provider, ref, ente_id, delivery_id, at_real)
    select ${provider}, u.ref, u.ente, u.delivery, ${instant(realNow)}
    from ${unnestRows({
      ref: { type: 'text', values: latest.map((one) => one.ref) },
      ente: { type: 'int4', values: latest.map((one) => one.enteId) },
      delivery: { type: 'uuid', values: latest.map((one) => one.deliveryId) },
    })} order by u.ref
    on conflict (provider, ref) do update
    set ente_id = excluded.ente_id, delivery_id = excluded.delivery_id, at_real = excluded.at_real`.execute(tx.kysely);
}

async function findRefs(tx: Tx, provider: string, refs: readonly string[]): Promise<(ReferredDelivery | null)[]> {
  const { rows } = await sql<{ ref: string; ente_id: number; delivery_id: string }>`
    select ref, ente_id, delivery_id from provider_ref
    where provider = ${provider} and ref = any(${[...new Set(refs)]}::text[])`.execute(tx.kysely);
  const found = new Map(rows.map((row) => [row.ref, { enteId: row.ente_id, deliveryId: row.delivery_id }]));
  return refs.map((ref) => found.get(ref) ?? null);
}

/** References older than any provider answers for. */
export async function sweepProviderRefs(tx: Tx, olderThanReal: number): Promise<void> {
  await sql`delete from provider_ref where at_real < ${instant(olderThanReal)}`.execute(tx.kysely);
}
