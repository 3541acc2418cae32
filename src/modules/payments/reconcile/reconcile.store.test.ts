import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte } from '../../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../../test/support/store.ts';
import { civilDate } from '../../../kernel/civil-date.ts';
import type { Tx } from '../../../platform/db/index.ts';
import { listReconciliation, loadRemittance, loadTreasury, reconcile, reconciliationSummary } from './index.ts';
import {
  addReceipt,
  credit,
  flow,
  flowIdOf,
  iuvOf,
  journal,
  line,
  otherIuv,
  PAID_AT,
  type ReceiptFixture,
  TERMS,
  uriText,
} from './reconcile.fixtures.ts';
import type { RemittanceFlow, TreasuryMovement } from './reconcile.port.ts';
import type { Side } from './sides.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

let lastEnte = 0;

async function body() {
  lastEnte += 1;
  const enteId = lastEnte;
  const { codiceFiscale } = await addEnte(store, enteId);
  const tx = <T>(work: (tx: Tx) => Promise<T>) => store.db.tenant(enteId, work);
  const now = store.clock.now();
  let journals = 0;
  return {
    enteId,
    codiceFiscale,
    tx,
    receipts: (...all: ReceiptFixture[]) =>
      tx(async (t) => {
        for (const one of all) await addReceipt(t, codiceFiscale, one);
      }),
    load: (one: RemittanceFlow) => tx((t) => loadRemittance(t, one, 'system', now)),
    flow: (n: number, lines: Parameters<typeof flow>[2], over: Partial<RemittanceFlow> = {}) =>
      flow(flowIdOf(n), codiceFiscale, lines, over),
    bank: (...movements: TreasuryMovement[]) => {
      journals += 1;
      return tx((t) => loadTreasury(t, store.vaultOf(enteId), journal(`G${journals}`, movements), 'system', now));
    },
    reconcile: () => tx((t) => reconcile(t, TERMS, now)),
    summary: (over = {}) => tx((t) => reconciliationSummary(t, { ...TERMS, ...over })),
    /** `kind` of each anomaly of a side, with its cents. */
    async anomalies(side: Side): Promise<Record<string, number>> {
      const { anomalies } = await tx((t) => reconciliationSummary(t, TERMS));
      return Object.fromEntries(anomalies.filter((one) => one.side === side).map((one) => [one.kind, one.cents]));
    },
    async buckets(side: Side): Promise<Record<string, number>> {
      const { sides } = await tx((t) => reconciliationSummary(t, TERMS));
      const { all: _, ...rest } = sides[side];
      return Object.fromEntries(
        Object.entries(rest).flatMap(([name, { cents }]) => (cents === 0 ? [] : [[name, cents]])),
      );
    },
  };
}

const paid = (n: number, cents: number, over: Partial<ReceiptFixture> = {}): ReceiptFixture => ({
  receiptId: `tok${n}`,
  iuv: iuvOf(n),
  transfers: [{ no: 1, cents }],
  ...over,
});
const row = (n: number, amountCents: number, over = {}) =>
  line({ iuv: iuvOf(n), iur: `tok${n}`, amountCents, ...over });

describe('the whole chain', () => {
  it('from the bank’s credit over the flow to the transfer leaves nothing open', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000), paid(2, 2_500));
    await b.load(b.flow(1, [row(1, 1_000), row(2, 2_500)]));
    await b.bank(credit(1, 3_500, uriText(flowIdOf(1))));
    expect(await b.summary()).toMatchObject({ unreconciledCents: 14_000 });
    expect(await b.reconcile()).toEqual({ lines: 2, credits: 1 });
    const { sides, anomalies, flagged, unreconciledCents } = await b.summary();
    expect({ anomalies, flagged, unreconciledCents }).toEqual({ anomalies: [], flagged: [], unreconciledCents: 0 });
    for (const side of Object.values(sides)) expect(side.matched).toEqual(side.all);
    expect(sides.transfers.matched).toEqual({ count: 2, cents: 3_500 });
    expect(sides.credits.matched).toEqual({ count: 1, cents: 3_500 });
  });

  it('run again does nothing, and what came later is matched then', async () => {
    const b = await body();
    await b.bank(credit(1, 1_000, uriText(flowIdOf(1))));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 0 });
    await b.load(b.flow(1, [row(1, 1_000)]));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 1 });
    expect(await b.anomalies('lines')).toEqual({ receiptMissing: 1_000 });
    await b.receipts(paid(1, 1_000));
    expect(await b.reconcile()).toEqual({ lines: 1, credits: 0 });
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 0 });
    expect(await b.summary()).toMatchObject({ anomalies: [], unreconciledCents: 0 });
    const leaves = await b.tx((t) =>
      sql<{ row_count: number }>`select row_count from audit_leaf where ente_id = ${b.enteId}
        and kind = 'reconciliation.matched' order by leaf_id`.execute(t.kysely),
    );
    expect(leaves.rows.map((one) => one.row_count)).toEqual([1, 1]);
  });

  it('of one body is none of another', async () => {
    const [a, b] = [await body(), await body()];
    await a.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_000)]));
    await a.reconcile();
    await b.reconcile();
    expect(await a.buckets('transfers')).toEqual({ open: 1_000 });
    expect(await b.anomalies('lines')).toEqual({ receiptMissing: 1_000 });
  });
});

