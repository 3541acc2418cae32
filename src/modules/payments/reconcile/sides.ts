import { type RawBuilder, sql } from 'kysely';
import { type Ground, ownTransfer } from './ground.ts';

/** Where the same money is looked for: in receipts, in the lines of flows, in flows as a whole, in the bank's credits. */
export type Side = 'transfers' | 'lines' | 'flows' | 'credits';

/**
 * `matched`; `open`: not late yet; `anomaly`: with its kind; `elsewhere`: of another system of the body, or no payment of
 * pagoPA; `reversed`: a credit the bank took back, and what takes it back.
 */
export type Bucket = 'matched' | 'open' | 'anomaly' | 'elsewhere' | 'reversed';

/**
 * Every row of a side in its one bucket: columns id (text), day, cents, bucket, kind, iuv, iur, flow_id, psp, notice_number,
 * debt_id, journal_id. What the summary counts is what the lists show.
 */
export function sideOf(ground: Ground, side: Side): RawBuilder<unknown> {
  return { transfers, lines, flows, credits }[side](ground);
}

/** Payments that came with a receipt of pagoPA alone: what is paid otherwise is in no flow. */
function transfers(ground: Ground): RawBuilder<unknown> {
  const { ente, lateAt } = ground;
  const late = new Date(lateAt).toISOString();
  return sql`select concat_ws('/', t.receipt_id, t.transfer_no) as id, (t.paid_at at time zone 'Europe/Rome')::date as day,
      t.amount_cents as cents, case
        when l.state = 'matched' or c.match_id is not null then 'matched'
        when l.state is not null or t.paid_at < ${late} then 'anomaly'
        else 'open' end as bucket,
      case when l.state = 'matched' or c.match_id is not null then null
        when l.state is not null then l.reason
        when t.paid_at < ${late} then 'notRemitted' end as kind,
      t.creditor_reference as iuv, t.receipt_id as iur, r.flow_id, r.psp, t.notice_number, t.debt_id, null::text as journal_id
    from receipt_transfer_now t
      left join match h on h.ente_id = ${ente} and h.state = 'held' and h.line_no is not null
        and h.receipt_id = t.receipt_id and h.transfer_no = t.transfer_no
      left join remittance_line l on l.ente_id = ${ente} and l.remittance_id = h.remittance_id and l.line_no = h.line_no
      left join remittance r on r.ente_id = ${ente} and r.remittance_id = h.remittance_id
      left join match c on c.ente_id = ${ente} and c.state = 'held' and c.line_no is null
        and c.receipt_id = t.receipt_id and c.transfer_no = t.transfer_no
    where t.ente_id = ${ente} and ${ownTransfer(ground)} and t.channel = 'pagopa'`;
}

function lines({ ente }: Ground): RawBuilder<unknown> {
  return sql`select concat_ws('/', l.remittance_id, l.line_no) as id, l.pay_date as day, l.amount_cents as cents,
      l.state as bucket, l.reason as kind, l.iuv, l.iur, r.flow_id, r.psp, q.notice_number, q.debt_id,
      null::text as journal_id
    from remittance_line l join remittance r on r.ente_id = ${ente} and r.remittance_id = l.remittance_id
      left join receipt q on q.ente_id = ${ente} and q.receipt_id = l.iur
    where l.ente_id = ${ente} and r.state = 'consistent'`;
}

/**
 * A flow waits for its credit, unless nothing is left of it once what was revoked is taken off, or each of its payments was
 * credited alone.
 */
function flows({ ente, lateDate }: Ground): RawBuilder<unknown> {
  const creditedAlone = sql`not exists (select from remittance_line l where l.ente_id = ${ente}
    and l.remittance_id = r.remittance_id and not exists (select from match a join match b on b.ente_id = ${ente}
      and b.state = 'held' and b.line_no is null and b.receipt_id = a.receipt_id and b.transfer_no = a.transfer_no
      where a.ente_id = ${ente} and a.state = 'held' and a.remittance_id = l.remittance_id and a.line_no = l.line_no))`;
  return sql`select r.remittance_id::text as id, r.regulation_date as day,
      case when r.state = 'consistent' then r.counted_cents else r.declared_cents end as cents,
      case when r.state <> 'consistent' then 'anomaly'
        when m.state is not null then m.state
        when ${creditedAlone} then 'matched'
        when r.regulation_date < ${lateDate}::date then 'anomaly'
        else 'open' end as bucket,
      case when r.state <> 'consistent' then 'inconsistent'
        when m.state is not null then m.reason
        when ${creditedAlone} then null
        when r.regulation_date < ${lateDate}::date then 'creditMissing' end as kind,
      null::text as iuv, null::text as iur, r.flow_id, r.psp, null::text as notice_number, null::uuid as debt_id,
      m.journal_id
    from remittance r
      left join match h on h.ente_id = ${ente} and h.state = 'held' and h.line_no is null
        and h.remittance_id = r.remittance_id
      left join treasury_movement m on m.ente_id = ${ente} and m.movement_key = h.movement_key
    where r.ente_id = ${ente} and r.state <> 'superseded' and (r.state <> 'consistent' or r.counted_cents > 0)`;
}

function credits({ ente }: Ground): RawBuilder<unknown> {
  return sql`select m.movement_key as id, m.booked_on as day, m.amount_cents as cents, m.state as bucket, m.reason as kind,
      m.iuv, h.receipt_id as iur, r.flow_id, r.psp, null::text as notice_number, null::uuid as debt_id, m.journal_id
    from treasury_movement m
      left join match h on h.ente_id = ${ente} and h.state = 'held' and h.movement_key = m.movement_key
      left join remittance r on r.ente_id = ${ente} and r.remittance_id = h.remittance_id
    where m.ente_id = ${ente}`;
}
