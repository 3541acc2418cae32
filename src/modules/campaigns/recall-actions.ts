import { CodedError } from '../../kernel/errors.ts';
import type { Tx } from '../../platform/db/index.ts';
import { loadEnte } from '../creditors/index.ts';
import { endDoubt } from '../debts/index.ts';
import { touchTenant } from '../deliveries/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import { findCampaign, moveCampaign } from './campaigns.store.ts';
import { findRecall, insertRecall, moveRecall, type RecallText, recallLeaf, recallTexts } from './recall.store.ts';
import { doubtsDebts, findCause, type RecallCause, storedCause } from './recall-cause.ts';
import { countTouched, type RecallCounts, wordlessChannel } from './recall-counts.ts';
import { correctionTexts, writersOf } from './recall-texts.ts';
import { takeTurn } from './turn.ts';

export interface RecallInput {
  readonly cause: RecallCause;
  /** What was wrong, for whoever approves; no citizen reads it. */
  readonly note: string;
  /** Code of the text by channel; the usual ones where none is named. */
  readonly texts: Readonly<Record<string, string>>;
  /** Of a campaign: what is owed is right, only whom it wrote to, or when, was not. Other causes say it by themselves. */
  readonly amountsStand?: boolean;
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
    const doubts = doubtsDebts(cause.kind, input.amountsStand === true);
    const { operatorId } = operator;
    const recall = await insertRecall(tx, { cause, note, shown, doubts, texts, operatorId, now });
    await recallLeaf(tx, recall, 'recall.requested', actorOf(operator), now, shown.people, {
      key: recall.key,
      waitingOnly: shown.waitingOnly,
      doubts,
      notices: shown.digest,
      texts: texts.map((text) => `${text.channel}|${text.code}|${text.version}`),
    });
    return { code: recall.code, counts: shown, texts };
  });
}

/**
 * A second person approves. A campaign that was the cause is recalled at once, so that nothing more of it is handed over
 * than the micro-batch in flight; then the ticks find everybody touched anew, stop what waits and queue the corrections, a
 * part at a time (`prepareRecall`). So this answers at once, however many they are, and waits for no tick. Errors SAME_PERSON, RECALL_STATE,
 * RECALL_TEXT_MISSING (a channel that the request did not know of), RECALL_UNKNOWN, CAMPAIGN_STATE.
 */
export async function approveRecall(deps: Deps, enteId: number, code: string, operator: Operator): Promise<void> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const recall = await findRecall(tx, code, true);
    const texts = await recallTexts(tx, recall.recallId);
    if (recall.requestedBy === operator.operatorId || (await writersOf(tx, texts)).has(operator.operatorId)) {
      throw new CodedError('SAME_PERSON', 'who asked for a recall or wrote its text cannot approve it');
    }
    await moveRecall(tx, recall, 'approve', { decidedBy: operator.operatorId, at: now });
    const cause = await storedCause(tx, recall);
    const channels = texts.map((text) => text.channel);
    const wordless = await wordlessChannel(tx, cause, channels);
    if (wordless !== null) {
      throw new CodedError('RECALL_TEXT_MISSING', `no text for ${wordless}`, { channel: wordless, text: '' });
    }
    if (cause.kind === 'campaign') await recallCampaign(tx, cause.key, operator, now);
    const { people, waitingOnly, digest } = recall.shown;
    const facts = { waitingOnly, doubts: recall.doubts, notices: digest };
    await recallLeaf(tx, recall, 'recall.approved', actorOf(operator), now, people, facts);
    await touchTenant(tx, now);
  });
}

/**
 * The office has looked at what a recall put in doubt: the debts that no later file has named stand as they are, and may be
 * paid again. Returns how many. Errors RECALL_STATE (it was not approved, or its people are still being found),
 * RECALL_UNKNOWN.
 */
export async function endRecallDoubt(deps: Deps, enteId: number, code: string, operator: Operator): Promise<number> {
  requireRole(operator, 'approve');
  return deps.db.tenant(enteId, async (tx) => {
    const recall = await findRecall(tx, code, true);
    if (recall.preparation === null) {
      throw new CodedError('RECALL_STATE', 'this recall doubts nothing yet', { state: recall.state });
    }
    const ended = await endDoubt(tx, recall.recallId);
    if (ended > 0) await recallLeaf(tx, recall, 'recall.doubtEnded', actorOf(operator), deps.now(), ended, {});
    return ended;
  });
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
