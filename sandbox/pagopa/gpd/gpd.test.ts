import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACA, conforms, makeGpdClient, option, position, transfer, V1, V3 } from '../testing/gpd-client.ts';
import { COMUNE, startWorld, type World } from '../testing/world.ts';
import { type PositionEvent, positionMachine } from './position-state.ts';

const DAY = 86_400_000;
let world: World;
const { send, status } = makeGpdClient(() => world);

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

describe('the life of a position', () => {
  it('goes from draft to published to valid, and takes changes until it is paid', async () => {
    expect((await send('POST', V1, position('p1', [option(1)], { validityDate: '2026-12-03T00:00:00' }))).status).toBe(
      201,
    );
    expect(await status('p1')).toBe('DRAFT');
    expect((await send('POST', `${V1}/p1/invalidate`)).status).toBe(409);
    expect((await send('POST', `${V1}/p1/publish`)).body.status).toBe('PUBLISHED');
    await world.time.advance(DAY);
    expect(await status('p1')).toBe('VALID');
    expect((await send('PUT', `${V1}/p1`, position('p1', [option(1, 13_000)]))).status).toBe(200);
    expect(await status('p1')).toBe('VALID');
    const paid = await world.pagopa.node.pay({ creditor: COMUNE, noticeNumber: option(1).nav });
    expect(paid).toMatchObject({ outcome: 'OK', payment: { data: { amountCents: 13_000 }, standIn: false } });
    expect(await status('p1')).toBe('PAID');
    expect((await send('PUT', `${V1}/p1`, position('p1', [option(1)]))).status).toBe(409);
    expect((await send('DELETE', `${V1}/p1`)).status).toBe(409);
  });

  it('expires only when it is told to, and comes back with a later date', async () => {
    await send('POST', `${V1}?toPublish=true`, position('stays', [option(1)]));
    await send('POST', `${V1}?toPublish=true`, position('expires', [option(2)], { switchToExpired: true }));
    await world.time.advance(20 * DAY);
    expect([await status('stays'), await status('expires')]).toEqual(['VALID', 'EXPIRED']);
    const verify = (base: number) => world.pagopa.node.verify({ creditor: COMUNE, noticeNumber: option(base).nav });
    expect(await verify(1)).toMatchObject({ outcome: 'OK' });
    expect(await verify(2)).toMatchObject({ fault: { original: 'PAA_PAGAMENTO_SCADUTO' } });
    expect((await send('POST', `${V1}/expires/invalidate`)).status).toBe(409);
    const later = { ...option(2), dueDate: '2027-01-31T00:00:00' };
    await send('PUT', `${V1}/expires`, position('expires', [later], { switchToExpired: true }));
    expect(await status('expires')).toBe('VALID');
  });

  it('ends when it is invalidated', async () => {
    await send('POST', `${V1}?toPublish=true`, position('p1', [option(1)]));
    expect((await send('POST', `${V1}/p1/invalidate`)).body.status).toBe('INVALID');
    expect(await world.pagopa.node.verify({ creditor: COMUNE, noticeNumber: option(1).nav })).toMatchObject({
      fault: { original: 'PAA_PAGAMENTO_ANNULLATO' },
    });
    expect((await send('PUT', `${V1}/p1`, position('p1', [option(1)]))).status).toBe(409);
  });

  it('never leaves a final state, whatever happens in whatever order', () => {
    const events = fc.array(fc.constantFrom<PositionEvent>(...positionMachine.events), { maxLength: 30 });
    fc.assert(
      fc.property(events, (happened) => {
        let state = positionMachine.initial as (typeof positionMachine.states)[number];
        for (const event of happened) {
          const next = positionMachine.next(state, event);
          if (state === 'INVALID' || state === 'REPORTED') expect(next).toBeNull();
          if (state === 'PAID') expect(next === null || next === 'REPORTED').toBe(true);
          state = next ?? state;
        }
      }),
    );
  });

  it('of a plan excludes the single option once begun, and the other way round', async () => {
    const parts = [2, 3].map((base) => ({ ...option(base, 6_000), isPartialPayment: true }));
    await send('POST', `${V1}?toPublish=true`, position('p1', [option(1), ...parts]));
    const pay = (base: number) => world.pagopa.node.pay({ creditor: COMUNE, noticeNumber: option(base).nav });
    expect(await pay(2)).toMatchObject({ outcome: 'OK' });
    expect(await status('p1')).toBe('PARTIALLY_PAID');
    expect(await pay(1)).toMatchObject({ fault: { original: 'PAA_PAGAMENTO_SCONOSCIUTO' } });
    expect(await pay(3)).toMatchObject({ outcome: 'OK' });
    expect(await status('p1')).toBe('PAID');
  });
});

