import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Anomaly, type Pagopa, PSPS, startPagopa } from '../../sandbox/pagopa/index.ts';
import { makeFdrClient } from '../../src/adapters/payments/pagopa/fdr/index.ts';
import { readJournalXml } from '../../src/adapters/payments/treasury/index.ts';
import { addDays, civilDate } from '../../src/kernel/civil-date.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { makeNoticeNumber } from '../../src/kernel/notice-number.ts';
import { romeDate } from '../../src/kernel/rome-time.ts';
import { debtsById, ledgerMismatches } from '../../src/modules/debts/index.ts';
import {
  listRefunds,
  loadTreasury,
  pullRemittances,
  quarantinedReceipts,
  reconcile,
  reconciliationSummary,
} from '../../src/modules/payments/index.ts';
import { registerPagopa } from '../../src/web/pagopa/index.ts';
import { type CampaignRun, type CampaignRuns, DAY, openCampaignRuns, person } from '../support/campaign-run.ts';
import { TARI } from '../support/ground.ts';
import { officialSoap } from '../support/official-schemas.ts';
import { BROKER, connectStation, IBAN, numberOf, PROVINCE, STATION } from '../support/pagopa.ts';

const official = officialSoap('pagopa', 'pagopa-api', 'wsdl', 'xsd', 'paForNode.xsd');
/** Every kind of thing that goes wrong between a payment and the bank's statement (pagopa §12). */
const ANOMALIES: readonly Anomaly[] = [
  'replaced',
  'totalsOff',
  'revoked',
  'noRpt',
  'standInNoRpt',
  'withoutIur',
  'amountDiffers',
  'leftOut',
  'singleCredit',
  'creditMissing',
  'creditDiffers',
];

interface Month {
  readonly run: CampaignRun;
  readonly pagopa: Pagopa;
  readonly web: FastifyInstance;
  readonly debts: readonly { readonly debtId: string; readonly number: string; readonly cents: number }[];
  /** Moves program and platform on, doing what the platform had put off. */
  advance(days: number): Promise<void>;
  close(): Promise<void>;
}

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

async function openMonth(people: number): Promise<Month> {
  const run = await runs.fresh({ creditTypes: [{ ...TARI, nature: 'tari' }] });
  const cents = (n: number) => 10_500 + n * 100;
  const rows = Array.from({ length: people }, (_, n) => person(n + 1, { amountCents: cents(n), taxYear: 2024 }));
  const added = await run.addDebts(rows);
  const station = await connectStation(run, { provinceAccount: PROVINCE });
  const web = Fastify({ logger: false });
  registerPagopa(web, { access: { allow: ['127.0.0.1'], clientHeader: null, clients: [] }, answer: station.answer });
  const at = await web.listen({ host: '127.0.0.1', port: 0 });
  const due: { readonly at: number; readonly run: () => Promise<void> }[] = [];
  const pagopa = await startPagopa({
    creditors: [
      {
        fiscalCode: run.ente.codiceFiscale,
        name: run.ente.name,
        ibans: [IBAN],
        stations: [{ id: STATION, brokerFiscalCode: BROKER, url: `${at}/pagopa/paForNode`, segregationCodes: ['02'] }],
      },
      { fiscalCode: PROVINCE.fiscalCode, name: PROVINCE.name, ibans: [PROVINCE.iban], stations: [] },
    ],
    simNow: run.now,
    realNow: () => systemMonotonic.now(),
    later: (afterMs, _label, work) => void due.push({ at: run.now() + afterMs, run: work }),
    ...(official === null ? {} : { validate: problemsOf(official) }),
  });
  const debts = [];
  for (const [n, { debtId }] of added.entries())
    debts.push({ debtId, number: await numberOf(run, debtId), cents: cents(n) });
  return {
    run,
    pagopa,
    web,
    debts,
    async advance(days) {
      run.store.clock.advanceTo(run.now() + days * DAY);
      for (const late of due.splice(0)) {
        if (late.at > run.now()) due.push(late);
        else await late.run();
      }
    },
    close: async () => {
      await pagopa.close();
      await web.close();
    },
  };
}

const problemsOf = (validate: (xml: string) => void) => (message: string) => {
  try {
    validate(message);
    return [];
  } catch (error) {
    return [String(error)];
  }
};

