import type { Verified } from './answers.ts';
import { type Asked, ko, makeAskCreditor, type PositionArchive } from './ask-creditor.ts';
import { type Exchanges, makeExchanges } from './exchanges.ts';
import { type Attempt, makePositionLocks } from './position-locks.ts';
import { type Delivery, makeReceiptQueue } from './receipts.ts';
import { PSPS, type Registry } from './registry.ts';
import type { Demand, GetDetails } from './requests.ts';
import { makeStationCalls } from './station-calls.ts';
import type { NodeAnswer, NodeFault, Notice, Payment, PaymentData, Psp, Subject } from './types.ts';

export interface NodeOptions {
  readonly registry: Registry;
  readonly archive: PositionArchive;
  /** Simulated and real epoch ms. */
  readonly simNow: () => number;
  readonly realNow: () => number;
  /** Runs something so many simulated ms from now; `label` is unique and the same in every run. */
  readonly later: (afterMs: number, label: string, run: () => Promise<void>) => void;
  /** Real ms: what the node waits for verify and get, and for a receipt (pagopa §5). */
  readonly timeouts?: { readonly read: number; readonly receipt: number } | undefined;
  /** Simulated ms between two resubmissions of a receipt, and how many there are at most (pagopa §5, UNCONFIRMED). */
  readonly retryAfterMs?: number | undefined;
  readonly maxRetries?: number | undefined;
  readonly retriesAfter?: ((faultCode: string) => boolean) | undefined;
  /** Looks at a station's whole answer with the official schema; what is wrong with it. */
  readonly validate?: ((message: string) => readonly string[]) | undefined;
  /** A station took a receipt for the first time. */
  readonly onNotified?: ((delivery: Delivery) => void) | undefined;
}

export interface Activation extends GetDetails {
  readonly psp?: Psp | undefined;
  /** Asks the body even when the node knows the notice as paid. */
  readonly again?: boolean | undefined;
}

export interface Settlement {
  readonly payer?: Subject | undefined;
  /** `held`: sent by `resubmit` alone; `lost`: never, the body learns of the money from the flow. */
  readonly receipt?: 'sent' | 'held' | 'lost' | undefined;
}

type Paid = NodeAnswer<{ readonly payment: Payment }>;

export interface PagopaNode {
  verify(notice: Notice): Promise<NodeAnswer<{ readonly shown: Verified }>>;
  /** Asks the body what is due and locks the notice for half an hour of simulated time. */
  activate(
    notice: Notice,
    how?: Activation,
  ): Promise<NodeAnswer<{ readonly token: string; readonly data: PaymentData }>>;
  /**
   * The PSP says how it went; resolves once the receipt was tried at every station. A KO frees the notice and pays
   * nothing. A late OK counts: so a notice that another has paid meanwhile is paid twice (pagopa §5).
   */
  sendOutcome(
    token: string,
    outcome: 'OK' | 'KO',
    how?: Settlement,
  ): Promise<NodeAnswer<{ readonly payment: Payment | null }>>;
  /** All of it, as at a counter: verify, activate, outcome. */
  pay(notice: Notice, how?: Activation & Settlement): Promise<Paid>;
  /** Paid from what was conferred to ACA, the station not asked (pagopa §7). */
  standIn(notice: Notice, how?: Activation & Settlement): Promise<Paid>;
  /** Paid without the body having been asked: of an unknown notice, or a second time. */
  payUnasked(notice: Notice, data: PaymentData, how?: Activation & Settlement): Promise<Paid>;
  demand(creditor: string, demand: Demand): Promise<NodeAnswer<{ readonly noticeNumber: string }>>;
  /** How the platform sees whether a station lives; KO is the right answer (pagopa §3.1: the number is UNCONFIRMED). */
  probe(creditor: string): Promise<NodeAnswer<object>>;
  /** Why no payment of the notice may start now; null when one may. */
  barred(notice: Notice): NodeFault | null;
  redeliver(receiptId: string): Promise<void>;
  /** Sends at once every receipt that was not taken; how many. */
  resubmit(): Promise<number>;
  pending(): readonly Delivery[];
  deliveries(receiptId: string): readonly Delivery[];
  /** In the order of their execution. */
  readonly payments: readonly Payment[];
  readonly exchanges: Exchanges;
  /** Forgets everything, for a new town. */
  clear(): void;
}

