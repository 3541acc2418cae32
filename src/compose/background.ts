import type { Config } from '../config/load.ts';
import type { Monotonic } from '../kernel/clocks.ts';
import { romeDate } from '../kernel/rome-time.ts';
import { exportSeal, readExportedSeals, sealNext, sealsAfter } from '../modules/audit/index.ts';
import { dueFigures, layWindows, type RunDeps, runDueTenants } from '../modules/campaigns/index.ts';
import { sweepAccess } from '../modules/conversations/index.ts';
import { followDeadlineRules } from '../modules/debts/index.ts';
import { sweepProviderRefs } from '../modules/deliveries/index.ts';
import { refreshFigures } from '../modules/insight/index.ts';
import { sweepOperatorAccess } from '../modules/operators/index.ts';
import { makePostWebhook, sendDueWebhooks, sweepWebhooks } from '../modules/webhooks/index.ts';
import type { Database } from '../platform/db/index.ts';
import type { Jobs } from '../platform/jobs/index.ts';
import type { Log } from '../platform/log/index.ts';
import type { EnteVault } from '../platform/secrets/index.ts';

const DAY_MS = 86_400_000;
/** No provider answers for a message after a month. */
const REFS_KEPT_MS = 30 * DAY_MS;

export interface BackgroundDeps {
  readonly config: Config;
  readonly db: Database;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  readonly monotonic: Monotonic;
  readonly runner: RunDeps;
  readonly tenants: () => Promise<{ enteId: number; slug: string }[]>;
}

/** What runs without anybody asking: due work, daily chores, seals, webhooks. */
export interface Background {
  /** Runs everything that is due at the current legal time until nothing is left; when there is work next. */
  settle(): Promise<{ now: number; nextAt: number | null }>;
  /** Seals what is not sealed, and exports what the file outside lacks; how many leaves were sealed. */
  sealAll(): Promise<number>;
  /** Reads anew what the results of large campaigns are shown from; how many campaigns were read. */
  keepAllFigures(): Promise<number>;
  /** The loops of a real installation. */
  start(): void;
  /** Ends the loops and waits for the round that is under way. */
  stop(): Promise<void>;
}

export function makeBackground(deps: BackgroundDeps): Background {
  const { config, db, jobs, log, vaultOf, now, monotonic, runner, tenants } = deps;
  const running = new AbortController();

  async function sealAll(): Promise<number> {
    let sealed = 0;
    for (const { enteId, slug } of await tenants()) {
      const seal = await db.tenant(enteId, (tx) => sealNext(tx, now()));
      sealed += seal?.leafCount ?? 0;
      // From what the exported file lacks, not from what was sealed now: an export that a crash cut short is made good.
      const last = readExportedSeals(config.sealsDir, slug).at(-1)?.sealNo ?? 0;
      const missing = await db.tenant(enteId, (tx) => sealsAfter(tx, last));
      for (const one of missing) exportSeal(config.sealsDir, slug, one);
    }
    return sealed;
  }

  let choresDay = '';
  /** Once a legal day: opening hours laid ahead, deadlines of new rules, ended sessions swept, the day's leaves sealed. */
  async function chores(): Promise<void> {
    const day = new Date(now()).toISOString().slice(0, 10);
    if (day === choresDay) return;
    choresDay = day;
    for (const { enteId } of await tenants()) {
      await db.tenant(enteId, async (tx) => {
        await layWindows(tx, now());
        await followDeadlineRules(tx, vaultOf(enteId), romeDate(now()));
        await sweepAccess(tx, monotonic.now());
        await sweepOperatorAccess(tx, monotonic.now());
        await sweepWebhooks(tx, monotonic.now());
      });
    }
    await db.system((tx) => sweepProviderRefs(tx, monotonic.now() - REFS_KEPT_MS));
    await sealAll();
  }

  async function keepAllFigures(): Promise<number> {
    let kept = 0;
    for (const { enteId } of await tenants()) {
      for (const campaignId of await db.tenant(enteId, (tx) => dueFigures(tx, now()))) {
        if (running.signal.aborted) return kept;
        await db.tenant(enteId, (tx) => refreshFigures(tx, campaignId, now()));
        kept += 1;
      }
    }
    return kept;
  }

  async function settle(): Promise<{ now: number; nextAt: number | null }> {
    await chores();
    for (;;) {
      const drained = await jobs.drain();
      const { moved, nextAt } = await runDueTenants(runner, running.signal);
      if (drained + moved > 0) continue;
      // Work that is due and does not move would spin for ever: it is reported, and looked at again in an hour.
      const stuck = nextAt !== null && nextAt <= now();
      if (stuck) log.warn({ nextAt }, 'due work did not move');
      return { now: now(), nextAt: stuck ? now() + 3_600_000 : nextAt };
    }
  }

  // Apart from the other loops: a receiver that hangs is waited for ten seconds.
  const post = makePostWebhook(config.webhookPrivate);
  let telling: Promise<unknown> | null = null;
  const tell = () => {
    telling ??= sendDueWebhooks({ db, vaultOf, monotonic, tenants, post, signal: running.signal })
      .catch((error: unknown) => log.error({ err: error }, 'webhooks failed'))
      .finally(() => {
        telling = null;
      });
  };

  const timers: NodeJS.Timeout[] = [];
  let busy: Promise<unknown> = Promise.resolve();
  const every = (ms: number, work: () => Promise<unknown>) => {
    timers.push(
      setInterval(() => {
        // One at a time: a slow round is not overtaken by the next.
        busy = busy.then(work).catch((error: unknown) => log.error({ err: error }, 'background work failed'));
      }, ms),
    );
  };

  return {
    settle,
    sealAll,
    keepAllFigures,
    start() {
      every(1_000, settle);
      every(60_000, sealAll);
      every(60_000, keepAllFigures);
      timers.push(setInterval(tell, 5_000));
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      running.abort();
      await busy;
      await telling;
    },
  };
}
