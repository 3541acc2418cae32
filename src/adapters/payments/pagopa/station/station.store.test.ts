import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  DAY,
  openCampaignRuns,
  person,
} from '../../../../../test/support/campaign-run.ts';
import { TARI, TICKET } from '../../../../../test/support/ground.ts';
import { officialSoap } from '../../../../../test/support/official-schemas.ts';
import {
  ask,
  BROKER,
  connectStation,
  IBAN,
  numberOf,
  POSTAL_IBAN,
  PROVINCE,
  qrCode,
  receiptXml,
  STATION,
  soap,
  type Told,
  type ToldReceipt,
} from '../../../../../test/support/pagopa.ts';
import { iuvOf, makeNoticeNumber } from '../../../../kernel/notice-number.ts';
import { debtsById, doubtDebts, ledgerMismatches, relieveDebts } from '../../../../modules/debts/index.ts';
import { listRefunds, quarantinedReceipts, receiptDocument, saveStation } from '../../../../modules/payments/index.ts';
import { childOf, childrenOf, textOf } from '../../../../platform/xml/index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const official = officialSoap('pagopa', 'pagopa-api', 'wsdl', 'xsd', 'paForNode.xsd');

/** Asks, and holds every answer against the official schema where it is there. */
async function told(station: Parameters<typeof ask>[0], xml: string): Promise<Told> {
  const answer = await ask(station, xml);
  official?.(answer.xml);
  return answer;
}

const LOOKS = ['paVerifyPaymentNoticeReq', 'paGetPaymentReq', 'paGetPaymentV2Request'] as const;

async function world(amountCents = 12_300, rules: Readonly<Record<string, unknown>> = {}, run?: CampaignRun) {
  const body = run ?? (await runs.fresh());
  const [debt] = await body.addDebts([person(1, { amountCents, taxYear: 2024 })]);
  if (debt === undefined) throw new Error('no debt');
  const station = await connectStation(body, rules);
  const noticeNumber = await numberOf(body, debt.debtId);
  const idPA = body.ente.codiceFiscale;
  const look = (name: (typeof LOOKS)[number], over = '', number = noticeNumber) =>
    told(station, soap(name, idPA, qrCode(idPA, number) + over));
  const pay = (over: Partial<ToldReceipt> = {}, version: 1 | 2 = 2) =>
    told(station, receiptXml(version, { idPA, noticeNumber, amountCents, ...over }));
  const state = async () => (await body.tx((tx) => debtsById(tx, [debt.debtId])))[0];
  return { run: body, debt, station, noticeNumber, idPA, look, pay, state };
}

const dataOf = (answer: Told) => childOf(answer.answer, 'data');
const transfersOf = (answer: Told) => childrenOf(childOf(dataOf(answer), 'transferList'), 'transfer');