describe('a line of a flow', () => {
  it('is matched by receipt, IUV and index: each transfer of a notice is another', async () => {
    const b = await body();
    await b.receipts(
      paid(1, 0, {
        transfers: [
          { no: 1, cents: 700 },
          { no: 2, cents: 300 },
        ],
      }),
    );
    await b.load(b.flow(1, [row(1, 300, { transferNo: 2 })]));
    await b.reconcile();
    expect(await b.buckets('transfers')).toEqual({ matched: 300, open: 700 });
  });

  it('without an index is matched by its amount, or as the only one', async () => {
    const b = await body();
    await b.receipts(
      paid(1, 0, {
        transfers: [
          { no: 1, cents: 700 },
          { no: 2, cents: 300 },
          { no: 3, cents: 300 },
        ],
      }),
      paid(2, 500, { transfers: [{ no: 4, cents: 500 }] }),
      paid(3, 0, {
        transfers: [
          { no: 1, cents: 10 },
          { no: 2, cents: 20 },
        ],
      }),
    );
    const bare = { transferNo: null };
    await b.load(
      b.flow(1, [row(1, 300, bare), row(1, 700, bare), row(1, 300, bare), row(2, 500, bare), row(3, 15, bare)]),
    );
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ matched: 1_800, anomaly: 15 });
    expect(await b.buckets('transfers')).toEqual({ matched: 1_800, open: 30 });
  });

  it('whose amount is not the transfer’s stays an anomaly of both, and is never closed', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_001)]));
    for (let i = 0; i < 2; i += 1) {
      expect(await b.reconcile()).toEqual({ lines: 0, credits: 0 });
      expect(await b.anomalies('lines')).toEqual({ amountDiffers: 1_001 });
      expect(await b.anomalies('transfers')).toEqual({ amountDiffers: 1_000 });
    }
    // The right one, later, takes its place.
    await b.load(b.flow(2, [row(1, 1_000)]));
    expect(await b.reconcile()).toEqual({ lines: 1, credits: 0 });
    expect(await b.anomalies('lines')).toEqual({ remittedTwice: 1_001 });
    expect(await b.buckets('transfers')).toEqual({ matched: 1_000 });
  });

  it.each(['noRpt', 'standInNoRpt'] as const)('of code %s falls back to its IUV, flagged', async (status) => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_000, { iur: 'altro', status })]));
    await b.reconcile();
    expect(await b.summary()).toMatchObject({
      flagged: [{ side: 'lines', kind: 'withoutIur', count: 1, cents: 1_000 }],
    });
    expect(await b.buckets('transfers')).toEqual({ matched: 1_000 });
    // A line with the keys is worth more: then the other payment is one whose receipt is missing.
    await b.load(b.flow(2, [row(1, 1_000)]));
    await b.reconcile();
    expect(await b.anomalies('lines')).toEqual({ receiptMissing: 1_000 });
    expect(await b.summary()).toMatchObject({ flagged: [] });
  });

  it('without an IUR falls back to its IUV, never to another amount or a settled transfer', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000), paid(2, 2_000));
    await b.load(b.flow(1, [row(1, 1_000, { iur: null }), row(1, 1_000, { iur: null }), row(2, 1_999, { iur: null })]));
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ matched: 1_000, anomaly: 2_999 });
    expect(await b.anomalies('lines')).toEqual({ receiptMissing: 2_999 });
  });

  it('executed with another receipt’s id is not matched by IUV: it is a second payment', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_000, { iur: 'secondo' })]));
    await b.reconcile();
    expect(await b.anomalies('lines')).toEqual({ receiptMissing: 1_000 });
    await b.receipts(paid(1, 1_000, { receiptId: 'secondo' }));
    await b.load(b.flow(2, [row(1, 1_000)]));
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ matched: 2_000 });
  });

  it('of another body’s notice is matched by receipt alone, though the IUV is like one of ours', async () => {
    const b = await body();
    const other = { fiscalCode: '80099999991' };
    await b.receipts(
      paid(1, 1_000),
      { receiptId: 'condiviso', iuv: iuvOf(1), state: 'shared', transfers: [{ no: 2, cents: 50 }] },
      {
        receiptId: 'altrui',
        iuv: otherIuv(9),
        transfers: [
          { no: 1, cents: 70, ...other },
          { no: 2, cents: 30 },
        ],
      },
    );
    const shared = row(1, 50, { transferNo: 2, iur: 'condiviso' });
    await b.load(b.flow(1, [shared, line({ iuv: otherIuv(9), iur: 'altrui', transferNo: 2, amountCents: 30 })]));
    await b.receipts({ receiptId: 'aperto', iuv: iuvOf(3), state: 'shared', transfers: [{ no: 1, cents: 60 }] });
    await b.load(b.flow(2, [row(3, 60, { iur: null, transferNo: null })]));
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ matched: 80, anomaly: 60 });
    // What goes to others is not waited for.
    expect(await b.buckets('transfers')).toEqual({ matched: 80, open: 1_060 });
  });

  it('that is revoked opens an anomaly by its code, and takes its sum off the flow', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000), paid(2, 400));
    await b.load(b.flow(1, [row(1, 1_000), row(2, 400), row(2, 400, { status: 'revoked' })]));
    await b.bank(credit(1, 1_000, uriText(flowIdOf(1))));
    await b.reconcile();
    expect(await b.anomalies('lines')).toEqual({ revoked: 400 });
    expect(await b.buckets('flows')).toEqual({ matched: 1_000 });
    expect(await b.buckets('transfers')).toEqual({ matched: 1_400 });
  });

  it('of a payment that is in another flow already is told twice', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_000)]));
    await b.load(b.flow(2, [row(1, 1_000)], { regulationDate: civilDate('2026-09-05') }));
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ matched: 1_000, anomaly: 1_000 });
    expect(await b.anomalies('lines')).toEqual({ remittedTwice: 1_000 });
  });

  it('whose IUV or index is not its receipt’s is told as such', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_000, { transferNo: 3 }), row(2, 900, { iur: 'tok1' })]));
    await b.reconcile();
    expect(await b.anomalies('lines')).toEqual({ keysDiffer: 1_900 });
  });

  it('of another system of the body is no anomaly', async () => {
    const b = await body();
    await b.load(b.flow(1, [line({ iuv: otherIuv(1), iur: 'x', amountCents: 800 })]));
    await b.bank(credit(1, 800, uriText(flowIdOf(1))));
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ elsewhere: 800 });
    expect(await b.buckets('flows')).toEqual({ matched: 800 });
    // Until its receipt comes: then we are a beneficiary of it.
    await b.receipts({ receiptId: 'x', iuv: otherIuv(1), state: 'shared', transfers: [{ no: 1, cents: 800 }] });
    await b.reconcile();
    expect(await b.buckets('lines')).toEqual({ matched: 800 });
  });
});

