import { type RawBuilder, sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type DeliveryEvent, sourceCodes, targetCode } from './delivery.states.ts';

/**
 * The only writer of `delivery.state` (architecture §4.6): moves those of `ids` that are in a state the event may start
 * from, and says which moved. `at` is the legal instant; `set` adds further columns.
 */
export async function transitionMany(
  tx: Tx,
  ids: readonly string[],
  event: DeliveryEvent,
  change: { readonly at: number; readonly reason?: string | null; readonly set?: RawBuilder<unknown> },
): Promise<string[]> {
  if (ids.length === 0) return [];
  const finished = ['expire', 'cancel', 'reject', 'bounce'].includes(event);
  const { rows } = await sql<{ delivery_id: string }>`
    update delivery set state = ${targetCode(event)}
      ${change.reason === undefined ? sql`` : sql`, reason = ${change.reason}`}
      ${finished ? sql`, finished_at = ${instant(change.at)}` : sql``}
      ${change.set === undefined ? sql`` : sql`, ${change.set}`}
    where ente_id = ${enteOf(tx)} and delivery_id = any(${[...ids]}::uuid[]) and state = any(${sourceCodes(event)}::int[])
    returning delivery_id`.execute(tx.kysely);
  return rows.map((row) => row.delivery_id);
}
