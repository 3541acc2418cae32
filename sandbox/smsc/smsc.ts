import type { AddressInfo } from 'node:net';
import { createServer, PDU, type Session } from 'smpp';
import { sha256Hex } from '../../src/kernel/hash.ts';
import {
  type BindMode,
  fateOf,
  type ReceiptDialect,
  receiptFields,
  type SmsBehaviour,
  STATUS,
  type StoredSms,
  statusOf,
} from './behaviour.ts';
import { makeOutbox } from './outbox.ts';
import { makeReassembly } from './reassembly.ts';

export interface SmscOptions {
  readonly systemId: string;
  readonly password: string;
  /** What happens to an SMS to this number (E.164 with its plus); asked once for each part. */
  readonly behaviourOf: (number: string) => SmsBehaviour;
  /** Whether this sender may be used; others are refused with status 10. All, when missing. */
  readonly isSender?: (source: string) => boolean;
  /** Simulated and real epoch ms. */
  readonly simNow: () => number;
  readonly realNow: () => number;
  /** Runs something so many simulated ms from now; `label` is unique and the same in every run. */
  readonly later: (afterMs: number, label: string, run: () => Promise<void>) => void;
  /** Called once a whole SMS is stored, before it is answered. */
  readonly onSms?: (sms: StoredSms) => void;
  readonly dialect?: ReceiptDialect;
  /** Ids in the answers are hexadecimal; receipts write them so too, or in decimal. */
  readonly idsInReceipts?: 'same' | 'decimal';
}

export interface Smsc {
  readonly port: number;
  /** Every SMS that was taken, whatever became of it, in order of arrival. */
  readonly messages: readonly StoredSms[];
  inbox(number: string): readonly StoredSms[];
  /** The first SMS to `number` with `seq >= from` that fits; null when none came within `timeoutMs` (real). */
  waitFor(
    number: string,
    from: number,
    fits: (sms: StoredSms) => boolean,
    timeoutMs: number,
  ): Promise<StoredSms | null>;
  /** submit_sm PDUs received, the refused ones too. */
  submits(): number;
  refused(): number;
  /** A citizen writes; resolves once the program has acknowledged it. */
  reply(from: string, to: string, text: string): Promise<void>;
  /** Receipts and replies that the program has not acknowledged. */
  pending(): number;
  /** Receipts and replies that the program would not take, after many tries. */
  givenUp(): number;
  /** Bound sessions. */
  sessions(): number;
  /** Every bind received. */
  binds(): number;
  setBind(mode: BindMode): void;
  /** A mute SMSC reads and never answers anything. */
  setMute(mute: boolean): void;
  dropSessions(): void;
  /** Writes bytes on every bound line, whatever they are. */
  sendRaw(bytes: Uint8Array): void;
  /** Forgets all messages, for a new town. */
  clear(): void;
  close(): Promise<void>;
}

const MAX_ALIAS = 11;

