import type { Fault, SignalKind } from '../../../modules/deliveries/channel.port.ts';

/**
 * SMSC delivery receipts in their dialects: the text form of SMPP 3.4 appendix B, which everybody bends, and the TLVs
 * (domain/channels.md §5.1). Nothing here throws, whatever comes.
 */

/** The fields of a deliver_sm that matter; values of the wrong type count as missing. */
export interface ReceiptFields {
  readonly esmClass: number;
  readonly text: string;
  /** TLV 0x001E. */
  readonly receiptedMessageId?: unknown;
  /** TLV 0x0427. */
  readonly messageState?: unknown;
  /** TLV 0x0423: one byte of network type and two of error. */
  readonly networkErrorCode?: unknown;
}

export interface Receipt {
  /** As the SMSC wrote it; 1 to 65 printable characters. */
  readonly messageId: string;
  readonly kind: Extract<SignalKind, 'delivered' | 'bounced' | 'delayed' | 'unknown'>;
  /** Set when `kind` is `bounced`. Never `permanent`: only repetition condemns a number (domain/channels.md §5.1). */
  readonly fault: Fault | null;
  /** State and the network's own error, e.g. `UNDELIV err:027`; at most 60 characters. */
  readonly code: string;
}

const FINAL_RECEIPT = 0x04;
const INTERMEDIATE = 0x20;
const TYPE_BITS = 0x3c;
const MAX_TEXT = 1000;
const MAX_ID = 65;

type Meaning = Pick<Receipt, 'kind' | 'fault'>;
const DELAYED: Meaning = { kind: 'delayed', fault: null };
const UNKNOWN: Meaning = { kind: 'unknown', fault: null };
const failed = (fault: Fault): Meaning => ({ kind: 'bounced', fault });

/** By the first five letters, which the spellings share (DELIVRD and DELIVERED, ACCEPTD and ACCEPTED...). */
const STATES: ReadonlyMap<string, Meaning & { readonly name: string }> = new Map([
  ['SCHED', { name: 'SCHEDULED', ...DELAYED }],
  ['BUFFE', { name: 'BUFFERED', ...DELAYED }],
  ['ENROU', { name: 'ENROUTE', ...DELAYED }],
  ['ACCEP', { name: 'ACCEPTD', ...DELAYED }],
  ['DELIV', { name: 'DELIVRD', kind: 'delivered', fault: null }],
  ['EXPIR', { name: 'EXPIRED', ...failed('temporary') }],
  ['DELET', { name: 'DELETED', ...failed('technical') }],
  ['UNDEL', { name: 'UNDELIV', ...failed('temporary') }],
  ['FAILE', { name: 'UNDELIV', ...failed('temporary') }],
  ['REJEC', { name: 'REJECTD', ...failed('policy') }],
  ['SKIPP', { name: 'SKIPPED', ...failed('technical') }],
  ['UNKNO', { name: 'UNKNOWN', ...UNKNOWN }],
]);
/** SMPP 3.4 §5.2.28; 0 and 9 are of version 5. */
const BY_NUMBER = ['SCHED', 'ENROU', 'DELIV', 'EXPIR', 'DELET', 'UNDEL', 'ACCEP', 'UNKNO', 'REJEC', 'SKIPP'];

const KEY = '(?:message[ _-]?|msg[ _-]?)?id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat(?:us|e)?|err(?:or)?|text';
const FIELD = new RegExp(`(?:^|[\\s,;|])(${KEY})[ \\t]*[:=][ \\t]*(?!(?:${KEY})[ \\t]*[:=])([^\\s,;|]*)`, 'gi');

/**
 * Reads a deliver_sm as a receipt; null when it is none. A receipt is marked by `esm_class` or by the TLV, never by its
 * words alone, which any phone could send.
 */
