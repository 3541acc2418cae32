import type { Monotonic } from '../../kernel/clocks.ts';
import { ApiProblem } from './problem.ts';

/** Seconds of a key's rate that it may save up for a burst. */
const BURST_SECONDS = 5;

export interface RateLimit {
  /** Takes one request of this key, or throws the problem 429. */
  take(apiKeyId: string): void;
}

/**
 * A token bucket per key, of this process and in real time: a program gone wild slows itself down, not the office. With
 * several processes each counts its own. `perSecond` 0: no limit.
 */
export function makeRateLimit(perSecond: number, monotonic: Monotonic): RateLimit {
  const capacity = perSecond * BURST_SECONDS;
  // As many as there are keys: only those that were recognised come here.
  const buckets = new Map<string, { left: number; at: number }>();
  const filled = (bucket: { left: number; at: number }, now: number) =>
    Math.min(capacity, bucket.left + (Math.max(now - bucket.at, 0) / 1000) * perSecond);
  return {
    take(apiKeyId) {
      if (perSecond === 0) return;
      const now = monotonic.now();
      const bucket = buckets.get(apiKeyId);
      const left = bucket === undefined ? capacity : filled(bucket, now);
      buckets.set(apiKeyId, { left: left < 1 ? left : left - 1, at: now });
      if (left < 1) throw tooMany(Math.ceil((1 - left) / perSecond));
    },
  };
}

function tooMany(seconds: number): ApiProblem {
  const detail = 'Questa chiave ha fatto troppe richieste: riprovi dopo i secondi indicati in Retry-After.';
  return new ApiProblem(429, 'TOO_MANY_REQUESTS', detail, { 'retry-after': String(seconds) });
}
