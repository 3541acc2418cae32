import { CodedError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { Database, Tx } from '../../platform/db/index.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Facts } from '../audit/index.ts';
import { loadEnte, loadRules } from '../creditors/index.ts';
import { touchTenant, voidWaiting } from '../deliveries/index.ts';
import { stopNotices } from '../notices/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import { bookQuarantined } from '../payments/index.ts';
import { type CampaignDocument, parseCampaign } from './campaign-document.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import {
  authorsOf,
  type CampaignRecord,
  documentOf,
  findCampaign,
  moveCampaign,
  type RehearsalCounts,
  rehearsalOf,
  saveRehearsal,
  saveVersion,
} from './campaigns.store.ts';
import { type CampaignProblem, checkCampaign } from './check-campaign.ts';
import { countAudience, EMPTY_COUNTS } from './count-audience.ts';
import { takeTurn } from './turn.ts';

export interface CampaignDeps {
  readonly db: Database;
  readonly jobs: Jobs;
  readonly now: () => number;
}

/** What is wrong with a document; empty when it may be submitted. Stores nothing. */
export function checkDocument(deps: CampaignDeps, enteId: number, yaml: string): Promise<CampaignProblem[]> {
  return deps.db.tenant(enteId, async (tx) => {
    const rules = await loadRules(tx, romeDate(deps.now()));
    return checkCampaign(tx, await loadEnte(tx), rules, parseCampaign(yaml));
  });
}

/** Saves the document as a draft and counts who would be told, who not and why. Nobody is contacted. */
export function rehearse(
  deps: CampaignDeps,
  enteId: number,
  yaml: string,
  operator: Operator,
): Promise<{ campaign: CampaignRecord; problems: CampaignProblem[]; counts: RehearsalCounts }> {
  requireRole(operator, 'write');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const campaign = await saveVersion(tx, yaml, operator.operatorId, now);
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.version);
    await bookQuarantined(tx, now);
    const rules = await loadRules(tx, romeDate(now));
    const ente = await loadEnte(tx);
    const problems = await checkCampaign(tx, ente, rules, doc);
    const unknown = problems.some((p) => p.code === 'CREDIT_TYPE_UNKNOWN');
    const counts = unknown ? EMPTY_COUNTS : await countAudience(tx, ente, rules, doc, campaign.campaignId, now);
    // Once approved, what the approval rests on is not rewritten.
    if (['draft', 'inApproval'].includes(campaign.state)) {
      await saveRehearsal(tx, campaign, counts, sha256Hex(JSON.stringify(counts)), now);
    }
    return { campaign, problems, counts };
  });
}

/** Hands the draft to somebody else for approval. Errors: CAMPAIGN_PROBLEMS, REHEARSAL_MISSING, CAMPAIGN_STATE. */
export function submit(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  requireRole(operator, 'write');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const campaign = await findCampaign(tx, code, true);
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.version);
    await refuseProblems(tx, doc, now);
    if ((await rehearsalOf(tx, campaign)) === null) throw new CodedError('REHEARSAL_MISSING', 'rehearse it first');
    await moveCampaign(tx, campaign, 'submit', { submittedBy: operator.operatorId, startRefused: null });
    await leaf(tx, campaign, 'campaign.submitted', operator, now, { version: campaign.version });
  });
}

async function refuseProblems(tx: Tx, doc: CampaignDocument, now: number): Promise<void> {
  const problems = await checkCampaign(tx, await loadEnte(tx), await loadRules(tx, romeDate(now)), doc);
  const first = problems[0];
  if (first !== undefined)
    throw new CodedError('CAMPAIGN_PROBLEMS', first.message, { problem: first.code, more: problems.length - 1 });
}

/**
 * A second person approves the exact number that the rehearsal showed (ui O7). Errors: SAME_PERSON, NUMBER_CHANGED
 * (the number given is not the rehearsal's, or the audience is another by now), TEMPLATE_CHANGED (a text was saved anew
 * after the rehearsal), CAMPAIGN_PROBLEMS, CAMPAIGN_STATE.
 */
