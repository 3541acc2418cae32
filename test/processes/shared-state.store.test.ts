import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chores, makeChores } from '../../src/compose/chores.ts';
import { type TouchedTenants, watchTenants } from '../../src/compose/touched.ts';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { readExportedSeals, writeLeaf } from '../../src/modules/audit/index.ts';
import { type DueRunner, FIGURES_REFRESHED_MS, makeDueRunner } from '../../src/modules/campaigns/index.ts';
import {
  databaseRates,
  makePermits,
  type Permits,
  type ProviderAccount,
  type ProviderLimits,
} from '../../src/modules/deliveries/index.ts';
import type { Database } from '../../src/platform/db/index.ts';
import { doneChore, dueChores, makeLeader, touchChores } from '../../src/platform/leases/index.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { noMoney } from '../support/no-money.ts';

const BODIES = 2_000;
const TODAY = civilDate('2026-09-07');
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'bonario-idle-'));
let runs: CampaignRuns;
let realNow = Date.UTC(2026, 8, 7);
let transactions = 0;
let touched: TouchedTenants;
let chores: Chores;
let due: DueRunner;

beforeAll(async () => {
  runs = await openCampaignRuns();
  const run = await runs.fresh();
  const { db } = runs.store;
  await db.system((tx) =>
    sql`insert into tenant (ente_id, slug) select n, 'comune-' || n from generate_series(1000, ${999 + BODIES}) n`.execute(
      tx.kysely,
    ),
  );
  const counted: Database = {
    ...db,
    system: (work) => {
      transactions += 1;
      return db.system(work);
    },
    tenant: (enteId, work, options) => {
      transactions += 1;
      return db.tenant(enteId, work, options);
    },
  };
  const monotonic = { now: () => realNow };
  touched = watchTenants(counted, monotonic);
  due = makeDueRunner({ ...run.deps, db: touched.db, monotonic });
  chores = makeChores({
    db: counted,
    vaultOf: run.store.vaultOf,
    now: run.now,
    monotonic,
    tenants: () =>
      counted.system(async (tx) => {
        const { rows } = await sql<{
          enteId: number;
          slug: string;
        }>`select ente_id as "enteId", slug from tenant`.execute(tx.kysely);
        return rows;
      }),
    sealsDir: folder,
    imports: { open: async () => [], takeOver: async () => {} },
    importStaleMs: 300_000,
    webhookPrivate: false,
    money: noMoney,
    signal: never,
  });
});
afterAll(async () => {
  await runs.close();
  rmSync(folder, { recursive: true });
});

/** Everything that the loops of a program do, once; how many transactions it took. */
async function round(): Promise<{ transactions: number; sealed: number }> {
  transactions = 0;
  await touched.flush();
  await due.run(never);
  const sealed = await chores.seal();
  await chores.keepFigures();
  await chores.tell();
  return { transactions, sealed };
}

const factIn = (enteId: number) =>
  touched.db.tenant(enteId, (tx) =>
    writeLeaf(tx, { at: realNow, kind: 'operator.signedIn', actor: 'system', rowCount: 1, facts: {} }),
  );

describe('a round of all bodies', () => {
  it('costs idle bodies nothing: a round takes as many transactions as bodies where something happened', async () => {
    const idle = await round();
    expect(idle.transactions).toBeLessThanOrEqual(6);
    for (const enteId of [1_001, 1_500, 2_999]) await factIn(enteId);
    const busy = await round();
    expect(busy.sealed).toBe(3);
    expect(busy.transactions).toBeLessThanOrEqual(6 + 3 * 12);
    expect(readExportedSeals(folder, 'comune-1500')).toHaveLength(1);
    // What was looked at is idle again, figures once more after a while.
    realNow += 1_000;
    await round();
    expect((await round()).transactions).toBeLessThanOrEqual(6);
    for (let later = 0; later < 3; later += 1) {
      realNow += FIGURES_REFRESHED_MS;
      await round();
    }
    expect((await round()).transactions).toBeLessThanOrEqual(6);
  });

  it('finds what a process that died told nobody: the day’s chores look at every body', async () => {
    await runs.store.db.tenant(1_002, (tx) =>
      writeLeaf(tx, { at: realNow, kind: 'operator.signedIn', actor: 'system', rowCount: 1, facts: {} }),
    );
    expect((await round()).sealed).toBe(0);
    await chores.touchAll();
    const { rows } = await runs.store.db.system((tx) =>
      sql<{ n: number }>`select count(*)::int as n from tenant_chore where task = 'seals'`.execute(tx.kysely),
    );
    expect(rows[0]?.n).toBe(BODIES + 1);
  });
});

