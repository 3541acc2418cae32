import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { officialSoap } from '../../test/support/official-schemas.ts';
import { TOKEN_LIFE_MS } from './position-locks.ts';
import { PSPS } from './registry.ts';
import { problemsBy } from './testing/official.ts';
import { COMUNE, IBAN, PROVINCIA, paymentData, startWorld, type World, type WorldOptions } from './testing/world.ts';
import type { PaymentData } from './types.ts';
import { childrenOf, textOf } from './xml.ts';

const validate = problemsBy(officialSoap('pagopa', 'pagopa-api', 'wsdl', 'xsd', 'paForNode.xsd'));
let world: World;

async function begin(options: WorldOptions = {}): Promise<World> {
  world = await startWorld({ validate, ...options });
  return world;
}

afterEach(async () => {
  for (const { message } of world.station.calls) expect(validate(message)).toEqual([]);
  await world.close();
});

describe('a payment', () => {
  it('is verified, asked for, settled, and told to the body with its receipt', async () => {
    const { pagopa, station, told, time, notice } = await begin();
    const paid = await pagopa.node.pay(notice(1), {
      paymentNote: 'cart-7',
      payer: { ...paymentData('302000000001234559').debtor, fullName: 'Zoë Müller' },
    });
    if (paid.outcome === 'KO') throw new Error(paid.fault.code);
    expect(station.calls.map(({ operation, action }) => [operation, action])).toEqual([
      ['paVerifyPaymentNotice', '"paVerifyPaymentNotice"'],
      ['paGetPaymentV2', '"paGetPaymentV2"'],
      ['paSendRTV2', '"paSendRTV2"'],
    ]);
    const [receipt] = station.receipts.get(paid.payment.receiptId) ?? [];
    expect(textOf(receipt, 'paymentAmount')).toBe('120.00');
    expect(textOf(receipt, 'paymentNote')).toBe('cart-7');
    expect(textOf(receipt, 'fee')).toBe('1.20');
    expect(textOf(receipt, 'payer', 'fullName')).toBe('Zoë Müller');
    expect(textOf(receipt, 'debtor', 'fullName')).toBe('Nicolò D’Agostino Però');
    // Ten in Rome, and the banking day after it.
    expect(textOf(receipt, 'paymentDateTime')).toBe('2026-12-02T10:00:00');
    expect(textOf(receipt, 'transferDate')).toBe('2026-12-03');
    expect(told).toEqual([
      expect.objectContaining({ creditorFiscalCode: COMUNE, amountCents: 12_000, paidAt: time.now() }),
    ]);
  });

  it('follows the versions a station is registered for, which may differ', async () => {
    const { pagopa, station, notice } = await begin({ version: 2, receiptVersion: 1 });
    await pagopa.node.pay(notice(1));
    expect(station.calls.map(({ operation }) => operation)).toEqual([
      'paVerifyPaymentNotice',
      'paGetPaymentV2',
      'paSendRT',
    ]);
    await world.close();
    const old = await begin({ version: 1 });
    await old.pagopa.node.pay(old.notice(1));
    expect(old.station.calls.map(({ operation }) => operation)).toEqual([
      'paVerifyPaymentNotice',
      'paGetPayment',
      'paSendRT',
    ]);
  });

  it('carries whatever a body may say of its debtor into a valid receipt', async () => {
    const { pagopa, station, notice } = await begin();
    const text = (maxLength: number) =>
      fc
        .string({ minLength: 1, maxLength, unit: 'grapheme-composite' })
        .filter((s) => /^\P{C}*$/u.test(s) && [...s].length <= maxLength);
    let base = 10;
    await fc.assert(
      fc.asyncProperty(
        text(70),
        text(140),
        text(35),
        fc.integer({ min: 1, max: 99_999_999_999 }),
        async (fullName, description, city, amountCents) => {
          base += 1;
          const given = notice(base);
          const data = paymentData(given.noticeNumber, amountCents);
          station.positions.set(given.noticeNumber, {
            ...data,
            description,
            debtor: { type: 'F', code: 'ANONIMO', fullName, city },
          });
          const paid = await pagopa.node.pay(given);
          if (paid.outcome === 'KO')
            throw new Error(JSON.stringify(pagopa.node.exchanges.ofNotice(given.noticeNumber).at(-1)));
          const [receipt] = station.receipts.get(paid.payment.receiptId) ?? [];
          expect([textOf(receipt, 'debtor', 'fullName'), textOf(receipt, 'description')]).toEqual([
            fullName,
            description,
          ]);
        },
      ),
      { numRuns: 40 },
    );
    for (const { message } of station.calls) expect(validate(message)).toEqual([]);
  });

  it('shares its receipt with every body named in a transfer, which gets its own head', async () => {
    const { pagopa, station, provincia, notice } = await begin();
    const shares: PaymentData['transfers'] = [
      {
        id: 1,
        amountCents: 11_400,
        fiscalCode: COMUNE,
        iban: IBAN,
        stamp: null,
        remittanceInformation: 'TARI',
        category: '9/0101101IM/',
        metadata: [],
      },
      {
        id: 2,
        amountCents: 600,
        fiscalCode: PROVINCIA,
        companyName: 'Provincia di Prova',
        iban: 'IT42L1234512345123456789012',
        stamp: null,
        remittanceInformation: 'TEFA',
        category: '0201102IM',
        metadata: [{ key: 'TARI-TEFA-2', value: 'A000|2026|TEFA' }],
      },
    ];
    const paid = await pagopa.node.pay(notice(1, { transfers: shares }));
    if (paid.outcome === 'KO') throw new Error(paid.fault.code);
    const { receiptId } = paid.payment;
    expect(pagopa.node.deliveries(receiptId).map(({ to, state }) => [to.creditor, state])).toEqual([
      [COMUNE, 'NOTIFIED'],
      [PROVINCIA, 'NOTIFIED'],
    ]);
    expect(station.receipts.get(receiptId)).toHaveLength(1);
    const [shared] = provincia.receipts.get(receiptId) ?? [];
    expect(textOf(shared, 'fiscalCode')).toBe(COMUNE);
    expect(provincia.calls[0]?.message).toContain(`<idPA>${PROVINCIA}</idPA>`);
    expect(world.told).toHaveLength(1);
  });

  it('of a stamp has the stamp in its receipt and no account', async () => {
    const { pagopa, station, notice } = await begin();
    const stamp = { documentHash: Buffer.alloc(32, 7).toString('base64'), type: '01', province: 'FC' };
    const transfers: PaymentData['transfers'] = [
      {
        id: 1,
        amountCents: 1_600,
        fiscalCode: COMUNE,
        iban: null,
        stamp,
        remittanceInformation: 'Bollo',
        category: '9/0101100IM/',
        metadata: [],
      },
    ];
    const paid = await pagopa.node.pay(notice(1, { amountCents: 1_600, transfers }));
    if (paid.outcome === 'KO') throw new Error(paid.fault.code);
    const [receipt] = station.receipts.get(paid.payment.receiptId) ?? [];
    const [transfer] = childrenOf(
      receipt?.children.find(({ name }) => name === 'transferList'),
      'transfer',
    );
    expect(textOf(transfer, 'IBAN')).toBeUndefined();
    expect(Buffer.from(textOf(transfer, 'MBDAttachment') ?? '', 'base64').toString()).toContain(stamp.documentHash);
  });
});

