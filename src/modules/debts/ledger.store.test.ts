import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDebts, addEnte } from '../../../test/support/ground.ts';
import { openTestStore, TEST_START, type TestStore } from '../../../test/support/store.ts';
import { debtsById, type Entry, ledgerMismatches, lockDebt, postEntries, relieveDebts } from './index.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await addEnte(store, 1);
  await addEnte(store, 2);
});
afterAll(() => store.close());

let lastId = 0;
async function newDebt(amountCents = 10_000, enteId = 1): Promise<string> {
  lastId += 1;
  const [debt] = await addDebts(store, enteId, [{ externalId: `L-${lastId}`, amountCents, dueDate: '2025-03-31' }]);
  return debt?.debtId ?? '';
}

const entry = (debtId: string, over: Partial<Entry> = {}): Entry => ({
  debtId,
  kind: 'payment',
  component: 'principal',
  amountCents: -1_000,
  at: TEST_START,
  source: 'receipt',
  sourceRef: 'r-1',
  ...over,
});
const post = (...entries: Entry[]) => store.db.tenant(1, (tx) => postEntries(tx, entries));
const view = (debtId: string) =>
  store.db.tenant(1, async (tx) => {
    const [debt] = await debtsById(tx, [debtId]);
    return { due: debt?.due_cents, paid: debt?.paid_cents, left: debt?.outstanding_cents, state: debt?.state };
  });

describe('entries', () => {
  it('of any history, told once or many times, in any order, add up to the sums of their debts', async () => {
    const [a, b] = [await newDebt(50_000), await newDebt(70_000)];
    const expected = new Map([
      [a, { due: 50_000, paid: 0 }],
      [b, { due: 70_000, paid: 0 }],
    ]);
    const booked = new Set<string>();
    const one = fc
      .record({
        debtId: fc.constantFrom(a, b),
        kind: fc.constantFrom<Entry['kind']>('payment', 'adjustment', 'relief'),
        component: fc.constantFrom('principal', 'interest'),
        size: fc.integer({ min: 1, max: 30_000 }),
        source: fc.constantFrom('receipt', 'dispute'),
        sourceRef: fc.nat(20).map(String),
      })
      .map(({ size, ...rest }) => entry('', { ...rest, amountCents: rest.kind === 'adjustment' ? size : -size }));
    const unique = (e: Entry) => `${e.debtId}|${e.source}|${e.sourceRef}|${e.component}`;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(one, { maxLength: 12, selector: unique }), async (batch) => {
        const fresh = batch.filter((e) => !booked.has(unique(e)));
        const touched = await post(...batch);
        expect(new Set(touched)).toEqual(new Set(fresh.map((e) => e.debtId)));
        expect(await post(...batch.toReversed())).toEqual([]);
        for (const e of fresh) {
          booked.add(unique(e));
          const sums = expected.get(e.debtId) ?? { due: 0, paid: 0 };
          if (e.kind === 'payment') sums.paid -= e.amountCents;
          else sums.due += e.amountCents;
        }
        for (const [debtId, { due, paid }] of expected) {
          const left = Math.max(due - paid, 0);
          const state = due <= 0 ? 'cancelled' : paid >= due ? 'settled' : 'open';
          expect(await view(debtId)).toEqual({ due, paid, left, state });
        }
        expect(await store.db.tenant(1, ledgerMismatches)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('of the same receipt told by several at once are booked once', async () => {
    const debtId = await newDebt();
    const all = await Promise.all(Array.from({ length: 6 }, () => post(entry(debtId))));
    expect(all.flat()).toEqual([debtId]);
    expect(await view(debtId)).toMatchObject({ paid: 1_000 });
  });

  it('of different receipts at once are all booked', async () => {
    const debtId = await newDebt();
    await Promise.all(Array.from({ length: 6 }, (_, i) => post(entry(debtId, { sourceRef: `x-${i}` }))));
    expect(await view(debtId)).toMatchObject({ paid: 6_000, left: 4_000 });
    expect(await store.db.tenant(1, ledgerMismatches)).toEqual([]);
  });

  it('of another body’s debt cannot be booked', async () => {
    const debtId = await newDebt(10_000, 2);
    await expect(post(entry(debtId))).rejects.toMatchObject({ code: '23503' });
  });

  it('that a hand changed are found', async () => {
    const [a, b] = [await newDebt(), await newDebt()];
    const wrong = await store.db
      .tenant(1, async (tx) => {
        await sql`update debt set due_cents = due_cents - 1 where debt_id = ${a}`.execute(tx.kysely);
        await sql`delete from debt_entry where debt_id = ${b}`.execute(tx.kysely);
        const found = await ledgerMismatches(tx);
        throw Object.assign(new Error('put back'), { found });
      })
      .catch((error: { found: string[] }) => error.found);
    expect(new Set(wrong)).toEqual(new Set([a, b]));
    expect(await store.db.tenant(1, ledgerMismatches)).toEqual([]);
  });
});

describe('relief', () => {
  const relieve = (debtId: string, sourceRef: string) =>
    store.db.tenant(1, (tx) => relieveDebts(tx, [debtId], { at: TEST_START, source: 'dispute', sourceRef }));

  it('writes off what is left and nothing that was paid', async () => {
    const debtId = await newDebt();
    await post(entry(debtId, { amountCents: -4_000 }));
    expect(await relieve(debtId, 'd-1')).toEqual([debtId]);
    expect(await view(debtId)).toEqual({ due: 4_000, paid: 4_000, left: 0, state: 'settled' });
    expect(await relieve(debtId, 'd-2')).toEqual([]);
  });

  it('of a debt nobody paid cancels it', async () => {
    const debtId = await newDebt();
    await relieve(debtId, 'd-1');
    expect(await view(debtId)).toEqual({ due: 0, paid: 0, left: 0, state: 'cancelled' });
  });

  it('by two decisions at once takes it off once', async () => {
    const debtId = await newDebt();
    await Promise.all([relieve(debtId, 'd-1'), relieve(debtId, 'd-2')]);
    expect(await view(debtId)).toMatchObject({ due: 0 });
  });
});

describe('lockDebt', () => {
  it('tells whose the debt is and what is left, and knows none of another body', async () => {
    const debtId = await newDebt();
    await post(entry(debtId));
    expect(await store.db.tenant(1, (tx) => lockDebt(tx, debtId))).toMatchObject({ outstandingCents: 9_000 });
    expect(await store.db.tenant(2, (tx) => lockDebt(tx, debtId))).toBeNull();
  });
});
