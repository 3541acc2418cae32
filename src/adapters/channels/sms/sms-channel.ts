import { setMaxListeners } from 'node:events';
import type { PduFields } from 'smpp';
import { type Monotonic, systemMonotonic } from '../../../kernel/clocks.ts';
import { smsSegments } from '../../../kernel/sms-text.ts';
import type {
  Channel,
  ChannelSignal,
  OutboundMessage,
  RawSignal,
  SendOutcome,
} from '../../../modules/deliveries/channel.port.ts';
import type { ChannelLog } from '../channel-log.ts';
import { destinationAddress, type SmsSource, sourceAddress, type WireAddress } from './addresses.ts';
import { makeDestinations, type Sent } from './destinations.ts';
import { parseReceiptText } from './dlr.ts';
import { splitForWire, type WirePart } from './gsm7.ts';
import { makeInbound, PROVIDER, refKey, type SmsRefs } from './inbound.ts';
import type { Answer, RequestResult } from './smpp-link.ts';
import { makeSmppSession, SMPP_TIMEOUTS, type SmppTimeouts } from './smpp-session.ts';
import { ESME_RMSGQFUL, ESME_RTHROTTLED, isWall, outcomeOfFailure, refusalOfStatus } from './submit-status.ts';
import { pause } from './waits.ts';

export interface SmsChannelOptions {
  readonly host: string;
  readonly port: number;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Alias registered for the body, or a number in E.164. */
  readonly source: SmsSource;
  /** Submits in flight at one time, by contract with the provider. */
  readonly window: number;
  /** What differs from `SMPP_TIMEOUTS`. */
  readonly timeouts?: Partial<SmppTimeouts>;
  readonly log: ChannelLog;
  readonly refs: SmsRefs;
  /** Stores signals; the SMSC is told that we have a receipt only once this resolves. May be given the same twice. */
  readonly onSignal: (signals: ChannelSignal[]) => Promise<void>;
  /** Stores a citizen's text (`classifyReply` says what it asks); numbers in E.164. Same promise as `onSignal`. */
  readonly onReply?: (from: string, text: string, to: string) => Promise<void>;
  readonly monotonic?: Monotonic;
}

/** Longer texts are a letter, not an SMS; and each part costs. */
export const MAX_SEGMENTS = 6;
const MAX_GSM_TEXT = 153 * MAX_SEGMENTS;
const UDH_INDICATOR = 0x40;
/** SMPP 3.4 §5.2.17: receipt on success and failure, or on failure only. */
const RECEIPT_ALWAYS = 1;
const RECEIPT_ON_FAILURE = 2;
/** Later parts that meet a throttled provider are tried again: an incomplete text is worse than a slow one. */
const PART_TRIES = 5;
/** Deliveries whose answer is remembered. */
const MAX_REMEMBERED = 20_000;

/**
 * The SMS channel: one transceiver session over SMPP 3.4, dialled at once and kept up. Throws SMS_SENDER when the
 * source cannot be a sender.
 */