describe('the lock on a notice', () => {
  it('lasts for half an hour, and is lifted when the payment fails', async () => {
    const { pagopa, time, notice } = await begin();
    const given = notice(1);
    const first = await pagopa.node.activate(given);
    const second = await pagopa.node.activate(given);
    expect(second).toEqual({ outcome: 'KO', fault: { code: 'PPT_PAGAMENTO_IN_CORSO' } });
    await time.advance(TOKEN_LIFE_MS);
    const third = await pagopa.node.activate(given);
    if (first.outcome === 'KO' || third.outcome === 'KO') throw new Error('not activated');
    expect(await pagopa.node.sendOutcome(third.token, 'KO')).toEqual({ outcome: 'OK', payment: null });
    expect(pagopa.node.barred(given)).toBeNull();
    expect(pagopa.node.payments).toHaveLength(0);
  });

  it('lets a late outcome pay what somebody else has paid: two receipts of one notice', async () => {
    const { pagopa, time, station, notice } = await begin();
    const given = notice(1);
    const slow = await pagopa.node.activate(given, { psp: PSPS.post });
    await time.advance(TOKEN_LIFE_MS);
    await pagopa.node.pay(given);
    if (slow.outcome === 'KO') throw new Error('not activated');
    await pagopa.node.sendOutcome(slow.token, 'OK');
    expect(station.receipts.size).toBe(2);
    expect(pagopa.node.payments.map(({ psp }) => psp.name)).toEqual([PSPS.bank.name, PSPS.post.name]);
    expect(await pagopa.node.activate(given)).toEqual({ outcome: 'KO', fault: { code: 'PPT_PAGAMENTO_DUPLICATO' } });
  });

  it('is taken before anybody is asked: of two at once, one pays', async () => {
    const { pagopa, notice } = await begin();
    const given = notice(1);
    const both = await Promise.all([pagopa.node.pay(given), pagopa.node.pay(given)]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['KO', 'OK']);
  });
});

describe('a station that says no, or nothing', () => {
  it('has its own code told to the PSP', async () => {
    const { pagopa, station, notice } = await begin();
    const given = notice(1);
    station.positions.set(given.noticeNumber, 'PAA_PAGAMENTO_ANNULLATO');
    expect(await pagopa.node.pay(given)).toEqual({
      outcome: 'KO',
      fault: { code: 'PPT_ERRORE_EMESSO_DA_PAA', original: 'PAA_PAGAMENTO_ANNULLATO' },
    });
    expect(await pagopa.node.probe(COMUNE)).toMatchObject({ fault: { original: 'PAA_PAGAMENTO_SCONOSCIUTO' } });
    expect(pagopa.node.exchanges.counts()).toMatchObject({ KO: 2, malformed: 0 });
  });

  it('is waited for so long and no longer; a cut line is told apart', async () => {
    const { pagopa, station, notice } = await begin({ timeouts: { read: 600, receipt: 600 } });
    station.misbehave('paVerifyPaymentNotice', () => new Promise(() => undefined));
    expect(await pagopa.node.verify(notice(1))).toMatchObject({ fault: { code: 'PPT_STAZIONE_INT_PA_TIMEOUT' } });
    station.misbehave('paVerifyPaymentNotice', () => null);
    expect(await pagopa.node.verify(notice(2))).toMatchObject({
      fault: { code: 'PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE' },
    });
  });

  it('is not asked at all for numbers and bodies the platform does not know', async () => {
    const { pagopa, station } = await begin();
    const noticeNumber = '347202400000000144';
    expect(await pagopa.node.verify({ creditor: COMUNE, noticeNumber })).toMatchObject({
      fault: { code: 'PPT_STAZIONE_INT_PA_SCONOSCIUTA' },
    });
    expect(await pagopa.node.verify({ creditor: '00000000000', noticeNumber })).toMatchObject({
      fault: { code: 'PPT_DOMINIO_SCONOSCIUTO' },
    });
    expect(station.calls).toHaveLength(0);
  });
});
