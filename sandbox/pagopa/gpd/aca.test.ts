import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACA, conforms, makeGpdClient, option, position } from '../testing/gpd-client.ts';
import { COMUNE, startWorld, type World } from '../testing/world.ts';

const DAY = 86_400_000;
let world: World;
const { send } = makeGpdClient(() => world);

beforeEach(async () => {
  world = await startWorld({ timeouts: { read: 600, receipt: 5_000 } });
});

afterEach(() => world.close());

describe('ACA', () => {
  const conferred = position('aca1', [option(1, 12_000, '02')]);

  it('stands in for a station that does not answer, at the amount it was told', async () => {
    await send('POST', `${ACA}?toPublish=true`, conferred, 'aca');
    const given = world.notice(1, {});
    expect(given.noticeNumber).toBe(option(1, 1, '02').nav);
    world.station.misbehave('paVerifyPaymentNotice', () => null);
    world.station.misbehave('paGetPaymentV2', () => new Promise(() => undefined));
    const paid = await world.pagopa.node.pay(given);
    if (paid.outcome === 'KO') throw new Error(paid.fault.code);
    expect(paid.payment).toMatchObject({ standIn: true, data: { amountCents: 12_000 } });
    const [receipt] = world.station.calls.filter(({ operation }) => operation === 'paSendRTV2');
    expect(receipt?.message).toContain('<standIn>true</standIn>');
    await world.time.advance(2 * DAY);
    expect(world.pagopa.flows.all()[0]?.rows[0]?.status).toBe('STAND_IN');
  });

  it('does not stand in for a body that says no, nor for what is excluded', async () => {
    await send('POST', `${ACA}?toPublish=true`, conferred, 'aca');
    const given = { creditor: COMUNE, noticeNumber: option(1, 1, '02').nav };
    expect(await world.pagopa.node.pay(given)).toMatchObject({ fault: { original: 'PAA_PAGAMENTO_SCONOSCIUTO' } });
    await send('PUT', `${ACA}/aca1`, { ...conferred, payStandIn: false }, 'aca');
    world.station.misbehave('paVerifyPaymentNotice', () => null);
    expect(await world.pagopa.node.pay(given)).toMatchObject({
      fault: { code: 'PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE' },
    });
  });

  it('is told of what was paid elsewhere, and does not stand in for it any more', async () => {
    await send('POST', `${ACA}?toPublish=true`, conferred, 'aca');
    const paids = `/aca/debt-positions-service/v1/organizations/${COMUNE}/paymentoptions/paids`;
    const { nav } = option(1, 1, '02');
    const told = await send('POST', `${paids}/${nav}`, { paymentDate: '2026-12-01T09:30:00' }, 'aca');
    conforms('gpdV1Option', told.body);
    expect(told).toMatchObject({
      status: 200,
      body: { nav, status: 'PO_PAID', paymentDate: '2026-12-01T09:30:00', serviceType: 'ACA' },
    });
    expect((await send('POST', `${paids}/${nav}`, {}, 'aca')).status).toBe(409);
    expect((await send('POST', `${paids}/302000000001234559`, {}, 'aca')).status).toBe(404);
    expect(await world.pagopa.node.standIn({ creditor: COMUNE, noticeNumber: nav })).toMatchObject({
      fault: { original: 'PAA_PAGAMENTO_DUPLICATO' },
    });
    await send('POST', ACA, position('draft', [option(5, 100, '02')]), 'aca');
    expect((await send('POST', `${paids}/${option(5, 1, '02').nav}`, {}, 'aca')).status).toBe(422);
  });

  it('takes the old paCreatePosition: creates, changes, closes with amount 0', async () => {
    const { nav, iuv } = option(1, 1, '02');
    const request = {
      paFiscalCode: COMUNE,
      entityType: 'F',
      entityFiscalCode: 'RSSMRA80A01H501U',
      entityFullName: 'Nicolò Però',
      iuv,
      amount: 5_000,
      description: 'TARI 2026',
      expirationDate: '2026-12-16T00:00:00',
    };
    const create = (amount: number) => send('POST', '/aca/v1/paCreatePosition', { ...request, amount }, 'aca');
    expect((await create(0)).status).toBe(404);
    expect((await create(5_000)).body).toMatchObject({ nav, status: 'VALID' });
    await create(6_000);
    expect(world.pagopa.positions.find({ creditor: COMUNE, noticeNumber: nav }, 'standIn')).toMatchObject({
      amountCents: 6_000,
    });
    expect((await create(0)).body).toMatchObject({ status: 'INVALID' });
    expect((await create(7_000)).status).toBe(422);
  });
});
