import { addDays, type CivilDate } from '../../src/kernel/civil-date.ts';
import { sha256Hex } from '../../src/kernel/hash.ts';
import { romeDate, romeInstant } from '../../src/kernel/rome-time.ts';
import { type Anomaly, type FlowRow, type Item, rowsOf, sumOf } from './flow-rows.ts';
import { creditDay } from './receipts.ts';
import { euro } from './texts.ts';
import type { Payment, Psp } from './types.ts';

/** What one PSP paid on one account of one body for one day. */
export interface Flow {
  readonly id: string;
  readonly revision: number;
  readonly psp: Psp;
  readonly creditor: string;
  readonly iban: string;
  /** Of the bank transfer. */
  readonly regulation: string;
  readonly regulationDate: CivilDate;
  readonly createdAt: number;
  readonly publishedAt: number;
  readonly rows: readonly FlowRow[];
  /** As declared; a revoked row counts against the sum. */
  readonly count: number;
  readonly sumCents: number;
}

/** What the body's bank gets, and by which words it may be known. */
export interface Credit {
  readonly creditor: string;
  readonly iban: string;
  readonly day: CivilDate;
  readonly amountCents: number;
  readonly psp: Psp;
  readonly about: { readonly flowId: string } | { readonly remittance: string };
}

export interface Flows {
  /** Made until now, in the order of their making; also those not published yet. */
  all(): readonly Flow[];
  credits(): readonly Credit[];
  /** Before the payment's flow is made, at six in the evening of the banking day after it; throws afterwards. */
  spoil(receiptId: string, anomaly: Anomaly): void;
  anomalies(): ReadonlyMap<string, Anomaly>;
  clear(): void;
}

const MADE_AT = 18 * 60;
const PUBLISHED_AT = 4 * 60;
const DAY_MS = 86_400_000;

/** The flows of the PSPs behind the node (pagopa §12): money on D+1, published on the day after it. */
export function makeFlows(payments: () => readonly Payment[], simNow: () => number): Flows {
  const flows: Flow[] = [];
  const credits: Credit[] = [];
  const anomalies = new Map<string, Anomaly>();
  const taken = new Set<string>();
  const serials = new Map<string, number>();

  function idFor(day: CivilDate, psp: Psp): string {
    const start = `${day}${psp.id}`;
    const serial = (serials.get(start) ?? 0) + 1;
    serials.set(start, serial);
    return `${start}-${String(serial).padStart(5, '0')}`;
  }

  /** All payments of a day are taken at once: time has passed the day's end, and none can be added. */
  function make(): void {
    const groups = new Map<string, Item[]>();
    for (const payment of payments()) {
      if (taken.has(payment.receiptId) || madeAt(payment) > simNow()) continue;
      taken.add(payment.receiptId);
      const anomaly = anomalies.get(payment.receiptId);
      if (anomaly === 'leftOut') continue;
      for (const transfer of payment.data.transfers) {
        // No bank transfer follows a stamp.
        if (transfer.iban === null) continue;
        const item = { payment, transfer: { ...transfer, iban: transfer.iban }, anomaly };
        if (anomaly === 'singleCredit') credits.push(singleCredit(item));
        else gather(groups, item);
      }
    }
    for (const key of [...groups.keys()].sort()) close(groups.get(key) ?? []);
  }

  function close(items: readonly Item[]): void {
    const [first] = items;
    if (first === undefined) return;
    const { payment, transfer } = first;
    const { psp } = payment;
    const { iban, fiscalCode: creditor } = transfer;
    const day = creditDay(payment);
    const id = idFor(day, psp);
    const rows = items.flatMap(rowsOf);
    const sum = sumOf(rows);
    const has = (anomaly: Anomaly): boolean => items.some((item) => item.anomaly === anomaly);
    const flow: Flow = {
      id,
      revision: 1,
      psp,
      creditor,
      iban,
      regulation: `TRN${sha256Hex(id).slice(0, 20)}`,
      regulationDate: day,
      createdAt: madeAt(payment),
      publishedAt: romeInstant(addDays(day, 1), PUBLISHED_AT),
      rows,
      count: rows.length,
      sumCents: has('totalsOff') ? sum + 100 : sum,
    };
    if (has('replaced')) flows.push(...replaced(flow, items));
    else flows.push(flow);
    const amountCents = has('creditDiffers') ? sum + 1 : sum;
    if (amountCents > 0 && !has('creditMissing')) {
      credits.push({ creditor, iban, day, amountCents, psp, about: { flowId: id } });
    }
  }

  return {
    all() {
      make();
      return flows;
    },
    credits() {
      make();
      return credits;
    },
    spoil(receiptId, anomaly) {
      make();
      if (taken.has(receiptId)) throw new Error(`pagopa: the flow of ${receiptId} is made already`);
      anomalies.set(receiptId, anomaly);
    },
    anomalies: () => anomalies,
    clear() {
      flows.length = 0;
      credits.length = 0;
      for (const known of [anomalies, taken, serials]) known.clear();
    },
  };
}

function madeAt(payment: Payment): number {
  return romeInstant(creditDay(payment), MADE_AT);
}

function gather(groups: Map<string, Item[]>, item: Item): void {
  const { payment, transfer } = item;
  const key = [romeDate(payment.paidAt), payment.psp.id, transfer.fiscalCode, transfer.iban].join('|');
  const known = groups.get(key);
  if (known) known.push(item);
  else groups.set(key, [item]);
}

function replaced(flow: Flow, items: readonly Item[]): Flow[] {
  const wrong = new Set(items.flatMap(({ payment, anomaly }) => (anomaly === 'replaced' ? [payment.receiptId] : [])));
  const rows = flow.rows.map((row) => (wrong.has(row.iur ?? '') ? { ...row, amountCents: row.amountCents + 1 } : row));
  const later = flow.publishedAt + DAY_MS;
  return [
    { ...flow, rows, sumCents: sumOf(rows) },
    { ...flow, revision: 2, createdAt: flow.createdAt + DAY_MS, publishedAt: later },
  ];
}

function singleCredit({ payment, transfer }: Item): Credit {
  const { creditorReferenceId } = payment.data;
  const text = transfer.remittanceInformation;
  return {
    creditor: transfer.fiscalCode,
    iban: transfer.iban,
    day: creditDay(payment),
    amountCents: transfer.amountCents,
    psp: payment.psp,
    about: {
      remittance: text.startsWith('/RF')
        ? text
        : `/RFB/${creditorReferenceId}/${euro(transfer.amountCents)}/TXT/${text}`,
    },
  };
}
