import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { addressLookup } from '../debtors/index.ts';
import { placeHold } from './holds.ts';

/**
 * Somebody answered STOP: the address is bound for every debtor behind it (architecture §4.8). A body that never had the
 * address has nothing to do; true when it had.
 */
export async function stopAddress(
  tx: Tx,
  vault: EnteVault,
  channel: 'email' | 'sms',
  address: string,
  now: number,
): Promise<boolean> {
  const lookup = addressLookup(vault, channel, address);
  const { rows } =
    await sql`select 1 from contact_now where ente_id = ${enteOf(tx)} and address_lookup = ${lookup} limit 1`.execute(
      tx.kysely,
    );
  if (rows.length === 0) return false;
  const subject = { kind: 'address', lookup } as const;
  await placeHold(tx, { subject, reason: 'optOut', sourceRef: 'STOP', since: now, until: null });
  await writeLeaf(tx, { at: now, kind: 'address.optOut', actor: 'citizen', rowCount: 1, facts: { channel } });
  return true;
}
