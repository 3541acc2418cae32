import { once } from 'node:events';
import type { SMTPServerDataStream } from 'smtp-server';
import { SMTPServer } from 'smtp-server';
import type { RawSignal } from '../../../modules/deliveries/channel.port.ts';
import { looksLikeReturnPath } from './return-path.ts';

export interface InboundMailOptions {
  /** Address to listen on; loopback unless said otherwise. */
  readonly host?: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Only return paths of this domain are accepted. */
  readonly bounceDomain: string;
  /** Stores the message. The sender is told that we have it only when this resolves. */
  readonly onMessage: (raw: RawSignal) => Promise<void>;
  /** Largest message taken. */
  readonly maxBytes: number;
}

export interface InboundMail {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_CLIENTS = 50;
const MAX_RECIPIENTS = 20;
const IDLE_MS = 60_000;
const CLOSE_MS = 1000;

/**
 * Listens for reports sent to our return paths. Answers 250 only once `onMessage` has stored the message for each of
 * its recipients and 451 when it fails, so that the other host keeps it and comes back: no report is ever lost between
 * the two. Rejects when the port cannot be taken.
 */
export async function startInboundMail(opts: InboundMailOptions): Promise<InboundMail> {
  const server = new SMTPServer({
    name: opts.bounceDomain,
    banner: 'reports only',
    // No certificate and nothing to sign in for: what comes is public mail, believed only with a valid mac.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: opts.maxBytes,
    maxClients: MAX_CLIENTS,
    socketTimeout: IDLE_MS,
    closeTimeout: CLOSE_MS,
    logger: false,
    onRcptTo(address, session, callback) {
      if (!looksLikeReturnPath(address.address, opts.bounceDomain)) return callback(refusal(550, 'no such mailbox'));
      if (session.envelope.rcptTo.length >= MAX_RECIPIENTS) return callback(refusal(452, 'too many recipients'));
      callback();
    },
    onData(stream, session, callback) {
      const recipients = session.envelope.rcptTo.map((r) => r.address);
      take(stream, recipients, opts).then(
        (answer) => callback(answer),
        () => callback(refusal(451, 'not stored, try again')),
      );
    },
  });
  // Broken connections and nonsense from outside are nobody's error here; without a listener they would end the process.
  server.on('error', () => {});
  const listener = server.listen(opts.port, opts.host ?? '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a TCP port');
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function take(
  stream: SMTPServerDataStream,
  recipients: readonly string[],
  opts: InboundMailOptions,
): Promise<Error | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Read to the end in any case, or the answer would never be read; kept only while it is within bounds.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= opts.maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > opts.maxBytes || stream.sizeExceeded) return refusal(552, 'message too large');
  const body = Buffer.concat(chunks);
  for (const recipient of recipients) await opts.onMessage({ recipient, body });
  return null;
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
