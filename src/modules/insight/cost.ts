import type { CivilDate } from '../../kernel/civil-date.ts';
import type { Tx } from '../../platform/db/index.ts';
import { channelPriceOf, loadRules, type RuleBook } from '../creditors/index.ts';
import type { MessageGroup } from './result-sums.ts';

export interface ChannelCost {
  readonly channel: string;
  /** Messages that the channel accepted. */
  readonly messages: number;
  /** What the provider bills of them: segments of a text message, one of anything else. */
  readonly units: number;
  /** Messages with no price on their day, or of which nobody kept how many segments they had. */
  readonly unpriced: number;
  /** Of the messages that have a price, rounded once; null where none has. Nothing is free because no price was told. */
  readonly cents: number | null;
}

/** What a campaign's messages cost, and what came in after them. */
export interface CampaignCost {
  readonly byChannel: readonly ChannelCost[];
  /** Sum of the channels; null where nothing left yet, or where a message has no price. */
  readonly cents: number | null;
  /**
   * Booked payments of the debts that the messages spoke of, from the instant on at which a channel accepted the first
   * message about each. Who would have paid anyway is among them: this is a sequence in time, not a cause.
   */
  readonly collectedCents: number;
  /** Euro spent for each euro of `collectedCents`; null where either is not known or nothing came in. */
  readonly perEuro: number | null;
}

/** Each message at the price in force on the Roman day on which it was handed over. */
export async function campaignCost(
  tx: Tx,
  groups: readonly MessageGroup[],
  collectedCents: number,
): Promise<CampaignCost> {
  const handed = groups.flatMap((group) => (group.day === null ? [] : [{ ...group, day: group.day }]));
  const byChannel = handed[0] === undefined ? [] : channelsOf(handed, await loadRules(tx, handed[0].day));
  const cents = byChannel.length === 0 || byChannel.some((one) => one.unpriced > 0) ? null : sumOf(byChannel);
  return {
    byChannel,
    cents,
    collectedCents,
    perEuro: cents === null || collectedCents === 0 ? null : cents / collectedCents,
  };
}

function sumOf(channels: readonly ChannelCost[]): number {
  return channels.reduce((sum, one) => sum + (one.cents ?? 0), 0);
}

function channelsOf(rows: readonly (MessageGroup & { readonly day: CivilDate })[], rules: RuleBook): ChannelCost[] {
  const found = new Map<string, { messages: number; units: number; unpriced: number; milliCents: number }>();
  for (const row of rows) {
    const sum = found.get(row.channel) ?? { messages: 0, units: 0, unpriced: 0, milliCents: 0 };
    found.set(row.channel, sum);
    sum.messages += row.messages;
    sum.units += row.units;
    const price = channelPriceOf(rules.at(row.day), row.channel);
    if (price === null) sum.unpriced += row.messages;
    else if (price.per === 'message') sum.milliCents += row.messages * price.milliCents;
    else {
      sum.unpriced += row.uncounted;
      sum.milliCents += row.units * price.milliCents;
    }
  }
  return [...found].map(([channel, { messages, units, unpriced, milliCents }]) => ({
    channel,
    messages,
    units,
    unpriced,
    cents: unpriced === messages ? null : Math.round(milliCents / 1000),
  }));
}
