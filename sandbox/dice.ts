import { seededFraction } from '../src/kernel/hash.ts';

type Part = string | number;

/** Points of a delay distribution: `[share of people, minutes]`, rising, from share 0 to share 1. */
export type DelayTable = readonly (readonly [number, number])[];

/**
 * The only source of chance in the sandbox (architecture §4.1): each draw is a hash of the seed and of what is being
 * decided, so the same seed tells the same story whatever the order in which things happen.
 */
export interface Dice {
  /** In [0, 1). */
  fraction(...parts: Part[]): number;
  chance(p: number, ...parts: Part[]): boolean;
  pick<T>(list: readonly T[], ...parts: Part[]): T;
  /** Integer from `low` to `high`, both included. */
  int(low: number, high: number, ...parts: Part[]): number;
  /** A positive number with the given mean and long right tail. */
  lognormal(mean: number, sigma: number, ...parts: Part[]): number;
  /** Minutes, between the points of the table, straight lines between them. */
  delay(table: DelayTable, ...parts: Part[]): number;
  /** The key whose share of the weights holds the draw. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>, ...parts: Part[]): K;
}

export function makeDice(seed: Part): Dice {
  const fraction = (...parts: Part[]): number => seededFraction(seed, ...parts);
  return {
    fraction,
    chance: (p, ...parts) => fraction(...parts) < p,
    pick: (list, ...parts) => {
      const item = list[Math.floor(fraction(...parts) * list.length)];
      if (item === undefined) throw new RangeError('pick from an empty list');
      return item;
    },
    int: (low, high, ...parts) => low + Math.floor(fraction(...parts) * (high - low + 1)),
    lognormal: (mean, sigma, ...parts) => {
      const radius = Math.sqrt(-2 * Math.log(1 - fraction(...parts, 'radius')));
      const normal = radius * Math.cos(2 * Math.PI * fraction(...parts, 'angle'));
      return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
    },
    delay: (table, ...parts) => interpolate(table, fraction(...parts)),
    weighted: <K extends string>(weights: Readonly<Record<K, number>>, ...parts: Part[]): K => {
      const keys = Object.keys(weights) as K[];
      const total = keys.reduce((sum, key) => sum + weights[key], 0);
      let rest = fraction(...parts) * total;
      for (const key of keys) {
        rest -= weights[key];
        if (rest < 0) return key;
      }
      const last = keys.at(-1);
      if (last === undefined) throw new RangeError('no weights');
      return last;
    },
  };
}

function interpolate(table: DelayTable, share: number): number {
  let [fromShare, fromMinutes] = table[0] ?? [0, 0];
  for (const [toShare, toMinutes] of table.slice(1)) {
    if (share <= toShare) {
      const part = toShare === fromShare ? 1 : (share - fromShare) / (toShare - fromShare);
      return fromMinutes + part * (toMinutes - fromMinutes);
    }
    [fromShare, fromMinutes] = [toShare, toMinutes];
  }
  return fromMinutes;
}
