import type { Monotonic } from '../kernel/clocks.ts';
import { romeDate } from '../kernel/rome-time.ts';
import { exportSeal, readExportedSeals, sealNext, sealsAfter } from '../modules/audit/index.ts';
import { dueFigures, FIGURES_REFRESHED_MS, layWindows } from '../modules/campaigns/index.ts';
import { sweepAccess } from '../modules/conversations/index.ts';
import { followDeadlineRules, type ImportService } from '../modules/debts/index.ts';
import { sweepProviderRefs } from '../modules/deliveries/index.ts';
import { refreshFigures } from '../modules/insight/index.ts';
import { sweepOperatorAccess } from '../modules/operators/index.ts';
import { registeredBodies } from '../modules/payments/index.ts';
import { makePostWebhook, nextWebhookAt, sendDueWebhooks, sweepWebhooks } from '../modules/webhooks/index.ts';
import type { Database } from '../platform/db/index.ts';
import { doneChore, dueChores, touchChores } from '../platform/leases/index.ts';
import type { EnteVault } from '../platform/secrets/index.ts';
import type { Money } from './money.ts';
import { CHORES, type ChoreTask, IMPORTS } from './touched.ts';
import { makeWatchImports } from './watch-imports.ts';

const DAY_MS = 86_400_000;
/** No provider answers for a message after a month. */
const REFS_KEPT_MS = 30 * DAY_MS;
/** After the last fact of a body its figures are read once more, when kept ones are due again. */
const FIGURES_FOLLOWED_MS = 2 * FIGURES_REFRESHED_MS;

export interface ChoreDeps {
  /** Not the one that notes who uses it: looking at a body is no reason to look again. */
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  readonly monotonic: Monotonic;
  readonly tenants: () => Promise<{ enteId: number; slug: string }[]>;
  readonly sealsDir: string;
  readonly imports: Pick<ImportService, 'open' | 'takeOver'>;
  /** An import that has not moved for so long has lost its process. */
  readonly importStaleMs: number;
  readonly webhookPrivate: boolean;
  readonly money: Money;
  readonly signal: AbortSignal;
}

/** What one process does for all bodies, at no cost for those where nothing happens. */
export interface Chores {
  /** Each body has its turn in the next round of every kind, whether or not something happened in it. */
  touchAll(): Promise<void>;
  /** Once a legal day: opening hours laid ahead, deadlines of new rules, what is over swept; every body, its leaves too. */
  daily(): Promise<void>;
  /** Seals what is not sealed, and exports what the file outside lacks; how many leaves were sealed. */
  seal(): Promise<number>;
  /** Reads anew what the results of large campaigns are shown from; how many campaigns were read. */
  keepFigures(): Promise<number>;
  /** Finishes or drops the imports that a process left half done. */
  finishImports(): Promise<void>;
  /** Fetches the flows of the platform and matches the money of every body that has a station. */
  countMoney(): Promise<void>;
  /** Tells other programs what they asked to be told. */
  tell(): Promise<void>;
}

export function makeChores(deps: ChoreDeps): Chores {
  const { db, vaultOf, now, monotonic, tenants, signal } = deps;

  const watchImports = makeWatchImports(deps);

  /** A body that fails does not keep the others waiting: its error is thrown when they are done. */
  async function each<T>(bodies: readonly T[], work: (body: T) => Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    for (const body of bodies) {
      if (signal.aborted) break;
      await work(body).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The bodies whose turn it is in a round; `look` says when to look again, real time, unless something happens first. */
  async function eachDue(task: ChoreTask, look: (enteId: number, touchedAt: number) => Promise<number | null>) {
    const chores = await db.system((tx) => dueChores(tx, task, monotonic.now()));
    await each(chores, async (chore) => {
      const nextAt = await look(chore.enteId, chore.touchedAt);
      await db.system((tx) => doneChore(tx, task, chore, nextAt));
    });
  }

  async function sealOne(enteId: number, slug: string): Promise<number> {
    const seal = await db.tenant(enteId, (tx) => sealNext(tx, now()));
    // From what the exported file lacks, not from what was sealed now: an export that a crash cut short is made good.
    const last = readExportedSeals(deps.sealsDir, slug).at(-1)?.sealNo ?? 0;
    const missing = await db.tenant(enteId, (tx) => sealsAfter(tx, last));
    for (const one of missing) exportSeal(deps.sealsDir, slug, one);
    return seal?.leafCount ?? 0;
  }

  async function seal(): Promise<number> {
    const slugs = new Map((await tenants()).map(({ enteId, slug }) => [enteId, slug]));
    let sealed = 0;
    await eachDue('seals', async (enteId) => {
      const slug = slugs.get(enteId);
      const n = slug === undefined ? 0 : await sealOne(enteId, slug);
      sealed += n;
      // One seal takes so many leaves and no more: there may be others.
      return n > 0 ? monotonic.now() : null;
    });
    return sealed;
  }

  async function touchAll(): Promise<void> {
    const ids = (await tenants()).map(({ enteId }) => enteId);
    await db.system((tx) => touchChores(tx, [...CHORES, IMPORTS], ids, monotonic.now()));
  }

  return {
    touchAll,
    async daily() {
      await touchAll();
      await db.system((tx) => sweepProviderRefs(tx, monotonic.now() - REFS_KEPT_MS));
      await each(await tenants(), ({ enteId }) =>
        db.tenant(enteId, async (tx) => {
          await layWindows(tx, now());
          await followDeadlineRules(tx, vaultOf(enteId), romeDate(now()));
          await sweepAccess(tx, monotonic.now());
          await sweepOperatorAccess(tx, monotonic.now());
          await sweepWebhooks(tx, monotonic.now());
        }),
      );
      await seal();
    },
    seal,
    async keepFigures() {
      let kept = 0;
      await eachDue('figures', async (enteId, touchedAt) => {
        for (const campaignId of await db.tenant(enteId, (tx) => dueFigures(tx, now()))) {
          if (signal.aborted) break;
          await db.tenant(enteId, (tx) => refreshFigures(tx, campaignId, now()));
          kept += 1;
        }
        const realNow = monotonic.now();
        return realNow - touchedAt < FIGURES_FOLLOWED_MS ? realNow + FIGURES_REFRESHED_MS : null;
      });
      return kept;
    },
    async finishImports() {
      await eachDue(IMPORTS, watchImports);
    },
    async countMoney() {
      const { money } = deps;
      await each(await db.system((tx) => registeredBodies(tx)), async (enteId) => {
        await money.pullRemittances(enteId);
        await money.reconcile(enteId);
      });
    },
    async tell() {
      const post = makePostWebhook(deps.webhookPrivate);
      await eachDue('webhooks', async (enteId) => {
        await sendDueWebhooks({ db, vaultOf, monotonic, tenants: async () => [{ enteId }], post, signal });
        return db.tenant(enteId, nextWebhookAt);
      });
    },
  };
}
