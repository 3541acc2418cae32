import { sql } from 'kysely';
import type { Monotonic } from '../../kernel/clocks.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type Database, enteOf, type Tx } from '../../platform/db/index.ts';
import { loadRules } from '../creditors/index.ts';
import {
  type Channel,
  dueTenants,
  type Guards,
  type HandOverDeps,
  handOver,
  newOwner,
  nextDeliveryAt,
  queueDue,
  reclaimLeases,
  setTenantDue,
  takeDue,
} from '../deliveries/index.ts';
import {
  awaitDeliveries,
  closeWalked,
  followOutcomes,
  nextNoticeAt,
  openNotices,
  parkHeld,
  passUnreachable,
  settleNotices,
  skipSteps,
} from '../notices/index.ts';
import { documentOf, findCampaign, listCampaigns, moveCampaign } from './campaigns.store.ts';
import { minimumOf } from './check-campaign.ts';

export interface RunDeps extends HandOverDeps {
  readonly db: Database;
  readonly monotonic: Monotonic;
  readonly channels: readonly Channel[];
  /** Messages a second per channel kind; a micro-batch is at most one second of it. */
  readonly perSecond: (kind: string) => number;
  readonly guards: Guards;
  readonly owner?: string;
}

const LARGEST_BATCH = 500;
const DAY_MS = 86_400_000;

/** Runs every body that has work due at the current legal time; what was done, and when there is work next. */
export async function runDueTenants(
  deps: RunDeps,
  signal: AbortSignal,
): Promise<{ moved: number; nextAt: number | null }> {
  let moved = 0;
  const { due } = await deps.db.system((tx) => dueTenants(tx, deps.now()));
  for (const enteId of due) {
    if (signal.aborted) break;
    moved += await runTenant(deps, enteId, signal);
  }
  const { nextAt } = await deps.db.system((tx) => dueTenants(tx, deps.now()));
  return { moved, nextAt };
}

/** One body: tick, take, hand over, follow, until nothing is due at this instant. */
export async function runTenant(deps: RunDeps, enteId: number, signal: AbortSignal): Promise<number> {
  const owner = deps.owner ?? newOwner();
  let total = 0;
  for (;;) {
    const ticked = await deps.db.tenant(enteId, (tx) => tick(tx, deps));
    let handed = 0;
    for (const channel of deps.channels) handed += await dispatch(deps, enteId, channel, owner, signal);
    total += ticked + handed;
    if (handed === 0 || signal.aborted) break;
  }
  await deps.db.tenant(enteId, async (tx) => {
    await tick(tx, deps);
    await completeCampaigns(tx, deps.now());
    await setTenantDue(tx, earliest(await nextDeliveryAt(tx), await nextNoticeAt(tx)));
  });
  return total;
}

/** Set-based, each statement in the module that owns its target (architecture §3.5). */
export async function tick(tx: Tx, deps: Pick<RunDeps, 'now' | 'guards' | 'monotonic'>): Promise<number> {
  const now = deps.now();
  const rules = await loadRules(tx, romeDate(now));
  const expiresAfterMs = rules.get<number>('deliveryExpiresDays', null).value * DAY_MS;
  await reclaimLeases(tx, now, deps.monotonic.now(), deps.guards);
  for (const minimum of await minimums(tx, now)) await settleNotices(tx, minimum);
  let queued = 0;
  for (;;) {
    const followed = await followOutcomes(tx, now);
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

async function dispatch(
  deps: RunDeps,
  enteId: number,
  channel: Channel,
  owner: string,
  signal: AbortSignal,
): Promise<number> {
  const size = Math.max(1, Math.min(LARGEST_BATCH, deps.perSecond(channel.kind)));
  let handed = 0;
  while (!signal.aborted) {
    const started = deps.monotonic.now();
    const { taken, seen } = await deps.db.tenant(enteId, (tx) =>
      takeDue(tx, channel.kind, size, owner, deps.now(), deps.monotonic.now(), deps.guards),
    );
    if (taken.length > 0) {
      await handOver(deps, enteId, channel, taken, signal);
      handed += taken.length;
      const pauseMs = (1000 * taken.length) / deps.perSecond(channel.kind) - (deps.monotonic.now() - started);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    // A full page may have held several messages of one person, or some that the ceiling dated later: look again.
    if (taken.length === 0 && seen < size) break;
    if (seen === 0) break;
  }
  return handed;
}

/** Campaigns that have nothing more to do. */
async function completeCampaigns(tx: Tx, now: number): Promise<void> {
  for (const campaign of await listCampaigns(tx)) {
    if (campaign.state !== 'running' || (await openNotices(tx, campaign.campaignId)) > 0) continue;
    const { rows } =
      await sql`select 1 from notice_now where ente_id = ${enteOf(tx)} and campaign_id = ${campaign.campaignId}
      union all select 1 from exclusion where ente_id = ${enteOf(tx)} and campaign_id = ${campaign.campaignId} limit 1`.execute(
        tx.kysely,
      );
    // Not planned yet: an empty campaign is over only once its plan has run.
    if (rows.length === 0) continue;
    await moveCampaign(tx, await findCampaign(tx, campaign.code, true), 'complete', { completedAt: now });
  }
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

function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
