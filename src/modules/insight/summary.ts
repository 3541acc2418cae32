import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** Counts of one body, by the program's own word; harm is never counted here but by the sandbox (architecture §7). */
export interface EnteSummary {
  readonly people: {
    readonly audience: number;
    readonly contacted: number;
    readonly excluded: Readonly<Record<string, number>>;
    readonly paid: number;
    readonly disputed: number;
    readonly optedOut: number;
  };
  readonly deliveries: Readonly<Record<string, DeliveryCounts>>;
  readonly money: { readonly dueCents: number; readonly paidCents: number };
  /** People or deliveries without a visible state and reason (architecture §4.9): always none. */
  readonly unexplained: number;
}

export interface DeliveryCounts {
  readonly planned: number;
  readonly handedOver: number;
  readonly failed: number;
  readonly void: number;
  readonly expired: number;
  readonly uncertain: number;
  readonly queued: number;
  readonly outcomes: { readonly delivered: number; readonly bounced: number; readonly read: number };
}

export async function summarize(tx: Tx): Promise<EnteSummary> {
  const ente = enteOf(tx);
  const { rows: reasons } = await sql<{ reason: string | null; contacted: boolean; n: number }>`
    select reason, contacted, count(*)::int as n from (
      select e.reason, false as contacted from exclusion_now e where e.ente_id = ${ente}
      union all
      select case
          when c.told then null
          when n.stop_reason is not null then n.stop_reason
          when n.state = 'settled' then 'settled'
          when n.next_due_at is not null then 'notYet'
          else (select coalesce(d.reason, case when d.state in (0, 1, 2) then 'queued' when d.state = 8 then 'uncertain' end)
                from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id
                order by d.step_no desc, d.attempt desc limit 1)
        end as reason, c.told as contacted
      from notice_now n
      cross join lateral (select exists (select from delivery_now d where d.ente_id = ${ente} and d.notice_id = n.notice_id
        and d.handed_over_at is not null) as told) c
      where n.ente_id = ${ente} and n.next_step > 0 -- 0: a correction, which has no audience of its own
    ) p group by reason, contacted`.execute(tx.kysely);
  const excluded: Record<string, number> = {};
  let contacted = 0;
  let unexplained = 0;
  for (const row of reasons) {
    if (row.contacted) contacted += row.n;
    else if (row.reason === null) unexplained += row.n;
    else excluded[publicReason(row.reason)] = (excluded[publicReason(row.reason)] ?? 0) + row.n;
  }
  const { rows: people } = await sql<{
    paid: number;
    disputed: number;
    opted: number;
    due: number;
    paid_cents: number;
  }>`
    select (select count(distinct d.debtor_id)::int from payment_now p join debt_now d on d.ente_id = ${ente} and d.debt_id = p.debt_id
            where p.ente_id = ${ente} and p.state = 'booked') as paid,
      (select count(distinct x.debtor_id)::int from dispute_now x where x.ente_id = ${ente}) as disputed,
      (select count(distinct h.subject)::int from hold_now h where h.ente_id = ${ente} and h.reason in ('optOut', 'complaint')) as opted,
      (select coalesce(sum(d.due_cents), 0)::bigint from debt_now d where d.ente_id = ${ente}) as due,
      (select coalesce(sum(d.paid_cents), 0)::bigint from debt_now d where d.ente_id = ${ente}) as paid_cents`.execute(
    tx.kysely,
  );
  const totals = people[0] as { paid: number; disputed: number; opted: number; due: number; paid_cents: number };
  const { deliveries, silent } = await countDeliveries(tx);
  return {
    people: {
      audience: contacted + unexplained + Object.values(excluded).reduce((a, b) => a + b, 0),
      contacted,
      excluded,
      paid: totals.paid,
      disputed: totals.disputed,
      optedOut: totals.opted,
    },
    deliveries,
    money: { dueCents: totals.due, paidCents: totals.paid_cents },
    unexplained: unexplained + silent,
  };
}

async function countDeliveries(tx: Tx): Promise<{ deliveries: Record<string, DeliveryCounts>; silent: number }> {
  const { rows } = await sql<{
    channel: string;
    planned: number;
    handed_over: number;
    failed: number;
    void: number;
    expired: number;
    uncertain: number;
    queued: number;
    delivered: number;
    bounced: number;
    read: number;
    silent: number;
  }>`select channel, count(*)::int as planned,
      count(*) filter (where handed_over_at is not null)::int as handed_over,
      count(*) filter (where handed_over_at is null and state = 6)::int as failed,
      count(*) filter (where handed_over_at is null and state = 9)::int as void,
      count(*) filter (where handed_over_at is null and state = 7)::int as expired,
      count(*) filter (where handed_over_at is null and state = 8)::int as uncertain,
      count(*) filter (where handed_over_at is null and state in (0, 1, 2))::int as queued,
      count(*) filter (where handed_over_at is not null and state in (4, 5))::int as delivered,
      count(*) filter (where handed_over_at is not null and state = 6)::int as bounced,
      count(*) filter (where handed_over_at is not null and state = 5)::int as read,
      count(*) filter (where state in (6, 7, 8, 9) and reason is null)::int as silent
    from delivery_now where ente_id = ${enteOf(tx)} group by channel order by channel`.execute(tx.kysely);
  const deliveries: Record<string, DeliveryCounts> = {};
  for (const r of rows) {
    deliveries[r.channel] = {
      planned: r.planned,
      handedOver: r.handed_over,
      failed: r.failed,
      void: r.void,
      expired: r.expired,
      uncertain: r.uncertain,
      queued: r.queued,
      outcomes: { delivered: r.delivered, bounced: r.bounced, read: r.read },
    };
  }
  return { deliveries, silent: rows.reduce((sum, r) => sum + r.silent, 0) };
}

/** Provider codes are many and their own; people read one word for all of them. */
function publicReason(reason: string): string {
  if (reason.startsWith('held:') || reason.startsWith('hold:')) return reason.slice(5);
  return /^[a-z][A-Za-z]*$/.test(reason) ? reason : 'undeliverable';
}
