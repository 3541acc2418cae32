import { performance } from 'node:perf_hooks';

/** One measurement, as architecture §7 gives it: the reference is the least possible work of the same kind in the same run. */
export interface BenchLine {
  readonly bench: string;
  readonly n: number;
  readonly unit: string;
  readonly perSecond: number;
  /** Null where the thing measured is a whole story, which no bare engine does. */
  readonly reference: string | null;
  readonly referencePerSecond: number | null;
  readonly ratio: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly rssMb: number;
}

/** How long each of `times` runs took, ms, the shortest first; one run before them warms up and is not counted. */
export async function timings(times: number, work: () => Promise<void>): Promise<number[]> {
  await work();
  const taken: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const began = performance.now();
    await work();
    taken.push(performance.now() - began);
  }
  return taken.sort((a, b) => a - b);
}

/** The smallest value that at least `share` of the sorted values do not exceed, to a tenth. */
export function percentile(sorted: readonly number[], share: number): number {
  return tenth(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

/** The middle one of a few measurements. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const tenth = (value: number): number => Math.round(value * 10) / 10;

export const ownRssMb = (): number => Math.round(process.memoryUsage.rss() / 1024 / 1024);

/** What goes on, for whoever waits: apart from the lines, which are the answer. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export const seconds = (began: number): number => tenth((performance.now() - began) / 1000);
