/** What a phone, and the network before it, does with one SMS. Times after acceptance are simulated, answers are real. */
export type SmsBehaviour =
  /** Reaches the phone; the receipt comes `afterMs` later, `receipts` times over. */
  | {
      readonly kind: 'works';
      readonly afterMs?: number;
      readonly receipts?: number;
      /** Real milliseconds before the submit is answered. */
      readonly answerAfterMs?: number;
      /** How often the submit is answered. */
      readonly answers?: number;
      /** The receipt overtakes the answer to the submit. */
      readonly receiptFirst?: boolean;
    }
  /** Nobody has this number: refused at once (status 11), or found out later (UNDELIV). */
  | { readonly kind: 'unknown'; readonly at: 'submit' | 'receipt' }
  /** Switched off until the message expires. */
  | { readonly kind: 'off'; readonly expiresAfterMs: number }
  /** The provider asks to slow down: 88 throttled, 20 queue full. */
  | { readonly kind: 'throttled'; readonly status: 88 | 20 }
  | { readonly kind: 'refused'; readonly status: number; readonly answerAfterMs?: number }
  /** Taken and delivered, never answered. */
  | { readonly kind: 'mute'; readonly afterMs?: number }
  /** Taken and delivered; the line is cut before the answer. */
  | { readonly kind: 'cut'; readonly afterMs?: number };

/** How the SMSC treats whoever binds. */
export type BindMode =
  | { readonly kind: 'normal' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'refuse'; readonly status: number };

/** One SMS, its parts put together again. */
export interface StoredSms {
  /** Place in the order of arrival. */
  readonly seq: number;
  /** E.164 with its plus. */
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly dataCoding: number;
  readonly parts: number;
  /** As they were given in the answers, first part first. */
  readonly ids: readonly string[];
  /** Epoch ms. */
  readonly simAt: number;
  readonly realAt: number;
}

export type ReceiptState = 'DELIVRD' | 'UNDELIV' | 'EXPIRED';

/** `text`: the form of the standard; `tlv`: nothing but TLVs; `both`; `terse`: renamed and missing fields. */
export type ReceiptDialect = 'text' | 'tlv' | 'both' | 'terse';

const STATE_NUMBER = { DELIVRD: 2, EXPIRED: 3, UNDELIV: 5 } as const;
const STATE_ERROR = { DELIVRD: '000', EXPIRED: '033', UNDELIV: '001' } as const;

/** The fields of a receipt's deliver_sm, but for the addresses. Dates are UTC. */
export function receiptFields(
  dialect: ReceiptDialect,
  id: string,
  state: ReceiptState,
  submittedAt: number,
  doneAt: number,
  text: string,
): Readonly<Record<string, unknown>> {
  const esm = { esm_class: 4, data_coding: 0 };
  const tlvs = { receipted_message_id: id, message_state: STATE_NUMBER[state] };
  if (dialect === 'tlv') return { ...esm, short_message: Buffer.alloc(0), ...tlvs };
  if (dialect === 'terse')
    return { ...esm, short_message: Buffer.from(`id:${id} status:${state.toLowerCase()}`, 'latin1') };
  const sub = state === 'DELIVRD' ? '001' : '000';
  const dates = `submit date:${shortDate(submittedAt)} done date:${shortDate(doneAt)}`;
  const words = `id:${id} sub:001 dlvrd:${sub} ${dates} stat:${state} err:${STATE_ERROR[state]} text:${text.slice(0, 20)}`;
  return { ...esm, short_message: Buffer.from(words, 'latin1'), ...(dialect === 'both' ? tlvs : {}) };
}

function shortDate(at: number): string {
  return new Date(at).toISOString().slice(2, 16).replace(/\D/g, '');
}

/** SMPP 3.4 §5.1.3, those in use here. */
export const STATUS = {
  invalidCommand: 3,
  bindState: 4,
  bound: 5,
  source: 10,
  destination: 11,
  password: 14,
  systemId: 15,
} as const;

/** How a submit to such a number is answered. */
export function statusOf(behaviour: SmsBehaviour): number {
  if (behaviour.kind === 'throttled' || behaviour.kind === 'refused') return behaviour.status;
  return behaviour.kind === 'unknown' && behaviour.at === 'submit' ? STATUS.destination : 0;
}

/** What becomes of a message that was taken, and when the network knows. */
export function fateOf(behaviour: SmsBehaviour): { afterMs: number; state: ReceiptState; times: number } {
  switch (behaviour.kind) {
    case 'off':
      return { afterMs: behaviour.expiresAfterMs, state: 'EXPIRED', times: 1 };
    case 'works':
      return { afterMs: behaviour.afterMs ?? 0, state: 'DELIVRD', times: behaviour.receipts ?? 1 };
    case 'mute':
    case 'cut':
      return { afterMs: behaviour.afterMs ?? 0, state: 'DELIVRD', times: 1 };
    default:
      return { afterMs: 0, state: 'UNDELIV', times: 1 };
  }
}