describe('a look at a notice', () => {
  it('is verified with what is owed now', async () => {
    const { look, idPA } = await world();
    const { answer, outcome, status } = await look('paVerifyPaymentNoticeReq');
    expect([status, outcome, answer.name]).toEqual([200, 'OK', 'paVerifyPaymentNoticeRes']);
    const option = childOf(childOf(answer, 'paymentList'), 'paymentOptionDescription');
    expect(['amount', 'options', 'dueDate', 'allCCP'].map((name) => textOf(option, name))).toEqual([
      '123.00',
      'EQ',
      '2026-06-16',
      'false',
    ]);
    expect([textOf(answer, 'paymentDescription'), textOf(answer, 'fiscalCodePA')]).toEqual(['TARI 2024', idPA]);
  });

  it.each(['paGetPaymentReq', 'paGetPaymentV2Request'] as const)(
    'is got by %s, with the debtor and one transfer',
    async (name) => {
      const { look, noticeNumber, debt } = await world();
      const answer = await look(name);
      expect(answer.outcome).toBe('OK');
      expect(answer.answer.name).toBe(name === 'paGetPaymentReq' ? 'paGetPaymentRes' : 'paGetPaymentV2Response');
      expect(textOf(dataOf(answer), 'creditorReferenceId')).toBe(iuvOf(noticeNumber));
      expect(textOf(dataOf(answer), 'debtor', 'uniqueIdentifier', 'entityUniqueIdentifierValue')).toBe(
        debt.codiceFiscale,
      );
      expect(transfersOf(answer).map((one) => [textOf(one, 'transferAmount'), textOf(one, 'IBAN')])).toEqual([
        ['123.00', IBAN],
      ]);
    },
  );

  it('changes nothing, however often it is repeated', async () => {
    const { look, state, run } = await world();
    const before = await state();
    for (let n = 0; n < 3; n += 1) for (const name of LOOKS) expect((await look(name)).outcome).toBe('OK');
    expect(await state()).toEqual(before);
    expect(await run.leaves('receipt.booked')).toEqual([]);
  });

  it('gives the amount of now, not that of the request nor of the notice as printed', async () => {
    const { look, pay } = await world();
    await pay({ amountCents: 2_300 });
    const answer = await look('paGetPaymentV2Request', '<amount>123.00</amount><dueDate>2020-01-01</dueDate>');
    expect(textOf(dataOf(answer), 'paymentAmount')).toBe('100.00');
  });

  it('rounds a local tax to the euro (R32), but never to nothing', async () => {
    expect(textOf(dataOf(await (await world(12_349)).look('paGetPaymentReq')), 'paymentAmount')).toBe('123.00');
    expect(textOf(dataOf(await (await world(12_350)).look('paGetPaymentReq')), 'paymentAmount')).toBe('124.00');
    expect(textOf(dataOf(await (await world(1_240)).look('paGetPaymentReq')), 'paymentAmount')).toBe('12.00');
  });

  it('parts a TARI between comune and province, to the cent', async () => {
    const run = await runs.fresh({ creditTypes: [{ ...TARI, nature: 'tari' }] });
    const { look, idPA } = await world(10_500, { provinceAccount: { ...PROVINCE, cadastralCode: 'A000' } }, run);
    const answer = await look('paGetPaymentV2Request');
    const parts = transfersOf(answer).map((one) =>
      ['idTransfer', 'transferAmount', 'fiscalCodePA', 'companyName', 'transferCategory'].map((name) =>
        textOf(one, name),
      ),
    );
    expect(parts).toEqual([
      ['1', '100.00', idPA, run.ente.name, '9/0101101IM/'],
      ['2', '5.00', PROVINCE.fiscalCode, PROVINCE.name, PROVINCE.category],
    ]);
    const metadata = transfersOf(answer).map((one) =>
      ['key', 'value'].map((name) => textOf(one, 'metadata', 'mapEntry', name)),
    );
    expect(metadata).toEqual([
      ['TARI-TEFA-1', 'A000|2024|3944'],
      ['TARI-TEFA-2', 'A000|2024|TEFA'],
    ]);
  });

  it('leads to the postal account where the payer pays by slip, and names it where he does not', async () => {
    const { look } = await world(12_300, { collectionAccount: { iban: IBAN, postalIban: POSTAL_IBAN } });
    const iban = async (type: string) => textOf(transfersOf(await look('paGetPaymentV2Request', type))[0], 'IBAN');
    expect(await iban('')).toBe(IBAN);
    expect(await iban('<transferType>POSTAL</transferType>')).toBe(POSTAL_IBAN);
    const paid = transfersOf(await look('paGetPaymentV2Request', '<transferType>PAGOPA</transferType>'))[0];
    expect(textOf(paid, 'IBAN')).toBe(IBAN);
    expect(textOf(paid, 'metadata', 'mapEntry', 'value')).toBe(POSTAL_IBAN);
    const verified = await look('paVerifyPaymentNoticeReq');
    expect(textOf(verified.answer, 'paymentList', 'paymentOptionDescription', 'allCCP')).toBe('true');
  });

  it('says nothing of health', async () => {
    const run = await runs.fresh({ kind: 'asl', creditTypes: [TICKET] });
    const { look, noticeNumber } = await world(3_615, { pagopaCategory: '9/0501100TS/' }, run);
    const { xml, answer } = await look('paGetPaymentV2Request');
    expect(xml).not.toMatch(/ticket|sportello/i);
    expect(textOf(childOf(answer, 'data'), 'description')).toBe(`Avviso di pagamento ${noticeNumber}`);
  });
});

