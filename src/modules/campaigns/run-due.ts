import { sql } from 'kysely';
import type { Monotonic } from '../../kernel/clocks.ts';
import { type Database, enteOf, type Tx } from '../../platform/db/index.ts';
import {
  type Channel,
  dueTenants,
  type Guards,
  type HandOverDeps,
  handOver,
  isBusy,
  LEASE_MS,
  lockTenantDue,
  newOwner,
  nextDeliveryAt,
  setTenantDue,
  takeDue,
} from '../deliveries/index.ts';
import { nextNoticeAt, openNotices } from '../notices/index.ts';
import { completeCampaign, findCampaign, listCampaigns } from './campaigns.store.ts';
import { nextStartAt, runScheduled } from './scheduled-start.ts';
import { tick } from './tick.ts';

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

/**
 * Runs every body that has work due at the current legal time; what was done, and when there is work next. A body that
 * fails does not keep the others waiting: its error is thrown when they are done.
 */
export async function runDueTenants(
  deps: RunDeps,
  signal: AbortSignal,
): Promise<{ moved: number; nextAt: number | null }> {
  let moved = 0;
  const failures: unknown[] = [];
  const { due, nextAt: soonest } = await deps.db.system((tx) => dueTenants(tx, deps.now()));
  if (due.length === 0) return { moved: 0, nextAt: soonest };
  for (const enteId of due) {
    if (signal.aborted) break;
    try {
      moved += await runTenant(deps, enteId, signal);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  const { nextAt } = await deps.db.system((tx) => dueTenants(tx, deps.now()));
  return { moved, nextAt };
}

/** One body: tick, take, hand over, follow, until nothing is due at this instant. Returns how much moved. */
export async function runTenant(deps: RunDeps, enteId: number, signal: AbortSignal): Promise<number> {
  const owner = deps.owner ?? newOwner();
  let total = await runScheduled(deps, enteId);
  for (;;) {
    const ticked = await deps.db.tenant(enteId, (tx) => tick(tx, deps));
    let seen = 0;
    for (const channel of deps.channels) seen += await dispatch(deps, enteId, channel, owner, signal);
    total += ticked + seen;
    // Also what expired or was dated later moved: its notice may have something to do at this very instant.
    if (ticked + seen === 0 || signal.aborted) break;
  }
  total += await deps.db.tenant(enteId, async (tx) => {
    // What another worker did meanwhile may make more of it due now: it counts, so that the caller comes again.
    const ticked = await tick(tx, deps);
    await completeCampaigns(tx, deps.now());
    return ticked;
  });
  // Apart from the tick, so that whoever tells of new work meanwhile does not wait for it.
  await deps.db.tenant(enteId, async (tx) => {
    await lockTenantDue(tx, deps.now());
    // Another worker's messages, or a dead one's: somebody must come back for their leases.
    const lease = (await isBusy(tx)) ? deps.now() + LEASE_MS : null;
    await setTenantDue(tx, earliest(await nextDeliveryAt(tx), await nextNoticeAt(tx), await nextStartAt(tx), lease));
  });
  return total;
}

/** Returns how many due deliveries were looked at: taken, expired or dated later. */
async function dispatch(
  deps: RunDeps,
  enteId: number,
  channel: Channel,
  owner: string,
  signal: AbortSignal,
): Promise<number> {
  const size = Math.max(1, Math.min(LARGEST_BATCH, deps.perSecond(channel.kind)));
  let looked = 0;
  while (!signal.aborted) {
    const started = deps.monotonic.now();
    const { taken, seen } = await deps.db.tenant(enteId, (tx) =>
      takeDue(tx, channel.kind, size, owner, deps.now(), deps.monotonic.now(), deps.guards),
    );
    looked += seen;
    if (taken.length > 0) {
      await handOver(deps, enteId, channel, taken, signal);
      const pauseMs = (1000 * taken.length) / deps.perSecond(channel.kind) - (deps.monotonic.now() - started);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    // A full page may have held several messages of one person, or some that the ceiling dated later: look again.
    if (taken.length === 0 && seen < size) break;
    if (seen === 0) break;
  }
  return looked;
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
    // Locked and read again: somebody may have paused or ended it meanwhile.
    const locked = await findCampaign(tx, campaign.code, true);
    if (locked.state === 'running') await completeCampaign(tx, locked, now);
  }
}

function earliest(...instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
