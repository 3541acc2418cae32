import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { debtsCsv, importsOf } from '../../../test/support/ground.ts';
import { committed, fileOf, OPERATOR, SKIP } from '../../../test/support/imports.ts';
import { makeNoticeNumber } from '../../kernel/notice-number.ts';
import type { Database } from '../../platform/db/index.ts';
import { debtsById, ledgerMismatches } from '../debts/index.ts';
import { bookQuarantined, bookReceipt, quarantinedReceipts } from './book-receipt.ts';
import { noticeNumberOf } from './notice-numbers.ts';
import type { ReceiptInput } from './receipt-record.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

async function owing(amountCents = 10_000) {
  const run = await runs.fresh();
  const [debt] = await run.addDebts([person(1, { amountCents })]);
  if (debt === undefined) throw new Error('no debt');
  const noticeNumber = (await run.tx((tx) => noticeNumberOf(tx, debt.debtId))) ?? '';
  const receipt = (over: Partial<ReceiptInput> = {}): ReceiptInput => ({
    receiptId: 'r1',
    noticeNumber,
    amountCents,
    paidAt: run.now() - 3_600_000,
    psp: 'Banca di prova',
    ...over,
  });
  const book = (input: ReceiptInput) => run.tx((tx) => bookReceipt(tx, input, 'apiKey:test', run.now()));
  const state = async () => (await run.tx((tx) => debtsById(tx, [debt.debtId])))[0];
  return { run, debt, receipt, book, state };
}

const holds = async (run: CampaignRun) =>
  (
    await run.tx((tx) =>
      sql<{ reason: string; since: number; until: number | null }>`select reason, since, until from contact_hold
        where ente_id = ${run.enteId} order by since`.execute(tx.kysely),
    )
  ).rows;

describe('a local tax paid to the euro (R32)', () => {
  it.each([
    [9_840, 9_800],
    [9_860, 9_900],
  ])('of %i cents by %i leaves no cents open and none too much', async (owed, paid) => {
    const { run, receipt, book, state } = await owing(owed);
    expect(await book(receipt({ amountCents: paid }))).toMatchObject({ status: 'booked', excessCents: 0 });
    expect(await state()).toMatchObject({ state: 'settled', due_cents: paid, paid_cents: paid });
    expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
    // Told again, nothing is rounded a second time.
    expect(await book(receipt({ amountCents: paid }))).toMatchObject({ fresh: false });
    expect(await state()).toMatchObject({ due_cents: paid });
  });

  it('paid in part, or to the cent, is no rounding', async () => {
    const { receipt, book, state } = await owing(9_840);
    await book(receipt({ amountCents: 4_000 }));
    expect(await state()).toMatchObject({ due_cents: 9_840, outstanding_cents: 5_840 });
    await book(receipt({ receiptId: 'r2', amountCents: 5_840 }));
    expect(await state()).toMatchObject({ state: 'settled', due_cents: 9_840 });
  });
});

