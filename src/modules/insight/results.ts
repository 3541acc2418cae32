import { addDays, type CivilDate, compareDates } from '../../kernel/civil-date.ts';
import type { Tx } from '../../platform/db/index.ts';
import { type CampaignCost, campaignCost } from './cost.ts';
import { figuresOf } from './figures.ts';
import type { CampaignSums, MessageGroup } from './result-sums.ts';

/** What a campaign brought about. People are counted per notice: one person and purpose group. */
export interface CampaignResults {
  /** The legal instant that the figures speak of. */
  readonly asOf: number;
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

/** `now`: legal time; a large campaign's results may be some minutes old, which `asOf` tells. */
export async function campaignResults(tx: Tx, campaignId: string, now: number): Promise<CampaignResults> {
  const figures = (await figuresOf(tx, [campaignId], now)).get(campaignId);
  if (figures === undefined) throw new Error('figures of every campaign that was asked for');
  const { sums, groups, exclusions, asOf } = figures;
  const { planned, contacted, read, paid } = sums;
  const audience = planned + exclusions.reduce((sum, row) => sum + row.n, 0);
  return {
    asOf,
    funnel: { audience, planned, contacted, read, paid },
    money: { toldCents: sums.toldCents, paidCents: paidOf(sums) },
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

/** By campaign, with the instant of the oldest figure among them; `now`: legal time. */
export async function campaignOutcomes(
  tx: Tx,
  campaignIds: readonly string[],
  now: number,
): Promise<{ asOf: number; outcomes: Map<string, CampaignOutcome> }> {
  const outcomes = new Map<string, CampaignOutcome>();
  let oldest = now;
  for (const [id, { sums, groups, asOf }] of await figuresOf(tx, campaignIds, now)) {
    oldest = Math.min(oldest, asOf);
    const cost = await campaignCost(tx, groups, sums.collectedCents);
    outcomes.set(id, { contacted: sums.contacted, paid: sums.paid, paidCents: paidOf(sums), cost });
  }
  return { asOf: oldest, outcomes };
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
