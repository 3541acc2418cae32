import { sql } from 'kysely';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { loadEnte, loadRules } from '../creditors/index.ts';
import { touchTenant } from '../deliveries/index.ts';
import { planNotices } from '../notices/index.ts';
import { bookQuarantined } from '../payments/index.ts';
import { audienceQuery } from './audience.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import { completeCampaign, documentOf, findCampaign } from './campaigns.store.ts';

/**
 * The job behind `run`: exclusions with their reasons and notices with their lines, from the one audience query. It runs
 * once: told a second time, it would look at another day's audience and count some people twice.
 */
export async function planCampaign(
  deps: Pick<CampaignDeps, 'db' | 'now'>,
  enteId: number,
  campaignId: string,
): Promise<number> {
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const { rows } = await sql<{ approved_version: number; state: string; code: string }>`
      select approved_version, state, code from campaign
      where ente_id = ${enteId} and campaign_id = ${campaignId} for update`.execute(tx.kysely);
    const row = rows[0];
    if (row === undefined || !['running', 'paused'].includes(row.state)) return 0;
    if (await isPlanned(tx, campaignId)) return 0;
    await bookQuarantined(tx, now);
    const { doc } = await documentOf(tx, campaignId, row.approved_version);
    const rules = await loadRules(tx, romeDate(now));
    const audience = audienceQuery(tx, await loadEnte(tx), rules, doc, campaignId, now);
    const excluded = sql`insert into exclusion (ente_id, campaign_id, debtor_id, purpose_group, reason)
      select ${enteId}::int, ${campaignId}::uuid, a.debtor_id, a.purpose_group, a.reason from audience a
      where a.reason is not null on conflict do nothing`;
    const firstDueAt = now + (doc.steps[0]?.waitDays ?? 0) * 86_400_000;
    const planned = await planNotices(tx, campaignId, audience, excluded, firstDueAt, now);
    if (row.state === 'running' && !(await isPlanned(tx, campaignId))) {
      // Nobody at all: nothing would ever end it.
      await completeCampaign(tx, await findCampaign(tx, row.code, true), now);
      return 0;
    }
    if (planned > 0) {
      await writeLeaf(tx, {
        at: now,
        kind: 'campaign.planned',
        actor: 'system',
        rowCount: planned,
        facts: { campaignId },
      });
    }
    await touchTenant(tx, firstDueAt);
    return planned;
  });
}

/**
 * Running campaigns of the body that were never planned: the job that should have done it died, or its database did. The
 * plan follows from these rows; the job only makes it come sooner (architecture §4.1). One that is being planned is left.
 */
export async function planForgotten(deps: Pick<CampaignDeps, 'db' | 'now'>, enteId: number): Promise<number> {
  const forgotten = await deps.db.tenant(enteId, async (tx) => {
    const { rows } = await sql<{ campaign_id: string }>`select campaign_id from campaign c
      where ente_id = ${enteId} and state = 'running'
        and not exists (select from notice_now n where n.ente_id = ${enteId} and n.campaign_id = c.campaign_id)
        and not exists (select from exclusion x where x.ente_id = ${enteId} and x.campaign_id = c.campaign_id)
      for update of c skip locked`.execute(tx.kysely);
    return rows;
  });
  for (const { campaign_id } of forgotten) await planCampaign(deps, enteId, campaign_id);
  return forgotten.length;
}

async function isPlanned(tx: Tx, campaignId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from notice_now where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId}
    union all select 1 from exclusion where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId} limit 1`.execute(
    tx.kysely,
  );
  return rows.length > 0;
}
