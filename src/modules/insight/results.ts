import { sql } from 'kysely';
import { addDays, type CivilDate, compareDates } from '../../kernel/civil-date.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { type CampaignCost, campaignCost } from './cost.ts';
import { type CampaignSums, campaignSums, type MessageGroup, messageGroups } from './result-sums.ts';

/** What a campaign brought about. People are counted per notice: one person and purpose group. */
export interface CampaignResults {
  readonly funnel: {
    readonly audience: number;
    readonly planned: number;
    readonly contacted: number;
    readonly read: number;
    readonly paid: number;
  };
  readonly money: { readonly toldCents: number; readonly paidCents: number };
  /** Cumulated from the first day to the last, a point a day; empty while nothing was paid. */
  readonly byDay: readonly { readonly day: CivilDate; readonly cents: number }[];
  readonly byChannel: readonly ChannelResult[];
  /** Most frequent first. */
  readonly exclusions: readonly { readonly reason: string; readonly n: number }[];
  readonly cost: CampaignCost;
}

export interface ChannelResult {
  readonly channel: string;
  readonly step: number;
  readonly accepted: number;
  readonly read: number;
  readonly failed: number;
}

export async function campaignResults(tx: Tx, campaignId: string): Promise<CampaignResults> {
  const { planned, contacted, read, paid, ...sums } = await campaignSums(tx, campaignId, { told: true });
  const { rows: exclusions } = await sql<{ reason: string; n: number }>`
    select reason, count(*)::int as n from exclusion_now
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId} group by reason order by n desc, reason`.execute(
    tx.kysely,
  );
  const groups = await messageGroups(tx, campaignId);
  const audience = planned + exclusions.reduce((sum, row) => sum + row.n, 0);
  return {
    funnel: { audience, planned, contacted, read, paid },
    money: { toldCents: sums.toldCents ?? 0, paidCents: paidOf(sums) },
    byDay: cumulated(sums.days),
    byChannel: byChannel(groups),
    exclusions,
    cost: await campaignCost(tx, groups, sums.collectedCents),
  };
}

/** What the list of all campaigns says of each. */
export interface CampaignOutcome {
  readonly contacted: number;
  readonly paid: number;
  readonly paidCents: number;
  readonly cost: CampaignCost;
}

export async function campaignOutcome(tx: Tx, campaignId: string): Promise<CampaignOutcome> {
  const sums = await campaignSums(tx, campaignId, { told: false });
  const cost = await campaignCost(tx, await messageGroups(tx, campaignId), sums.collectedCents);
  return { contacted: sums.contacted, paid: sums.paid, paidCents: paidOf(sums), cost };
}

const paidOf = ({ days }: Pick<CampaignSums, 'days'>) => days.reduce((sum, row) => sum + row.cents, 0);

/** By step, then by channel. */
function byChannel(groups: readonly MessageGroup[]): ChannelResult[] {
  const found = new Map<string, ChannelResult>();
  for (const { channel, step, day, messages, read, failed } of groups) {
    const place = `${step}|${channel}`;
    const sum = found.get(place) ?? { channel, step, accepted: 0, read: 0, failed: 0 };
    const accepted = sum.accepted + (day === null ? 0 : messages);
    found.set(place, { channel, step, accepted, read: sum.read + read, failed: sum.failed + failed });
  }
  return [...found.values()].sort((a, b) => a.step - b.step || (a.channel < b.channel ? -1 : 1));
}

/** Days without payments are points as well, so that the line is flat where nothing came. */
function cumulated(days: readonly { day: CivilDate; cents: number }[]): { day: CivilDate; cents: number }[] {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const paid = new Map(days.map((row) => [row.day, row.cents]));
  const points: { day: CivilDate; cents: number }[] = [{ day: addDays(first.day, -1), cents: 0 }];
  let sum = 0;
  for (let day = first.day; compareDates(day, last.day) <= 0; day = addDays(day, 1)) {
    sum += paid.get(day) ?? 0;
    points.push({ day, cents: sum });
  }
  return points;
}
