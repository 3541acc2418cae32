import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import type { SendMailOptions, SMTPPoolOptions } from 'nodemailer';
import { createTransport } from 'nodemailer';
import { systemMonotonic } from '../../../kernel/clocks.ts';
import { CodedError } from '../../../kernel/errors.ts';
import type {
  Channel,
  ChannelSignal,
  OutboundMessage,
  RawSignal,
  SendOutcome,
} from '../../../modules/deliveries/channel.port.ts';
import type { ChannelLog } from '../channel-log.ts';
import { classifyReport } from './classify-bounce.ts';
import { mimeMessage } from './mime-message.ts';
import { parseReport } from './parse-dsn.ts';
import { readReturnPath, returnPathOf } from './return-path.ts';
import type { SmtpFailure } from './smtp-outcome.ts';
import { isHostDown, outcomeOf } from './smtp-outcome.ts';

export interface EmailChannelOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); otherwise STARTTLS where the host offers it. */
  readonly secure: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Connections kept open, and messages in flight. */
  readonly maxConnections: number;
  readonly messageIdDomain: string;
  readonly bounceDomain: string;
  /** Key of the mac in the return paths. */
  readonly returnPathKey: Buffer;
  /** Real milliseconds to connect and be greeted. */
  readonly greetingTimeoutMs: number;
  /** Real milliseconds of silence after which a connection is given up. */
  readonly socketTimeoutMs: number;
  readonly log: ChannelLog;
}

/** Whether a byte of this message went out: the point of no return (architecture §4.7). */
interface Trace {
  contentStarted: boolean;
}
interface TracedMail extends SendMailOptions {
  readonly trace: Trace;
}

const PROVIDER = 'smtp';
/** Connections that a host closed while idle are replaced, and the message, of which nothing went out, tried again. */
const MAX_REQUEUES = 3;
/** One address and nothing else: a comma or an angle bracket would make a list of it. */
const ONE_ADDRESS = /^[^\s<>()[\]\\,;:"@]{1,64}@[^\s<>()[\]\\,;:"@]{1,255}$/;

/** The e-mail channel: SMTP out through a pool of connections, reports in through `parseSignal`. */
export function makeEmailChannel(opts: EmailChannelOptions): Channel {
  const transport = createTransport(poolOptions(opts));
  transport.use('stream', (mail, done) => {
    const data: SendMailOptions & { readonly trace?: Trace } = mail.data;
    const trace = data.trace;
    if (trace !== undefined) mail.message.processFunc((input) => traced(input, trace));
    done();
  });

  async function sendOne(
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<{ outcome: SendOutcome; down: boolean }> {
    const unfit = refusedHere(message);
    if (unfit !== null) return { outcome: unfit, down: false };
    const trace: Trace = { contentStarted: false };
    try {
      const mail: TracedMail = { ...mailOf(opts, message), signal, trace };
      await transport.sendMail(mail);
      return { outcome: { kind: 'accepted', ref: messageIdOf(opts, message) }, down: false };
    } catch (error) {
      const failure = failureOf(error);
      return { outcome: outcomeOf(failure, trace.contentStarted), down: !trace.contentStarted && isHostDown(failure) };
    }
  }

  async function send(batch: readonly OutboundMessage[], signal: AbortSignal): Promise<SendOutcome[]> {
    // Every message in flight listens twice; the caller's own signal keeps its limit.
    const abort = AbortSignal.any([signal]);
    setMaxListeners(opts.maxConnections * 2 + 2, abort);
    const outcomes: SendOutcome[] = [];
    // When the host is not there the rest of the batch is not made to wait for as many time-outs.
    let wall: SendOutcome | null = null;
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < batch.length; i = next++) {
        const message = batch[i];
        if (message === undefined) return;
        if (wall !== null) {
          outcomes[i] = wall;
          continue;
        }
        const { outcome, down } = await sendOne(message, abort);
        if (down) wall = outcome;
        outcomes[i] = outcome;
        report(message, outcome);
      }
    };
    await Promise.all(Array.from({ length: Math.min(opts.maxConnections, batch.length) }, lane));
    return outcomes;
  }

  function report(message: OutboundMessage, outcome: SendOutcome): void {
    if (outcome.kind === 'accepted') return;
    const fault = outcome.kind === 'rejected' ? outcome.fault : null;
    const fields = {
      enteId: message.enteId,
      deliveryId: message.deliveryId,
      outcome: outcome.kind,
      code: outcome.code,
    };
    const ours = outcome.kind === 'uncertain' || fault === 'technical' || fault === 'policy';
    opts.log[ours ? 'warn' : 'info']({ ...fields, fault }, 'e-mail not accepted');
  }

  async function parseSignal(raw: RawSignal): Promise<ChannelSignal[]> {
    const ref = readReturnPath(opts.returnPathKey, opts.bounceDomain, raw.recipient);
    if (ref === null) return [];
    const parsed = await parseReport(raw.body);
    return [{ ...ref, provider: PROVIDER, providerEventId: parsed.eventId, ...classifyReport(parsed.report) }];
  }

  async function health(): Promise<{ ok: boolean; detail: string }> {
    try {
      await transport.verify();
      return { ok: true, detail: 'SMTP host answers' };
    } catch (error) {
      const outcome = outcomeOf(failureOf(error), false);
      return { ok: false, detail: `SMTP host: ${outcome.kind === 'accepted' ? 'unknown' : outcome.code}` };
    }
  }

  return {
    kind: 'email',
    provider: PROVIDER,
    capabilities: { maxTextLength: null, subject: true, html: true, query: false },
    send,
    parseSignal,
    health,
    close: async () => transport.close(),
  };
}

