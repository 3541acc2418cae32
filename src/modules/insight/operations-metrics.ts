import type { KeptReading, Metrics } from '../../platform/telemetry/index.ts';
import { type BodyReading, type Operations, queuesOfAll } from './operations.ts';

/** Two who read one after the other, or one who reads too often, get the same numbers. */
const FRESH_MS = 5_000;

export interface OperationsMetricsDeps {
  readonly read: () => Promise<Operations>;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  /** Real time, epoch ms. */
  readonly realNow: () => number;
  /** The name of a body in the labels; null: no label, the bodies together (the number of series stays small). */
  readonly nameOf: ((enteId: number) => Promise<string>) | null;
}

/** What the database holds, as gauges that are set when somebody reads the metrics. */
export function exposeOperations(metrics: Metrics, deps: OperationsMetricsDeps): void {
  const perBody = deps.nameOf === null ? [] : ['ente'];
  const depth = metrics.gauge('queue_messages', 'Messages by channel and state.', ['channel', 'state', ...perBody]);
  const age = metrics.gauge('queue_oldest_seconds', 'Since when the oldest of these messages is due.', [
    'channel',
    'state',
    ...perBody,
  ]);
  const holds = metrics.gauge('holds', 'Holds in force, by reason.', ['reason', ...perBody]);
  const sealLag = metrics.gauge('seal_lag_seconds', 'Age of the oldest fact that no seal covers.', perBody);
  const jobs = metrics.gauge('jobs', 'Coarse jobs: waiting, or failed for good in the last day.', ['state']);
  const jobAge = metrics.gauge('jobs_oldest_seconds', 'Age of the oldest job that waits.');
  const overdue = metrics.gauge('work_overdue_seconds', 'How long the earliest due work of all bodies is overdue.');
  const readLag = metrics.gauge('reading_overdue_seconds', 'How long these numbers should have been read anew.');
  const bodiesRead = metrics.gauge('bodies_read', 'Bodies of which something is known.');

  const all = [depth, age, holds, sealLag, jobs, jobAge, overdue, readLag, bodiesRead];

  const seconds = (from: number | null, to: number) => (from === null ? 0 : Math.max(0, (to - from) / 1000));

  async function groups(bodies: Operations['bodies']): Promise<[Record<string, string>, KeptReading<BodyReading>[]][]> {
    const { nameOf } = deps;
    if (nameOf === null) return [[{}, [...bodies]]];
    const named: [Record<string, string>, KeptReading<BodyReading>[]][] = [];
    for (const body of bodies) named.push([{ ente: await nameOf(body.enteId) }, [body]]);
    return named;
  }

  let filledAt = Number.NEGATIVE_INFINITY;
  metrics.beforeReading(async () => {
    if (deps.realNow() - filledAt < FRESH_MS) return;
    const seen = await deps.read().finally(() => {
      // What is gone from the queue is gone from here; and what cannot be read is not told from memory.
      for (const gauge of all) gauge.reset();
    });
    filledAt = deps.realNow();
    const now = deps.now();
    for (const [label, bodies] of await groups(seen.bodies)) {
      for (const { channel, state, n, oldestAt } of queuesOfAll(bodies)) {
        depth.set({ channel, state, ...label }, n);
        age.set({ channel, state, ...label }, seconds(oldestAt, now));
      }
      for (const { reading } of bodies) {
        for (const [reason, n] of Object.entries(reading.holds)) holds.inc({ reason, ...label }, n);
      }
      const unsealed = bodies.map(({ reading }) => reading.unsealedAt).filter((at) => at !== null);
      sealLag.set(label, seconds(unsealed.length === 0 ? null : Math.min(...unsealed), now));
    }
    jobs.set({ state: 'waiting' }, seen.jobs.waiting);
    jobs.set({ state: 'failed' }, seen.jobs.failed);
    jobAge.set(seconds(seen.jobs.oldestAt, deps.realNow()));
    overdue.set(seconds(seen.nextDueAt, now));
    readLag.set(seconds(seen.readingDueAt, deps.realNow()));
    bodiesRead.set(seen.bodies.length);
  });
}
