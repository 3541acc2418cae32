import { sql } from 'kysely';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type Database, enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { loadEnte, loadRules } from '../creditors/index.ts';
import { touchTenant } from '../deliveries/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import { bookQuarantined } from '../payments/index.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import {
  type CampaignRecord,
  documentOf,
  findCampaign,
  listCampaigns,
  moveCampaign,
  rehearsalOf,
  type StartRefusal,
} from './campaigns.store.ts';
import { checkCampaign } from './check-campaign.ts';
import { countAudience } from './count-audience.ts';
import { planCampaign } from './plan-campaign.ts';
import { begin } from './start-campaign.ts';

/** An approved campaign starts by itself at `startAt`, legal time. Errors START_NOT_FUTURE, CAMPAIGN_STATE. */
export function scheduleStart(
  deps: CampaignDeps,
  enteId: number,
  code: string,
  startAt: number,
  operator: Operator,
): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    if (startAt <= now) throw new CodedError('START_NOT_FUTURE', 'a start is set for later than now');
    const campaign = await findCampaign(tx, code, true);
    await moveCampaign(tx, campaign, 'schedule', { startAt });
    const actor = `operator:${operator.operatorId}`;
    await campaignLeaf(tx, code, 'campaign.scheduled', actor, now, { version: campaign.approvedVersion, startAt });
    await touchTenant(tx, startAt);
  });
}

/** Approved as before, and nothing starts by itself any more. Error CAMPAIGN_STATE. */
export function callOffStart(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const campaign = await findCampaign(tx, code, true);
    await moveCampaign(tx, campaign, 'callOff', { startAt: null });
    await campaignLeaf(tx, code, 'campaign.calledOff', `operator:${operator.operatorId}`, deps.now());
  });
}

/** Campaigns that were sent back instead of starting, and that nobody has proposed anew. */
export async function refusedStarts(tx: Tx): Promise<{ code: string; refusal: StartRefusal }[]> {
  return (await listCampaigns(tx)).flatMap(({ code, startRefused }) =>
    startRefused === null ? [] : [{ code, refusal: startRefused }],
  );
}

/** The next instant at which a campaign of this body starts by itself, or has started and is not planned yet. */
export async function nextStartAt(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select min(start_at) as at from campaign
    where ente_id = ${enteOf(tx)} and start_at is not null`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}

/**
 * Starts what was set for an instant that has come, each in a transaction of its own, and plans it. The instant stays on
 * the row until the plan is made, so that a crash between the two is made good by the next round. Returns how many.
 */
export async function runScheduled(
  deps: { readonly db: Database; readonly now: () => number },
  enteId: number,
): Promise<number> {
  const now = deps.now();
  const due = await deps.db.tenant(enteId, async (tx) => {
    const { rows } = await sql<{ code: string }>`select code from campaign
      where ente_id = ${enteId} and start_at <= ${instant(now)} order by start_at, code`.execute(tx.kysely);
    return rows;
  });
  for (const { code } of due) {
    const started = await deps.db.tenant(enteId, (tx) => startOrSendBack(tx, code, now));
    if (started === null) continue;
    await planCampaign(deps, enteId, started.campaignId);
    await deps.db.tenant(enteId, (tx) =>
      sql`update campaign set start_at = null where ente_id = ${enteId} and campaign_id = ${started.campaignId}
        and state <> 'scheduled'`.execute(tx.kysely),
    );
    await deps.db.analyze();
  }
  return due.length;
}

/** Null: nothing to plan. Read again under the lock: somebody may have called it off, or another worker started it. */
async function startOrSendBack(tx: Tx, code: string, now: number): Promise<CampaignRecord | null> {
  const campaign = await findCampaign(tx, code, true);
  if (campaign.startAt === null || campaign.startAt > now) return null;
  if (campaign.state !== 'scheduled') return campaign;
  const refused = await whyNot(tx, campaign, now);
  if (refused === null) {
    await begin(tx, campaign, 'system', now, campaign.startAt);
    return campaign;
  }
  await moveCampaign(tx, campaign, 'sendBack', { submittedBy: null, startAt: null, startRefused: refused });
  await campaignLeaf(tx, code, 'campaign.startRefused', 'system', now, refused);
  return null;
}

/**
 * What an approval asks, asked again: no problems, and nobody beyond the number that was approved. Fewer is what waiting is
 * for: who has paid by then is not written to. The words are those of the approved versions whatever was saved since, so
 * that they need no question.
 */
async function whyNot(tx: Tx, campaign: CampaignRecord, now: number): Promise<StartRefusal | null> {
  await bookQuarantined(tx, now);
  const { doc } = await documentOf(tx, campaign.campaignId, campaign.approvedVersion ?? campaign.version);
  try {
    const [ente, rules] = [await loadEnte(tx), await loadRules(tx, romeDate(now))];
    const [first] = await checkCampaign(tx, ente, rules, doc);
    if (first !== undefined) return { reason: 'CAMPAIGN_PROBLEMS', problem: first.code };
    const approved = (await rehearsalOf(tx, campaign))?.counts.toContact ?? 0;
    const today = (await countAudience(tx, ente, rules, doc, campaign.campaignId, now)).toContact;
    return today <= approved ? null : { reason: 'NUMBER_CHANGED', approved, now: today };
  } catch (error) {
    // A rule that has ended, say: this campaign goes back, and the other work of the body goes on.
    if (!isCoded(error)) throw error;
    return { reason: error.code };
  }
}
