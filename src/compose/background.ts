import { romeDate } from '../kernel/rome-time.ts';
import { makeDueRunner, type RunDeps } from '../modules/campaigns/index.ts';
import { readOperations } from '../modules/insight/index.ts';
import type { OpenedJobs } from '../platform/jobs/index.ts';
import type { Leader } from '../platform/leases/index.ts';
import type { Log } from '../platform/log/index.ts';
import { type ChoreDeps, makeChores } from './chores.ts';

export interface BackgroundDeps extends Omit<ChoreDeps, 'signal'> {
  readonly jobs: OpenedJobs;
  readonly log: Log;
  readonly runner: RunDeps;
  readonly leader: Leader;
  /** Tells all processes which bodies this one used. */
  readonly flush: () => Promise<void>;
}

/** What runs without anybody asking: due work and jobs in every process that works; chores, seals, webhooks in one. */
export interface Background {
  /** Runs everything that is due at the current legal time until nothing is left; when there is work next. */
  settle(): Promise<{ now: number; nextAt: number | null }>;
  /** Seals and exports of every body, at once; how many leaves were sealed. */
  sealAll(): Promise<number>;
  /** The kept figures of every body, at once; how many campaigns were read. */
  keepAllFigures(): Promise<number>;
  /** The loops of a real installation; without `work` only what whoever works elsewhere must be told. */
  start(work: boolean): void;
  /** Ends the loops, waits for the micro-batch that is on the wire and gives back what is not. */
  stop(): Promise<void>;
}

export function makeBackground(deps: BackgroundDeps): Background {
  const { jobs, log, now, runner, leader, flush } = deps;
  const running = new AbortController();
  const { signal } = running;
  const chores = makeChores({ ...deps, signal });
  const due = makeDueRunner(runner);

  let choresDay = '';
  async function daily(): Promise<void> {
    const day = romeDate(now());
    if (day === choresDay || !(await leader.leads())) return;
    choresDay = day;
    await chores.daily();
  }

  async function settle(): Promise<{ now: number; nextAt: number | null }> {
    for (;;) {
      await daily();
      const drained = await jobs.drain();
      const { moved, nextAt, waiting } = await due.run(signal);
      if (!signal.aborted && (drained + moved > 0 || waiting)) continue;
      // Work that is due and does not move would spin for ever: it is reported, and looked at again in an hour.
      const stuck = !signal.aborted && nextAt !== null && nextAt <= now();
      if (stuck) log.warn({ nextAt }, 'due work did not move');
      return { now: now(), nextAt: stuck ? now() + 3_600_000 : nextAt };
    }
  }

  const timers: NodeJS.Timeout[] = [];
  const under = new Set<Promise<void>>();
  /** A slow round is not overtaken by its own next one; the others go on beside it. */
  function every(ms: number, what: string, work: () => Promise<unknown>): void {
    let busy = false;
    const turn = async () => {
      try {
        await work();
      } catch (error) {
        log.error({ err: error, what }, 'background work failed');
      }
    };
    timers.push(
      setInterval(() => {
        if (busy) return;
        busy = true;
        const done: Promise<void> = turn().finally(() => {
          busy = false;
          under.delete(done);
        });
        under.add(done);
      }, ms),
    );
  }
  const leading = (work: () => Promise<unknown>) => async () => {
    if (await leader.leads()) await work();
  };

  return {
    settle,
    async sealAll() {
      await chores.touchAll();
      return chores.seal();
    },
    async keepAllFigures() {
      await chores.touchAll();
      return chores.keepFigures();
    },
    start(work) {
      every(1_000, 'touched bodies', flush);
      if (!work) return;
      every(1_000, 'due work', settle);
      every(1_000, 'leader', () => leader.leads());
      every(30_000, 'jobs of the dead', leading(jobs.recover));
      every(
        5_000,
        'readings',
        leading(() => readOperations({ db: deps.db, now, realNow: () => deps.monotonic.now() })),
      );
      every(60_000, 'seals', leading(chores.seal));
      every(60_000, 'figures', leading(chores.keepFigures));
      every(15_000, 'half-done imports', leading(chores.finishImports));
      every(5_000, 'webhooks', leading(chores.tell));
      every(3_600_000, 'money', leading(chores.countMoney));
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      running.abort();
      await Promise.all(under);
      // A database that is gone keeps nobody from ending: the lease runs out, and the day's chores look at every body.
      await flush().catch((error: unknown) => log.warn({ err: error }, 'touched bodies were not told'));
      await leader.resign().catch((error: unknown) => log.warn({ err: error }, 'the lease was not given up'));
    },
  };
}