describe('a receipt', () => {
  it('that no flow tells of is an anomaly once it is late', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000), paid(2, 2_000, { paidAt: Date.UTC(2026, 8, 1, 10) }));
    await b.reconcile();
    expect(await b.buckets('transfers')).toEqual({ open: 1_000, anomaly: 2_000 });
    expect(await b.anomalies('transfers')).toEqual({ notRemitted: 2_000 });
    expect(await b.summary({ days: 10 })).toMatchObject({ anomalies: [], unreconciledCents: 3_000 });
  });

  it('of the counter, or of a stamp, is waited for in no flow', async () => {
    const b = await body();
    await b.receipts(
      paid(1, 1_000, { channel: 'counter' }),
      paid(2, 0, {
        transfers: [
          { no: 1, cents: 500 },
          { no: 2, cents: 1_600, stamp: true },
        ],
      }),
    );
    await b.reconcile();
    expect(await b.buckets('transfers')).toEqual({ open: 500 });
  });

  it('in quarantine is money all the same', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000, { state: 'quarantined' }));
    await b.load(b.flow(1, [row(1, 1_000)]));
    await b.reconcile();
    expect(await b.buckets('transfers')).toEqual({ matched: 1_000 });
  });
});

describe('a credit of the treasury', () => {
  it('of another total than its flow’s stays an anomaly, until the right one comes', async () => {
    const b = await body();
    await b.load(b.flow(1, [row(1, 1_000)]));
    await b.bank(credit(1, 999, uriText(flowIdOf(1))));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 0 });
    expect(await b.anomalies('credits')).toEqual({ amountDiffers: 999 });
    expect(await b.anomalies('flows')).toEqual({ amountDiffers: 1_000 });
    await b.bank(credit(2, 1_000, uriText(flowIdOf(1))));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 1 });
    expect(await b.anomalies('credits')).toEqual({ creditedTwice: 999 });
    expect(await b.buckets('flows')).toEqual({ matched: 1_000 });
  });

  it('names its flow in whatever way the bank writes it; of two that it may name, the longer', async () => {
    const b = await body();
    const id = flowIdOf(1);
    await b.load(b.flow(1, [row(1, 1_000)]));
    await b.load(flow(`${id}12`, b.codiceFiscale, [row(2, 1_000)]));
    await b.bank(
      credit(1, 1_000, `/PUR/LGPE-RIVERSAMENTO/URI/${id.slice(0, 6)} ${id.slice(6, 20)}\n${id.slice(20)} 12 BANCA`),
      credit(2, 1_000, uriText(id).toLowerCase()),
    );
    expect(await b.reconcile()).toMatchObject({ credits: 2 });
    const { rows } = await b.tx((t) => listReconciliation(t, TERMS, { side: 'credits', bucket: 'matched', limit: 10 }));
    expect(rows.map((one) => one.flowId)).toEqual([`${id}12`, id]);
  });

  it('whose flow does not come is an anomaly once it is late', async () => {
    const b = await body();
    await b.bank(
      credit(1, 1_000, uriText(flowIdOf(1))),
      credit(2, 500, uriText(flowIdOf(2, '2026-08-31')), civilDate('2026-09-01')),
    );
    await b.reconcile();
    expect(await b.buckets('credits')).toEqual({ open: 1_000, anomaly: 500 });
    expect(await b.anomalies('credits')).toEqual({ flowMissing: 500 });
  });

  it('of one payment alone is matched with its transfer; a flow of such is not waited for', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.bank(credit(1, 1_000, `/RFB/${iuvOf(1)}/10.00/TXT/TARI 2026`));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 1 });
    expect(await b.buckets('transfers')).toEqual({ matched: 1_000 });
    await b.load(b.flow(1, [row(1, 1_000)], { regulationDate: civilDate('2026-08-20') }));
    expect(await b.reconcile()).toEqual({ lines: 1, credits: 0 });
    expect(await b.summary()).toMatchObject({ anomalies: [], unreconciledCents: 0 });
  });

  it('of one payment says why it is not matched', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000), {
      receiptId: 's',
      iuv: iuvOf(5),
      state: 'shared',
      transfers: [{ no: 1, cents: 50 }],
    });
    await b.bank(
      credit(1, 999, `/RFB/${iuvOf(1)}`),
      credit(2, 300, `/RFB/${iuvOf(2)}`),
      credit(3, 70, `/RFB/${otherIuv(3)}`),
      credit(4, 50, `/RFB/${iuvOf(5)}`),
    );
    await b.reconcile();
    expect(await b.anomalies('credits')).toEqual({ amountDiffers: 999, receiptMissing: 350 });
    expect(await b.buckets('credits')).toEqual({ anomaly: 1_349, elsewhere: 70 });
    await b.bank(credit(5, 1_000, `/RFB/${iuvOf(1)}`), credit(6, 1_000, `/RFB/${iuvOf(1)}`));
    await b.reconcile();
    expect(await b.anomalies('credits')).toMatchObject({ creditedTwice: 1_000 });
  });

  it('that names nothing is no credit of pagoPA', async () => {
    const b = await body();
    await b.bank(credit(1, 1_000, 'BONIFICO DI MARIO ROSSI'));
    await b.reconcile();
    expect(await b.buckets('credits')).toEqual({ elsewhere: 1_000 });
  });

  it('that the bank takes back frees its flow', async () => {
    const b = await body();
    await b.load(b.flow(1, [row(1, 1_000)]));
    await b.bank(credit(1, 1_000, uriText(flowIdOf(1))));
    await b.reconcile();
    await b.bank(credit(1, -1_000, uriText(flowIdOf(1))), credit(2, 1_000, uriText(flowIdOf(1))));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 1 });
    expect(await b.buckets('credits')).toEqual({ matched: 1_000 });
    const { sides } = await b.summary();
    expect(sides.credits).toMatchObject({ all: { count: 3, cents: 1_000 }, reversed: { count: 2, cents: 0 } });
    await b.bank(credit(9, -40, uriText(flowIdOf(3))));
    await b.reconcile();
    expect(await b.anomalies('credits')).toEqual({ reversalUnpaired: -40 });
  });

  it('of a flow that does not add up closes nothing', async () => {
    const b = await body();
    await b.receipts(paid(1, 1_000));
    await b.load(b.flow(1, [row(1, 1_000)], { declaredCents: 1_100 }));
    await b.bank(credit(1, 1_100, uriText(flowIdOf(1))));
    expect(await b.reconcile()).toEqual({ lines: 0, credits: 0 });
    expect(await b.anomalies('credits')).toEqual({ flowInconsistent: 1_100 });
    expect(await b.anomalies('flows')).toEqual({ inconsistent: 1_100 });
    expect(await b.buckets('lines')).toEqual({});
    expect(await b.buckets('transfers')).toEqual({ open: 1_000 });
  });
});

