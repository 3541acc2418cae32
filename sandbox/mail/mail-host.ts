import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Mailbox } from '../town/types.ts';
import { type MailBehaviour, type MailFault, type MailStage, suffer } from './mail-faults.ts';
import { type MailContent, readMail, type StoredMail } from './stored-mail.ts';

export interface MailHostOptions {
  /** The invented mailbox at an address, or undefined. */
  readonly mailboxOf: (address: string) => Mailbox | undefined;
  /** Domains whose unknown addresses are refused; other domains take everything (the offices' own). */
  readonly isTownDomain: (domain: string) => boolean;
  /** Simulated and real epoch ms. */
  readonly simNow: () => number;
  readonly realNow: () => number;
  /** Called once a message is stored, before SMTP is answered. */
  readonly onMail: (mail: StoredMail) => void;
  /** What the host gets wrong; nothing, when missing. */
  readonly behave?: MailBehaviour;
}

export interface MailHost {
  readonly port: number;
  /** Every message accepted, in order of arrival. */
  readonly mails: readonly StoredMail[];
  /** Recipients refused at RCPT. */
  refused(): number;
  /** Messages delivered whose connection was cut before the answer. */
  cuts(): number;
  /** What reached an address, oldest first. */
  inbox(address: string): readonly StoredMail[];
  addresses(): readonly string[];
  /** The first message to `address` with `seq >= from` that fits; null when none came within `timeoutMs` (real). */
  waitFor(
    address: string,
    from: number,
    fits: (mail: StoredMail) => boolean,
    timeoutMs: number,
  ): Promise<StoredMail | null>;
  /** Forgets all messages, for a new town. */
  clear(): void;
  close(): Promise<void>;
}

const MAX_BYTES = 1_000_000;

/** A provider of mailboxes on loopback: real SMTP, no TLS, no sign-in; how it behaves is decided per mailbox. */
export async function startMailHost(options: MailHostOptions): Promise<MailHost> {
  const mails: StoredMail[] = [];
  const inboxes = new Map<string, StoredMail[]>();
  const sockets = new Map<number, Socket>();
  const cutOnce = new Set<string>();
  const waiting = new Set<(mail: StoredMail) => void>();
  let refused = 0;

  function store(mail: StoredMail): void {
    mails.push(mail);
    if (mail.delivered) {
      const inbox = inboxes.get(mail.to);
      if (inbox) inbox.push(mail);
      else inboxes.set(mail.to, [mail]);
    }
    options.onMail(mail);
    for (const tell of [...waiting]) tell(mail);
  }

  /** What goes wrong at a stage, if anything, instead of the answer that the server would have given. */
  function meet(
    stage: MailStage,
    address: string,
    port: number,
    answer: (error: Error | null) => void,
    take: (fault: MailFault | null) => void = () => {},
  ): void {
    Promise.resolve(options.behave?.(stage, address) ?? null)
      .then((told) => {
        const fault = told ?? (stage === 'data' ? mailboxFault(address) : null);
        take(fault);
        suffer(fault, {
          answer,
          cut: () => sockets.get(port)?.destroy(),
          write: (line) => sockets.get(port)?.write(line),
        });
      })
      .catch(answer);
  }

  /** The message is in the mailbox, and its sender will never be told: the worst moment to lose a line. */
  function mailboxFault(to: string): MailFault | null {
    if (options.mailboxOf(to)?.state !== 'cutAfterData' || cutOnce.has(to)) return null;
    cutOnce.add(to);
    return { kind: 'cut' };
  }

  function take(
    content: MailContent,
    { envelope: { mailFrom, rcptTo }, remotePort }: SMTPServerSession,
    callback: (error: Error | null, message?: string) => void,
  ): void {
    const addresses = rcptTo.map(({ address }) => address.toLowerCase());
    const answer = (error: Error | null) => callback(error, '2.0.0 Ok: queued');
    meet('data', addresses[0] ?? '', remotePort, answer, (fault) => {
      if (fault?.kind === 'refuse' || fault?.kind === 'lose') return;
      for (const to of addresses) {
        store({
          ...content,
          seq: mails.length,
          to,
          returnPath: mailFrom ? mailFrom.address : '',
          simAt: options.simNow(),
          realAt: options.realNow(),
          delivered: options.mailboxOf(to)?.state !== 'bouncesLater',
        });
      }
    });
  }

  const server = new SMTPServer({
    banner: 'caselle di prova',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    logger: false,
    size: MAX_BYTES,
    onConnect(session, callback) {
      meet('connect', '', session.remotePort, callback);
    },
    onRcptTo({ address }, session, callback) {
      const refusal = refusalOf(address.toLowerCase(), options);
      if (refusal) {
        refused += 1;
        return callback(refusal);
      }
      meet('rcpt', address.toLowerCase(), session.remotePort, callback);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', callback);
      stream.on('end', () => {
        if (stream.sizeExceeded) return callback(smtpError(552, '5.3.4 Message too big'));
        readMail(Buffer.concat(chunks))
          .then((content) => take(content, session, callback))
          .catch(() => callback(smtpError(554, '5.6.0 Message cannot be read')));
      });
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.on('close', () => sockets.delete(port));
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });

  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refused: () => refused,
    cuts: () => cutOnce.size,
    inbox: (address) => inboxes.get(address.toLowerCase()) ?? [],
    addresses: () => [...inboxes.keys()],
    waitFor(address, from, fits, timeoutMs) {
      const wanted = (mail: StoredMail): boolean => mail.to === address && mail.seq >= from && fits(mail);
      const there = inboxes.get(address)?.find(wanted);
      if (there) return Promise.resolve(there);
      return new Promise((resolve) => {
        const tell = (mail: StoredMail): void => {
          if (wanted(mail)) finish(mail);
        };
        const timer = setTimeout(() => finish(null), timeoutMs);
        const finish = (mail: StoredMail | null): void => {
          clearTimeout(timer);
          waiting.delete(tell);
          resolve(mail);
        };
        waiting.add(tell);
      });
    },
    clear() {
      mails.length = 0;
      inboxes.clear();
      cutOnce.clear();
      refused = 0;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.values()) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function refusalOf(address: string, options: MailHostOptions): Error | null {
  const box = options.mailboxOf(address);
  if (box === undefined) {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    return options.isTownDomain(domain) ? unknownUser(address) : null;
  }
  if (box.state === 'unknownUser') return unknownUser(address);
  if (box.state !== 'full') return null;
  // Half the providers ask to try again, half refuse for good; which one depends on the address alone.
  return address.length % 2 === 0
    ? smtpError(452, `4.2.2 <${address}>: Mailbox full, try again later`)
    : smtpError(552, `5.2.2 <${address}>: Recipient mailbox is over quota`);
}

function unknownUser(address: string): Error {
  return smtpError(550, `5.1.1 <${address}>: Recipient address rejected: User unknown in virtual mailbox table`);
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
