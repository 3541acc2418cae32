import { addDays, type CivilDate } from '../../src/kernel/civil-date.ts';
import { italianHolidays, nextWorkingDay } from '../../src/kernel/holidays.ts';
import { romeDate } from '../../src/kernel/rome-time.ts';
import type { Registry } from './registry.ts';
import { type Addressee, receiptRequest } from './requests.ts';
import type { Heard, StationCall } from './station-calls.ts';
import type { Payment, Station } from './types.ts';

/** The platform's own names for where a receipt stands (pagopa §5); `REFUSED` is a well-formed KO. */
export type DeliveryState = 'NOTICE_GENERATED' | 'NOTICE_SENT' | 'NOTIFIED' | 'NOTICE_PENDING' | 'REFUSED' | 'GIVEN_UP';

/** A receipt on its way to one station. */
export interface Delivery {
  readonly payment: Payment;
  readonly to: Addressee;
  state: DeliveryState;
  /** How often it was sent because the station had not taken it. */
  retries: number;
  faultCode: string | null;
}

export interface ReceiptQueueOptions {
  readonly registry: Registry;
  readonly call: (call: StationCall) => Promise<Heard>;
  /** Interval and number of resubmissions are the platform's secret (pagopa §5, UNCONFIRMED). */
  readonly retryAfterMs: number;
  readonly maxRetries: number;
  /** Whether a KO of this code puts the receipt back into the queue (UNCONFIRMED; never, when missing). */
  readonly retriesAfter?: ((faultCode: string) => boolean) | undefined;
  readonly later: (afterMs: number, label: string, run: () => Promise<void>) => void;
  /** Its station has the receipt, once: from here on the body knows. */
  readonly onNotified?: ((delivery: Delivery) => void) | undefined;
}

/** Receipts sent until they are taken, one delivery per station (pagopa §3.3, §5). */
export interface ReceiptQueue {
  /** To the notice's own station and the broadcast ones; resolves after the first try at each. */
  send(payment: Payment): Promise<readonly Delivery[]>;
  /** Like `send`, but nothing goes out before `resubmit`. */
  hold(payment: Payment): readonly Delivery[];
  /** The same receipt once more to every station it was for. */
  redeliver(receiptId: string): Promise<void>;
  /** Tries again at once whatever is not taken, given up or not; how many were sent. */
  resubmit(): Promise<number>;
  of(receiptId: string): readonly Delivery[];
  pending(): readonly Delivery[];
  clear(): void;
}

const BANK_DAYS = italianHolidays();

/** The banking day after the payment, on which the PSP credits the bodies (pagopa §12). */
export function creditDay(payment: Payment): CivilDate {
  return nextWorkingDay(addDays(romeDate(payment.paidAt), 1), BANK_DAYS);
}

export function makeReceiptQueue(options: ReceiptQueueOptions): ReceiptQueue {
  const deliveries = new Map<string, Delivery[]>();
  let generation = 0;

  function prepare(payment: Payment): Delivery[] {
    const made = addressees(options.registry, payment).map(
      (to): Delivery => ({ payment, to, state: 'NOTICE_GENERATED', retries: 0, faultCode: null }),
    );
    deliveries.set(payment.receiptId, made);
    return made;
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const { payment, to } = delivery;
    const version = to.station.receiptVersion ?? to.station.version ?? 2;
    const known = delivery.state === 'NOTIFIED';
    delivery.state = 'NOTICE_SENT';
    const heard = await options.call({
      operation: version === 1 ? 'paSendRT' : 'paSendRTV2',
      to,
      request: receiptRequest(to, version, payment, {
        applicationDate: romeDate(payment.paidAt),
        transferDate: creditDay(payment),
      }),
      noticeNumber: payment.noticeNumber,
      receiptId: payment.receiptId,
    });
    delivery.faultCode = heard.faultCode;
    // Who says it is a duplicate has it (expected to end the resubmission, UNCONFIRMED).
    if (known || heard.outcome === 'OK' || heard.faultCode === 'PAA_RECEIPT_DUPLICATA') {
      delivery.state = 'NOTIFIED';
      if (!known) options.onNotified?.(delivery);
    } else if (heard.outcome === 'KO' && options.retriesAfter?.(heard.faultCode ?? '') !== true) {
      delivery.state = 'REFUSED';
    } else {
      delivery.state = delivery.retries >= options.maxRetries ? 'GIVEN_UP' : 'NOTICE_PENDING';
    }
  }

  /** Only a delivery that was not cleared, redelivered or resubmitted meanwhile is still due. */
  function retryLater(delivery: Delivery): void {
    if (delivery.state !== 'NOTICE_PENDING') return;
    const { retries } = delivery;
    const born = generation;
    const label = `pagopa|${delivery.payment.receiptId}|${delivery.to.creditor}|${delivery.to.station.id}|${retries}`;
    options.later(options.retryAfterMs, label, async () => {
      if (born !== generation || delivery.state !== 'NOTICE_PENDING' || delivery.retries !== retries) return;
      await retry(delivery);
    });
  }

  async function retry(delivery: Delivery): Promise<void> {
    delivery.retries += 1;
    await attempt(delivery);
    retryLater(delivery);
  }

  const waiting = (...states: DeliveryState[]): Delivery[] =>
    [...deliveries.values()].flat().filter(({ state }) => states.includes(state));

  return {
    async send(payment) {
      const made = prepare(payment);
      await Promise.all(
        made.map(async (delivery) => {
          await attempt(delivery);
          retryLater(delivery);
        }),
      );
      return made;
    },
    hold: prepare,
    async redeliver(receiptId) {
      await Promise.all((deliveries.get(receiptId) ?? []).map(attempt));
    },
    async resubmit() {
      const due = waiting('NOTICE_PENDING', 'GIVEN_UP', 'NOTICE_GENERATED');
      await Promise.all(due.map(retry));
      return due.length;
    },
    of: (receiptId) => deliveries.get(receiptId) ?? [],
    pending: () => waiting('NOTICE_GENERATED', 'NOTICE_PENDING'),
    clear() {
      generation += 1;
      deliveries.clear();
    },
  };
}

/** The station of the notice, then every broadcast station of a body named in it; none is told twice. */
function addressees(registry: Registry, payment: Payment): Addressee[] {
  const found: Addressee[] = [];
  const add = (creditor: string, station: Station | undefined): void => {
    if (station === undefined || station.url === null) return;
    if (!found.some((one) => one.creditor === creditor && one.station.id === station.id))
      found.push({ creditor, station });
  };
  add(payment.creditor, registry.stationOf(payment));
  for (const creditor of new Set([payment.creditor, ...payment.data.transfers.map(({ fiscalCode }) => fiscalCode)])) {
    for (const station of registry.broadcast(creditor)) add(creditor, station);
  }
  return found;
}