export function makeSmsChannel(opts: SmsChannelOptions): Channel {
  const timeouts = { ...SMPP_TIMEOUTS, ...opts.timeouts };
  const source = sourceAddress(opts.source);
  const destinations = makeDestinations(opts.monotonic ?? systemMonotonic);
  const { refs, log } = opts;
  const waitMs = timeouts.responseMs / 2;
  const inbound = makeInbound({ refs, destinations, log, waitMs, onSignal: opts.onSignal, onReply: opts.onReply });
  const session = makeSmppSession({ ...opts, timeouts, onDeliver: inbound.take });
  /**
   * SMPP has no key to tell a repetition by: a delivery that was accepted, or may have been, is never put on the wire
   * twice by this process (architecture §4.7), and gets its first answer again.
   */
  const remembered = new Map<string, SendOutcome>();

  async function send(batch: readonly OutboundMessage[], signal: AbortSignal): Promise<SendOutcome[]> {
    // Every message in flight listens; the caller's own signal keeps its limit.
    const abort = AbortSignal.any([signal]);
    setMaxListeners(0, abort);
    const outcomes: SendOutcome[] = [];
    // References are kept while the next messages are on the wire.
    const keeping: Promise<unknown>[] = [];
    // Without a session, or with a provider that asks to slow down, the rest of the batch goes back at once.
    let wall: SendOutcome | null = null;
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < batch.length; i = next++) {
        const message = batch[i];
        if (message === undefined) return;
        const known = remembered.get(keyOf(message)) ?? wall;
        const sent = known === null ? await sendOne(message, abort) : closed(known);
        keeping.push(sent.open);
        const { outcome } = sent;
        if (isWall(outcome)) wall = outcome;
        outcomes[i] = outcome;
        report(message, outcome);
      }
    };
    await Promise.all(Array.from({ length: Math.min(opts.window, batch.length) }, lane));
    await Promise.all(keeping);
    return outcomes;
  }

  async function sendOne(message: OutboundMessage, signal: AbortSignal): Promise<Sent> {
    const to = destinationAddress(message.to);
    if (to === null) return closed({ kind: 'rejected', code: 'NOT_E164', fault: 'permanent' });
    if (message.text === '') return closed({ kind: 'rejected', code: 'TEXT_EMPTY', fault: 'technical' });
    const { segments } = smsSegments(message.text);
    if (segments > MAX_SEGMENTS) return closed({ kind: 'rejected', code: 'TEXT_TOO_LONG', fault: 'policy' });
    const submit = { enteId: message.enteId, deliveryId: message.deliveryId, parts: segments };
    return destinations.inTurn(to.address, submit, async () => {
      const known = remembered.get(keyOf(message));
      if (known !== undefined) return closed(known);
      const sent = await submitParts(message, to, signal);
      if (sent.outcome.kind === 'accepted' || sent.outcome.kind === 'uncertain') remember(message, sent.outcome);
      return sent;
    });
  }

  /** Part after part: the first failure stops the rest. */
  async function submitParts(message: OutboundMessage, to: WireAddress, signal: AbortSignal): Promise<Sent> {
    // Differs between two messages to one phone whatever process sends them, as a counter of each would not (3GPP TS
    // 23.040 §9.2.3.24.1): the end of a delivery's id is random.
    const parts = splitForWire(message.text, Number.parseInt(message.deliveryId.slice(-2), 16));
    const ids: string[] = [];
    const kept: Promise<boolean>[] = [];
    for (const [i, part] of parts.entries()) {
      const last = i === parts.length - 1;
      const fields = submitFields(source, to, part, last);
      const onLate = (answer: Answer): void => void takeLate(message, to, answer, { first: i === 0, last });
      const result = await submitPart(fields, i > 0, signal, onLate);
      if (result.kind === 'answered' && result.answer.status === 0) {
        const id = idIn(result.answer);
        ids.push(id === '' ? message.deliveryId : id);
        kept.push(id === '' ? Promise.resolve(false) : keepRef(id, last, message));
        continue;
      }
      const outcome = outcomeOfFailure(result);
      if (i === 0) return closed(outcome);
      const code = `partial ${i}/${parts.length} ${outcome.code}`;
      return { outcome: { kind: 'uncertain', code }, open: Promise.all(kept).then(() => true) };
    }
    const open = Promise.all(kept).then((all) => all.includes(false));
    return { outcome: { kind: 'accepted', ref: ids.join(',') }, open };
  }

  async function submitPart(
    fields: PduFields,
    following: boolean,
    signal: AbortSignal,
    onLate: (answer: Answer) => void,
  ): Promise<RequestResult> {
    for (let tries = 1; ; tries += 1) {
      const result = await session.submit(fields, signal, onLate);
      const status = result.kind === 'answered' ? result.answer.status : 0;
      const slowDown = status === ESME_RTHROTTLED || status === ESME_RMSGQFUL;
      if (!slowDown || !following || tries === PART_TRIES || signal.aborted) return result;
      await pause(timeouts.backoffMinMs * tries, signal);
    }
  }

  /**
   * The answer to a submit that was given up. Consent: the outcome stays uncertain, the receipt will now be matched. A
   * refusal is told as a signal: of the first part, nothing was ever accepted; of a later one, what arrived is no message.
   */
  async function takeLate(
    message: OutboundMessage,
    to: WireAddress,
    answer: Answer,
    part: { readonly first: boolean; readonly last: boolean },
  ): Promise<void> {
    const { enteId, deliveryId } = message;
    log.info({ deliveryId, status: answer.status }, 'SMS answered after its time');
    if (answer.status === 0) {
      const id = idIn(answer);
      if (id !== '' && (await keepRef(id, part.last, message))) destinations.forget(to.address, deliveryId);
      return;
    }
    const { code, fault } = refusalOfStatus(answer.status);
    const signal: ChannelSignal = {
      enteId,
      deliveryId,
      provider: PROVIDER,
      providerEventId: `${deliveryId}:late:${answer.status}`,
      kind: part.first ? 'refused' : 'bounced',
      fault: part.first ? fault : 'technical',
      code,
    };
    try {
      await opts.onSignal([signal]);
      destinations.forget(to.address, deliveryId);
    } catch {
      log.warn({ enteId, deliveryId }, 'late SMS refusal not kept');
    }
  }

  /** False when it could not be kept: the message was accepted all the same. */
  async function keepRef(id: string, last: boolean, message: OutboundMessage): Promise<boolean> {
    try {
      await refs.save(refKey(id, last), message.enteId, message.deliveryId);
      return true;
    } catch {
      log.warn({ enteId: message.enteId, deliveryId: message.deliveryId }, 'SMS reference not kept');
      return false;
    }
  }

  function remember(message: OutboundMessage, outcome: SendOutcome): void {
    remembered.set(keyOf(message), outcome);
    const oldest = remembered.keys().next().value;
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  function report(message: OutboundMessage, outcome: SendOutcome): void {
    if (outcome.kind === 'accepted') return;
    const { enteId, deliveryId } = message;
    const fault = outcome.kind === 'rejected' ? outcome.fault : null;
    const ours = outcome.kind === 'uncertain' || fault === 'technical' || fault === 'policy';
    const fields = { enteId, deliveryId, outcome: outcome.kind, code: outcome.code, fault };
    log[ours ? 'warn' : 'info'](fields, 'SMS not accepted');
  }

  async function parseSignal(raw: RawSignal): Promise<ChannelSignal[]> {
    const receipt = parseReceiptText(Buffer.from(raw.body).toString('latin1'));
    const signal = receipt === null ? null : await inbound.signalOf(receipt);
    return signal === null ? [] : [signal];
  }

  async function health(): Promise<{ ok: boolean; detail: string }> {
    await session.ready(timeouts.readyMs);
    const { kind, code } = session.state();
    return {
      ok: kind === 'bound',
      detail: `SMPP session: ${kind} (${code}); unmatched receipts: ${inbound.unmatched()}`,
    };
  }

  return {
    kind: 'sms',
    provider: PROVIDER,
    capabilities: { maxTextLength: MAX_GSM_TEXT, subject: false, html: false, query: false },
    send,
    parseSignal,
    health,
    close: session.close,
  };
}

/** Nothing of it is left to do. */
function closed(outcome: SendOutcome): Sent {
  return { outcome, open: Promise.resolve(outcome.kind === 'uncertain') };
}

function keyOf(message: OutboundMessage): string {
  return `${message.enteId}.${message.deliveryId}`;
}

/** A submit_sm of one part. */
export function submitFields(source: WireAddress, to: WireAddress, part: WirePart, last: boolean): PduFields {
  return {
    source_addr_ton: source.ton,
    source_addr_npi: source.npi,
    source_addr: source.address,
    dest_addr_ton: to.ton,
    dest_addr_npi: to.npi,
    destination_addr: to.address,
    esm_class: part.udh === null ? 0 : UDH_INDICATOR,
    registered_delivery: last ? RECEIPT_ALWAYS : RECEIPT_ON_FAILURE,
    // Bytes of our own making: the package would turn what it does not know into "@".
    data_coding: part.dataCoding,
    short_message: part.udh === null ? part.message : Buffer.concat([part.udh, part.message]),
  };
}

function idIn(answer: Answer): string {
  const id = answer.pdu.message_id;
  return typeof id === 'string' ? (/^[\x21-\x7e]{1,65}/.exec(id)?.[0] ?? '') : '';
}