describe('a notice that cannot be paid', () => {
  type World = Awaited<ReturnType<typeof world>>;
  interface Case {
    readonly what: string;
    readonly make: (w: World) => Promise<unknown>;
    readonly code: string;
    readonly rules?: Readonly<Record<string, unknown>>;
  }
  const CASES: readonly Case[] = [
    { what: 'was paid', make: (w) => w.pay(), code: 'PAA_PAGAMENTO_DUPLICATO' },
    {
      what: 'was cancelled',
      make: (w) =>
        w.run.tx((tx) => relieveDebts(tx, [w.debt.debtId], { at: w.run.now(), source: 'dispute', sourceRef: 'd' })),
      code: 'PAA_PAGAMENTO_ANNULLATO',
    },
    {
      what: 'is in doubt',
      make: (w) => {
        const debts = sql`select ${w.debt.debtId}::uuid as debt_id`;
        return w.run.tx((tx) => doubtDebts(tx, '00000000-0000-7000-8000-000000000001', debts, w.run.now()));
      },
      code: 'PAA_SEMANTICA',
    },
    {
      what: 'is out of use',
      make: (w) =>
        w.run.tx((tx) =>
          sql`update payment_request set state = 'withdrawn' where ente_id = ${w.run.enteId}`.execute(tx.kysely),
        ),
      code: 'PAA_PAGAMENTO_SCONOSCIUTO',
    },
    {
      what: 'is past its date, where the body takes it no more',
      make: async () => {},
      code: 'PAA_PAGAMENTO_SCADUTO',
      rules: { payableOverdue: false },
    },
    {
      what: 'is of a credit that is not collected so',
      make: async () => {},
      code: 'PAA_SEMANTICA',
      rules: { pagopaCategory: null },
    },
  ];

  it.each(CASES)('because it $what is refused by every operation', async ({ make, code, rules }) => {
    const w = await world(12_300, rules);
    await make(w);
    for (const name of LOOKS) {
      const answer = await w.look(name);
      expect([name, answer.status, answer.outcome, answer.fault]).toEqual([name, 200, 'KO', code]);
      expect(textOf(answer.answer, 'fault', 'id')).toBe(w.idPA);
    }
  });

  it('because nobody here has it, or another station answers for it', async () => {
    const { look } = await world();
    for (const number of [makeNoticeNumber('02', 999_999), makeNoticeNumber('47', 1), '000000000000000000']) {
      expect((await look('paVerifyPaymentNoticeReq', '', number)).fault).toBe('PAA_PAGAMENTO_SCONOSCIUTO');
    }
  });
});

describe('a call for somebody else', () => {
  it('is refused in the order in which the platform checks', async () => {
    const { station, idPA, noticeNumber } = await world();
    const verify = (to: string, head: object, code = to) =>
      told(station, soap('paVerifyPaymentNoticeReq', to, qrCode(code, noticeNumber), head));
    const other = '80088888888';
    expect((await verify(other, { idBrokerPA: 'x', idStation: 'x' })).fault).toBe('PAA_ID_DOMINIO_ERRATO');
    expect((await verify(idPA, { idBrokerPA: other, idStation: 'x' })).fault).toBe('PAA_ID_INTERMEDIARIO_ERRATO');
    expect((await verify(idPA, { idStation: `${BROKER}_09` })).fault).toBe('PAA_STAZIONE_INT_ERRATA');
    expect((await verify(idPA, {}, other)).fault).toBe('PAA_ID_DOMINIO_ERRATO');
    expect((await verify(idPA, {})).outcome).toBe('OK');
  });

  it('finds nobody at a station that was switched off', async () => {
    const run = await runs.fresh();
    const { idPA, noticeNumber } = await world(5_000, {}, run);
    await run.tx((tx) =>
      saveStation(tx, { stationId: STATION, brokerFiscalCode: BROKER, segregationCodes: ['02'], active: false }),
    );
    // Asked through a station that has not read the settings yet.
    const { makeStation } = await import('./station.ts');
    const fresh = makeStation({
      db: run.store.db,
      vaultOf: run.store.vaultOf,
      clock: { now: run.now },
      monotonic: { now: () => 0 },
      log: { error() {}, warn() {} } as never,
      takeReceipt: async () => {
        throw new Error('not asked');
      },
      zone: 'rome',
      receiptsDown: 'refuse',
    });
    const answer = await told(fresh, soap('paVerifyPaymentNoticeReq', idPA, qrCode(idPA, noticeNumber)));
    expect(answer.fault).toBe('PAA_ID_INTERMEDIARIO_ERRATO');
  });
});

