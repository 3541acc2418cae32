import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, type DebtRowInput, debtsCsv, importsOf, validCf } from '../../../test/support/ground.ts';
import {
  committed,
  debtsByExternalId,
  fileOf,
  ledgerOf,
  OPERATOR,
  RELEASE,
  SKIP,
} from '../../../test/support/imports.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import type { Database } from '../../platform/db/index.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

let lastEnte = 0;
async function nextEnte(): Promise<number> {
  lastEnte += 1;
  await addEnte(store, lastEnte);
  return lastEnte;
}

const row = (n: number, over: Partial<DebtRowInput> = {}): DebtRowInput => ({
  externalId: `P-${n}`,
  cf: validCf(n),
  amountCents: 1_000,
  dueDate: '2025-03-31',
  ...over,
});
const rows = (count: number) => Array.from({ length: count }, (_, i) => row(i + 1));

class Died extends Error {}

/**
 * The database as a process sees it that dies at its `step`-th transaction: before it begins, or after it was committed
 * and before anybody heard. From then on nothing is answered any more.
 */
function dyingDatabase(
  step: number,
  when: 'before' | 'after',
  watch?: () => Promise<void>,
): Database & { dead: () => boolean } {
  let taken = 0;
  let dead = false;
  return {
    ...store.db,
    dead: () => dead,
    async tenant(enteId, work) {
      if (dead) throw new Died();
      taken += 1;
      dead = taken === step;
      if (dead && when === 'before') throw new Died();
      const value = await store.db.tenant(enteId, work);
      if (dead) throw new Died();
      await watch?.();
      return value;
    },
  };
}

