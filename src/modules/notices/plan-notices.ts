import { type RawBuilder, sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/**
 * One notice per person, campaign and purpose group, with its lines (architecture §3.4). `audience` is a sub-select
 * giving `debtor_id, purpose_group, health, office_id, debt_ids` of those to be told. Planning twice is harmless.
 * Returns how many notices are new.
 */
export async function planNotices(
  tx: Tx,
  campaignId: string,
  audience: RawBuilder<unknown>,
  firstDueAt: number,
  now: number,
): Promise<number> {
  const ente = enteOf(tx);
  const planned = await sql`
    insert into notice (ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, office_id, state, next_step,
      next_attempt, next_due_at, created_at)
    select ${ente}, gen_random_uuid(), ${campaignId}, a.debtor_id, a.purpose_group, a.health, a.office_id, 'planned', 1, 1,
      ${instant(firstDueAt)}, ${instant(now)}
    from (${audience}) a
    on conflict (ente_id, campaign_id, debtor_id, purpose_group) do nothing`.execute(tx.kysely);
  await sql`
    insert into notice_line (ente_id, campaign_id, notice_id, debt_id)
    select ${ente}, n.campaign_id, n.notice_id, unnest(a.debt_ids)
    from (${audience}) a
    join notice n on n.ente_id = ${ente} and n.campaign_id = ${campaignId} and n.debtor_id = a.debtor_id
      and n.purpose_group = a.purpose_group
    on conflict do nothing`.execute(tx.kysely);
  return Number(planned.numAffectedRows ?? 0n);
}
