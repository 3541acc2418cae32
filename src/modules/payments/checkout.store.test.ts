import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { validCf } from '../../../test/support/ground.ts';
import { newId } from '../../kernel/ids.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { bookReceipt } from './book-receipt.ts';
import { noticeNumberOf } from './notice-numbers.ts';
import type { Cart, PaymentRail } from './rail.port.ts';
import { findCheckout, noteReturn, startCheckout, verifyingDebts } from './start-checkout.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const MINUTE = 60_000;

async function atTheTill() {
  const run = await runs.fresh();
  const [debt, other] = await run.addDebts([person(1, { cf: validCf(1) }), person(2, { cf: validCf(2) })]);
  if (debt === undefined || other === undefined) throw new Error('no debts');
  const carts: Cart[] = [];
  let up = true;
  const rail: PaymentRail = {
    origin: 'https://paga.example',
    async createCart(cart) {
      carts.push(cart);
      return up ? { kind: 'created', url: `https://paga.example/${cart.cartId}` } : { kind: 'unavailable', code: 'x' };
    },
  };
  let real = 1_000_000_000_000;
  const start = (over: Partial<{ debtId: string; debtorId: string; seenCents: number; idempotencyKey: string }> = {}) =>
    startCheckout({ db: run.store.db, rail, realNow: () => real }, run.enteId, {
      debtId: debt.debtId,
      debtorId: debt.debtorId,
      today: romeDate(run.now()),
      seenCents: 10_000,
      idempotencyKey: 'click',
      creditor: { fiscalCode: run.ente.codiceFiscale, name: run.ente.name },
      description: 'TARI',
      returnUrl: (id, outcome) => `https://avvisi.example/esito/${id}?esito=${outcome}`,
      ...over,
    });
  const state = (id: string) => run.tx((tx) => findCheckout(tx, debt.debtorId, id));
  return {
    run,
    debt,
    other,
    carts,
    start,
    state,
    later: (ms: number) => {
      real += ms;
    },
    railDown: () => {
      up = false;
    },
    verifying: () => run.tx((tx) => verifyingDebts(tx, debt.debtorId, real)),
  };
}

const idOf = (answer: Awaited<ReturnType<typeof startCheckout>>) => ('checkoutId' in answer ? answer.checkoutId : '');