describe('a receipt', () => {
  it.each([1, 2] as const)('in version %i is booked, with its transfers and its document', async (version) => {
    const { pay, state, run, station, noticeNumber, idPA } = await world();
    const answer = await pay({}, version);
    expect([answer.status, answer.outcome]).toEqual([200, 'OK']);
    expect(answer.answer.name).toBe(version === 1 ? 'paSendRTRes' : 'paSendRTV2Response');
    expect(await state()).toMatchObject({ state: 'settled', paid_cents: 12_300 });
    const rows = await run.tx((tx) =>
      sql`select channel, creditor_reference, fee_cents, stand_in, paid_at, psp from receipt where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    expect(rows.rows).toEqual([
      {
        channel: 'pagopa',
        creditor_reference: iuvOf(noticeNumber),
        fee_cents: 150,
        stand_in: false,
        // Rome in winter.
        paid_at: Date.parse('2026-11-20T09:00:00Z'),
        psp: 'Banca Città di Forlì',
      },
    ]);
    const transfers = await run.tx((tx) =>
      sql`select transfer_no, beneficiary_fiscal_code, amount_cents, iban from receipt_transfer_now where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    expect(transfers.rows).toEqual([
      { transfer_no: 1, beneficiary_fiscal_code: idPA, amount_cents: 12_300, iban: IBAN },
    ]);
    const kept = await run.tx((tx) => receiptDocument(tx, run.store.vaultOf(run.enteId), 'tok-1'));
    expect(kept).toContain('<receiptId>tok-1</receiptId>');
    expect(station).toBeDefined();
  });

  it('told again, by either version, is answered the same and booked once', async () => {
    const { pay, state, run } = await world();
    for (const version of [2, 2, 1] as const) expect((await pay({}, version)).outcome).toBe('OK');
    expect(await state()).toMatchObject({ paid_cents: 12_300 });
    expect(await run.leaves('receipt.booked')).toHaveLength(1);
    expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
  });

  it('told at once by several calls is booked once', async () => {
    const { pay, run } = await world();
    const answers = await Promise.all(Array.from({ length: 4 }, () => pay()));
    expect(answers.map((one) => one.outcome)).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(await run.leaves('receipt.booked')).toHaveLength(1);
  });

  it('of another content under a known id is refused and changes nothing', async () => {
    const { pay, state } = await world();
    await pay();
    expect((await pay({ amountCents: 1_000 })).fault).toBe('PAA_RECEIPT_DUPLICATA');
    expect(await state()).toMatchObject({ paid_cents: 12_300 });
  });

  it('of a second payment is kept, and the money proposed to be given back', async () => {
    const { pay, run, debt } = await world();
    await pay();
    expect((await pay({ receiptId: 'tok-2' })).outcome).toBe('OK');
    const refunds = await run.tx((tx) => listRefunds(tx));
    expect(refunds).toMatchObject([
      { receiptId: 'tok-2', debtId: debt.debtId, amountCents: 12_300, reason: 'paidTwice', state: 'proposed' },
    ]);
    expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
  });

  it('of more than was owed proposes the excess, of less leaves the rest open', async () => {
    const more = await world();
    await more.pay({ amountCents: 12_400 });
    expect(await more.run.tx((tx) => listRefunds(tx))).toMatchObject([{ amountCents: 100, reason: 'excess' }]);
    const less = await world();
    await less.pay({ amountCents: 300, standIn: true });
    expect(await less.state()).toMatchObject({ state: 'open', outstanding_cents: 12_000 });
    expect(await less.run.tx((tx) => listRefunds(tx))).toEqual([]);
  });

  it('of a debt that was cancelled is kept, and given back', async () => {
    const { pay, run, debt } = await world();
    await run.tx((tx) => relieveDebts(tx, [debt.debtId], { at: run.now(), source: 'dispute', sourceRef: 'd' }));
    expect((await pay()).outcome).toBe('OK');
    expect(await run.tx((tx) => listRefunds(tx))).toMatchObject([{ amountCents: 12_300, reason: 'cancelledDebt' }]);
  });

  it('of a notice that nobody knows is kept first, and refused after; the file that brings it books it', async () => {
    const { pay, run } = await world();
    const noticeNumber = makeNoticeNumber('02', 777);
    const answer = await pay({ noticeNumber, receiptId: 'tok-9' });
    expect([answer.status, answer.fault]).toEqual([200, 'PAA_PAGAMENTO_SCONOSCIUTO']);
    expect(await run.tx((tx) => quarantinedReceipts(tx))).toEqual([
      { receiptId: 'tok-9', noticeNumber, amountCents: 12_300 },
    ]);
    expect((await pay({ noticeNumber, receiptId: 'tok-9' })).fault).toBe('PAA_PAGAMENTO_SCONOSCIUTO');
  });

  it('in which the body only shares moves no debt, even where the number is one of its own', async () => {
    const { pay, state, run, idPA } = await world();
    const primary = '80077777777';
    const transfers = [
      { fiscalCode: primary, amountCents: 10_000 },
      { fiscalCode: idPA, amountCents: 500 },
    ];
    expect((await pay({ fiscalCode: primary, amountCents: 10_500, transfers })).outcome).toBe('OK');
    expect(await state()).toMatchObject({ state: 'open', paid_cents: 0 });
    const { rows } = await run.tx((tx) =>
      sql`select state, amount_cents, transfer_no, debt_id from receipt_transfer_now where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    expect(rows).toEqual([{ state: 'shared', amount_cents: 500, transfer_no: 2, debt_id: null }]);
    // Nobody's share is nobody's receipt.
    const others = await pay({
      receiptId: 'tok-3',
      fiscalCode: primary,
      transfers: [{ fiscalCode: primary, amountCents: 12_300 }],
    });
    expect(others.fault).toBe('PAA_SEMANTICA');
  });

  it('with a stamp keeps it among its transfers, without an account', async () => {
    const { pay, run, idPA } = await world();
    const transfers = [
      { fiscalCode: idPA, amountCents: 10_700 },
      { fiscalCode: idPA, amountCents: 1_600, stamp: true },
    ];
    expect((await pay({ transfers })).outcome).toBe('OK');
    const { rows } = await run.tx((tx) =>
      sql<{
        iban: string | null;
      }>`select iban from receipt_transfer where ente_id = ${run.enteId} order by transfer_no`.execute(tx.kysely),
    );
    expect(rows.map((row) => row.iban)).toEqual([IBAN, null]);
  });

  it.each([
    ['of a payment that failed', { outcome: 'KO' }, 'PAA_SEMANTICA'],
    ['of a day that no calendar has', { paidAt: '2026-02-30T10:00:00' }, 'PAA_SINTASSI_EXTRAXSD'],
    ['with an id that has blanks', { receiptId: 'a b' }, 'PAA_SINTASSI_EXTRAXSD'],
  ] as const)('%s is refused and not kept', async (_what, over, fault) => {
    const { pay, state, run } = await world();
    expect((await pay(over)).fault).toBe(fault);
    expect(await state()).toMatchObject({ paid_cents: 0 });
    const { rows } = await run.tx((tx) => sql`select from receipt where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(rows).toHaveLength(0);
  });

  it('stops what was being written to that person', async () => {
    const run = await runs.fresh();
    const { pay } = await world(12_300, {}, run);
    await run.launch();
    await pay();
    await run.live(run.now() + 30 * DAY);
    expect(run.channel.sent.filter((one) => one.message.enteId === run.enteId)).toEqual([]);
  });
});

describe('a database that does not answer', () => {
  it('is a system error, said in time, and no receipt is called taken', async () => {
    const run = await runs.fresh();
    const { noticeNumber, idPA } = await world(12_300, {}, run);
    const down = {
      ...run.store.db,
      tenant: async () => {
        throw new Error('connection refused');
      },
    };
    const station = await connectStation(run, {}, { db: down as never });
    const verify = await told(station, soap('paVerifyPaymentNoticeReq', idPA, qrCode(idPA, noticeNumber)));
    expect([verify.status, verify.fault]).toEqual([200, 'PAA_SYSTEM_ERROR']);
    const receipt = receiptXml(2, { idPA, noticeNumber, amountCents: 12_300 });
    expect((await told(station, receipt)).fault).toBe('PAA_SYSTEM_ERROR');
    const silent = await connectStation(run, {}, { db: down as never, receiptsDown: 'silence' });
    expect(await silent.answer(Buffer.from(receipt))).toEqual({ status: 503, xml: '' });
  });
});
