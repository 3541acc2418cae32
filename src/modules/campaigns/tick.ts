import type { Monotonic } from '../../kernel/clocks.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { Tx } from '../../platform/db/index.ts';
import { loadRules } from '../creditors/index.ts';
import { takeMovedDebts } from '../debts/index.ts';
import { cancelEnded, type Guards, queueDue, reclaimLeases, takeMoved } from '../deliveries/index.ts';
import {
  awaitDeliveries,
  closeWalked,
  followOutcomes,
  hastenAfterFailure,
  paceNotices,
  parkHeld,
  passUnreachable,
  settleNotices,
  skipSteps,
} from '../notices/index.ts';
import { documentOf, listCampaigns } from './campaigns.store.ts';
import { minimumOf } from './check-campaign.ts';
import { type Look, look, noteDay } from './look.ts';
import { followRecalls } from './recall-follow.ts';
import { takeTurn } from './turn.ts';

const DAY_MS = 86_400_000;
/** Marks taken at once. */
const BATCH = 10_000;

export interface TickDeps {
  readonly now: () => number;
  readonly guards: Guards;
  readonly monotonic: Monotonic;
}

/**
 * Set-based, each statement in the module that owns its target (architecture §3.5). It looks at what is due and at what
 * was marked as moved, and once a legal day at everything; never at whoever merely waits.
 */
export async function tick(tx: Tx, deps: TickDeps): Promise<number> {
  await takeTurn(tx);
  const now = deps.now();
  await reclaimLeases(tx, now, deps.monotonic.now(), deps.guards);
  const first = await look(tx, now);
  if (first.newDay) await noteDay(tx, now);
  if (first.newDay || first.debts) await settleMoved(tx, now, first);
  let queued = 0;
  let walked = first.newDay;
  for (let seen = first; ; seen = await look(tx, now)) {
    const followed = seen.newDay || seen.messages ? await follow(tx, now, seen) : 0;
    if (seen.paced) await paceNotices(tx, now);
    const moved = seen.due || seen.paced || followed > 0 ? await moveDue(tx, now, deps.guards) : NOTHING;
    queued += moved.queued;
    if (followed + moved.passed > 0) walked = true;
    if (followed + moved.queued + moved.passed === 0) break;
  }
  if (walked) await closeWalked(tx, now);
  return queued + (await followRecalls(tx, now));
}

const NOTHING = { queued: 0, passed: 0 };

/** Notices that are due go to the queue, or on to where they are next. */
async function moveDue(tx: Tx, now: number, guards: Guards): Promise<{ queued: number; passed: number }> {
  const rules = await loadRules(tx, romeDate(now));
  const expiresAfterMs = rules.get<number>('deliveryExpiresDays', null).value * DAY_MS;
  await parkHeld(tx, now);
  const skipped = await skipSteps(tx, now);
  const queued = await queueDue(tx, now, expiresAfterMs, guards);
  if (queued > 0) await awaitDeliveries(tx, now);
  return { queued, passed: skipped + (await passUnreachable(tx, now)) };
}

/** Reads what became of the messages that have moved; how many notices it moved. */
async function follow(tx: Tx, now: number, { newDay }: Look): Promise<number> {
  let moved = 0;
  const read = async (noticeIds: readonly string[] | null) => {
    moved += (await followOutcomes(tx, now, noticeIds)) + (await hastenAfterFailure(tx, now, noticeIds));
  };
  for (;;) {
    const { marks, noticeIds } = await takeMoved(tx, BATCH);
    if (noticeIds.length > 0 && !newDay) await read(noticeIds);
    if (marks < BATCH) break;
  }
  if (newDay) await read(null);
  return moved;
}

/** Ends the notices that nothing is left to be asked for of; what was queued of them is void. */
async function settleMoved(tx: Tx, now: number, { newDay }: Look): Promise<void> {
  const minimums = await minimumsOf(tx, now);
  let settled = 0;
  for (;;) {
    const debtIds = await takeMovedDebts(tx, BATCH);
    if (debtIds.length > 0 && !newDay) settled += await settleNotices(tx, { minimums, debtIds });
    if (debtIds.length < BATCH) break;
  }
  if (newDay) settled += await settleNotices(tx, { minimums, debtIds: null });
  if (settled > 0) await cancelEnded(tx, now, null);
}

async function minimumsOf(tx: Tx, now: number): Promise<{ campaignId: string; minimumCents: number }[]> {
  const rules = await loadRules(tx, romeDate(now));
  const result = [];
  for (const campaign of await listCampaigns(tx)) {
    if (!['running', 'paused', 'completed'].includes(campaign.state)) continue;
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.approvedVersion ?? campaign.version);
    result.push({ campaignId: campaign.campaignId, minimumCents: minimumOf(rules, doc) });
  }
  return result;
}