export function readReceipt(fields: ReceiptFields): Receipt | null {
  const type = fields.esmClass & TYPE_BITS;
  const tlvId = cleanId(fields.receiptedMessageId);
  if (type !== FINAL_RECEIPT && type !== INTERMEDIATE && tlvId === '') return null;
  const told = fieldsOf(fields.text);
  const messageId = tlvId || told.id;
  if (messageId === '') return null;
  const receipt = receiptOf(messageId, stateOf(fields.messageState, told.stat), told, networkError(fields));
  // An intermediate note says how things stand, not how they ended.
  return type === INTERMEDIATE && receipt.kind !== 'unknown' ? { ...receipt, ...DELAYED } : receipt;
}

/** Reads the bare text of a receipt; null when it names no message or no state. */
export function parseReceiptText(text: string): Receipt | null {
  const told = fieldsOf(text);
  if (told.id === '' || told.stat === '') return null;
  return receiptOf(told.id, stateOf(undefined, told.stat), told, '');
}

/**
 * Other spellings under which the same id may have been given at the submit: case, leading zeros, and hexadecimal
 * against decimal (0489708364 is 1d305b4c). Likely ones first; the id itself is not among them.
 */
export function idVariants(id: string): string[] {
  const found = new Set<string>([id.toLowerCase(), id.toUpperCase()]);
  const bare = id.replace(/^0+(?=.)/, '');
  // Short ids are counters: a conversion would hit somebody else's message.
  if (id.length >= 6 && id.length <= 20) {
    found.add(bare);
    if (/^\d+$/.test(id)) {
      const hex = BigInt(id).toString(16);
      for (const form of [hex, hex.padStart(8, '0')]) found.add(form).add(form.toUpperCase());
      found.add(bare.padStart(10, '0'));
    }
    if (/^[0-9a-f]+$/i.test(id)) {
      const decimal = BigInt(`0x${id}`).toString();
      found.add(decimal).add(decimal.padStart(10, '0'));
      found.add(bare.toLowerCase().padStart(8, '0'));
    }
  }
  found.delete(id);
  return [...found];
}

interface Told {
  readonly id: string;
  readonly stat: string;
  readonly err: string;
}

function fieldsOf(text: string): Told {
  const told = { id: '', stat: '', err: '' };
  for (const [, key = '', value = ''] of text.slice(0, MAX_TEXT).matchAll(FIELD)) {
    const name = key.toLowerCase();
    // What follows is the beginning of the message itself, which may say anything.
    if (name === 'text') break;
    if (name.endsWith('id')) told.id ||= cleanId(value);
    else if (name.startsWith('stat')) told.stat ||= value;
    else if (name.startsWith('err')) told.err ||= value;
  }
  return told;
}

function stateOf(messageState: unknown, stat: string): string {
  if (typeof messageState === 'number' && BY_NUMBER[messageState] !== undefined) return BY_NUMBER[messageState];
  if (/^\d$/.test(stat)) return BY_NUMBER[Number(stat)] ?? stat;
  return stat.replace(/[^A-Za-z]/g, '').toUpperCase();
}

function receiptOf(messageId: string, state: string, told: Told, networkErr: string): Receipt {
  const meaning = STATES.get(state.slice(0, 5));
  const name = meaning?.name ?? (state.slice(0, 20) || 'NOSTATE');
  const err = told.err.replace(/[^A-Za-z0-9.-]/g, '').slice(0, 20) || networkErr;
  const code = /^0*$/.test(err) ? name : `${name} err:${err}`;
  return { messageId, kind: meaning?.kind ?? 'unknown', fault: meaning?.fault ?? null, code };
}

function networkError(fields: ReceiptFields): string {
  const bytes = fields.networkErrorCode;
  return Buffer.isBuffer(bytes) && bytes.length === 3 ? String(bytes.readUInt16BE(1)) : '';
}

/** Up to the first character that is not printable: some SMSCs leave out the zero that ends it, and the next TLV runs in. */
function cleanId(value: unknown): string {
  if (typeof value !== 'string') return '';
  return (/^[\x21-\x7e]+/.exec(value.trimStart())?.[0] ?? '').slice(0, MAX_ID);
}
