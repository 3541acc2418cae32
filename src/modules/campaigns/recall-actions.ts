import { CodedError } from '../../kernel/errors.ts';
import type { Tx } from '../../platform/db/index.ts';
import { loadEnte } from '../creditors/index.ts';
import { touchTenant } from '../deliveries/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import { findCampaign, moveCampaign } from './campaigns.store.ts';
import {
  findRecall,
  insertRecall,
  moveRecall,
  type RecallText,
  recallLeaf,
  recallTexts,
  runningRecalls,
} from './recall.store.ts';
import { beginRecall } from './recall-begin.ts';
import { findCause, type RecallCause, storedCause } from './recall-cause.ts';
import { countTouched, type RecallCounts } from './recall-counts.ts';
import { correctionTexts, writersOf } from './recall-texts.ts';
import { takeTurn } from './turn.ts';

export interface RecallInput {
  readonly cause: RecallCause;
  /** What was wrong, for whoever approves; no citizen reads it. */
  readonly note: string;
  /** Code of the text by channel; the usual ones where none is named. */
  readonly texts: Readonly<Record<string, string>>;
}

type Deps = Pick<CampaignDeps, 'db' | 'now'>;
const MOST_NOTE = 500;
const actorOf = (operator: Operator) => `operator:${operator.operatorId}`;

/** Who would be told, and in which words; stores nothing. Errors as for a request. */
export function previewRecall(
  deps: Deps,
  enteId: number,
  input: Pick<RecallInput, 'cause' | 'texts'>,
  operator: Operator,
): Promise<{ counts: RecallCounts; texts: RecallText[] }> {
  requireRole(operator, 'write');
  return deps.db.tenant(enteId, async (tx) => {
    const counts = await countTouched(tx, await findCause(tx, input.cause));
    return { counts, texts: await correctionTexts(tx, await loadEnte(tx), channelsOf(counts), input.texts) };
  });
}

/**
 * Asks to correct something wrong that was sent; nothing moves until somebody else approves. Errors RECALL_NOTE (nobody
 * said what was wrong), RECALL_NOBODY, RECALL_OPEN, RECALL_TEXT_MISSING, TEMPLATE_REFUSED, and those of `findCause`.
 */
export function requestRecall(
  deps: Deps,
  enteId: number,
  input: RecallInput,
  operator: Operator,
): Promise<{ code: string; counts: RecallCounts; texts: RecallText[] }> {
  requireRole(operator, 'write');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const note = input.note.trim().slice(0, MOST_NOTE);
    if (note === '') throw new CodedError('RECALL_NOTE', 'say what was wrong');
    await takeTurn(tx);
    const cause = await findCause(tx, input.cause);
    const shown = await countTouched(tx, cause);
    if (shown.people + shown.waitingOnly === 0) throw new CodedError('RECALL_NOBODY', 'nobody is touched by this');
    const texts = await correctionTexts(tx, await loadEnte(tx), channelsOf(shown), input.texts);
    const recall = await insertRecall(tx, { cause, note, shown, texts, operatorId: operator.operatorId, now });
    await recallLeaf(tx, recall, 'recall.requested', actorOf(operator), now, shown.people, {
      key: recall.key,
      waitingOnly: shown.waitingOnly,
      notices: shown.digest,
      texts: texts.map((text) => `${text.channel}|${text.code}|${text.version}`),
    });
    return { code: recall.code, counts: shown, texts };
  });
}

/**
 * A second person approves. A campaign that was the cause is recalled at once, so that nothing more of it is handed over
 * than the micro-batch in flight; then everybody touched is found anew and corrected (`beginRecall`), by the next tick if
 * this process does not live to do it. Errors SAME_PERSON, RECALL_STATE, RECALL_TEXT_MISSING (a channel that the request did
 * not know of), RECALL_UNKNOWN, CAMPAIGN_STATE.
 */
export async function approveRecall(
  deps: Deps,
  enteId: number,
  code: string,
  operator: Operator,
): Promise<{ counts: RecallCounts; queued: number }> {
  requireRole(operator, 'approve');
  const counts = await deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    await takeTurn(tx);
    const recall = await findRecall(tx, code, true);
    const texts = await recallTexts(tx, recall.recallId);
    if (recall.requestedBy === operator.operatorId || (await writersOf(tx, texts)).has(operator.operatorId)) {
      throw new CodedError('SAME_PERSON', 'who asked for a recall or wrote its text cannot approve it');
    }
    await moveRecall(tx, recall, 'approve', { decidedBy: operator.operatorId, at: now });
    const cause = await storedCause(tx, recall);
    const touched = await countTouched(tx, cause);
    const wordless = channelsOf(touched).find((channel) => !texts.some((text) => text.channel === channel));
    if (wordless !== undefined) {
      throw new CodedError('RECALL_TEXT_MISSING', `no text for ${wordless}`, { channel: wordless, text: '' });
    }
    if (cause.kind === 'campaign') await recallCampaign(tx, cause.key, operator, now);
    await recallLeaf(tx, recall, 'recall.approved', actorOf(operator), now, touched.people, {
      waitingOnly: touched.waitingOnly,
      notices: touched.digest,
    });
    await touchTenant(tx, now);
    return touched;
  });
  const queued = await deps.db.tenant(enteId, async (tx) => {
    await takeTurn(tx);
    const running = (await runningRecalls(tx)).find(({ recall }) => recall.code === code);
    return running === undefined || running.inFlight !== null ? 0 : beginRecall(tx, running.recall, deps.now());
  });
  return { counts, queued };
}

/** Not so: nothing was moved and nothing is. The reason stays with the request. Errors RECALL_STATE, RECALL_UNKNOWN. */
export function refuseRecall(
  deps: Deps,
  enteId: number,
  code: string,
  reason: string,
  operator: Operator,
): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const recall = await findRecall(tx, code, true);
    const refusedReason = reason.trim().slice(0, MOST_NOTE);
    await moveRecall(tx, recall, 'refuse', { decidedBy: operator.operatorId, refusedReason, at: now });
    await recallLeaf(tx, recall, 'recall.refused', actorOf(operator), now, recall.shown.people, {});
  });
}

async function recallCampaign(tx: Tx, code: string, operator: Operator, now: number): Promise<void> {
  await moveCampaign(tx, await findCampaign(tx, code, true), 'recall');
  await campaignLeaf(tx, code, 'campaign.recalled', actorOf(operator), now);
}

/** Those that were used, and those that may be meanwhile. */
const channelsOf = ({ channels, ahead }: RecallCounts) => [
  ...new Set([...channels.map((one) => one.channel), ...ahead]),
];
