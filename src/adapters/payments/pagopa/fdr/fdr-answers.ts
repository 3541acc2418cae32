import { type CivilDate, parseCivilDate } from '../../../../kernel/civil-date.ts';
import { decimalCents } from '../../../../kernel/decimal-cents.ts';
import { CodedError } from '../../../../kernel/errors.ts';
import type { Cents } from '../../../../kernel/money.ts';
import { romeDate } from '../../../../kernel/rome-time.ts';
import type {
  FlowRef,
  PayStatus,
  RemittanceFlow,
  RemittanceLine,
} from '../../../../modules/payments/reconcile/reconcile.port.ts';

/** Amounts are euro with decimals here (pagopa §12), which a float would bend: their digits are kept instead. */
const AMOUNTS = new Set(['pay', 'sumPayments', 'computedSumPayments']);
const MOST_CENTS = 99_999_999_999;
const MOST_COUNT = 999_999_999;

/** As the platform calls them. */
export const PAY_STATUS: ReadonlyMap<string, PayStatus> = new Map([
  ['EXECUTED', 'executed'],
  ['REVOKED', 'revoked'],
  ['STAND_IN', 'standIn'],
  ['STAND_IN_NO_RPT', 'standInNoRpt'],
  ['NO_RPT', 'noRpt'],
]);

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** With the source text of each value, which the types of this version of the language do not know. */
const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Error FDR_ANSWER. */
export function readAnswer(text: string): Answer {
  try {
    return new Answer(
      parseJson(text, (key, value, { source }) => (AMOUNTS.has(key) && typeof value === 'number' ? source : value)),
    );
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw notUnderstood('json');
  }
}

export function notUnderstood(field: string): CodedError {
  return new CodedError('FDR_ANSWER', 'the answer is not understood', { field });
}

/** An object of an answer, its fields read as what they must be; FDR_ANSWER names the one that is not. */
export class Answer {
  #fields: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notUnderstood('object');
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  /** Of 1 to `max` characters, the blanks around it left out; null where it is absent or blank. */
  optional(name: string, max: number): string | null {
    const value = this.#fields[name] ?? null;
    if (value === null) return null;
    if (typeof value !== 'string' || value.length > max) throw notUnderstood(name);
    return value.trim() || null;
  }

  text(name: string, max: number): string {
    const value = this.optional(name, max);
    if (value === null) throw notUnderstood(name);
    return value;
  }

  integer(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MOST_COUNT)
      throw notUnderstood(name);
    return value;
  }

  cents(name: string): Cents {
    const cents = decimalCents(this.text(name, 40));
    if (cents === null || Math.abs(cents) > MOST_CENTS) throw notUnderstood(name);
    return cents;
  }

  /** Epoch ms. */
  instant(name: string): number {
    const text = this.text(name, 40);
    const zoned = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
    const at = zoned ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at)) throw notUnderstood(name);
    return at;
  }

  /** A day, or the day in Rome of an instant. */
  day(name: string): CivilDate {
    const text = this.text(name, 40);
    if (text.length > 10) return romeDate(this.instant(name));
    const day = parseCivilDate(text);
    if (!day.ok) throw notUnderstood(name);
    return day.value;
  }

  object(name: string): Answer {
    return new Answer(this.#fields[name]);
  }

  list(name: string): Answer[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw notUnderstood(name);
    return value.map((one) => new Answer(one));
  }
}

export function refOf(one: Answer): FlowRef {
  return {
    flowId: one.text('fdr', 35),
    psp: one.text('pspId', 35),
    revision: one.integer('revision'),
    publishedAt: one.instant('published'),
  };
}

/** A flow without its lines. */
export function flowOf(one: Answer): Omit<RemittanceFlow, 'lines'> {
  const sender = one.object('sender');
  return {
    flowId: one.text('fdr', 35),
    revision: one.integer('revision'),
    source: 'api',
    psp: sender.text('pspId', 35),
    sender: sender.optional('pspName', 70) ?? sender.text('pspId', 35),
    receiver: one.object('receiver').text('organizationId', 35),
    madeAt: one.instant('fdrDate'),
    publishedAt: one.instant('published'),
    regulationId: one.text('regulation', 35),
    regulationDate: one.day('regulationDate'),
    declaredCount: one.integer('totPayments'),
    declaredCents: one.cents('sumPayments'),
  };
}

export function lineOf(one: Answer): RemittanceLine {
  const status = PAY_STATUS.get(one.text('payStatus', 40));
  if (status === undefined) throw notUnderstood('payStatus');
  const cents = one.cents('pay');
  const amountCents = status === 'revoked' ? Math.abs(cents) : cents;
  if (amountCents <= 0) throw notUnderstood('pay');
  const transferNo = one.integer('idTransfer');
  if (transferNo < 1 || transferNo > 5) throw notUnderstood('idTransfer');
  return {
    no: one.integer('index'),
    iuv: one.text('iuv', 35),
    iur: one.optional('iur', 35),
    transferNo,
    amountCents,
    status,
    payDate: one.day('payDate'),
  };
}
