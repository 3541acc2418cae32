import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type Database, enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { calendarOf, loadEnte, loadRules, type WindowRule, windowsBetween, writeWindows } from '../creditors/index.ts';
import { cancel, queuedOfCampaign, touchTenant } from '../deliveries/index.ts';
import { latestTemplate, stopNotices } from '../notices/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import { bookQuarantined } from '../payments/index.ts';
import { audienceQuery } from './audience.ts';
import { type CampaignDocument, parseCampaign } from './campaign-document.ts';
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
import { type CampaignProblem, ceilingsOf, checkCampaign } from './check-campaign.ts';
import { takeTurn } from './turn.ts';

export interface CampaignDeps {
  readonly db: Database;
  readonly jobs: Jobs;
  readonly now: () => number;
}

/** How far ahead opening hours are precomputed; extended every day by the worker. */
const WINDOW_DAYS = 120;

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
    const problems = await checkCampaign(tx, await loadEnte(tx), rules, doc);
    const unknown = problems.some((p) => p.code === 'CREDIT_TYPE_UNKNOWN');
    const counts = unknown ? EMPTY : await countAudience(tx, doc, campaign.campaignId, now);
    // Once approved, what the approval rests on is not rewritten.
    if (['draft', 'inApproval'].includes(campaign.state)) {
      await saveRehearsal(tx, campaign, counts, sha256Hex(JSON.stringify(counts)), now);
    }
    return { campaign, problems, counts };
  });
}

const EMPTY: RehearsalCounts = { audience: 0, toContact: 0, excluded: {}, dueCents: 0, steps: [] };

async function countAudience(tx: Tx, doc: CampaignDocument, campaignId: string, now: number): Promise<RehearsalCounts> {
  const rules = await loadRules(tx, romeDate(now));
  const audience = audienceQuery(tx, await loadEnte(tx), rules, doc, campaignId, now);
  const { rows } = await sql<{ reason: string | null; n: number; cents: number }>`
    select a.reason, count(*)::int as n, coalesce(sum(a.total_cents), 0)::bigint as cents from (${audience}) a
    group by a.reason order by a.reason`.execute(tx.kysely);
  const toContact = rows.find((row) => row.reason === null);
  const steps = [];
  for (const [i, { channel, templateCode }] of doc.steps.entries()) {
    const templateVersion = (await latestTemplate(tx, templateCode))?.version ?? 0;
    const atMost = toContact?.n ?? 0;
    steps.push({ step: i + 1, channel, template: templateCode, templateVersion, atMost, costCents: 0 });
  }
  return {
    audience: rows.reduce((sum, row) => sum + row.n, 0),
    toContact: toContact?.n ?? 0,
    excluded: Object.fromEntries(rows.flatMap((row) => (row.reason === null ? [] : [[row.reason, row.n]]))),
    dueCents: toContact?.cents ?? 0,
    steps,
  };
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
    await moveCampaign(tx, campaign, 'submit', { submittedBy: operator.operatorId });
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
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.version);
    await refuseProblems(tx, doc, now);
    await bookQuarantined(tx, now);
    const rehearsal = (await rehearsalOf(tx, campaign))?.counts ?? EMPTY;
    const shown = rehearsal === EMPTY ? -1 : rehearsal.toContact;
    const today = await countAudience(tx, doc, campaign.campaignId, now);
    if (shown !== toContact || today.toContact !== toContact) {
      throw new CodedError('NUMBER_CHANGED', 'the number of people is not the one approved: rehearse again', {
        given: toContact,
        rehearsed: shown,
        now: today.toContact,
      });
    }
    const texts = (counts: RehearsalCounts) => counts.steps.map((s) => `${s.template}|${s.templateVersion}`).join();
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

/** Starts it: the approved cascade becomes rows, opening hours are laid out, and the plan is enqueued with them. */
export function run(deps: CampaignDeps, enteId: number, code: string, operator: Operator): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const campaign = await findCampaign(tx, code, true);
    await moveCampaign(tx, campaign, 'run', { startedAt: now });
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.approvedVersion ?? campaign.version);
    await writeSteps(tx, campaign, doc, now);
    await layWindows(tx, now);
    await leaf(tx, campaign, 'campaign.started', operator, now, { version: campaign.approvedVersion });
    await deps.jobs.enqueue(tx, 'planCampaign', { enteId, campaignId: campaign.campaignId });
  });
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
  for (const channel of ['email', 'sms']) {
    const rule = rules.get<WindowRule>(`window.${channel}`, null).value;
    await writeWindows(tx, channel, today, windowsBetween(rule, calendarOf(ente), today, WINDOW_DAYS));
  }
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
    await cancel(tx, await queuedOfCampaign(tx, campaign.campaignId), 'campaignStopped', now);
    await stopNotices(tx, campaign.campaignId, 'campaignStopped');
  });
}

function moveWithLeaf(
  deps: CampaignDeps,
  enteId: number,
  code: string,
  event: 'pause' | 'resume' | 'stop',
  kind: string,
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

async function leaf(
  tx: Tx,
  campaign: CampaignRecord,
  kind: string,
  operator: Operator,
  at: number,
  facts: Record<string, string | number | null>,
): Promise<void> {
  const actor = `operator:${operator.operatorId}`;
  await writeLeaf(tx, { at, kind, actor, rowCount: 1, facts: { campaign: campaign.code, ...facts } });
}
