import { type RawBuilder, sql } from 'kysely';
import { instant, orderedId, type Tx } from '../../../platform/db/index.ts';
import { type Ground, ownNumber, ownTransfer } from './ground.ts';

/**
 * Matches the treasury's credits with flows, and single ones with the transfer they are of; says of the rest why not
 * (pagopa §12). Returns the ids of the matches that stay.
 */
export async function matchCredits(tx: Tx, ground: Ground, now: number): Promise<string[]> {
  await pairReversals(tx, ground, now);
  await undoUnsure(tx, ground);
  const made: string[] = [];
  for (const rule of ['flow', 'singleCredit'] as const) {
    for (let tied = await tie(tx, ground, rule, now); tied.length > 0; tied = await tie(tx, ground, rule, now)) {
      for (const { match_id, sure } of tied) if (sure) made.push(match_id);
    }
  }
  await explainRest(tx, ground);
  return made;
}

/** A credit that the bank has taken back is none: what it was matched with waits again. */
async function pairReversals(tx: Tx, { ente }: Ground, now: number): Promise<void> {
  await sql`with moved as (
      select m.movement_key, m.document, abs(m.amount_cents) as cents, m.amount_cents < 0 as back,
        row_number() over (partition by m.document, m.amount_cents order by m.booked_on, m.movement_key) as nth
      from treasury_movement m where m.ente_id = ${ente} and m.state <> 'reversed' and m.document in (
        select o.document from treasury_movement o where o.ente_id = ${ente} and o.state <> 'reversed' and o.amount_cents < 0)
    ), pair as (
      select c.movement_key as credit, b.movement_key as back from moved c join moved b on not c.back and b.back
        and b.document = c.document and b.cents = c.cents and b.nth = c.nth
    ), freed as (
      update match h set state = 'freed', decided_at = ${instant(now)} from pair p
      where h.ente_id = ${ente} and h.movement_key = p.credit and h.state in ('held', 'proposed')
    )
    update treasury_movement m set state = 'reversed', reason = null from pair p
    where m.ente_id = ${ente} and m.movement_key in (p.credit, p.back)`.execute(tx.kysely);
}

async function undoUnsure(tx: Tx, { ente }: Ground): Promise<void> {
  await sql`with undone as (
      delete from match where ente_id = ${ente} and state = 'held' and not sure and line_no is null
      returning movement_key
    ) update treasury_movement m set state = 'open', reason = null from undone u
    where m.ente_id = ${ente} and m.movement_key = u.movement_key`.execute(tx.kysely);
}

/** The credit `m` is tied to nothing. */
const untied = ({ ente }: Ground) =>
  sql`not exists (select from match h where h.ente_id = ${ente} and h.state = 'held' and h.movement_key = m.movement_key)`;

const waiting = (ground: Ground) =>
  sql`m.ente_id = ${ground.ente} and m.state in ('open', 'anomaly', 'elsewhere') and m.amount_cents > 0 and ${untied(ground)}`;

/** The flow named in the text, and its total: what the lines come to by their codes, or what it declares. */
function byFlow(ground: Ground): RawBuilder<unknown> {
  const { ente } = ground;
  return sql`select m.movement_key, m.booked_on, m.amount_cents, r.remittance_id, null::text as receipt_id,
      null::smallint as transfer_no, r.remittance_id::text as other, length(r.flow_id) as fit,
      m.amount_cents in (r.counted_cents, r.declared_cents) as same
    from treasury_movement m cross join lateral unnest(string_to_array(m.flow_ids, ' ')) as f(id)
      join remittance r on r.ente_id = ${ente} and upper(r.flow_id) = f.id and r.state = 'consistent'
    where ${waiting(ground)} and m.flow_ids is not null
      and not exists (select from match h where h.ente_id = ${ente} and h.state = 'held' and h.line_no is null
        and h.remittance_id = r.remittance_id)`;
}

