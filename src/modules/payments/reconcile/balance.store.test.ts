import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte } from '../../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../../test/support/store.ts';
import { civilDate } from '../../../kernel/civil-date.ts';
import type { Tx } from '../../../platform/db/index.ts';
import { loadRemittance, loadTreasury, type ReconciliationSummary, reconcile, reconciliationSummary } from './index.ts';
import {
  addReceipt,
  credit,
  flow,
  flowIdOf,
  iuvOf,
  journal,
  line,
  otherIuv,
  type ReceiptFixture,
  signedSum,
  TERMS,
  uriText,
} from './reconcile.fixtures.ts';
import type { PayStatus, RemittanceFlow, RemittanceLine, TreasuryMovement } from './reconcile.port.ts';

/** The long form: `BONARIO_LONG_TESTS=1 npm test -- balance`. */
const RUNS = process.env.BONARIO_LONG_TESTS === '1' ? 300 : 12;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const PAYMENTS = [
  'plain',
  'twoTransfers',
  'shared',
  'late',
  'noRpt',
  'withoutIur',
  'revoked',
  'amountDiffers',
  'leftOut',
  'receiptLost',
  'paidTwice',
  'toldTwice',
  'elsewhere',
  'singleCredit',
] as const;
const FLOWS = [
  'sound',
  'replaced',
  'xml',
  'totalsOff',
  'creditMissing',
  'creditDiffers',
  'creditReversed',
  'creditedTwice',
] as const;

interface World {
  readonly payments: readonly {
    readonly kind: (typeof PAYMENTS)[number];
    readonly cents: number;
    readonly flow: number;
  }[];
  readonly flows: readonly (typeof FLOWS)[number][];
  readonly otherCredit: number;
}
const anyWorld: fc.Arbitrary<World> = fc.record({
  // Small sums: the same ones come again and again, and must not be taken for each other.
  payments: fc.array(
    fc.record({ kind: fc.constantFrom(...PAYMENTS), cents: fc.integer({ min: 1, max: 6 }), flow: fc.nat(2) }),
    { minLength: 1, maxLength: 9 },
  ),
  flows: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(...FLOWS))),
  otherCredit: fc.integer({ min: 1, max: 6 }),
});

/** Everything that is told of a world, and what it comes to. */
interface Told {
  readonly receipts: readonly ReceiptFixture[];
  readonly flows: readonly RemittanceFlow[];
  readonly credits: readonly TreasuryMovement[];
  readonly cents: {
    readonly transfers: number;
    readonly lines: number;
    readonly flows: number;
    readonly credits: number;
  };
}

function tell(world: World, body: string): Told {
  const receipts: ReceiptFixture[] = [];
  const rows: RemittanceLine[][] = [[], [], []];
  const flows: RemittanceFlow[] = [];
  const credits: TreasuryMovement[] = [];
  const pay = (text: string, cents: number, back = false) => {
    const n = credits.length + 1;
    credits.push(credit(n, cents, text));
    if (back) credits.push(credit(n, -cents, text));
  };
  for (const [n, { kind, cents, flow: to }] of world.payments.entries()) {
    const iur = `tok${n}`;
    const iuv = kind === 'shared' || kind === 'elsewhere' ? otherIuv(n) : iuvOf(n);
    const base: ReceiptFixture = { receiptId: iur, iuv, transfers: [{ no: 1, cents }] };
    const add = (over: Partial<RemittanceLine> = {}, where = to) =>
      rows[where]?.push(line({ iuv, iur, amountCents: cents, ...over }));
    const status: PayStatus = kind === 'noRpt' ? 'noRpt' : 'executed';
    if (kind === 'twoTransfers') {
      receipts.push({ ...base, transfers: [...base.transfers, { no: 2, cents: 3 }, { no: 3, cents: 9, stamp: true }] });
      add({ transferNo: null });
      add({ transferNo: 2, amountCents: 3 });
      continue;
    }
    if (kind === 'late') receipts.push({ ...base, paidAt: Date.UTC(2026, 7, 1) });
    else if (kind === 'shared') receipts.push({ ...base, state: 'shared' });
    else if (kind !== 'receiptLost' && kind !== 'elsewhere') receipts.push(base);
    if (kind === 'paidTwice') receipts.push({ ...base, receiptId: `${iur}b` });
    if (kind === 'singleCredit') pay(`/RFB/${iuv}/0.0${cents}/TXT/TARI`, cents);
    if (kind === 'leftOut' || kind === 'singleCredit') continue;
    if (kind === 'amountDiffers') add({ amountCents: cents + 1 });
    else add({ status, iur: kind === 'withoutIur' ? null : kind === 'noRpt' ? `psp${n}` : iur });
    if (kind === 'revoked') add({ status: 'revoked' });
    if (kind === 'paidTwice') add({ iur: `${iur}b` });
    if (kind === 'toldTwice') add({}, (to + 1) % 3);
  }
  let lineCents = 0;
  let flowCents = 0;
  for (const [n, lines] of rows.entries()) {
    if (lines.length === 0) continue;
    const kind = world.flows[n] ?? 'sound';
    const sum = signedSum(lines);
    const made = flow(flowIdOf(n), body, lines, kind === 'totalsOff' ? { declaredCents: 900 } : {});
    if (kind === 'replaced') {
      const wrong = lines.map((one, i) => (i === 0 ? { ...one, amountCents: one.amountCents + 2 } : one));
      flows.push(flow(flowIdOf(n), body, wrong), { ...made, revision: 2 });
    } else if (kind === 'xml') flows.push({ ...made, source: 'xml', revision: null, publishedAt: null });
    else flows.push(made);
    if (kind === 'totalsOff') flowCents += 900;
    else {
      lineCents += lines.reduce((total, one) => total + one.amountCents, 0);
      flowCents += Math.max(sum, 0);
    }
    const text = uriText(flowIdOf(n));
    if (sum <= 0 || kind === 'creditMissing') continue;
    if (kind === 'creditReversed') pay(text, sum, true);
    pay(text, kind === 'creditDiffers' ? sum + 1 : sum);
    if (kind === 'creditedTwice') pay(text, sum);
  }
  pay('BONIFICO', world.otherCredit);
  const transferCents = receipts
    .flatMap((one) => one.transfers)
    .reduce((sum, one) => sum + (one.stamp === true ? 0 : one.cents), 0);
  const creditCents = credits.reduce((sum, one) => sum + one.amountCents, 0);
  return {
    receipts,
    flows,
    credits,
    cents: { transfers: transferCents, lines: lineCents, flows: flowCents, credits: creditCents },
  };
}