const PROBE = '000000000000000000';
const RETRY_AFTER_MS = 15 * 60_000;
const MAX_RETRIES = 40;

/** The Node and the PSPs behind it, driving the stations of bodies as the real ones do. */
export function makeNode(options: NodeOptions): PagopaNode {
  const { registry, archive, simNow } = options;
  const exchanges = makeExchanges();
  const call = makeStationCalls({
    simNow,
    realNow: options.realNow,
    exchanges,
    timeouts: options.timeouts ?? { read: 7_000, receipt: 15_000 },
    validate: options.validate,
  });
  const creditor = makeAskCreditor(registry, archive, call);
  const receipts = makeReceiptQueue({
    registry,
    call,
    later: options.later,
    retryAfterMs: options.retryAfterMs ?? RETRY_AFTER_MS,
    maxRetries: options.maxRetries ?? MAX_RETRIES,
    retriesAfter: options.retriesAfter,
    onNotified: options.onNotified,
  });
  const locks = makePositionLocks(simNow);
  const payments: Payment[] = [];

  /** The notice is locked before anybody is asked: of two who start at once, one is told that it is in progress. */
  async function start(
    notice: Notice,
    how: Activation,
    ask: () => Asked | NodeFault | Promise<Asked | NodeFault>,
  ): Promise<{ readonly attempt: Attempt; readonly data: PaymentData } | NodeFault> {
    const attempt = locks.lock(notice, how.again === true);
    if ('code' in attempt) return attempt;
    const asked = await ask();
    if ('code' in asked) {
      locks.free(attempt.token);
      return asked;
    }
    attempt.asked = { ...asked, psp: how.psp ?? PSPS.bank, paymentNote: how.paymentNote ?? null };
    return { attempt, data: asked.data };
  }

  async function complete(attempt: Attempt, how: Settlement): Promise<Paid> {
    const { notice, token, asked } = attempt;
    if (asked === null) return ko({ code: 'PPT_SEMANTICA' });
    locks.paid(attempt);
    const { data, psp, paymentNote, standIn } = asked;
    const { feeCents } = psp;
    const payer = how.payer ?? data.debtor;
    const payment = { ...notice, receiptId: token, data, psp, payer, feeCents, paymentNote, paidAt: simNow(), standIn };
    payments.push(payment);
    archive.paid(payment);
    if (how.receipt === 'held') receipts.hold(payment);
    else if (how.receipt !== 'lost') await receipts.send(payment);
    return { outcome: 'OK', payment };
  }

  async function payBy(
    notice: Notice,
    how: Activation & Settlement,
    ask: () => Asked | NodeFault | Promise<Asked | NodeFault>,
  ): Promise<Paid> {
    const started = await start(notice, how, ask);
    return 'code' in started ? ko(started) : complete(started.attempt, how);
  }

  return {
    payments,
    exchanges,
    verify: creditor.verify,
    demand: creditor.demand,
    probe: (fiscalCode) => creditor.verify({ creditor: fiscalCode, noticeNumber: PROBE }),
    barred: locks.barred,
    async activate(notice, how = {}) {
      const started = await start(notice, how, () => creditor.get(notice, how));
      if ('code' in started) return ko(started);
      return { outcome: 'OK', token: started.attempt.token, data: started.data };
    },
    async sendOutcome(token, outcome, how = {}) {
      const attempt = locks.take(token);
      if (attempt === undefined) return ko({ code: 'PPT_TOKEN_SCONOSCIUTO' });
      return outcome === 'OK' ? complete(attempt, how) : { outcome: 'OK', payment: null };
    },
    async pay(notice, how = {}) {
      const seen = await creditor.verify(notice);
      if (seen.outcome === 'KO') return seen;
      const asked = { ...how, amountCents: how.amountCents ?? seen.shown.amountCents };
      return payBy(notice, asked, () => creditor.get(notice, asked));
    },
    standIn: (notice, how = {}) => payBy(notice, how, () => creditor.kept(notice)),
    payUnasked: (notice, data, how = {}) => payBy(notice, { ...how, again: true }, () => ({ data, standIn: false })),
    redeliver: receipts.redeliver,
    resubmit: receipts.resubmit,
    pending: receipts.pending,
    deliveries: receipts.of,
    clear() {
      receipts.clear();
      locks.clear();
      exchanges.clear();
      payments.length = 0;
    },
  };
}