export function approve(
  deps: CampaignDeps,
  enteId: number,
  code: string,
  toContact: number,
  operator: Operator,
): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const campaign = await findCampaign(tx, code, true);
    const wrote = await authorsOf(tx, campaign.campaignId);
    if (wrote.has(operator.operatorId) || campaign.submittedBy === operator.operatorId) {
      throw new CodedError('SAME_PERSON', 'who wrote or submitted a campaign cannot approve it');
    }
    await bookQuarantined(tx, now);
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.version);
    await refuseProblems(tx, doc, now);
    const rehearsal = (await rehearsalOf(tx, campaign))?.counts ?? null;
    const shown = rehearsal?.toContact ?? -1;
    const rules = await loadRules(tx, romeDate(now));
    const today = await countAudience(tx, await loadEnte(tx), rules, doc, campaign.campaignId, now);
    if (shown !== toContact || today.toContact !== toContact) {
      throw new CodedError('NUMBER_CHANGED', 'the number of people is not the one approved: rehearse again', {
        given: toContact,
        rehearsed: shown,
        now: today.toContact,
      });
    }
    const texts = (counts: RehearsalCounts | null) =>
      counts?.steps.map((s) => `${s.template}|${s.templateVersion}`).join();
    if (texts(rehearsal) !== texts(today)) {
      throw new CodedError('TEMPLATE_CHANGED', 'a text is not the one that was rehearsed: rehearse again');
    }
    await moveCampaign(tx, campaign, 'approve', { approvedBy: operator.operatorId, approvedVersion: campaign.version });
    await leaf(tx, campaign, 'campaign.approved', operator, now, { version: campaign.version, toContact });
  });
}

/** Back to the writer, with the reason on record. */
export function sendBack(
  deps: CampaignDeps,
  enteId: number,
  code: string,
  reason: string,
  operator: Operator,
): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const campaign = await findCampaign(tx, code, true);
    await moveCampaign(tx, campaign, 'sendBack', { submittedBy: null });
    await leaf(tx, campaign, 'campaign.sentBack', operator, deps.now(), { reason: reason.slice(0, 500) });
  });
}

export function pause(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  return moveWithLeaf(deps, enteId, code, 'pause', 'campaign.paused', operator);
}

/** Goes on with who is missing: nobody gets the same message twice. */
export function resume(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  return moveWithLeaf(deps, enteId, code, 'resume', 'campaign.resumed', operator);
}

/** For good: what waits is void, notices end as stopped. */
export function stop(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  return moveWithLeaf(deps, enteId, code, 'stop', 'campaign.stopped', operator, async (tx, campaign, now) => {
    await voidWaiting(tx, { campaignId: campaign.campaignId }, 'campaignStopped', now);
    await stopNotices(tx, campaign.campaignId, 'campaignStopped');
  });
}

function moveWithLeaf(
  deps: CampaignDeps,
  enteId: number,
  code: string,
  event: 'pause' | 'resume' | 'stop',
  kind: `campaign.${string}`,
  operator: Operator,
  also?: (tx: Tx, campaign: CampaignRecord, now: number) => Promise<void>,
): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    if (also !== undefined) await takeTurn(tx);
    const campaign = await findCampaign(tx, code, true);
    await moveCampaign(tx, campaign, event);
    await also?.(tx, campaign, now);
    await leaf(tx, campaign, kind, operator, now, {});
    await touchTenant(tx, now);
  });
}

function leaf(
  tx: Tx,
  campaign: CampaignRecord,
  kind: `campaign.${string}`,
  operator: Operator,
  at: number,
  facts: Facts,
): Promise<void> {
  return campaignLeaf(tx, campaign.code, kind, `operator:${operator.operatorId}`, at, facts);
}
