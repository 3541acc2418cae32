import { afterEach, describe, expect, it } from 'vitest';
import { makeNoticeNumber } from '../../src/kernel/notice-number.ts';
import { PSPS } from './registry.ts';
import { ko, type Misdeed, xml } from './testing/fake-station.ts';
import { COMUNE, paymentData, startWorld, type World, type WorldOptions } from './testing/world.ts';
import type { Payment } from './types.ts';

const RETRY = 10 * 60_000;
let world: World;

async function begin(options: WorldOptions = {}): Promise<World> {
  world = await startWorld({ timeouts: { read: 5_000, receipt: 600 }, retryAfterMs: RETRY, maxRetries: 3, ...options });
  return world;
}

async function pay(base: number): Promise<Payment> {
  const paid = await world.pagopa.node.pay(world.notice(base));
  if (paid.outcome === 'KO') throw new Error(paid.fault.code);
  return paid.payment;
}

const stateOf = ({ receiptId }: Payment): string | undefined => world.pagopa.node.deliveries(receiptId)[0]?.state;

afterEach(() => world.close());

describe('a receipt that is not taken', () => {
  const NOT_TAKEN: readonly [string, Misdeed][] = [
    ['no answer', () => new Promise(() => undefined)],
    ['a cut line', () => null],
    ['HTTP 500', () => xml('', 500)],
    ['no answer of the protocol', () => xml('<html/>')],
  ];

  it.each(NOT_TAKEN)('is pending after %s, and sent again until it is', async (_, misdeed) => {
    const { station, time, told, pagopa } = await begin();
    station.misbehave('paSendRTV2', misdeed);
    const payment = await pay(1);
    expect(stateOf(payment)).toBe('NOTICE_PENDING');
    await time.advance(RETRY);
    expect(stateOf(payment)).toBe('NOTICE_PENDING');
    expect(told).toHaveLength(0);
    station.misbehave('paSendRTV2', null);
    await time.advance(RETRY);
    expect(stateOf(payment)).toBe('NOTIFIED');
    expect(told).toHaveLength(1);
    // The same receipt each time, and no more once it is taken.
    const sent = pagopa.node.exchanges.ofReceipt(payment.receiptId);
    expect(new Set(sent.map(({ request }) => request)).size).toBe(1);
    await time.advance(10 * RETRY);
    expect(pagopa.node.exchanges.ofReceipt(payment.receiptId)).toHaveLength(sent.length);
    expect(new Set(time.labels).size).toBe(time.labels.length);
  });

  it('is given up in the end, until support starts it again', async () => {
    const { station, time, pagopa } = await begin();
    station.misbehave('paSendRTV2', () => null);
    const payment = await pay(1);
    await time.advance(10 * RETRY);
    expect(stateOf(payment)).toBe('GIVEN_UP');
    expect(pagopa.node.exchanges.ofReceipt(payment.receiptId)).toHaveLength(4);
    station.misbehave('paSendRTV2', null);
    expect(await pagopa.node.resubmit()).toBe(1);
    expect(stateOf(payment)).toBe('NOTIFIED');
  });

  it('is not sent twice as often because somebody sent it by hand', async () => {
    const { station, time, pagopa } = await begin();
    station.misbehave('paSendRTV2', () => null);
    const { receiptId } = await pay(1);
    await pagopa.node.resubmit();
    await time.advance(RETRY);
    expect(pagopa.node.exchanges.ofReceipt(receiptId)).toHaveLength(3);
  });

  it('is not sent again after a well-formed KO, unless the platform is set so', async () => {
    const { station, time, pagopa } = await begin();
    station.misbehave('paSendRTV2', () => xml(ko('paSendRTV2', 'PAA_SYSTEM_ERROR', COMUNE)));
    const payment = await pay(1);
    await time.advance(RETRY);
    expect(stateOf(payment)).toBe('REFUSED');
    expect(pagopa.node.exchanges.ofReceipt(payment.receiptId)).toHaveLength(1);
    await world.close();
    const other = await begin({ retriesAfter: (code) => code === 'PAA_SYSTEM_ERROR' });
    other.station.misbehave('paSendRTV2', () => xml(ko('paSendRTV2', 'PAA_SYSTEM_ERROR', COMUNE)));
    const again = await pay(1);
    expect(stateOf(again)).toBe('NOTICE_PENDING');
  });

  it('counts as taken where the body says it has it already', async () => {
    const { station, time, told } = await begin();
    station.misbehave('paSendRTV2', () => new Promise(() => undefined));
    const payment = await pay(1);
    station.misbehave('paSendRTV2', () => xml(ko('paSendRTV2', 'PAA_RECEIPT_DUPLICATA', COMUNE)));
    await time.advance(RETRY);
    expect(stateOf(payment)).toBe('NOTIFIED');
    expect(told).toHaveLength(1);
  });
});

describe('receipts nobody expects', () => {
  it('come again on request, and are told of once', async () => {
    const { station, told, pagopa } = await begin();
    const { receiptId } = await pay(1);
    await pagopa.node.redeliver(receiptId);
    expect(station.receipts.get(receiptId)).toHaveLength(2);
    expect(told).toHaveLength(1);
  });

  it('come late and out of order when held', async () => {
    const { station, pagopa, notice } = await begin();
    const held = await pagopa.node.pay(notice(1), { receipt: 'held' });
    const sent = await pay(2);
    expect([...station.receipts.keys()]).toEqual([sent.receiptId]);
    await pagopa.node.resubmit();
    if (held.outcome === 'KO') throw new Error('not paid');
    expect([...station.receipts.keys()]).toEqual([sent.receiptId, held.payment.receiptId]);
  });

  it('never come when lost', async () => {
    const { station, pagopa, notice } = await begin();
    await pagopa.node.pay(notice(1), { receipt: 'lost' });
    expect(await pagopa.node.resubmit()).toBe(0);
    expect(station.receipts.size).toBe(0);
    expect(pagopa.node.payments).toHaveLength(1);
  });

  it('are for a notice paid already, or for none', async () => {
    const { station, pagopa } = await begin();
    const first = await pay(1);
    const second = await pagopa.node.payUnasked(first, first.data, { psp: PSPS.tobacconist });
    if (second.outcome === 'KO') throw new Error('not paid');
    expect(second.payment.receiptId).not.toBe(first.receiptId);
    const noticeNumber = makeNoticeNumber('02', 777);
    const unknown = await pagopa.node.payUnasked({ creditor: COMUNE, noticeNumber }, paymentData(noticeNumber));
    expect(unknown.outcome).toBe('OK');
    expect(station.receipts.size).toBe(3);
    expect(station.calls.filter(({ operation }) => operation === 'paGetPaymentV2')).toHaveLength(1);
  });
});