/** A provider's SMSC on loopback: SMPP 3.4, no TLS. How it behaves is decided per number and by its switches. */
export async function startSmsc(options: SmscOptions): Promise<Smsc> {
  const messages: StoredSms[] = [];
  const inboxes = new Map<string, StoredSms[]>();
  const waiting = new Set<(sms: StoredSms) => void>();
  const all = new Set<Session>();
  const bound = new Set<Session>();
  const outbox = makeOutbox();
  let reassembly = makeReassembly();
  let bindMode: BindMode = { kind: 'normal' };
  let mute = false;
  let submits = 0;
  let refused = 0;
  let binds = 0;
  const taken = new Map<string, number>();

  function serve(session: Session): void {
    all.add(session);
    session.socket.setNoDelay(true);
    session.on('error', () => session.destroy());
    session.on('close', () => {
      all.delete(session);
      bound.delete(session);
      outbox.detach(session);
    });
    session.on('pdu', (pdu: PDU) => {
      if (mute || pdu.isResponse()) return;
      switch (pdu.command) {
        case 'bind_transceiver':
        case 'bind_receiver':
        case 'bind_transmitter':
          bind(session, pdu);
          break;
        case 'submit_sm':
          if (bound.has(session)) submit(session, pdu);
          else answer(session, pdu, STATUS.bindState);
          break;
        case 'enquire_link':
          answer(session, pdu, 0);
          break;
        case 'unbind':
          answer(session, pdu, 0);
          session.close();
          break;
        default:
          session.send(
            new PDU('generic_nack', { command_status: STATUS.invalidCommand, sequence_number: pdu.sequence_number }),
          );
      }
    });
  }

  function answer(session: Session, pdu: PDU, status: number, fields: Readonly<Record<string, unknown>> = {}): void {
    session.send(pdu.response({ ...fields, command_status: status }));
  }

  function bind(session: Session, pdu: PDU): void {
    binds += 1;
    if (bindMode.kind === 'hang') return;
    if (bindMode.kind === 'cut') {
      session.destroy();
      return;
    }
    const status = bindMode.kind === 'refuse' ? bindMode.status : bindStatus(session, pdu);
    answer(session, pdu, status, { system_id: 'SANDBOX' });
    if (status !== 0) return;
    bound.add(session);
    if (pdu.command !== 'bind_transmitter') outbox.attach(session);
  }

  function bindStatus(session: Session, pdu: PDU): number {
    if (bound.has(session)) return STATUS.bound;
    if (pdu.system_id !== options.systemId) return STATUS.systemId;
    return pdu.password === options.password ? 0 : STATUS.password;
  }

  function submit(session: Session, pdu: PDU): void {
    submits += 1;
    const to = `+${text(pdu.destination_addr)}`;
    const addressing = addressStatus(pdu, to);
    const behaviour: SmsBehaviour =
      addressing === 0 ? options.behaviourOf(to) : { kind: 'refused', status: addressing };
    const status = statusOf(behaviour);
    if (status !== 0) {
      refused += 1;
      const refuse = () => answer(session, pdu, status);
      if (behaviour.kind === 'refused' && behaviour.answerAfterMs !== undefined)
        setTimeout(refuse, behaviour.answerAfterMs);
      else refuse();
      return;
    }
    const nth = (taken.get(to) ?? 0) + 1;
    taken.set(to, nth);
    const id = idOf(to, nth);
    const sms = reassembly.take(pdu, to, id);
    if (sms !== null) store({ ...sms, seq: messages.length, simAt: options.simNow(), realAt: options.realNow() });
    const answers = behaviour.kind === 'works' ? (behaviour.answers ?? 1) : 1;
    const respond = () => {
      for (let n = 0; n < answers; n += 1) answer(session, pdu, 0, { message_id: id });
    };
    if (behaviour.kind === 'cut') session.destroy();
    else if (behaviour.kind === 'works' && behaviour.receiptFirst === true) {
      // The answer waits until the receipt has been on the wire for a while.
      setTimeout(respond, behaviour.answerAfterMs ?? 20);
    } else if (behaviour.kind === 'works' && behaviour.answerAfterMs !== undefined) {
      setTimeout(respond, behaviour.answerAfterMs);
    } else if (behaviour.kind !== 'mute') respond();
    scheduleReceipts(pdu, id, `${to}.${nth}`, behaviour);
  }

  function scheduleReceipts(pdu: PDU, id: string, label: string, behaviour: SmsBehaviour): void {
    const { afterMs, state, times } = fateOf(behaviour);
    const wanted = Number(pdu.registered_delivery) & 3;
    // 1 = always, 2 = on failure, 3 = on success (SMPP 3.4 §5.2.17).
    if (wanted === 0 || wanted === (state === 'DELIVRD' ? 2 : 3)) return;
    const submittedAt = options.simNow();
    const written = options.idsInReceipts === 'decimal' ? Number.parseInt(id, 16).toString() : id;
    const send = () =>
      outbox.deliver({
        ...receiptFields(options.dialect ?? 'text', written, state, submittedAt, options.simNow(), messageOf(pdu)),
        source_addr_ton: 1,
        source_addr_npi: 1,
        source_addr: text(pdu.destination_addr),
        dest_addr_ton: pdu.source_addr_ton,
        destination_addr: text(pdu.source_addr),
      });
    if (behaviour.kind === 'works' && behaviour.receiptFirst === true) {
      void send();
      return;
    }
    for (let n = 0; n < times; n += 1) options.later(afterMs, `${label}.${n}`, send);
  }

  function addressStatus(pdu: PDU, to: string): number {
    const source = text(pdu.source_addr);
    const alias = pdu.source_addr_ton === 5;
    if (source === '' || (alias && source.length > MAX_ALIAS) || (!alias && !/^\d+$/.test(source)))
      return STATUS.source;
    if (options.isSender?.(alias ? source : `+${source}`) === false) return STATUS.source;
    return pdu.dest_addr_ton === 1 && /^\+[1-9]\d{6,14}$/.test(to) ? 0 : STATUS.destination;
  }

  function store(sms: StoredSms): void {
    messages.push(sms);
    const inbox = inboxes.get(sms.to);
    if (inbox) inbox.push(sms);
    else inboxes.set(sms.to, [sms]);
    options.onSms?.(sms);
    for (const tell of [...waiting]) tell(sms);
  }

  function dropSessions(): void {
    for (const session of [...all]) session.destroy();
  }

  const server = createServer(serve);
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });

  return {
    port: (server.address() as AddressInfo).port,
    messages,
    inbox: (number) => inboxes.get(number) ?? [],
    waitFor(number, from, fits, timeoutMs) {
      const wanted = (sms: StoredSms): boolean => sms.to === number && sms.seq >= from && fits(sms);
      const there = inboxes.get(number)?.find(wanted);
      if (there) return Promise.resolve(there);
      return new Promise((resolve) => {
        const finish = (sms: StoredSms | null): void => {
          clearTimeout(timer);
          waiting.delete(tell);
          resolve(sms);
        };
        const tell = (sms: StoredSms): void => {
          if (wanted(sms)) finish(sms);
        };
        const timer = setTimeout(() => finish(null), timeoutMs);
        waiting.add(tell);
      });
    },
    submits: () => submits,
    refused: () => refused,
    reply: (from, to, words) =>
      outbox.deliver({
        source_addr_ton: 1,
        source_addr_npi: 1,
        source_addr: from.replace(/^\+/, ''),
        destination_addr: to.replace(/^\+/, ''),
        esm_class: 0,
        // What the default alphabet surely holds; anything else as UCS-2.
        data_coding: /^[ -_a-z\nàèéìòù€]*$/.test(words) ? 0 : 8,
        short_message: words,
      }),
    pending: () => outbox.pending(),
    givenUp: () => outbox.givenUp(),
    sessions: () => bound.size,
    binds: () => binds,
    setBind: (mode) => {
      bindMode = mode;
    },
    setMute: (on) => {
      mute = on;
    },
    dropSessions,
    sendRaw: (bytes) => {
      for (const session of bound) session.socket.write(bytes);
    },
    clear() {
      messages.length = 0;
      inboxes.clear();
      outbox.clear();
      taken.clear();
      reassembly = makeReassembly();
      submits = 0;
      refused = 0;
    },
    async close() {
      outbox.clear();
      dropSessions();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The same in every run, whatever the order of arrival among numbers; never begins with a zero. */
function idOf(to: string, nth: number): string {
  return `1d${sha256Hex(`${to} ${nth}`).slice(0, 10)}`;
}

function text(field: unknown): string {
  return typeof field === 'string' ? field : '';
}

function messageOf(pdu: PDU): string {
  const field = pdu.short_message;
  const message = typeof field === 'object' && field !== null && 'message' in field ? field.message : field;
  return typeof message === 'string' ? message : '';
}
