import { type RawBuilder, sql } from 'kysely';
import { enteOf, instant, orderedId, type Tx } from '../../platform/db/index.ts';

/**
 * One notice per person, campaign and purpose group, with its lines (architecture §3.4). `audience` is a sub-select
 * giving `debtor_id, purpose_group, health, office_id, debt_ids, told_types, reason`; those without a reason are to be
 * told. `others` is a statement that writes down those with one, from `audience`: the caller's own, and part of this one,
 * so that the audience is read once. Planning twice is harmless. Returns how many notices are new.
 */
export async function planNotices(
  tx: Tx,
  campaignId: string,
  audience: RawBuilder<unknown>,
  others: RawBuilder<unknown>,
  firstDueAt: number,
  now: number,
): Promise<number> {
  const ente = enteOf(tx);
  const id = orderedId(
    now,
    sql`row_number() over ()`,
    sql`concat_ws('|', ${campaignId}::text, a.debtor_id, a.purpose_group)`,
  );
  const { rows } = await sql<{ n: number }>`
    with audience as materialized (${audience}), others as (${others}), fresh as materialized (
      select ${id} as notice_id, a.* from audience a
      where a.reason is null and not exists (select from notice n where n.ente_id = ${ente} and n.campaign_id = ${campaignId}
        and n.debtor_id = a.debtor_id and n.purpose_group = a.purpose_group)
    ), planned as (
      insert into notice (ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, office_id, credit_types, state,
        next_step, next_attempt, next_due_at, created_at)
      select ${ente}::int, notice_id, ${campaignId}::uuid, debtor_id, purpose_group, health, office_id, told_types, 'planned',
        1, 1, ${instant(firstDueAt)}::timestamptz, ${instant(now)}::timestamptz
      from fresh
    ), lines as (
      insert into notice_line (ente_id, campaign_id, notice_id, debt_id)
      select ${ente}::int, ${campaignId}::uuid, notice_id, unnest(debt_ids) from fresh
    )
    select count(*)::int as n from fresh`.execute(tx.kysely);
  return rows[0]?.n ?? 0;
}
