import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  openCampaignRuns,
  person,
} from '../../../../test/support/campaign-run.ts';
import { highWaterOf } from '../../../../test/support/ground.ts';
import { civilDate } from '../../../kernel/civil-date.ts';
import { newId } from '../../../kernel/ids.ts';
import { romeDate, romeInstant } from '../../../kernel/rome-time.ts';
import { loadRules, setEnteRule } from '../../creditors/index.ts';
import { debtsById, ledgerMismatches } from '../../debts/index.ts';
import { askPayment } from '../ask-payment.ts';
import { bookReceipt } from '../book-receipt.ts';
import { noticeNumberOf } from '../notice-numbers.ts';
import { payableNotice } from '../payable-notice.ts';
import {
  acceptPlan,
  askPlan,
  forfeitPlan,
  installmentsOf,
  mayForfeit,
  notePlanReminder,
  offerPlan,
  type PlanRule,
  planOfDebt,
  refusePlan,
} from './index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const RULE: PlanRule = {
  bands: [{ upToCents: 10_000, max: 1 }, { max: 10 }],
  minInstallmentCents: 1_000,
  everyMonths: 1,
  due: 'monthEnd',
  interest: 'legal',
  automatic: true,
  forfeiture: { missed: 2, withinMonths: 6 },
};

async function world(over: Partial<PlanRule> | null = {}, amountCents = 30_000) {
  const run = await runs.fresh();
  const [debt] = await run.addDebts([person(1, { amountCents, taxYear: 2024 })]);
  if (debt === undefined) throw new Error('no debt');
  await run.tx(async (tx) => {
    const rule = { creditType: '*', validFrom: civilDate('2020-01-01'), legalBasis: 'Reg. n. 5/2020' };
    await setEnteRule(tx, { ...rule, key: 'pagopaCategory', value: '9/0101101IM/' });
    await setEnteRule(tx, { ...rule, key: 'collectionAccount', value: { iban: 'IT60X0542811101000000123456' } });
    if (over !== null) await setEnteRule(tx, { ...rule, key: 'installmentPlan', value: { ...RULE, ...over } });
  });
  const deps = { vault: run.store.vaultOf(run.enteId), highWater: highWaterOf(run.store) };
  const whole = (await run.tx((tx) => noticeNumberOf(tx, debt.debtId))) ?? '';
  const ask = (count: number, idempotencyKey = 'form') =>
    run.tx((tx) => askPlan(tx, deps, { ...debt, count, idempotencyKey, now: run.now() }));
  const offer = () => run.tx((tx) => offerPlan(tx, debt.debtId, romeDate(run.now())));
  const plan = async () => {
    const found = await run.tx((tx) => planOfDebt(tx, debt.debtId));
    if (found === null) throw new Error('no plan');
    return found;
  };
  const parts = async () => {
    const { planId } = await plan();
    return run.tx((tx) => installmentsOf(tx, planId));
  };
  const asked = async (number: string) => {
    const today = romeDate(run.now());
    return run.tx(async (tx) => payableNotice(tx, number, await loadRules(tx, today)));
  };
  const receipt = (noticeNumber: string, cents: number) => payNumber(run, noticeNumber, cents);
  const state = async () => (await run.tx((tx) => debtsById(tx, [debt.debtId])))[0];
  return { run, debt, deps, whole, ask, offer, plan, parts, asked, receipt, state };
}

async function payNumber(run: CampaignRun, noticeNumber: string, amountCents: number) {
  const input = { receiptId: newId(), noticeNumber, amountCents, paidAt: run.now(), psp: 'Banca di prova' };
  return run.tx((tx) => bookReceipt(tx, input, 'apiKey:test', run.now()));
}

const owed = (part: { principalCents: number; interestCents: number }) => part.principalCents + part.interestCents;

describe('asking for installments', () => {
  it('is granted at once within the regulation: a number each, the number of the whole out of use, interest charged', async () => {
    const { ask, plan, parts, whole, asked, state, run } = await world();
    expect(await ask(3)).toMatchObject({ kind: 'accepted' });
    expect(await plan()).toMatchObject({ state: 'accepted', decidedBy: null, terms: { legalBasis: 'Reg. n. 5/2020' } });
    const all = await parts();
    expect(all.map((one) => one.principalCents)).toEqual([10_000, 10_000, 10_000]);
    expect(new Set([whole, ...all.map((one) => one.noticeNumber)]).size).toBe(4);
    expect(await asked(whole)).toEqual({ kind: 'unknown' });
    for (const one of all) {
      expect(await asked(one.noticeNumber)).toMatchObject({
        kind: 'payable',
        amountCents: owed(one),
        dueDate: one.dueOn,
        installmentNo: one.no,
      });
    }
    expect(await state()).toMatchObject({ outstanding_cents: all.reduce((sum, one) => sum + owed(one), 0) });
    expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
    expect((await run.leaves('plan.accepted'))[0]?.actor).toBe('system');
  });

  it('is not offered without a regulation, below the smallest installment, or for what is paid', async () => {
    expect(await (await world(null)).offer()).toEqual({ kind: 'notOffered' });
    expect(await (await world({}, 9_000)).offer()).toEqual({ kind: 'notOffered' });
    const paid = await world();
    await paid.receipt(paid.whole, 30_000);
    expect(await paid.offer()).toEqual({ kind: 'alreadyPaid' });
  });

  it('for more than may be is answered with how many may', async () => {
    const { ask } = await world();
    expect(await ask(11)).toEqual({ kind: 'tooMany', most: 10 });
    expect(await ask(1)).toEqual({ kind: 'tooMany', most: 10 });
  });

  it('told twice is one plan, and a second one finds it open', async () => {
    const { ask, run } = await world();
    const [first, second] = [await ask(3), await ask(3)];
    expect(second).toEqual(first);
    expect(await ask(4, 'other form')).toMatchObject({ kind: 'openPlan' });
    expect(await run.leaves('plan.accepted')).toHaveLength(1);
  });

  it('waits for a person where the regulation wants one, who may grant it of what is still owed, or refuse with a reason', async () => {
    const { ask, plan, parts, run, deps, receipt, whole } = await world({ automatic: false, interest: 'none' });
    expect(await ask(2)).toMatchObject({ kind: 'requested' });
    await receipt(whole, 10_000);
    const { planId } = await plan();
    const by = run.head.operatorId;
    await run.tx((tx) => acceptPlan(tx, deps, { planId, by, now: run.now() }));
    expect(await plan()).toMatchObject({ state: 'accepted', decidedBy: by });
    expect((await parts()).map((one) => one.principalCents)).toEqual([10_000, 10_000]);

    const other = await world({ automatic: false });
    await other.ask(2);
    const refusal = { planId: (await other.plan()).planId, by, now: other.run.now() };
    const refuse = (reason: string) => other.run.tx((tx) => refusePlan(tx, { ...refusal, reason }));
    await expect(refuse(' ')).rejects.toMatchObject({ code: 'PLAN_REASON' });
    await refuse('Non documentata la difficoltà.');
    await expect(refuse('di nuovo')).rejects.toMatchObject({ code: 'PLAN_DECIDED' });
    expect(await other.offer()).toMatchObject({ kind: 'offered' });
  });

  it('keeps the person from being reminded of the debt', async () => {
    const { ask, run } = await world();
    await ask(3);
    const counts = await run.launch();
    expect(counts.toContact).toBe(0);
    expect(counts.excluded).toMatchObject({ inPlan: 1 });
  });
});

