import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { isBusy, LEASE_MS, lockTenantDue, nextDeliveryAt, setTenantDue } from '../deliveries/index.ts';
import { nextNoticeAt, openNotices } from '../notices/index.ts';
import { completeCampaign, findCampaign, listCampaigns } from './campaigns.store.ts';
import { nextRecallAt } from './recall-follow.ts';
import type { RunDeps } from './run-deps.ts';
import { nextStartAt } from './scheduled-start.ts';
import { tick } from './tick.ts';

/** Nothing of a body is due any more: campaigns that are over end, and the body is dated to when it has work next. */
export async function closeBody(deps: RunDeps, enteId: number): Promise<number> {
  const moved = await deps.db.tenant(enteId, async (tx) => {
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
    const recall = await nextRecallAt(tx, deps.now());
    const next = [await nextDeliveryAt(tx), await nextNoticeAt(tx), await nextStartAt(tx), recall, lease];
    await setTenantDue(tx, earliest(...next));
  });
  return moved;
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