describe('an import', () => {
  it('shows nothing of itself before its end, however many ranges it takes', async () => {
    const ente = await nextEnte();
    const seen: number[] = [];
    let debts = 0;
    const watch = async () => {
      const ledger = await ledgerOf(store, ente);
      debts = Math.max(debts, ledger.states.at(-1) === 'committed' ? 0 : ledger.debts);
      seen.push(ledger.visible);
    };
    const imports = importsOf(store, { db: dyingDatabase(Number.POSITIVE_INFINITY, 'before', watch) });
    await committed(imports.load(fileOf(ente, debtsCsv(rows(2_500))), SKIP, OPERATOR));
    expect(debts).toBe(2_500);
    expect(seen.slice(0, -1).every((n) => n === 0)).toBe(true);
    expect(seen.at(-1)).toBe(2_500);
  });

  it('that died is finished by whoever loads its file again, not taken for known debts', async () => {
    const text = debtsCsv(rows(3));
    for (let step = 1; ; step += 1) {
      const ente = await nextEnte();
      const db = dyingDatabase(step, 'before');
      await importsOf(store, { db })
        .load(fileOf(ente, text), SKIP, OPERATOR)
        .catch(() => null);
      if (!db.dead()) break;
      const again = importsOf(store);
      const outcome = await again.load(fileOf(ente, text), SKIP, OPERATOR);
      if (outcome.kind === 'sameFile' && outcome.earlier.state === 'staged') {
        await again.commitStaged(ente, outcome.earlier.importId, SKIP, OPERATOR);
      }
      expect(await ledgerOf(store, ente), `before ${step}`).toMatchObject({ debts: 3, visible: 3, mismatches: [] });
    }
  });

  it.each(['before', 'after'] as const)(
    'that dies %s any of its transactions is finished exactly once',
    async (when) => {
      for (let step = 1; ; step += 1) {
        const ente = await nextEnte();
        await committed(importsOf(store).load(fileOf(ente, debtsCsv([row(1), row(2)])), SKIP, OPERATOR));
        // One changed, one set aside and released, three new, one of them twice.
        const text = debtsCsv([
          row(1, { amountCents: 1_700 }),
          row(2),
          row(3),
          row(4),
          row(5, { amountCents: 0 }),
          row(4),
        ]);
        const db = dyingDatabase(step, when);
        const dying = importsOf(store, { db }).load(fileOf(ente, text), RELEASE, OPERATOR);
        const error = await dying.then(
          () => null,
          (e: unknown) => e,
        );
        if (!db.dead()) {
          expect(error).toBeNull();
          expect(step).toBeGreaterThan(8);
          break;
        }
        expect(error).toBeInstanceOf(Died);
        const left = await ledgerOf(store, ente);
        const finished = left.states.filter((s) => s === 'committed').length === 2;
        expect(left.mismatches).toEqual([]);
        if (!finished) expect(left).toMatchObject({ visible: 2 });

        const again = importsOf(store);
        await again.resume(ente, store.clock.now());
        expect(await again.resume(ente, store.clock.now())).toBe(0);
        const resumed = await ledgerOf(store, ente);
        const states = resumed.states.slice(1);
        for (const state of states) expect(['discarded', 'staged', 'committed']).toContain(state);
        // What was still being read is loaded again by the clerk; what was only read is committed by him.
        const [waiting] = await again.list(ente);
        if (states.includes('staged')) await again.commitStaged(ente, waiting?.importId ?? '', RELEASE, OPERATOR);
        else if (!states.includes('committed')) await committed(again.load(fileOf(ente, text), RELEASE, OPERATOR));

        const done = await ledgerOf(store, ente);
        expect(done, `${when} ${step}`).toMatchObject({
          debts: 5,
          visible: 5,
          entries: 6,
          dueCents: 4_700,
          mismatches: [],
        });
        expect(done.waiting).toEqual({ 2: 1 });
        const [last] = await again.list(ente);
        expect(last).toMatchObject({
          rows: 6,
          accepted: 5,
          rejected: 1,
          quarantined: 0,
          created: 3,
          changed: 1,
          unchanged: 1,
        });
        expect(await again.load(fileOf(ente, text), RELEASE, OPERATOR)).toMatchObject({ kind: 'sameFile' });
      }
    },
  );

  it('that fails half way stays invisible, keeps its corrections back, and is finished by the clerk’s own command', async () => {
    const ente = await nextEnte();
    await committed(importsOf(store).load(fileOf(ente, debtsCsv([row(1)])), SKIP, OPERATOR));
    let failures = 2;
    const imports = importsOf(store, {
      beforeNumbers: () => {
        failures -= 1;
        if (failures >= 0) throw new Error('no notice numbers today');
      },
    });
    const text = debtsCsv([row(1, { amountCents: 1_500 }), row(2)]);
    await expect(imports.load(fileOf(ente, text), SKIP, OPERATOR)).rejects.toThrow('no notice numbers today');
    const stuck = await ledgerOf(store, ente);
    expect(stuck).toMatchObject({ visible: 1, states: ['committed', 'committing'], mismatches: [] });
    expect((await debtsByExternalId(store, ente)).get('P-1')?.dueCents).toBe(1_000);

    const { importId = '' } = (await imports.list(ente)).find((one) => one.state === 'committing') ?? {};
    await expect(imports.commitStaged(ente, importId, SKIP, OPERATOR)).rejects.toThrow('no notice numbers today');
    expect(await imports.commitStaged(ente, importId, SKIP, OPERATOR)).toMatchObject({ created: 1, changed: 1 });
    expect(await ledgerOf(store, ente)).toMatchObject({
      debts: 2,
      visible: 2,
      entries: 3,
      dueCents: 2_500,
      mismatches: [],
    });
  });

  it('that another process finishes meanwhile is told and booked once', async () => {
    const ente = await nextEnte();
    let helped = false;
    const help = async () => {
      const [one] = await importsOf(store).list(ente);
      if (helped || one?.state !== 'committing') return;
      helped = true;
      await importsOf(store).commitStaged(ente, one.importId, SKIP, OPERATOR);
    };
    const imports = importsOf(store, { db: dyingDatabase(Number.POSITIVE_INFINITY, 'before', help) });
    const { counts } = await committed(imports.load(fileOf(ente, debtsCsv(rows(3))), SKIP, OPERATOR));
    expect(helped).toBe(true);
    expect(counts).toMatchObject({ state: 'committed', created: 3, accepted: 3 });
    expect(await ledgerOf(store, ente)).toMatchObject({
      debts: 3,
      visible: 3,
      entries: 3,
      mismatches: [],
      waiting: {},
    });
    const leaves = await store.db.tenant(ente, (tx) =>
      sql`select 1 from audit_leaf where kind = 'import.committed'`.execute(tx.kysely),
    );
    expect(leaves.rows).toHaveLength(1);
  });

  it('that another process takes for the remains of a crash while it is read leaves nothing', async () => {
    const ente = await nextEnte();
    const text = debtsCsv(rows(3));
    let opened = 0;
    const open = async function* () {
      opened += 1;
      // The last of the readings is the one that stores rows: another process starts in the middle of it.
      if (opened === 4) await importsOf(store).resume(ente, store.clock.now());
      yield new TextEncoder().encode(text);
    };
    await expect(importsOf(store).load(fileOf(ente, open), SKIP, OPERATOR)).rejects.toMatchObject({
      code: 'IMPORT_STATE',
    });
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 0, waiting: {}, states: ['discarded'] });
    expect((await committed(importsOf(store).load(fileOf(ente, text), SKIP, OPERATOR))).counts.created).toBe(3);
  });
});