function poolOptions(opts: EmailChannelOptions): SMTPPoolOptions & { pool: true } {
  // A host that never greets must be told from one that falls silent later, so its time-out has to come first.
  const greetingTimeoutMs = Math.min(opts.greetingTimeoutMs, Math.floor(opts.socketTimeoutMs * 0.9));
  const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(opts.host);
  return {
    pool: true,
    host: opts.host,
    port: opts.port,
    secure: opts.secure,
    ...(opts.auth === undefined ? {} : { auth: { user: opts.auth.user, pass: opts.auth.pass } }),
    // A password never crosses a network in the clear.
    requireTLS: opts.auth !== undefined && !opts.secure && !loopback,
    maxConnections: opts.maxConnections,
    maxRequeues: MAX_REQUEUES,
    connectionTimeout: greetingTimeoutMs,
    dnsTimeout: greetingTimeoutMs,
    greetingTimeout: greetingTimeoutMs,
    socketTimeout: opts.socketTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  };
}

/**
 * The message's bytes, marking the moment the first is asked for: nodemailer reads only once the host invited it. They
 * leave in one piece, in a write of their own.
 */
function traced(input: Readable, trace: Trace): Readable {
  const whole = new Readable({
    read() {
      // A second reading would be a second sending (architecture §4.7).
      if (trace.contentStarted) {
        whole.destroy(new CodedError('MAIL_ALREADY_SENT', 'the message was already handed over'));
        return;
      }
      trace.contentStarted = true;
      const pieces: Buffer[] = [];
      input.on('data', (piece: Buffer) => pieces.push(piece));
      input.once('error', (error) => whole.destroy(error));
      input.once('end', () => {
        whole.push(Buffer.concat(pieces));
        whole.push(null);
      });
    },
    destroy(error, done) {
      input.destroy();
      done(error);
    },
  });
  return whole;
}

/** The idempotency key of the port, as a Message-ID without its brackets. */
function messageIdOf(opts: EmailChannelOptions, message: OutboundMessage): string {
  return `${message.enteId}.${message.deliveryId}@${opts.messageIdDomain}`;
}

/** The message as nodemailer takes it: written already, with where it goes. */
function mailOf(opts: EmailChannelOptions, message: OutboundMessage): SendMailOptions {
  const messageId = `<${messageIdOf(opts, message)}>`;
  return {
    envelope: { from: returnPathOf(opts.returnPathKey, opts.bounceDomain, message), to: [message.to] },
    raw: mimeMessage(message, { messageId, at: systemMonotonic.now() }),
    // RFC 3461, where the host offers it. Headers only: what we wrote need not travel again.
    dsn: { id: message.deliveryId, return: 'headers', notify: ['success', 'failure', 'delay'], recipient: message.to },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** What would make more than one message, or another one, of it: never put on the wire. */
function refusedHere(message: OutboundMessage): SendOutcome | null {
  if (!ONE_ADDRESS.test(message.to)) return { kind: 'rejected', code: '5.1.3', fault: 'permanent' };
  if (!ONE_ADDRESS.test(message.sender.address)) return { kind: 'rejected', code: '5.1.7', fault: 'technical' };
  const url = message.optOutUrl;
  if (url !== null && !/^https?:\/\/[\x21-\x3b\x3d\x3f-\x7e]+$/.test(url)) {
    return { kind: 'rejected', code: 'EOPTOUT', fault: 'technical' };
  }
  return null;
}

function failureOf(error: unknown): SmtpFailure {
  return error instanceof Error ? (error as Error & SmtpFailure) : { code: 'EUNKNOWN' };
}
