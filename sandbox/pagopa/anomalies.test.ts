import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { civilDate } from '../../src/kernel/civil-date.ts';
import type { Anomaly } from './flow-rows.ts';
import { makeFdrClient } from './testing/fdr-client.ts';
import { COMUNE, startWorld, type World } from './testing/world.ts';
import type { Payment } from './types.ts';

const DAY = 86_400_000;
let world: World;
const { pay, list, flow, payments } = makeFdrClient(() => world);

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

describe('anomalies on request', () => {
  async function spoilt(anomaly: Anomaly): Promise<{ payment: Payment; data: Record<string, unknown>[] }> {
    const payment = await pay(1);
    await pay(2);
    world.pagopa.flows.spoil(payment.receiptId, anomaly);
    await world.time.advance(2 * DAY);
    return { payment, data: (await list()).data };
  }

  it('a revision replaces the first, which had a cent too much', async () => {
    const { data } = await spoilt('replaced');
    const [first] = data;
    expect(await flow(first)).toMatchObject({ revision: 1, sumPayments: 240.01 });
    await world.time.advance(DAY);
    const [now, ...others] = (await list()).data;
    expect(others).toEqual([]);
    expect(now).toMatchObject({ fdr: first?.fdr, revision: 2 });
    expect(await flow(now)).toMatchObject({ sumPayments: 240 });
  });

  it('totals do not add up', async () => {
    const [one] = (await spoilt('totalsOff')).data;
    expect(await flow(one)).toMatchObject({ sumPayments: 241, computedSumPayments: 240, totPayments: 2 });
  });

  it('a payment is taken back in its flow', async () => {
    const { payment, data } = await spoilt('revoked');
    const [one] = data;
    expect(await flow(one)).toMatchObject({ sumPayments: 120, totPayments: 3 });
    const rows = (await payments(one)).data.filter(({ iur }) => iur === payment.receiptId);
    expect(rows.map(({ payStatus, pay }) => [payStatus, pay])).toEqual([
      ['EXECUTED', 120],
      ['REVOKED', 120],
    ]);
  });

  it.each([
    ['noRpt', 'NO_RPT'],
    ['standInNoRpt', 'STAND_IN_NO_RPT'],
  ] as const)('%s has an IUR that no receipt has', async (anomaly, status) => {
    const { payment, data } = await spoilt(anomaly);
    const [one] = data;
    const row = (await payments(one)).data.find(({ iuv }) => iuv === payment.data.creditorReferenceId);
    expect(row?.payStatus).toBe(status);
    expect(row?.iur).not.toBe(payment.receiptId);
  });

  it('a row comes without its IUR, against the schema', async () => {
    const { payment, data } = await spoilt('withoutIur');
    const [one] = data;
    const row = (await payments(one, COMUNE, 'lax')).data.find(({ iuv }) => iuv === payment.data.creditorReferenceId);
    expect(row).not.toHaveProperty('iur');
  });

  it('a payment is in no flow, with or without a credit of its own', async () => {
    const { payment, data } = await spoilt('singleCredit');
    const [one] = data;
    expect((await payments(one)).data).toHaveLength(1);
    expect(world.pagopa.treasury.journal(COMUNE, civilDate('2026-12-03'))).toContain(
      `/RFB/${payment.data.creditorReferenceId}/120.00/TXT/TARI 2026`,
    );
  });

  it('cannot be ordered once the flow is made', async () => {
    const payment = await pay(1);
    await world.time.advance(2 * DAY);
    await list();
    expect(() => world.pagopa.flows.spoil(payment.receiptId, 'leftOut')).toThrow('made already');
  });
});
