import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMUNE, IBAN, startWorld, type World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

describe('a new town', () => {
  it('starts the platform anew: nothing of the old one is known, and the same notice is paid and told of again', async () => {
    const notice = world.notice(1);
    const before = await world.pagopa.node.pay(notice);
    const station = {
      id: '98765432106_01',
      brokerFiscalCode: '98765432106',
      url: world.station.url,
      segregationCodes: ['02'],
    };
    world.pagopa.begin([{ fiscalCode: COMUNE, name: 'Comune Nuovo', ibans: [IBAN], stations: [station] }]);
    expect(world.pagopa.node.payments).toEqual([]);
    const after = await world.pagopa.node.pay(notice);
    // Tokens come from the notice alone: the same story told twice is the same.
    if (before.outcome === 'KO' || after.outcome === 'KO') throw new Error('not paid');
    expect(after.payment.receiptId).toBe(before.payment.receiptId);
    expect(world.told).toHaveLength(2);
  });

  it('tells once of a payment whose body has two stations for it', async () => {
    const notice = world.notice(1);
    const common = { brokerFiscalCode: '98765432106', url: world.station.url };
    const stations = [
      { ...common, id: '98765432106_01', segregationCodes: ['02'] },
      { ...common, id: '98765432106_05', segregationCodes: [], broadcast: true },
    ];
    world.pagopa.begin([{ fiscalCode: COMUNE, name: 'Comune Nuovo', ibans: [IBAN], stations }]);
    const paid = await world.pagopa.node.pay(notice);
    if (paid.outcome === 'KO') throw new Error(paid.fault.code);
    expect(world.station.receipts.get(paid.payment.receiptId)).toHaveLength(2);
    expect(world.told).toHaveLength(1);
  });

  it('refuses an account that is none', () => {
    const creditor = { fiscalCode: COMUNE, name: 'Comune Nuovo', ibans: ['IT00X0542811101000000123456'], stations: [] };
    expect(() => world.pagopa.begin([creditor])).toThrow('no IBAN');
  });
});

describe('the APIs', () => {
  it('know their official paths alone', async () => {
    expect((await fetch(`${world.pagopa.apiUrl}/carts`, { method: 'POST' })).status).toBe(404);
  });

  it('count the calls they had, the refused ones too', async () => {
    await fetch(`${world.pagopa.apiUrl}/fdr-org/service/v1/organizations/${COMUNE}/fdrs`);
    expect(world.pagopa.products.calls).toEqual([
      { product: 'fdr', method: 'GET', path: `/fdr-org/service/v1/organizations/${COMUNE}/fdrs`, status: 401 },
    ]);
  });
});