describe('a month of payments through a platform where everything goes wrong once', () => {
  it('balances to the cent: ledger, receipts, flows and treasury, and every anomaly has its name', async () => {
    const month = await openMonth(ANOMALIES.length + 8);
    const { run, pagopa, debts } = month;
    const creditor = run.ente.codiceFiscale;
    const from = romeDate(run.now());
    const notice = (n: number) => ({ creditor, noticeNumber: debts[n]?.number ?? '' });
    try {
      // One a day, each in a flow of its own, and its receipt at once.
      for (const [n, anomaly] of ANOMALIES.entries()) {
        const paid = await pagopa.node.pay(notice(n), { psp: n % 2 === 0 ? PSPS.bank : PSPS.post });
        if (paid.outcome !== 'OK') throw new Error(JSON.stringify(paid));
        pagopa.flows.spoil(paid.payment.receiptId, anomaly);
        await month.advance(1);
      }
      const next = ANOMALIES.length;
      // Well-behaved ones; one whose receipt comes late, one that is told twice, one that never comes.
      await pagopa.node.pay(notice(next));
      await pagopa.node.pay(notice(next + 1), { receipt: 'held' });
      const twice = await pagopa.node.pay(notice(next + 2));
      if (twice.outcome === 'OK') await pagopa.node.redeliver(twice.payment.receiptId);
      await pagopa.node.pay(notice(next + 3), { receipt: 'lost' });
      await month.advance(1);
      await pagopa.node.resubmit();
      // The same notice paid again, and a notice that nobody knows.
      const first = pagopa.node.payments.find((one) => one.noticeNumber === notice(next).noticeNumber);
      if (first === undefined) throw new Error('nothing was paid');
      await pagopa.node.payUnasked(notice(next), first.data);
      const unknown = makeNoticeNumber('02', 987_654);
      await pagopa.node.payUnasked(
        { creditor, noticeNumber: unknown },
        { ...first.data, creditorReferenceId: unknown.slice(1) },
      );
      await month.advance(14);

      const client = makeFdrClient({
        baseUrl: `${pagopa.apiUrl}/fdr-org/service/v1`,
        subscriptionKey: pagopa.keys.fdr,
      });
      const pulled = await pullRemittances(run.store.db, client, run.enteId, run.now);
      expect(pulled?.failed).toEqual([]);
      // A flow that was written anew is pulled in its last revision.
      const vault = run.store.vaultOf(run.enteId);
      for (let day = from; day <= romeDate(run.now()); day = addDays(day, 1)) {
        const journal = await readJournalXml([Buffer.from(pagopa.treasury.journal(creditor, civilDate(day)))]);
        await run.tx((tx) => loadTreasury(tx, vault, journal, 'system', run.now()));
      }
      const terms = { today: romeDate(run.now()), days: 7 };
      await run.tx((tx) => reconcile(tx, terms, run.now()));
      const summary = await run.tx((tx) => reconciliationSummary(tx, terms));

      expect(summary.unreconciledCents).toBe(0);
      for (const sums of Object.values(summary.sides)) {
        const { all, ...buckets } = sums;
        expect(Object.values(buckets).reduce((sum, one) => sum + one.cents, 0)).toBe(all.cents);
        expect(Object.values(buckets).reduce((sum, one) => sum + one.count, 0)).toBe(all.count);
      }
      // Told again, nothing moves.
      await run.tx((tx) => reconcile(tx, terms, run.now()));
      expect(await run.tx((tx) => reconciliationSummary(tx, terms))).toEqual(summary);
      expect(summary.anomalies.map(({ side, kind }) => `${side}:${kind}`).toSorted()).toEqual([
        'credits:amountDiffers',
        'credits:flowInconsistent',
        'flows:amountDiffers',
        'flows:creditMissing',
        'flows:inconsistent',
        'lines:amountDiffers',
        'lines:receiptMissing',
        'lines:revoked',
        'transfers:amountDiffers',
        'transfers:notRemitted',
      ]);

      // The ledger says the same as the receipts, whatever the bank did.
      expect(await run.tx((tx) => ledgerMismatches(tx))).toEqual([]);
      const booked = pagopa.node.payments.filter((one) => debts.some(({ number }) => number === one.noticeNumber));
      const lost = notice(next + 3).noticeNumber;
      const paidCents = booked
        .filter((one) => one.noticeNumber !== lost)
        .reduce((sum, one) => sum + one.data.amountCents, 0);
      const ledger = await run.tx((tx) =>
        debtsById(
          tx,
          debts.map(({ debtId }) => debtId),
        ),
      );
      expect(ledger.reduce((sum, one) => sum + one.paid_cents, 0)).toBe(paidCents);
      expect(await run.tx((tx) => listRefunds(tx))).toMatchObject([
        { amountCents: debts[next]?.cents, reason: 'paidTwice' },
      ]);
      expect(await run.tx((tx) => quarantinedReceipts(tx))).toMatchObject([{ noticeNumber: unknown }]);
      // Not one answer of the station was against the official schema: the node would have said so.
      expect(pagopa.node.exchanges.broken()).toEqual([]);
    } finally {
      await month.close();
    }
  });
});
