import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PSPS } from './registry.ts';
import { makeFdrClient } from './testing/fdr-client.ts';
import { COMUNE, IBAN, PROVINCIA, startWorld, type World } from './testing/world.ts';

const DAY = 86_400_000;
let world: World;
const { pay, list, flow, payments } = makeFdrClient(() => world);

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

describe('flows', () => {
  it('are published two days after the payment, one per PSP, with the credit of the day between', async () => {
    const [first, second, third] = [await pay(1), await pay(2, PSPS.bank, 4_050), await pay(3, PSPS.post)];
    // Made in the evening of the next day, and not yet to be seen.
    await world.time.advance(1.5 * DAY);
    expect(world.pagopa.flows.all()).toHaveLength(2);
    expect((await list()).data).toEqual([]);
    await world.time.advance(DAY / 2);
    const { data } = await list();
    expect(data.map(({ pspId }) => pspId)).toEqual([PSPS.bank.id, PSPS.post.id]);
    const [bank, post] = data;
    expect(await flow(bank)).toMatchObject({
      regulationDate: '2026-12-03',
      totPayments: 2,
      sumPayments: 160.5,
      computedSumPayments: 160.5,
    });
    expect((await payments(bank)).data).toEqual([
      expect.objectContaining({
        index: 1,
        iur: first.receiptId,
        iuv: first.data.creditorReferenceId,
        pay: 120,
        payStatus: 'EXECUTED',
        payDate: '2026-12-02T09:00:00.000Z',
      }),
      expect.objectContaining({ index: 2, iur: second.receiptId, pay: 40.5 }),
    ]);
    expect((await payments(post)).data[0]).toMatchObject({ iur: third.receiptId });
    expect(bank?.fdr).toMatch(/^2026-12-03PROVAIT1-[A-Za-z0-9_-]+$/);
    expect(String(bank?.fdr).length).toBeLessThanOrEqual(35);
  });

  it('wait for the bank where days are not banking days', async () => {
    // Friday 4 December: Monday is a bridge and open, Tuesday 8 is a holiday.
    await world.time.advance(2 * DAY);
    const friday = await pay(1);
    await world.time.advance(3 * DAY);
    const monday = await pay(2);
    await world.time.advance(4 * DAY);
    const { data } = await list();
    const days = await Promise.all(
      data.map(async (one) => [(await flow(one)).regulationDate, (await payments(one)).data[0]?.iur]),
    );
    expect(days).toEqual([
      ['2026-12-07', friday.receiptId],
      ['2026-12-09', monday.receiptId],
    ]);
  });

  it('are listed by page and by what was published after an instant', async () => {
    await pay(1);
    await world.time.advance(DAY);
    await pay(2);
    await world.time.advance(2 * DAY);
    const { data } = await list();
    expect(data).toHaveLength(2);
    const later = await list(`publishedGt=${data[0]?.published}`);
    expect(later.data.map(({ fdr }) => fdr)).toEqual([data[1]?.fdr]);
    const second = await list('page=2&size=1');
    expect(second).toMatchObject({
      metadata: { pageSize: 1, pageNumber: 2, totPage: 2 },
      count: 1,
      data: [{ fdr: data[1]?.fdr }],
    });
    await expect(list('size=1001')).rejects.toThrow('status 400');
    expect((await list(`pspId=${PSPS.post.id}`)).data).toEqual([]);
  });

  it('give a share to the body that has it, under the IUV of another', async () => {
    const transfers = [
      { ...sharePart(1), amountCents: 11_400 },
      { ...sharePart(2), amountCents: 600, fiscalCode: PROVINCIA, iban: 'IT42L1234512345123456789012' },
    ];
    await world.pagopa.node.pay(world.notice(1, { transfers }));
    await world.time.advance(2 * DAY);
    const shares = await list('', PROVINCIA);
    const one = shares.data[0];
    const rows = await payments(one, PROVINCIA);
    expect(rows.data).toEqual([expect.objectContaining({ idTransfer: 2, pay: 6 })]);
    const own = (await list()).data[0];
    expect(await flow(own)).toMatchObject({ sumPayments: 114 });
  });
});

function sharePart(id: number) {
  return {
    id,
    amountCents: 0,
    fiscalCode: COMUNE,
    iban: IBAN as string | null,
    stamp: null,
    remittanceInformation: 'TARI',
    category: '9/0101101IM/',
    metadata: [],
  };
}
