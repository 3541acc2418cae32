import type { PDU } from 'smpp';
import { makeGroups } from '../../../kernel/groups.ts';
import type { ChannelSignal } from '../../../modules/deliveries/channel.port.ts';
import type { ChannelLog } from '../channel-log.ts';
import { digitsOf } from './addresses.ts';
import type { DeliveryRef, Destinations } from './destinations.ts';
import { idVariants, type Receipt, readReceipt } from './dlr.ts';
import { pause } from './waits.ts';

/** Where message ids are kept, so that a receipt finds its delivery after a restart. */
export interface SmsRefs {
  /** The same ref again replaces the older one: SMSCs count in circles. */
  save(ref: string, enteId: number, deliveryId: string): Promise<void>;
  find(ref: string): Promise<DeliveryRef | null>;
}

export interface InboundOptions {
  readonly refs: SmsRefs;
  readonly destinations: Destinations;
  readonly onSignal: (signals: ChannelSignal[]) => Promise<void>;
  readonly onReply: ((from: string, text: string, to: string) => Promise<void>) | undefined;
  /** How long a receipt that came before the submit's own answer waits for it; real milliseconds. */
  readonly waitMs: number;
  readonly log: ChannelLog;
}

export interface Inbound {
  /** Resolves once what the PDU says is stored; rejects when it could not be. */
  take(pdu: PDU): Promise<void>;
  /** The delivery behind a receipt's id, with no regard to the number; null when it is not known. */
  signalOf(receipt: Receipt): Promise<ChannelSignal | null>;
  /** Receipts that matched nothing, so far. */
  unmatched(): number;
}

export const PROVIDER = 'smpp';
/** All parts but the last are kept apart: a part that arrived is not a message that arrived. */
const PART_PREFIX = 'part:';
const MAX_BATCH = 500;
const MAX_REPLY = 2000;

/** The key under which a message id is kept. */
export function refKey(messageId: string, lastPart: boolean): string {
  return lastPart ? messageId : `${PART_PREFIX}${messageId}`;
}

interface Match extends DeliveryRef {
  /** The receipt speaks of a part, and more parts have to arrive. */
  readonly partial: boolean;
}

/** Turns deliver_sm into signals and replies. */
export function makeInbound(opts: InboundOptions): Inbound {
  const store = makeGroups(async (signals: readonly ChannelSignal[]) => {
    await opts.onSignal([...signals]);
    return signals;
  }, MAX_BATCH);
  let unmatched = 0;
  /** Once ids were seen to come back as they were given, no other writing of them is tried. */
  let idsComeBackAsGiven = false;

  async function lookUp(id: string): Promise<Match | null> {
    const last = await opts.refs.find(refKey(id, true));
    if (last !== null) return { ...last, partial: false };
    const part = await opts.refs.find(refKey(id, false));
    return part === null ? null : { ...part, partial: true };
  }

  async function matchById(id: string): Promise<Match | null> {
    const exact = await lookUp(id);
    if (exact !== null) idsComeBackAsGiven = true;
    if (exact !== null || idsComeBackAsGiven) return exact;
    for (const variant of idVariants(id)) {
      const match = await lookUp(variant);
      if (match !== null) return match;
    }
    return null;
  }

  async function match(receipt: Receipt, numbers: readonly string[]): Promise<Match | null> {
    const known = await matchById(receipt.messageId);
    if (known !== null) return known;
    // It may have overtaken the answer to the submit.
    const answer = Promise.all(numbers.map((number) => opts.destinations.settled(number)));
    const late = new AbortController();
    await Promise.race([answer, pause(opts.waitMs, late.signal)]);
    late.abort();
    const now = await matchById(receipt.messageId);
    if (now !== null) return now;
    for (const number of numbers) {
      const open = opts.destinations.only(number);
      if (open === null) continue;
      const final = receipt.kind === 'delivered' || receipt.kind === 'bounced';
      if (final && open.parts === 1) opts.destinations.forget(number, open.deliveryId);
      return { enteId: open.enteId, deliveryId: open.deliveryId, partial: open.parts > 1 };
    }
    return null;
  }

  async function takeReceipt(receipt: Receipt, numbers: readonly string[]): Promise<void> {
    const found = await match(receipt, numbers);
    if (found === null) {
      unmatched += 1;
      // Counts only: 1, 10, 100...
      if (/^10*$/.test(String(unmatched))) opts.log.warn({ unmatched }, 'receipts that match no SMS of ours');
      return;
    }
    const signal = toSignal(receipt, found);
    if (signal !== null) await store(signal);
  }

  async function take(pdu: PDU): Promise<void> {
    const esmClass = typeof pdu.esm_class === 'number' ? pdu.esm_class : 0;
    const text = textOf(pdu);
    const receipt = readReceipt({
      esmClass,
      text,
      receiptedMessageId: pdu.receipted_message_id,
      messageState: pdu.message_state,
      networkErrorCode: pdu.network_error_code,
    });
    // The number that got the message is the receipt's source; some SMSCs leave the two as they were.
    const numbers = [digitsOf(pdu.source_addr), digitsOf(pdu.destination_addr)].filter((n) => n !== '');
    if (receipt !== null) return takeReceipt(receipt, numbers);
    // Acknowledgements of other kinds, and receipts that name no message.
    if ((esmClass & 0x3c) !== 0 || text === '') return;
    await opts.onReply?.(addressOf(pdu.source_addr, pdu.source_addr_ton), text, addressOf(pdu.destination_addr, 0));
  }

  return {
    take,
    async signalOf(receipt) {
      const found = await matchById(receipt.messageId);
      return found === null ? null : toSignal(receipt, found);
    },
    unmatched: () => unmatched,
  };
}

/** Null when it changes nothing: one part of several has arrived. */
function toSignal(receipt: Receipt, match: Match): ChannelSignal | null {
  if (match.partial && receipt.kind !== 'bounced') return null;
  const { kind, fault, code, messageId } = receipt;
  // The delivery is part of the id, because SMSCs use their message ids again.
  const providerEventId = `${match.deliveryId}:${messageId}:${code.split(' ')[0]}`;
  return { enteId: match.enteId, deliveryId: match.deliveryId, provider: PROVIDER, providerEventId, kind, fault, code };
}

function textOf(pdu: PDU): string {
  for (const field of [pdu.short_message, pdu.message_payload]) {
    const message = typeof field === 'object' && field !== null && 'message' in field ? field.message : field;
    const text = Buffer.isBuffer(message) ? message.toString('latin1') : message;
    if (typeof text === 'string' && text !== '') return text.slice(0, MAX_REPLY);
  }
  return '';
}

/** A number with its plus; anything else (a short code, a name) as it came, without odd characters. */
function addressOf(address: unknown, ton: unknown): string {
  const digits = digitsOf(address);
  if (typeof address === 'string' && /^[+\d]+$/.test(address) && (ton === 1 || digits.length > 7)) return `+${digits}`;
  return typeof address === 'string' ? address.replace(/[^A-Za-z0-9 ._-]/g, '').slice(0, 20) : '';
}