/** The transfer whose own text the bank gives back. Not of another body's notice: its IUV may be one of ours by chance. */
function bySingleCredit(ground: Ground): RawBuilder<unknown> {
  return sql`select m.movement_key, m.booked_on, m.amount_cents, null::uuid as remittance_id, t.receipt_id, t.transfer_no,
      concat_ws('|', t.receipt_id, t.transfer_no) as other, 0 as fit, true as same
    from treasury_movement m join receipt_transfer_now t on t.ente_id = ${ground.ente} and ${ownTransfer(ground)}
      and t.creditor_reference = m.iuv and t.amount_cents = m.amount_cents and t.state <> 'shared'
    where ${waiting(ground)} and not exists (select from match h where h.ente_id = ${ground.ente} and h.state = 'held'
      and h.line_no is null and h.receipt_id = t.receipt_id and h.transfer_no = t.transfer_no)`;
}

/** Ties each credit to one flow or transfer, and each of these to one credit, the best first. */
async function tie(
  tx: Tx,
  ground: Ground,
  rule: 'flow' | 'singleCredit',
  now: number,
): Promise<{ match_id: string; sure: boolean }[]> {
  const { ente } = ground;
  const id = orderedId(now, sql`row_number() over ()`, sql`concat_ws('|', b.movement_key, b.other)`);
  const { rows } = await sql<{ match_id: string; sure: boolean }>`
    with ranked as (
      select c.*, row_number() over (partition by c.movement_key order by c.same desc, c.fit desc, c.other) as of_credit,
        row_number() over (partition by c.other order by c.same desc, c.booked_on, c.movement_key) as of_other
      from (${rule === 'flow' ? byFlow(ground) : bySingleCredit(ground)}) c
    ), tied as (
      insert into match (ente_id, match_id, rule, sure, state, remittance_id, movement_key, receipt_id, transfer_no, amount_cents,
        matched_at)
      select ${ente}::int, ${id}, ${rule}::text, b.same, 'held', b.remittance_id, b.movement_key, b.receipt_id, b.transfer_no,
        b.amount_cents, ${instant(now)}::timestamptz
      from ranked b where b.of_credit = 1 and b.of_other = 1
      returning match_id, sure
    ), told as (
      update treasury_movement m set state = case when b.same then 'matched' else 'anomaly' end,
        reason = case when b.same then null else 'amountDiffers' end
      from ranked b where b.of_credit = 1 and b.of_other = 1 and m.ente_id = ${ente} and m.movement_key = b.movement_key
    )
    select match_id, sure from tied`.execute(tx.kysely);
  return rows;
}

/** Credits that nothing was found for. What names neither a flow nor an IUV is no credit of pagoPA. */
async function explainRest(tx: Tx, ground: Ground): Promise<void> {
  const { ente, lateDate } = ground;
  const named = sql`select from remittance r where r.ente_id = ${ente} and r.state <> 'superseded'
    and upper(r.flow_id) = any(string_to_array(m.flow_ids, ' '))`;
  const ofIuv = sql`select from receipt_transfer_now t where t.ente_id = ${ente} and ${ownTransfer(ground)}
    and t.creditor_reference = m.iuv
    and t.state <> 'shared'`;
  await sql`update treasury_movement m set reason = c.why,
      state = case when c.why = 'flowToCome' then 'open' when c.why is null then 'elsewhere' else 'anomaly' end
    from (
      select m.movement_key, case
          when m.flow_ids is null and m.iuv is null then null
          when m.amount_cents < 0 then 'reversalUnpaired'
          when exists (${named} and r.state = 'consistent') then 'creditedTwice'
          when exists (${named}) then 'flowInconsistent'
          when m.flow_ids is not null and m.booked_on < ${lateDate}::date then 'flowMissing'
          when m.flow_ids is not null then 'flowToCome'
          when exists (${ofIuv} and t.amount_cents = m.amount_cents) then 'creditedTwice'
          when exists (${ofIuv}) then 'amountDiffers'
          when ${ownNumber(ground, sql`m.iuv`)} then 'receiptMissing'
        end as why
      from treasury_movement m where m.ente_id = ${ente} and ${untied(ground)}
        and (m.state in ('open', 'anomaly') or m.state = 'elsewhere' and m.iuv is not null)
    ) c
    where m.ente_id = ${ente} and m.movement_key = c.movement_key
      and (m.state = 'open' or m.reason is distinct from c.why)`.execute(tx.kysely);
}
