import type { Socket } from 'node:net';
import type { PduFields } from 'smpp';
import { PDU } from 'smpp';

/** What the other side answered; `status` 0 is consent. */
export interface Answer {
  readonly status: number;
  readonly pdu: PDU;
}

export type RequestResult =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** Nothing went out, for sure. */
  | { readonly kind: 'notSent'; readonly code: string }
  /** It was written, and no answer came: the line dropped, or the time ran out. */
  | { readonly kind: 'lost'; readonly code: string };

export interface LinkOptions {
  /** Real milliseconds between two enquire_link, and to their answer. */
  readonly enquireMs: number;
  readonly enquireResponseMs: number;
  /**
   * Stores what a deliver_sm says. It is answered only when this resolves; when it rejects the SMSC is told to try
   * again later.
   */
  readonly onDeliver: (pdu: PDU) => Promise<void>;
}

/** One TCP connection that speaks SMPP. It ends at the first sign of disorder and never comes back. */
export interface SmppLink {
  /**
   * Writes a request and waits for its answer. `onLate` is called with an answer that comes after the time ran out but
   * while the line still holds. Never rejects.
   */
  request(
    command: string,
    fields: PduFields,
    timeoutMs: number,
    onLate?: (answer: Answer) => void,
  ): Promise<RequestResult>;
  /** Resolves with the reason once the line is gone and every open request has been settled. */
  readonly ended: Promise<string>;
  /** Starts the supervision of the line; called once bound. */
  supervise(): void;
  /** Resolves when every deliver_sm under way has been answered. */
  drained(): Promise<void>;
  destroy(reason: string): void;
}

const HEADER = 16;
const MAX_PDU = 16_384;
const MAX_SEQUENCE = 0x7fffffff;
/** Answers still hoped for after their time ran out. */
const MAX_LATE = 1000;
/** deliver_sm being stored at one time; beyond it the SMSC is told to try again later. */
const MAX_DELIVERIES = 500;
/** Bytes the other side has not taken: it does not read, so the line is dead. */
const MAX_BACKLOG = 1_000_000;
const CLEAN_UP_MS = 50;

const ESME_RINVCMDID = 3;
/** "Temporary application error": the SMSC keeps the message and sends it again. */
const ESME_RX_T_APPN = 0x64;

interface Pending {
  readonly command: string;
  readonly settle: (result: RequestResult) => void;
  readonly timer: NodeJS.Timeout;
  readonly onLate: ((answer: Answer) => void) | undefined;
}

/**
 * Takes over a connected socket. The package is used for its codec only: its session loses callbacks when the line
 * drops and is stuck for good after one malformed PDU.
 */