describe('a list', () => {
  it('shows what the summary counts, page by page', async () => {
    const b = await body();
    await b.receipts(
      ...Array.from({ length: 5 }, (_, i) => paid(i, 100 + i, { paidAt: PAID_AT - (i % 2) * 3_600_000 })),
    );
    await b.reconcile();
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const filter = { side: 'transfers', bucket: 'open', limit: 2, after } as const;
      const page: Awaited<ReturnType<typeof listReconciliation>> = await b.tx((t) =>
        listReconciliation(t, TERMS, filter),
      );
      seen.push(...page.rows.map((one) => one.id));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(['tok0/1', 'tok1/1', 'tok2/1', 'tok3/1', 'tok4/1']);
    const [first] = (await b.tx((t) => listReconciliation(t, TERMS, { side: 'transfers', bucket: 'open', limit: 1 })))
      .rows;
    expect(first).toEqual({
      id: 'tok0/1',
      day: '2026-09-03',
      cents: 100,
      bucket: 'open',
      kind: null,
      iuv: iuvOf(0),
      iur: 'tok0',
      flowId: null,
      psp: null,
      noticeNumber: `3${iuvOf(0)}`,
      debtId: null,
      journalId: null,
    });
  });

  it('is of one kind of anomaly, where one is asked for', async () => {
    const b = await body();
    await b.load(b.flow(1, [row(1, 100), row(2, 50, { status: 'revoked' })]));
    await b.reconcile();
    const kinds = async (kind: string) =>
      (await b.tx((t) => listReconciliation(t, TERMS, { side: 'lines', bucket: 'anomaly', kind, limit: 10 }))).rows;
    expect(await kinds('revoked')).toMatchObject([{ iuv: iuvOf(2), cents: 50, flowId: flowIdOf(1), psp: 'PSP01' }]);
    expect(await kinds('altro')).toEqual([]);
  });

  it('begins after a place that a page gave, or says no', async () => {
    const b = await body();
    const filter = { side: 'flows', bucket: 'open', limit: 1, after: "' or 1=1" } as const;
    await expect(b.tx((t) => listReconciliation(t, TERMS, filter))).rejects.toMatchObject({
      code: 'RECONCILIATION_PAGE',
    });
  });
});
