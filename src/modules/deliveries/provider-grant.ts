import type { CivilDate } from '../../kernel/civil-date.ts';
import { addDays } from '../../kernel/civil-date.ts';

/** What a provider takes from all our processes together; null: no limit. */
export interface ProviderLimits {
  readonly perSecond: number;
  /** Messages handed over and not answered yet. */
  readonly atOnce: number | null;
  /** By the legal day in Rome. */
  readonly perDay: number | null;
}

/** What was taken so far: a row of `provider_rate`, or the memory of the only process. */
export interface RateState {
  readonly tokens: number;
  readonly at: number;
  readonly day: CivilDate;
  readonly taken: number;
  readonly wire: Readonly<Record<string, { readonly n: number; readonly until: number }>>;
}

export interface RateAsk {
  readonly holder: string;
  readonly want: number;
  /** Of the holder's last grant, what it did not use; the rest of it has been answered. */
  readonly unused: number;
  /** That was granted so long ago that its part of the rate is over: only the day gets it back. */
  readonly late: boolean;
  /** Real time. */
  readonly now: number;
  /** The legal day. */
  readonly day: CivilDate;
}

export interface Grant {
  readonly granted: number;
  /** When it may be worth asking again, from now. */
  readonly waitMs: number;
  /** The day's budget is spent: nothing more before the next legal day. */
  readonly dayOver: boolean;
}

const LARGEST_BATCH = 500;
/** A batch is a quarter of a second's messages, so that the burst of a batch stays small against the rate. */
const BATCHES_A_SECOND = 4;
/** When others fill the wire: they answer in about so long. */
const WIRE_WAIT_MS = 100;
/** Longer than any provider is waited for: a process that has not asked again by then has died. */
const HOLDER_MS = 60_000;

/** How many messages go in one micro-batch: never more than a second of the provider's rate (architecture §3.7). */
export function batchSize({ perSecond }: Pick<ProviderLimits, 'perSecond'>): number {
  return Math.max(1, Math.min(LARGEST_BATCH, Math.ceil(perSecond / BATCHES_A_SECOND)));
}

export function freshState(limits: ProviderLimits, now: number, day: CivilDate): RateState {
  return { tokens: batchSize(limits), at: now, day, taken: 0, wire: {} };
}

/**
 * A token bucket of one micro-batch: over any span of `s` seconds at most `s × perSecond` messages and one batch are
 * granted, to all holders together. A whole batch or nothing, unless the day's budget or the wire leaves less.
 */
export function grant(state: RateState, limits: ProviderLimits, ask: RateAsk): { state: RateState; grant: Grant } {
  const size = batchSize(limits);
  const grown = (Math.max(0, ask.now - state.at) / 1000) * limits.perSecond;
  const tokens = Math.min(size, state.tokens + grown + (ask.late ? 0 : ask.unused));
  // Another process may be a moment behind at midnight; a day further ahead than that is a clock that was wrong.
  const day = state.day > ask.day && state.day <= addDays(ask.day, 1) ? state.day : ask.day;
  const taken = day === state.day ? Math.max(0, state.taken - ask.unused) : 0;
  const others = Object.entries(state.wire).filter(([id, { until }]) => id !== ask.holder && until > ask.now);
  const onWire = others.reduce((sum, [, { n }]) => sum + n, 0);
  const left = limits.perDay === null ? size : limits.perDay - taken;
  const free = limits.atOnce === null ? size : limits.atOnce - onWire;
  const fits = Math.max(0, Math.min(ask.want, size, left, free));
  const granted = tokens >= fits ? fits : 0;
  const wire = Object.fromEntries(others);
  if (granted > 0 && limits.atOnce !== null) wire[ask.holder] = { n: granted, until: ask.now + HOLDER_MS };
  return {
    state: { tokens: tokens - granted, at: Math.max(state.at, ask.now), day, taken: taken + granted, wire },
    grant: {
      granted,
      waitMs: fits === 0 ? WIRE_WAIT_MS : Math.ceil(((fits - Math.min(tokens, fits)) * 1000) / limits.perSecond),
      dayOver: left <= 0,
    },
  };
}