describe('paying', () => {
  it('goes to the installment of the number, whatever the order, and the next is what is asked for', async () => {
    const { ask, parts, receipt, asked, run, debt } = await world();
    await ask(3);
    const [first, second, third] = await parts();
    if (first === undefined || second === undefined || third === undefined) throw new Error('no parts');
    const next = async () => run.tx((tx) => askPayment(tx, debt.debtId, romeDate(run.now())));
    expect(await next()).toMatchObject({ noticeNumber: first.noticeNumber, amountCents: owed(first) });
    await receipt(second.noticeNumber, owed(second));
    expect(await asked(second.noticeNumber)).toEqual({ kind: 'alreadyPaid' });
    expect(await next()).toMatchObject({ noticeNumber: first.noticeNumber });
    await receipt(first.noticeNumber, owed(first));
    expect(await next()).toMatchObject({ noticeNumber: third.noticeNumber });
  });

  it('of the last completes the plan and settles the debt to the cent', async () => {
    const { ask, parts, receipt, plan, state, run } = await world({}, 30_001);
    await ask(3);
    for (const one of await parts()) await receipt(one.noticeNumber, owed(one));
    expect((await plan()).state).toBe('completed');
    expect(await state()).toMatchObject({ state: 'settled', outstanding_cents: 0 });
    expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
  });

  it('by the number of the whole, which somebody still held, goes to the oldest', async () => {
    const { ask, parts, receipt, whole } = await world({ interest: 'none' });
    await ask(3);
    await receipt(whole, 15_000);
    expect((await parts()).map((one) => one.paidCents)).toEqual([10_000, 5_000, 0]);
  });
});

describe('a plan in arrears', () => {
  it('ends only after an express reminder and so many late installments, by a person; what is left is due at once', async () => {
    const { ask, parts, plan, run, receipt, asked, whole, offer, state } = await world();
    await ask(4);
    const all = await parts();
    const [first] = all;
    if (first === undefined) throw new Error('no parts');
    await receipt(first.noticeNumber, owed(first));
    const { planId } = await plan();
    const by = run.head.operatorId;
    const forfeit = () => run.tx((tx) => forfeitPlan(tx, planId, by, run.now()));
    await expect(run.tx((tx) => notePlanReminder(tx, planId, by, run.now()))).rejects.toMatchObject({
      code: 'PLAN_NOT_LATE',
    });
    // After the third date: the second and the third are late.
    run.store.clock.advanceTo(romeInstant(all[2]?.dueOn ?? civilDate('2030-01-01'), 0) + 2 * 86_400_000);
    await expect(forfeit()).rejects.toMatchObject({ code: 'PLAN_NOT_FORFEIT' });
    await run.tx((tx) => notePlanReminder(tx, planId, by, run.now()));
    expect(mayForfeit(await plan(), await parts(), romeDate(run.now()))).toBe(true);
    await forfeit();
    expect(await asked(all[1]?.noticeNumber ?? '')).toEqual({ kind: 'unknown' });
    const left =
      all.slice(1).reduce((sum, one) => sum + one.principalCents, 0) +
      (all[1]?.interestCents ?? 0) +
      (all[2]?.interestCents ?? 0);
    expect(await state()).toMatchObject({ outstanding_cents: left });
    expect(await asked(whole)).toMatchObject({ kind: 'payable' });
    expect(await offer()).toEqual({ kind: 'forfeited' });
    expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
  });
});

it('no two plans of a debt live at once', async () => {
  const { ask, run, debt } = await world();
  await Promise.all([ask(3, 'a'), ask(4, 'b'), ask(5, 'c')]);
  const { rows } = await run.tx((tx) =>
    sql<{
      n: number;
    }>`select count(*)::int as n from plan where ente_id = ${run.enteId} and debt_id = ${debt.debtId}`.execute(
      tx.kysely,
    ),
  );
  expect(rows).toEqual([{ n: 1 }]);
});
