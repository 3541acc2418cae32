import { type RawBuilder, sql } from 'kysely';
import { type BulkColumn, enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { type DeliveryEvent, sourceCodes, targetCode } from './delivery.states.ts';

interface Change {
  readonly at: number;
  readonly reason?: string | null;
  readonly set?: RawBuilder<unknown>;
}

/**
 * The only writer of `delivery.state` (architecture §4.6): moves those of `ids` that are in a state the event may start
 * from, and says which moved. `at` is the legal instant; `set` adds further columns. Values of each row's own come in
 * `each`, in the order of `ids`, and `set` names them as columns of `u`.
 */
export async function transitionMany(
  tx: Tx,
  ids: readonly string[],
  event: DeliveryEvent,
  change: Change & { readonly each?: Readonly<Record<string, BulkColumn>> },
): Promise<string[]> {
  if (ids.length === 0) return [];
  const which: Which =
    change.each === undefined
      ? { where: sql`delivery_id = any(${[...ids]}::uuid[])` }
      : { from: unnestRows({ id: { type: 'uuid', values: ids }, ...change.each }), where: sql`delivery_id = u.id` };
  const { rows } = await sql<{ delivery_id: string }>`${moving(tx, which, event, change)}
    select delivery_id from moved`.execute(tx.kysely);
  return rows.map((row) => row.delivery_id);
}

/** The same for as many as a condition on `delivery` finds, which may be a million; how many moved. */
export async function transitionWhere(
  tx: Tx,
  which: RawBuilder<unknown>,
  event: DeliveryEvent,
  change: Change,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`${moving(tx, { where: which }, event, change)}
    select count(*)::int as n from moved`.execute(tx.kysely);
  return rows[0]?.n ?? 0;
}

/** After these the notice may have something to do: the tick looks at marked ones alone (`takeMoved`). */
const MARKED: readonly DeliveryEvent[] = ['accept', 'reject', 'loseTrack', 'expire', 'cancel', 'bounce'];

interface Which {
  readonly from?: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
}

function moving(tx: Tx, which: Which, event: DeliveryEvent, change: Change): RawBuilder<unknown> {
  const ente = enteOf(tx);
  const finished = ['expire', 'cancel', 'reject', 'bounce'].includes(event);
  const marked = sql`, marked as (
      insert into delivery_moved (ente_id, notice_id) select ${ente}::int, notice_id from moved)`;
  return sql`
    with moved as (
      update delivery set state = ${targetCode(event)}
        ${change.reason === undefined ? sql`` : sql`, reason = ${change.reason}`}
        ${finished ? sql`, finished_at = ${instant(change.at)}` : sql``}
        ${change.set === undefined ? sql`` : sql`, ${change.set}`}
      ${which.from === undefined ? sql`` : sql`from ${which.from}`}
      where ente_id = ${ente} and ${which.where} and state = any(${sourceCodes(event)}::int[])
      returning delivery_id, notice_id
    ) ${MARKED.includes(event) ? marked : sql``}`;
}