describe('a receipt', () => {
  it('becomes a ledger entry and seven days of silence in one', async () => {
    const { run, debt, receipt, book, state } = await owing();
    expect(await book(receipt())).toEqual({
      fresh: true,
      status: 'booked',
      debtId: debt.debtId,
      debtorId: debt.debtorId,
      excessCents: 0,
    });
    expect(await state()).toMatchObject({ state: 'settled', paid_cents: 10_000, outstanding_cents: 0 });
    expect(await holds(run)).toEqual([{ reason: 'payment', since: run.now(), until: run.now() + 7 * DAY }]);
  });

  it('told again is the same answer and no second entry', async () => {
    const { run, receipt, book, state } = await owing();
    await book(receipt({ amountCents: 3_000 }));
    expect(await book(receipt({ amountCents: 3_000 }))).toMatchObject({
      fresh: false,
      status: 'booked',
      excessCents: 0,
    });
    expect(await state()).toMatchObject({ paid_cents: 3_000 });
    expect(await holds(run)).toHaveLength(1);
    expect(await run.leaves('receipt.booked')).toHaveLength(1);
  });

  it('told by two at once is booked once', async () => {
    const { receipt, book, state } = await owing();
    const answers = await Promise.all([book(receipt()), book(receipt()), book(receipt())]);
    expect(answers.filter((a) => a.fresh)).toHaveLength(1);
    expect(answers.every((a) => a.status === 'booked')).toBe(true);
    expect(await state()).toMatchObject({ paid_cents: 10_000 });
  });

  it('with other content under the same id is a conflict, and changes nothing', async () => {
    const { receipt, book, state } = await owing();
    await book(receipt({ amountCents: 1_000 }));
    for (const over of [
      { amountCents: 1_001 },
      { psp: 'Altra' },
      { paidAt: 1 },
      { noticeNumber: makeNoticeNumber('02', 999) },
    ]) {
      await expect(book(receipt({ amountCents: 1_000, ...over }))).rejects.toMatchObject({ code: 'RECEIPT_CONFLICT' });
    }
    expect(await state()).toMatchObject({ paid_cents: 1_000 });
  });

  it('in part leaves the rest to pay; above it, the excess is kept and flagged', async () => {
    const { receipt, book, state } = await owing();
    expect((await book(receipt({ receiptId: 'a', amountCents: 4_000 }))).excessCents).toBe(0);
    expect(await state()).toMatchObject({ state: 'open', outstanding_cents: 6_000 });
    expect((await book(receipt({ receiptId: 'b', amountCents: 7_500 }))).excessCents).toBe(1_500);
    expect(await state()).toMatchObject({ state: 'settled', outstanding_cents: 0, paid_cents: 11_500 });
    expect((await book(receipt({ receiptId: 'c', amountCents: 100 }))).excessCents).toBe(100);
  });

  it('for a notice nobody knows is kept in quarantine, and silences nobody', async () => {
    const { run, receipt, book } = await owing();
    const stray = receipt({ receiptId: 'stray', noticeNumber: makeNoticeNumber('02', 4_242) });
    expect(await book(stray)).toEqual({
      fresh: true,
      status: 'quarantined',
      debtId: null,
      debtorId: null,
      excessCents: 0,
    });
    expect(await book(stray)).toMatchObject({ fresh: false, status: 'quarantined' });
    expect(await holds(run)).toEqual([]);
    const { amountCents, noticeNumber } = stray;
    expect(await run.tx((tx) => quarantinedReceipts(tx))).toEqual([{ receiptId: 'stray', noticeNumber, amountCents }]);
    expect(await run.tx((tx) => bookQuarantined(tx, run.now()))).toBe(0);
  });

  it('of a file that is still being loaded wait for its end', async () => {
    const run = await runs.fresh();
    const noticeNumber = makeNoticeNumber('02', 77);
    const input = { receiptId: 'r1', noticeNumber, amountCents: 10_000, paidAt: run.now(), psp: 'Banca di prova' };
    let before = '';
    const { db } = run.store;
    const watched: Database = {
      ...db,
      async tenant(enteId, work) {
        const value = await db.tenant(enteId, work);
        const debts = await run.tx((tx) => sql`select 1 from debt where ente_id = ${enteId}`.execute(tx.kysely));
        if (before === '' && debts.rows.length > 0) {
          before = (await run.tx((tx) => bookReceipt(tx, input, 'apiKey:test', run.now()))).status;
          expect(await run.tx((tx) => bookQuarantined(tx, run.now()))).toBe(0);
        }
        return value;
      },
    };
    const file = fileOf(run.enteId, debtsCsv([person(1, { amountCents: 10_000, noticeNumber })]));
    await committed(importsOf(run.store, { db: watched }).load(file, SKIP, OPERATOR));
    expect(before).toBe('quarantined');
    expect(await run.tx((tx) => bookQuarantined(tx, run.now()))).toBe(1);
  });

  it('of a number that was withdrawn still pays its debt', async () => {
    const { run, receipt, book, state } = await owing();
    await run.tx((tx) =>
      sql`update payment_request set state = 'withdrawn' where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect((await book(receipt())).status).toBe('booked');
    expect(await state()).toMatchObject({ state: 'settled' });
  });

  it('sums to the ledger, whatever comes in whatever order', async () => {
    const payment = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), cents: fc.integer({ min: 1, max: 9_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(payment, { minLength: 1, maxLength: 8 }), async (payments) => {
        const { run, receipt, book, state } = await owing();
        const first = new Map<string, number>();
        for (const { id, cents } of payments) {
          const known = first.get(id);
          const told = book(receipt({ receiptId: id, amountCents: cents }));
          if (known === undefined || known === cents) await told;
          else await expect(told).rejects.toMatchObject({ code: 'RECEIPT_CONFLICT' });
          if (known === undefined) first.set(id, cents);
        }
        const paid = [...first.values()].reduce((a, b) => a + b, 0);
        expect(await state()).toMatchObject({ paid_cents: paid, outstanding_cents: Math.max(10_000 - paid, 0) });
        expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
        const { rows } = await run.tx((tx) =>
          sql<{ excess: number }>`select coalesce(sum(excess_cents), 0)::bigint as excess from receipt
            where ente_id = ${run.enteId}`.execute(tx.kysely),
        );
        expect(rows[0]?.excess).toBe(Math.max(paid - 10_000, 0));
      }),
      { numRuns: 6 },
    );
  });
});

describe('silence after a payment', () => {
  it('covers every campaign and debt of the person for seven days, and not one more', async () => {
    const { run, debt } = await owing();
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso, attesaGiorni: 1 }]' }));
    await run.plan();
    await run.pay(debt.debtId, 1_000);
    const paid = run.now();
    await run.live(paid + 10 * DAY);
    expect(run.channel.sent.map((s) => s.at)).toEqual([paid + 7 * DAY]);
  });

  it('begins before the message leaves, if the receipt was answered before', async () => {
    const { run, debt } = await owing();
    await run.launch();
    await run.queue();
    await run.pay(debt.debtId, 1_000);
    await run.settle();
    expect(run.channel.sent).toEqual([]);
    expect(await run.deliveries()).toMatchObject([
      { state: 'queued', reason: 'hold:payment', dueAt: run.now() + 7 * DAY },
    ]);
  });
});
