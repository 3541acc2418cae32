import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { highWaterOf, validCf } from '../../../test/support/ground.ts';
import { makeNoticeNumber, parseNoticeNumber } from '../../kernel/notice-number.ts';
import { holdsItem } from '../debtors/index.ts';
import { advanceCounter, noticeNumberOf, openNumbering, RESTORE_MARGIN } from './notice-numbers.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const people = (from: number, n: number) =>
  Array.from({ length: n }, (_, i) => person(from + i, { cf: validCf(from + i) }));
const numbers = async (run: CampaignRun) =>
  (
    await run.tx((tx) =>
      sql<{ notice_number: string; debt_id: string; origin: string }>`select notice_number, debt_id, origin
        from payment_request where ente_id = ${run.enteId} order by notice_number`.execute(tx.kysely),
    )
  ).rows;
const base = (number: string) => Number(number.slice(3, 16));

describe('generated notice numbers', () => {
  it('are valid (mod 93), carry the segregation code, and no two are the same', async () => {
    const run = await runs.fresh({ segregationCode: '47' });
    await run.addDebts(people(0, 20));
    await run.addDebts(people(20, 20));
    const all = await numbers(run);
    expect(all).toHaveLength(40);
    expect(new Set(all.map((n) => n.notice_number)).size).toBe(40);
    for (const { notice_number, origin } of all) {
      const parsed = parseNoticeNumber(notice_number);
      expect(parsed.ok && parsed.value).toMatchObject({ segregation: '47' });
      expect(origin).toBe('generated');
    }
    expect(all.map((n) => base(n.notice_number))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('are an item that the person may hold', async () => {
    const run = await runs.fresh();
    const [debt] = await run.addDebts([person(1)]);
    const number = (await run.tx((tx) => noticeNumberOf(tx, debt?.debtId as string))) ?? '';
    const vault = run.store.vaultOf(run.enteId);
    expect(await run.tx((tx) => holdsItem(tx, vault, debt?.debtorId as string, number))).toBe(true);
  });

  it('are not made where our rail does not answer for them', async () => {
    const run = await runs.fresh({ generatesNoticeNumbers: false });
    const [debt] = await run.addDebts([person(1)]);
    expect(await run.tx((tx) => noticeNumberOf(tx, debt?.debtId as string))).toBeNull();
  });

  it('need a segregation code', async () => {
    const run = await runs.fresh({ segregationCode: null });
    await expect(run.addDebts([person(1)])).rejects.toMatchObject({ code: 'NO_SEGREGATION_CODE' });
  });

  it('that a file brings are kept, never taken over from another debt', async () => {
    const run = await runs.fresh({ generatesNoticeNumbers: false });
    const noticeNumber = makeNoticeNumber('02', 5);
    const [first] = await run.addDebts([person(1, { cf: validCf(1), noticeNumber })]);
    const [second] = await run.addDebts([person(2, { cf: validCf(2), noticeNumber })]);
    expect(await run.tx((tx) => noticeNumberOf(tx, first?.debtId as string))).toBe(noticeNumber);
    expect(await run.tx((tx) => noticeNumberOf(tx, second?.debtId as string))).toBeNull();
    expect(await numbers(run)).toMatchObject([{ origin: 'imported' }]);
  });
});

describe('a database that was restored from yesterday', () => {
  async function restored() {
    const run = await runs.fresh();
    await run.addDebts(people(0, 3));
    await run.addDebts(people(3, 2));
    // The high-water mark lives outside the database and knows of numbers that it does not.
    await run.tx((tx) => sql`update notice_counter set next_base = 3 where ente_id = ${run.enteId}`.execute(tx.kysely));
    return run;
  }

  it('refuses to generate, and loads nothing of the file', async () => {
    const run = await restored();
    await expect(run.addDebts(people(10, 2))).rejects.toMatchObject({
      code: 'NOTICE_COUNTER_BEHIND',
      details: { next: 3, used: 3 },
    });
    expect(await numbers(run)).toHaveLength(5);
  });

  it('is told apart from a reservation that was rolled back: that one wastes its numbers and goes on', async () => {
    const run = await runs.fresh();
    await run.addDebts(people(0, 5));
    await run.tx((tx) => sql`update notice_counter set next_base = 1 where ente_id = ${run.enteId}`.execute(tx.kysely));
    await run.addDebts(people(30, 2));
    const bases = (await numbers(run)).map((n) => base(n.notice_number));
    expect(bases).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('is told apart from a transaction of many reservations that was rolled back', async () => {
    const run = await runs.fresh();
    const debts = await run.addDebts(people(0, 2));
    const highWater = highWaterOf(run.store);
    const toNumber = debts.map((debt) => ({ ...debt, importedNoticeNumber: null }));
    const rolledBack = run.tx(async (tx) => {
      const number = openNumbering(tx, run.store.vaultOf(run.enteId), highWater);
      await Promise.all([number(toNumber), number(toNumber)]);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(highWater.read(run.enteId, '02')).toEqual({ confirmed: 2, pending: 6 });
    await run.addDebts(people(10, 1));
    expect((await numbers(run)).map((n) => base(n.notice_number))).toEqual([1, 2, 7]);
  });

  it('goes on past a margin once its counter was moved, and only forward', async () => {
    const run = await restored();
    const advance = () => run.tx((tx) => advanceCounter(tx, '02', highWaterOf(run.store)));
    expect(await advance()).toBe(5 + RESTORE_MARGIN);
    expect(await advance()).toBe(5 + RESTORE_MARGIN);
    await run.addDebts(people(20, 2));
    const made = (await numbers(run)).map((n) => base(n.notice_number)).slice(-2);
    expect(made).toEqual([5 + RESTORE_MARGIN, 6 + RESTORE_MARGIN]);
    await run.tx((tx) =>
      sql`update notice_counter set next_base = 9000000 where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(await advance()).toBe(9_000_000);
  });
});
