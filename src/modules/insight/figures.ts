import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { FIGURES_REFRESHED_MS, keepFigures } from '../campaigns/index.ts';
import { type CampaignSums, campaignSums, type MessageGroup, messageGroups } from './result-sums.ts';

/** All that is counted and summed of one campaign; no price is in it, since a price may be told late. */
export interface CampaignFigures {
  readonly sums: CampaignSums;
  readonly groups: readonly MessageGroup[];
  /** Most frequent first. */
  readonly exclusions: readonly { readonly reason: string; readonly n: number }[];
}

/** Figures and the legal instant they speak of. */
export interface FiguresAt extends CampaignFigures {
  readonly asOf: number;
}

/** Where something happened meanwhile, older ones are not shown: whoever should refresh them does not run. */
const SHOWN_MS = 2 * FIGURES_REFRESHED_MS;

/** The figures of campaigns: kept ones where they are fresh, else as they are now. `now`: legal time. */
export async function figuresOf(tx: Tx, campaignIds: readonly string[], now: number): Promise<Map<string, FiguresAt>> {
  const { rows } = await sql<{ campaign_id: string; as_of: number; figures: CampaignFigures }>`
    select campaign_id, as_of, figures from campaign_figures_now
    where ente_id = ${enteOf(tx)} and campaign_id = any(${campaignIds}::uuid[])
      and as_of <= ${instant(now)} and (as_of > ${instant(now - SHOWN_MS)} or as_of > (select l.at from audit_leaf_now l
        where l.ente_id = ${enteOf(tx)} order by l.leaf_id desc limit 1)
          + make_interval(secs => ${FIGURES_REFRESHED_MS / 1000}))`.execute(tx.kysely);
  const found = new Map<string, FiguresAt>(rows.map((row) => [row.campaign_id, { ...row.figures, asOf: row.as_of }]));
  for (const id of campaignIds) if (!found.has(id)) found.set(id, { ...(await readFigures(tx, id)), asOf: now });
  return found;
}

/** Reads a campaign's figures as they are and keeps them for whoever looks. `now`: legal time. */
export async function refreshFigures(tx: Tx, campaignId: string, now: number): Promise<void> {
  await keepFigures(tx, campaignId, now, await readFigures(tx, campaignId));
}

async function readFigures(tx: Tx, campaignId: string): Promise<CampaignFigures> {
  const sums = await campaignSums(tx, campaignId);
  const groups = await messageGroups(tx, campaignId);
  const { rows: exclusions } = await sql<{ reason: string; n: number }>`
    select reason, count(*)::int as n from exclusion_now
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId} group by reason order by n desc, reason`.execute(
    tx.kysely,
  );
  return { sums, groups, exclusions };
}