export function makeSmppLink(socket: Socket, opts: LinkOptions): SmppLink {
  const pending = new Map<number, Pending>();
  const late = new Map<number, Pending>();
  let sequence = 0;
  let input: Buffer = Buffer.alloc(0);
  let reason: string | null = null;
  let deliveries = 0;
  let whenDrained: (() => void)[] = [];
  let enquiry: NodeJS.Timeout | undefined;
  let tellEnd: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    tellEnd = resolve;
  });

  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => read(chunk));
  socket.on('error', (error: Error & { code?: string }) => destroy(error.code ?? 'ESOCKET'));
  socket.on('end', () => destroy('CLOSED_BY_SMSC'));
  socket.on('close', () => destroy('CLOSED'));

  function destroy(why: string): void {
    if (reason !== null) return;
    reason = why;
    clearTimeout(enquiry);
    input = Buffer.alloc(0);
    // What was asked for and written last still goes out, then the line is cut in any case.
    socket.end();
    setTimeout(() => socket.destroy(), why.startsWith('UNBOUND') ? CLEAN_UP_MS : 0);
    for (const entry of pending.values()) {
      clearTimeout(entry.timer);
      entry.settle({ kind: 'lost', code: why });
    }
    pending.clear();
    late.clear();
    tellEnd(why);
  }

  function read(chunk: Buffer): void {
    if (reason !== null) return;
    input = input.length === 0 ? chunk : Buffer.concat([input, chunk]);
    let at = 0;
    while (input.length - at >= 4) {
      const length = input.readUInt32BE(at);
      if (length < HEADER || length > MAX_PDU) destroy('PROTOCOL_LENGTH');
      if (reason !== null) return;
      if (input.length - at < length) break;
      const whole = input.subarray(at, at + length);
      at += length;
      try {
        take(new PDU(whole));
      } catch {
        destroy('PROTOCOL_PDU');
      }
    }
    if (reason === null && at > 0) input = input.subarray(at);
  }

  function take(pdu: PDU): void {
    if (pdu.isResponse()) takeAnswer(pdu);
    else takeRequest(pdu);
  }

  function takeRequest(pdu: PDU): void {
    switch (pdu.command) {
      case 'enquire_link':
        write(pdu.response());
        break;
      case 'deliver_sm':
      case 'data_sm':
        // The package reads a PDU that ends too early without a word.
        if (pdu.command === 'deliver_sm' && pdu.short_message === undefined) destroy('PROTOCOL_PDU');
        else takeDelivery(pdu);
        break;
      case 'unbind':
        write(pdu.response());
        destroy('UNBOUND_BY_SMSC');
        break;
      case 'alert_notification':
        // Has no answer.
        break;
      default:
        write(new PDU('generic_nack', { command_status: ESME_RINVCMDID, sequence_number: pdu.sequence_number }));
    }
  }

  function takeAnswer(pdu: PDU): void {
    const number = pdu.sequence_number;
    const entry = pending.get(number);
    const asked = entry ?? late.get(number);
    // Nobody asked, or too long ago.
    if (asked === undefined) return;
    const nack = pdu.command === 'generic_nack';
    if (!nack && pdu.command !== `${asked.command}_resp`) {
      destroy('PROTOCOL_ANSWER');
      return;
    }
    // A refusal without a status is a refusal all the same.
    const answer = { status: nack ? pdu.command_status || ESME_RINVCMDID : pdu.command_status, pdu };
    pending.delete(number);
    late.delete(number);
    if (entry === undefined) {
      asked.onLate?.(answer);
      return;
    }
    clearTimeout(entry.timer);
    entry.settle({ kind: 'answered', answer });
  }

  function takeDelivery(pdu: PDU): void {
    const notNow = () => write(pdu.response({ command_status: ESME_RX_T_APPN }));
    if (deliveries >= MAX_DELIVERIES) {
      notNow();
      return;
    }
    deliveries += 1;
    opts
      .onDeliver(pdu)
      .then(() => write(pdu.response()), notNow)
      .finally(() => {
        deliveries -= 1;
        if (deliveries > 0) return;
        for (const tell of whenDrained) tell();
        whenDrained = [];
      });
  }

  function write(pdu: PDU): void {
    if (reason !== null) return;
    socket.write(pdu.toBuffer());
    if (socket.writableLength > MAX_BACKLOG) destroy('NOT_READING');
  }

  function nextSequence(): number {
    do sequence = sequence === MAX_SEQUENCE ? 1 : sequence + 1;
    while (pending.has(sequence) || late.has(sequence));
    return sequence;
  }

  function request(
    command: string,
    fields: PduFields,
    timeoutMs: number,
    onLate?: (answer: Answer) => void,
  ): Promise<RequestResult> {
    if (reason !== null) return Promise.resolve({ kind: 'notSent', code: reason });
    let bytes: Buffer;
    const number = nextSequence();
    try {
      bytes = new PDU(command, { ...fields, sequence_number: number }).toBuffer();
    } catch {
      return Promise.resolve({ kind: 'notSent', code: 'NOT_ENCODABLE' });
    }
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        const entry = pending.get(number);
        if (entry === undefined) return;
        pending.delete(number);
        late.set(number, entry);
        const oldest = late.keys().next().value;
        if (late.size > MAX_LATE && oldest !== undefined) late.delete(oldest);
        settle({ kind: 'lost', code: 'NO_ANSWER' });
      }, timeoutMs);
      pending.set(number, { command, settle, timer, onLate });
      // From here on it may have been taken: the point of no return (architecture §4.7).
      socket.write(bytes);
    });
  }

  function supervise(): void {
    enquiry = setTimeout(async () => {
      const result = await request('enquire_link', {}, opts.enquireResponseMs);
      if (result.kind !== 'answered') return destroy('MUTE');
      if (reason === null) supervise();
    }, opts.enquireMs);
  }

  return {
    request,
    ended,
    supervise,
    drained: () => (deliveries === 0 ? Promise.resolve() : new Promise((resolve) => whenDrained.push(resolve))),
    destroy,
  };
}