let lastEnte = 0;

/** What a body knows of a world that was told to it in this order; the number of a step beyond the last is a matching. */
async function live(world: World, order: (steps: number) => readonly number[]) {
  lastEnte += 1;
  const enteId = lastEnte;
  const { codiceFiscale } = await addEnte(store, enteId);
  const told = tell(world, codiceFiscale);
  const now = store.clock.now();
  const steps: ((tx: Tx) => Promise<unknown>)[] = [
    ...told.receipts.map((one) => (tx: Tx) => addReceipt(tx, codiceFiscale, one)),
    ...told.flows.map((one) => (tx: Tx) => loadRemittance(tx, one, 'system', now)),
    ...told.credits.map(
      (one, n) => (tx: Tx) => loadTreasury(tx, store.vaultOf(enteId), journal(`G${n}`, [one]), 'system', now),
    ),
  ];
  for (const at of order(steps.length)) {
    await store.db.tenant(enteId, (tx) => (steps[at] ?? ((t: Tx) => reconcile(t, TERMS, now)))(tx));
  }
  const run = <T>(work: (tx: Tx) => Promise<T>) => store.db.tenant(enteId, work);
  const again = await run(async (tx) => {
    await reconcile(tx, TERMS, now);
    return reconcile(tx, TERMS, now);
  });
  expect(again).toEqual({ lines: 0, credits: 0 });
  return { told, run, enteId, summary: await run((tx) => reconciliationSummary(tx, TERMS)) };
}

const bucketsOf = ({ matched, open, anomaly, elsewhere, reversed }: ReconciliationSummary['sides']['lines']) =>
  [matched, open, anomaly, elsewhere, reversed].reduce((sum, one) => sum + one.cents, 0);

describe('whatever comes, in whatever order, however often', () => {
  it('every cent is in one place, and it is the same place', { timeout: 600_000 }, async () => {
    const orders = fc.tuple(
      fc.array(fc.nat(1_000), { maxLength: 25 }),
      fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(anyWorld, orders, async (world, [often, keys]) => {
        const straight = await live(world, (steps) => [...Array(steps).keys()]);
        const mixed = await live(world, (steps) => {
          const each = [...Array(steps).keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
          return [...often.map((n) => n % (steps + 3)), ...each];
        });
        for (const { told, summary } of [straight, mixed]) {
          for (const side of ['transfers', 'lines', 'flows', 'credits'] as const) {
            expect([side, summary.sides[side].all.cents]).toEqual([side, told.cents[side]]);
            expect(bucketsOf(summary.sides[side])).toBe(told.cents[side]);
          }
        }
        expect(mixed.summary).toEqual(straight.summary);
        // What is matched for sure is the same sum on both sides.
        const { rows } = await mixed.run((tx) =>
          sql`select h.match_id from match h
            left join remittance_line l on l.ente_id = ${mixed.enteId} and l.remittance_id = h.remittance_id and l.line_no = h.line_no
            left join remittance r on r.ente_id = ${mixed.enteId} and r.remittance_id = h.remittance_id
            left join treasury_movement m on m.ente_id = ${mixed.enteId} and m.movement_key = h.movement_key
            left join receipt_transfer t on t.ente_id = ${mixed.enteId} and t.receipt_id = h.receipt_id and t.transfer_no = h.transfer_no
            where h.ente_id = ${mixed.enteId} and h.state = 'held' and h.sure and not (
              coalesce(m.amount_cents, l.amount_cents) = coalesce(t.amount_cents, r.counted_cents) and r.state is distinct from 'superseded')`.execute(
            tx.kysely,
          ),
        );
        expect(rows).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('a sound month leaves nothing open and no anomaly', async () => {
    const payments = Array.from({ length: 9 }, (_, n) => ({
      kind: n % 2 ? ('plain' as const) : ('shared' as const),
      cents: n + 1,
      flow: n % 3,
    }));
    const { summary } = await live({ payments, flows: ['sound', 'replaced', 'xml'], otherCredit: 5 }, (steps) =>
      [...Array(steps).keys()].reverse(),
    );
    expect(summary).toMatchObject({ anomalies: [], unreconciledCents: 0 });
    expect(summary.sides.credits).toMatchObject({ matched: { cents: 45 }, elsewhere: { cents: 5 } });
  });
});

describe('a body with nothing', () => {
  it('has nothing open', async () => {
    lastEnte += 1;
    await addEnte(store, lastEnte);
    const summary = await store.db.tenant(lastEnte, (tx) =>
      reconciliationSummary(tx, { today: civilDate('2026-09-07'), days: 5 }),
    );
    expect(summary).toMatchObject({ anomalies: [], flagged: [], unreconciledCents: 0 });
  });
});