describe('what GPD refuses', () => {
  const ONE = option(1);
  const REFUSED: readonly [string, object][] = [
    ['a sum that is not that of the transfers', { ...ONE, amount: 1 }],
    ['a due date that is past', { ...ONE, dueDate: '2026-12-01T00:00:00' }],
    [
      'an account that is not registered',
      { ...ONE, transfer: [{ ...transfer(12_000), iban: 'IT42L1234512345123456789012' }] },
    ],
    ['neither account nor stamp', { ...ONE, transfer: [{ ...transfer(12_000), iban: undefined }] }],
    ['an unknown transfer number', { ...ONE, transfer: [{ ...transfer(12_000), idTransfer: '6' }] }],
    ['two transfers of one number', { ...ONE, transfer: [transfer(6_000), transfer(6_000)] }],
    ['a description of 141 characters', { ...ONE, description: 'x'.repeat(141) }],
    ['no description', { ...ONE, description: undefined }],
  ];

  it.each(REFUSED)('%s, also where the official schema is not there', async (_, wrong) => {
    expect((await send('POST', V1, position('p1', [wrong]))).status).toBe(400);
    expect(await status('p1')).toBe(404);
    await world.close();
    world = await startWorld({ check: null });
    expect((await send('POST', V1, position('p1', [wrong]))).status).toBe(400);
  });

  it('the same position or the same notice twice', async () => {
    await send('POST', V1, position('p1', [option(1)]));
    expect((await send('POST', V1, position('p1', [option(2)]))).status).toBe(409);
    expect((await send('POST', V1, position('p2', [option(1)]))).status).toBe(409);
  });

  it('a start in the past, on creation alone', async () => {
    const past = { validityDate: '2026-12-01T00:00:00' };
    expect((await send('POST', V1, position('p1', [option(1)], past))).status).toBe(400);
    await send('POST', V1, position('p1', [option(1)]));
    expect((await send('PUT', `${V1}/p1`, position('p1', [option(1)], past))).status).toBe(200);
  });

  it('a call without its key, and what it was told to refuse', async () => {
    expect((await send('GET', V1, undefined, 'aca')).status).toBe(401);
    world.pagopa.products.fault('gpd', { kind: 429, times: 2 });
    world.pagopa.products.fault('aca', { kind: 'down' });
    expect([(await send('GET', V1)).status, (await send('GET', V1)).status, (await send('GET', V1)).status]).toEqual([
      429, 429, 200,
    ]);
    await expect(send('GET', ACA, undefined, 'aca')).rejects.toThrow();
    world.pagopa.products.fault('aca', null);
    expect((await send('GET', ACA, undefined, 'aca')).status).toBe(200);
  });
});

describe('version 3', () => {
  const debtor = { type: 'F', fiscalCode: 'RSSMRA80A01H501U', fullName: 'Nicolò Però' };
  const installment = (base: number, amount: number) => {
    const { isPartialPayment: _, ...rest } = option(base, amount);
    return rest;
  };

  it('has options with their debtor and installments, and says UNPAYABLE for what is over', async () => {
    const body = {
      iupd: 'p3',
      companyName: 'Comune di Prova',
      paymentOption: [
        { switchToExpired: false, debtor, installments: [installment(1, 12_000)] },
        {
          switchToExpired: false,
          description: 'In due rate',
          debtor,
          installments: [installment(2, 6_000), installment(3, 6_000)],
        },
      ],
    };
    conforms('gpdV3Position', body);
    expect((await send('POST', `${V3}?toPublish=true`, body)).status).toBe(201);
    await world.pagopa.node.pay({ creditor: COMUNE, noticeNumber: option(2).nav });
    const { body: read } = await send('GET', `${V3}/p3`);
    conforms('gpdV3Answer', read);
    expect(read).toMatchObject({
      status: 'PARTIALLY_PAID',
      paymentOption: [
        { installments: [{ status: 'UNPAID' }] },
        { installments: [{ status: 'PAID' }, { status: 'UNPAID' }] },
      ],
    });
    await send('POST', `${V1}?toPublish=true`, position('p4', [option(4)]));
    await send('POST', `${V1}/p4/invalidate`);
    expect((await send('GET', `${V3}/p4`)).body.status).toBe('UNPAYABLE');
    expect((await send('GET', `${V3}?status=UNPAYABLE`)).body).toMatchObject({ page_info: { items_found: 1 } });
  });
});
