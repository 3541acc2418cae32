import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import { calendarOf, loadEnte, loadRules, type WindowRule, windowsBetween, writeWindows } from '../creditors/index.ts';
import { touchTenant } from '../deliveries/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import { CAMPAIGN_CHANNELS, type CampaignDocument } from './campaign-document.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import { type CampaignRecord, documentOf, findCampaign, moveCampaign, rehearsalOf } from './campaigns.store.ts';
import { ceilingsOf } from './check-campaign.ts';
import { writePace } from './pacing.ts';

/** How far ahead opening hours are precomputed; extended every day by the worker. */
const WINDOW_DAYS = 120;

/** Starts it now, also when it was set for later; the plan is enqueued with it. Error CAMPAIGN_STATE. */
export function run(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const campaign = await findCampaign(tx, code, true);
    await begin(tx, campaign, `operator:${operator.operatorId}`, deps.now(), null);
    await deps.jobs.enqueue(tx, 'planCampaign', { enteId, campaignId: campaign.campaignId });
  });
}

/** The approved cascade becomes rows and opening hours are laid out; planning is the caller's. */
export async function begin(
  tx: Tx,
  campaign: CampaignRecord,
  actor: string,
  now: number,
  startAt: number | null,
): Promise<void> {
  await moveCampaign(tx, campaign, 'run', { startedAt: now, startAt });
  const { doc } = await documentOf(tx, campaign.campaignId, campaign.approvedVersion ?? campaign.version);
  await writeSteps(tx, campaign, doc, now);
  await writePace(tx, campaign.campaignId, doc);
  await layWindows(tx, now);
  await touchTenant(tx, now);
  await campaignLeaf(tx, campaign.code, 'campaign.started', actor, now, { version: campaign.approvedVersion });
}

async function writeSteps(tx: Tx, campaign: CampaignRecord, doc: CampaignDocument, now: number): Promise<void> {
  const ceilings = ceilingsOf(await loadRules(tx, romeDate(now)), doc);
  const approved = (await rehearsalOf(tx, campaign))?.counts.steps ?? [];
  const versions = doc.steps.map((_, i) => {
    const version = approved[i]?.templateVersion;
    if (version === undefined) throw new CodedError('REHEARSAL_MISSING', 'rehearse it first');
    return version;
  });
  const many = <T>(value: T) => doc.steps.map(() => value);
  await sql`insert into campaign_step (ente_id, campaign_id, step_no, channel, template_code, template_version, wait_days, only_if,
      max_per_person, max_per_address)
    select ${enteOf(tx)}, ${campaign.campaignId}, u.step_no, u.channel, u.code, u.version, u.wait, u.only_if, u.person, u.address
    from ${unnestRows({
      step_no: { type: 'int4', values: doc.steps.map((_, i) => i + 1) },
      channel: { type: 'text', values: doc.steps.map((s) => s.channel) },
      code: { type: 'text', values: doc.steps.map((s) => s.templateCode) },
      version: { type: 'int4', values: versions },
      wait: { type: 'int4', values: doc.steps.map((s) => s.waitDays) },
      only_if: { type: 'text', values: doc.steps.map((s) => s.onlyIf) },
      person: { type: 'int4', values: many(ceilings.perPerson) },
      address: { type: 'int4', values: many(ceilings.perAddress) },
    })}`.execute(tx.kysely);
}

/** Lays out the coming opening hours of every channel; the worker calls it daily, so that they never run out. */
export async function layWindows(tx: Tx, now: number): Promise<void> {
  const ente = await loadEnte(tx);
  const today = romeDate(now);
  const rules = await loadRules(tx, today);
  for (const channel of CAMPAIGN_CHANNELS) {
    const rule = rules.get<WindowRule>(`window.${channel}`, null).value;
    await writeWindows(tx, channel, today, windowsBetween(rule, calendarOf(ente, rules), today, WINDOW_DAYS));
  }
}
