import type { RuleBook } from './rules.ts';

/** What the body's contract says a channel costs: for each message, or for each segment of it. */
export interface ChannelPrice {
  /** Thousandths of a cent: a text message costs a few cents and fractions of one. */
  readonly milliCents: number;
  readonly per: 'message' | 'segment';
}

/** The price in force on the book's date; null where the body has told none, which is not the same as free. */
export function channelPriceOf(rules: RuleBook, channel: string): ChannelPrice | null {
  return rules.find<ChannelPrice>(`channelPrice.${channel}`, null)?.value ?? null;
}