describe('one that leads', () => {
  it('has one leader; a dead one is followed within ten seconds, one that resigns at once', async () => {
    let now = Date.UTC(2026, 8, 7);
    const clock = { now: () => now };
    const [one, two] = [makeLeader(runs.store.db, 'prova', clock), makeLeader(runs.store.db, 'prova', clock)];
    const other = makeLeader(runs.store.db, 'altro', clock);
    expect([await one.leads(), await two.leads(), await other.leads()]).toEqual([true, false, true]);
    for (let second = 0; second < 30; second += 1) {
      now += 1_000;
      expect([await one.leads(), await two.leads()]).toEqual([true, false]);
    }
    // `one` is killed.
    const killed = now;
    while (!(await two.leads())) now += 1_000;
    expect(now - killed).toBeLessThanOrEqual(10_000);
    now += 2_000;
    expect([await one.leads(), await two.leads()]).toEqual([false, true]);
    await two.resign();
    now += 2_000;
    expect([await one.leads(), await two.leads()]).toEqual([true, false]);
    // Who did not lead gives up nothing of who does.
    await two.resign();
    now += 2_000;
    expect(await makeLeader(runs.store.db, 'prova', clock).leads()).toBe(false);
  });
});

describe('bodies to look at', () => {
  it('names the bodies where something happened, until they were looked at', async () => {
    let now = Date.UTC(2026, 8, 7);
    const system = runs.store.db.system.bind(runs.store.db);
    const due = async (task: string) => (await system((tx) => dueChores(tx, task, now))).map((chore) => chore.enteId);
    const touch = (...enteIds: number[]) => system((tx) => touchChores(tx, ['a', 'b'], enteIds, now));
    await touch(3, 1, 2);
    expect([await due('a'), await due('b')]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const [one, two, three] = await system((tx) => dueChores(tx, 'a', now));
    if (one === undefined || two === undefined || three === undefined) throw new Error('three were touched');
    now += 1_000;
    // While they are looked at something happens in the second one.
    await touch(2);
    await system(async (tx) => {
      await doneChore(tx, 'a', one, null);
      await doneChore(tx, 'a', two, null);
      await doneChore(tx, 'a', three, now + 5_000);
    });
    expect([await due('a'), await due('b')]).toEqual([[2], [1, 3, 2]]);
    now += 5_000;
    expect(await due('a')).toEqual([2, 3]);
  });
});

describe('a provider’s rate', () => {
  const account = (id: string, over: Partial<ProviderLimits>): ProviderAccount => ({
    id,
    limits: { perSecond: 4_000, atOnce: null, perDay: null, ...over },
  });
  /** As each process has them. */
  const newProcess = () => makePermits(databaseRates(runs.store.db), () => systemMonotonic.now());

  async function patient(permits: Permits, of: ProviderAccount): Promise<number> {
    for (;;) {
      const { granted, waitMs, dayOver } = await permits.get(of, TODAY);
      if (granted > 0 || dayOver) return granted;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  it('gives several processes no more than the rate together, and counts every message of the day once', async () => {
    const of = account('smtp:uno:25', {});
    const row = async () => {
      const { rows } = await runs.store.db.system((tx) =>
        sql<{ at: number; taken: number }>`select at_real as at, taken from provider_rate
          where provider = ${of.id}`.execute(tx.kysely),
      );
      return rows[0] ?? { at: 0, taken: 0 };
    };
    const all = [newProcess(), newProcess(), newProcess()];
    await patient(newProcess(), of);
    const began = await row();
    const granted = await Promise.all(
      all.map(async (permits) => {
        let sum = 0;
        for (let batch = 0; batch < 3; batch += 1) {
          const n = await patient(permits, of);
          permits.use(of, n);
          sum += n;
        }
        return sum;
      }),
    );
    const ended = await row();
    const sum = granted.reduce((a, b) => a + b);
    expect(ended.taken - began.taken).toBe(sum);
    // The first batch had left the bucket empty.
    expect(sum).toBeLessThanOrEqual(((ended.at - began.at) / 1000) * of.limits.perSecond + 1);
  });

  it('keeps what one body left for the next one, and gives the rest back', async () => {
    const of = account('smtp:due:25', { perDay: 500 });
    const permits = newProcess();
    expect(await patient(permits, of)).toBe(500);
    permits.use(of, 120);
    await permits.rest(TODAY);
    const other = newProcess();
    expect(await patient(other, of)).toBe(380);
    other.use(of, 380);
    expect((await other.get(of, TODAY)).dayOver).toBe(true);
  });

  it('lets no more be on the wire than the provider takes, and frees it when the answers are there', async () => {
    const of = account('smpp:tre:2775:bonario', { atOnce: 600 });
    const [one, two, three] = [newProcess(), newProcess(), newProcess()] as [Permits, Permits, Permits];
    for (const [permits, n] of [
      [one, 500],
      [two, 100],
    ] as const) {
      expect(await patient(permits, of)).toBe(n);
      permits.use(of, n);
    }
    expect(await three.get(of, TODAY)).toMatchObject({ granted: 0, dayOver: false });
    await one.rest(TODAY);
    expect(await patient(three, of)).toBe(500);
  });
});
