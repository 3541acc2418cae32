import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, debtsCsv, importsOf, validCf } from '../../test/support/ground.ts';
import { committed, fileOf, ledgerOf, OPERATOR, STRICT } from '../../test/support/imports.ts';
import { noMoney } from '../../test/support/no-money.ts';
import { openTestStore, type TestStore } from '../../test/support/store.ts';
import type { Database } from '../platform/db/index.ts';
import { dueChores, touchChores } from '../platform/leases/index.ts';
import { type Chores, makeChores } from './chores.ts';
import { IMPORTS } from './touched.ts';

const MINUTE = 60_000;
const STALE = 5 * MINUTE;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

let lastEnte = 0;
const rows = Array.from({ length: 2_500 }, (_, i) => ({
  externalId: `P-${i}`,
  cf: validCf(i + 1),
  amountCents: 1_000,
  dueDate: '2025-03-31',
}));

/** A body whose file is on its way, and the leading process, which knows nothing of whoever loads it. */
async function body() {
  lastEnte += 1;
  const enteId = lastEnte;
  await addEnte(store, enteId);
  let real = Date.UTC(2026, 8, 7);
  const monotonic = { now: () => real };
  const watch = (id: number) => store.db.system((tx) => touchChores(tx, [IMPORTS], [id], real));
  const leader = (): Chores =>
    makeChores({
      db: store.db,
      vaultOf: store.vaultOf,
      now: () => store.clock.now(),
      monotonic,
      tenants: async () => [{ enteId, slug: `comune-${enteId}` }],
      sealsDir: '',
      imports: importsOf(store),
      importStaleMs: STALE,
      webhookPrivate: false,
      money: noMoney,
      signal: new AbortController().signal,
    });
  return {
    enteId,
    watch,
    leader,
    load: (db: Database) => importsOf(store, { db, watch }).load(fileOf(enteId, debtsCsv(rows)), STRICT, OPERATOR),
    /** Looks every half minute, for so long. */
    async leads(chores: Chores, ms: number) {
      for (const until = real + ms; real < until; ) {
        real += MINUTE / 2;
        await chores.finishImports();
      }
    },
    states: async () => (await importsOf(store).list(enteId)).map((one) => [one.state, one.interruptedAt !== null]),
    watched: async () =>
      (await store.db.system((tx) => dueChores(tx, IMPORTS, real + STALE))).some((chore) => chore.enteId === enteId),
  };
}

class Died extends Error {}

/** The database of a process that is killed at its `step`-th transaction. */
function dying(step: number): Database & { dead: () => boolean } {
  let taken = 0;
  return {
    ...store.db,
    dead: () => taken >= step,
    async tenant(enteId, work, options) {
      taken += 1;
      if (taken >= step) throw new Died();
      return store.db.tenant(enteId, work, options);
    },
  };
}

describe('an import whose process died', () => {
  it('is finished or dropped by whoever leads, wherever it stopped, and the list says so', async () => {
    const ends = new Set<string>();
    for (let step = 2; ; step += 1) {
      const { enteId, load, leader, leads, states, watched } = await body();
      const db = dying(step);
      await load(db).catch(() => null);
      if (!db.dead()) break;
      const chores = leader();
      await leads(chores, STALE + MINUTE);
      const [end] = await states();
      const ledger = await ledgerOf(store, enteId);
      const found = `${end?.join(' ')}: ${ledger.visible} of ${ledger.debts}`;
      ends.add(found);
      // Read to its end it waits for a person, as ever: nothing of it is half done.
      expect([
        'undefined: 0 of 0',
        'discarded true: 0 of 0',
        'staged false: 0 of 0',
        'committed true: 2500 of 2500',
      ]).toContain(found);
      if (!found.startsWith('staged')) expect(ledger.waiting).toEqual({});
      expect(ledger.mismatches).toEqual([]);
      expect(await watched()).toBe(false);
    }
    expect([...ends].sort()).toEqual(
      expect.arrayContaining(['committed true: 2500 of 2500', 'discarded true: 0 of 0']),
    );
  });

  it('is left alone while it moves, and by a new leader until that one has seen it stand still', async () => {
    const { enteId, leader, leads, load, states } = await body();
    const first = leader();
    let looked = 0;
    const slow: Database = {
      ...store.db,
      async tenant(id, work, options) {
        const value = await store.db.tenant(id, work, options);
        // Each of its steps takes nearly as long as one that is dead would.
        looked += 1;
        await leads(first, STALE - MINUTE);
        return value;
      },
    };
    await committed(load(slow));
    expect(looked).toBeGreaterThan(5);
    expect(await states()).toEqual([['committed', false]]);
    expect((await ledgerOf(store, enteId)).visible).toBe(2_500);

    const other = await body();
    await other.load(dying(6)).catch(() => null);
    await other.leads(other.leader(), STALE - MINUTE);
    const follower = other.leader();
    await other.leads(follower, STALE - MINUTE);
    expect(await other.states()).toEqual([['staging', false]]);
    await other.leads(follower, 2 * MINUTE);
    expect(await other.states()).toEqual([['discarded', true]]);
  });
});
