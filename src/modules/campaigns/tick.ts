import type { Monotonic } from '../../kernel/clocks.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { Tx } from '../../platform/db/index.ts';
import { loadRules } from '../creditors/index.ts';
import { cancelEnded, type Guards, queueDue, reclaimLeases } from '../deliveries/index.ts';
import {
  awaitDeliveries,
  closeWalked,
  followOutcomes,
  hastenAfterFailure,
  parkHeld,
  passUnreachable,
  settleNotices,
  skipSteps,
} from '../notices/index.ts';
import { documentOf, listCampaigns } from './campaigns.store.ts';
import { minimumOf } from './check-campaign.ts';
import { takeTurn } from './turn.ts';

const DAY_MS = 86_400_000;

export interface TickDeps {
  readonly now: () => number;
  readonly guards: Guards;
  readonly monotonic: Monotonic;
}

/** Set-based, each statement in the module that owns its target (architecture §3.5). */
export async function tick(tx: Tx, deps: TickDeps): Promise<number> {
  await takeTurn(tx);
  const now = deps.now();
  const rules = await loadRules(tx, romeDate(now));
  const expiresAfterMs = rules.get<number>('deliveryExpiresDays', null).value * DAY_MS;
  await reclaimLeases(tx, now, deps.monotonic.now(), deps.guards);
  let settled = 0;
  for (const minimum of await minimums(tx, now)) settled += await settleNotices(tx, minimum);
  if (settled > 0) await cancelEnded(tx, now, null);
  let queued = 0;
  for (;;) {
    const followed = await followOutcomes(tx, now);
    await hastenAfterFailure(tx, now);
    await parkHeld(tx, now);
    const skipped = await skipSteps(tx, now);
    const fresh = await queueDue(tx, now, expiresAfterMs, deps.guards);
    await awaitDeliveries(tx, now);
    const passed = await passUnreachable(tx, now);
    queued += fresh;
    if (followed + skipped + fresh + passed === 0) break;
  }
  await closeWalked(tx);
  return queued;
}

async function minimums(tx: Tx, now: number): Promise<{ campaignId: string; minimumCents: number }[]> {
  const rules = await loadRules(tx, romeDate(now));
  const result = [];
  for (const campaign of await listCampaigns(tx)) {
    if (!['running', 'paused', 'completed'].includes(campaign.state)) continue;
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.approvedVersion ?? campaign.version);
    result.push({ campaignId: campaign.campaignId, minimumCents: minimumOf(rules, doc) });
  }
  return result;
}