describe('starting a payment', () => {
  it('opens a cart for what is owed now, with the way back in it', async () => {
    const { run, debt, carts, start, state, verifying } = await atTheTill();
    const answer = await start();
    expect(answer).toMatchObject({ kind: 'redirect', url: `https://paga.example/${idOf(answer)}` });
    expect(carts).toHaveLength(1);
    expect(carts[0]).toMatchObject({
      notices: [
        {
          creditorFiscalCode: run.ente.codiceFiscale,
          noticeNumber: await run.tx((tx) => noticeNumberOf(tx, debt.debtId)),
          amountCents: 10_000,
        },
      ],
      returnUrls: {
        cancel: `https://avvisi.example/esito/${idOf(answer)}?esito=annullato`,
        waiting: `https://avvisi.example/esito/${idOf(answer)}?esito=attesa`,
      },
    });
    expect(await state(idOf(answer))).toMatchObject({ state: 'verifying', debtId: debt.debtId });
    expect(await verifying()).toEqual(new Set([debt.debtId]));
  });

  it('clicked twice is one cart and the same page', async () => {
    const { carts, start } = await atTheTill();
    const first = await start();
    expect(await start()).toEqual(first);
    expect(carts).toHaveLength(1);
  });

  it('clicked twice at the same moment ends on one page', async () => {
    const { run, start } = await atTheTill();
    const [a, b] = await Promise.all([start(), start()]);
    expect(idOf(a)).toBe(idOf(b));
    const { rows } = await run.tx((tx) => sql`select 1 from checkout where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(rows).toHaveLength(1);
  });

  it('from another window waits for the one that is open, half an hour at most', async () => {
    const { start, later, verifying } = await atTheTill();
    const first = await start();
    expect(await start({ idempotencyKey: 'other' })).toEqual({ kind: 'inProgress', checkoutId: idOf(first) });
    later(10 * MINUTE);
    // The cart is over after ten minutes, the notice is free after thirty.
    expect(await start()).toEqual({ kind: 'inProgress', checkoutId: idOf(first) });
    later(20 * MINUTE);
    expect(await verifying()).toEqual(new Set());
    expect(await start({ idempotencyKey: 'third' })).toMatchObject({ kind: 'redirect' });
  });

  it('says when the amount is another by now, before anything else', async () => {
    const { start, carts } = await atTheTill();
    expect(await start({ seenCents: 9_999 })).toEqual({ kind: 'amountChanged', outstandingCents: 10_000 });
    expect(carts).toEqual([]);
  });

  it('says when it was paid already', async () => {
    const { run, debt, start } = await atTheTill();
    const noticeNumber = (await run.tx((tx) => noticeNumberOf(tx, debt.debtId))) ?? '';
    const receipt = { receiptId: 'r', noticeNumber, amountCents: 10_000, paidAt: run.now(), psp: 'Banca' };
    await run.tx((tx) => bookReceipt(tx, receipt, 'apiKey:test', run.now()));
    expect(await start()).toEqual({ kind: 'alreadyPaid' });
  });

  it('for another person’s debt, or none, finds nothing', async () => {
    const { other, start, carts } = await atTheTill();
    expect(await start({ debtId: other.debtId })).toEqual({ kind: 'notFound' });
    expect(await start({ debtId: newId() })).toEqual({ kind: 'notFound' });
    expect(carts).toEqual([]);
  });

  it('without a notice number finds nothing to pay with', async () => {
    const { run, start } = await atTheTill();
    await run.tx((tx) =>
      sql`update payment_request set state = 'withdrawn' where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(await start()).toEqual({ kind: 'notFound' });
  });

  it('keeps nothing when the payment page does not answer', async () => {
    const { start, railDown, verifying } = await atTheTill();
    railDown();
    expect(await start()).toEqual({ kind: 'unavailable' });
    expect(await verifying()).toEqual(new Set());
  });
});

describe('coming back', () => {
  it('"annullato" frees it at once, and never says that it was paid', async () => {
    const { run, debt, start, state } = await atTheTill();
    const first = idOf(await start());
    await run.tx((tx) => noteReturn(tx, debt.debtorId, first, 'cancelled'));
    expect(await state(first)).toMatchObject({ state: 'cancelled' });
    expect(await start({ idempotencyKey: 'again' })).toMatchObject({ kind: 'redirect' });
  });

  it('is paid by the receipt alone, also after "annullato", and stays so', async () => {
    const { run, debt, start, state } = await atTheTill();
    const id = idOf(await start());
    await run.tx((tx) => noteReturn(tx, debt.debtorId, id, 'failed'));
    const noticeNumber = (await run.tx((tx) => noticeNumberOf(tx, debt.debtId))) ?? '';
    const receipt = { receiptId: 'r', noticeNumber, amountCents: 10_000, paidAt: run.now(), psp: 'Banca' };
    await run.tx((tx) => bookReceipt(tx, receipt, 'apiKey:test', run.now()));
    expect(await state(id)).toMatchObject({ state: 'paid' });
    await run.tx((tx) => noteReturn(tx, debt.debtorId, id, 'cancelled'));
    expect(await state(id)).toMatchObject({ state: 'paid' });
  });

  it('to another person’s checkout is neither seen nor changed', async () => {
    const { run, other, start, state } = await atTheTill();
    const id = idOf(await start());
    expect(await run.tx((tx) => findCheckout(tx, other.debtorId, id))).toBeNull();
    await run.tx((tx) => noteReturn(tx, other.debtorId, id, 'cancelled'));
    expect(await state(id)).toMatchObject({ state: 'verifying' });
  });
});
