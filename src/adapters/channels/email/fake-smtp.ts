import type { Socket } from 'node:net';
import { createServer } from 'node:net';

/**
 * A mail host for tests, on loopback, that can fail at every step of RFC 5321. Written on bare sockets because a
 * well-behaved server library cannot misbehave at will.
 */
export type FakeStep = 'greeting' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/** What to do at a step instead of going on; `reply` is a whole answer line without its end. */
export type FakeAction = { readonly do: 'hang' } | { readonly do: 'cut' } | { readonly reply: string };

export interface FakeRule {
  readonly at: FakeStep;
  readonly action: FakeAction;
}

export interface FakeMail {
  readonly from: string;
  readonly to: string;
  readonly raw: string;
}

export interface FakeSmtp {
  readonly port: number;
  /** Every message whose end arrived, whatever was answered to it. */
  readonly mails: FakeMail[];
  /** Every command line heard. */
  readonly commands: string[];
  /** For one recipient: steps rcpt, data, body, dot. */
  forRecipient(to: string, rule: FakeRule | null, delayMs?: number): void;
  /** For every connection: steps greeting, ehlo, mail. */
  forAll(rule: FakeRule | null): void;
  /** Drops the open connections, as a restarting host does. */
  dropConnections(): void;
  connections(): number;
  close(): Promise<void>;
}

export async function startFakeSmtp(options: { pipelining?: boolean; dsn?: boolean } = {}): Promise<FakeSmtp> {
  const mails: FakeMail[] = [];
  const commands: string[] = [];
  const rules = new Map<string, { rule: FakeRule | null; delayMs: number }>();
  const sockets = new Set<Socket>();
  let general: FakeRule | null = null;

  function serve(socket: Socket): void {
    let buffer = '';
    let from = '';
    let to = '';
    let inData = false;
    let hanging = false;

    const act = (action: FakeAction): void => {
      if ('reply' in action) {
        socket.write(`${action.reply}\r\n`);
        if (action.reply.startsWith('421')) socket.end();
      } else if (action.do === 'cut') socket.destroy();
      else hanging = true;
    };
    const ruleAt = (step: FakeStep): FakeAction | null => {
      if (general?.at === step) return general.action;
      const own = rules.get(to)?.rule;
      return own?.at === step ? own.action : null;
    };
    const answer = (step: FakeStep, usual: string): boolean => {
      const action = ruleAt(step);
      if (action === null) socket.write(`${usual}\r\n`);
      else act(action);
      return action === null;
    };

    const command = (line: string): void => {
      commands.push(line);
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') {
        const more = `${options.pipelining === false ? '' : '250-PIPELINING\r\n'}${options.dsn ? '250-DSN\r\n' : ''}`;
        answer('ehlo', `250-fake\r\n${more}250 ENHANCEDSTATUSCODES`);
      } else if (verb === 'MAIL') {
        to = '';
        from = /<([^>]*)>/.exec(line)?.[1] ?? '';
        answer('mail', '250 2.1.0 ok');
      } else if (verb === 'RCPT') {
        const rcpt = /<([^>]*)>/.exec(line)?.[1] ?? '';
        to = rcpt;
        if (!answer('rcpt', '250 2.1.5 ok')) to = '';
      } else if (verb === 'DATA') {
        if (to === '') socket.write('503 5.5.1 no recipients\r\n');
        else inData = answer('data', '354 go on');
      } else if (verb === 'RSET' || verb === 'NOOP') socket.write('250 2.0.0 ok\r\n');
      else if (verb === 'QUIT') socket.end('221 2.0.0 bye\r\n');
      else socket.write('500 5.5.2 what\r\n');
    };

    const body = (): void => {
      const early = ruleAt('body');
      if (early !== null && buffer.length > 0) {
        buffer = '';
        act(early);
        return;
      }
      const end = buffer.indexOf('\r\n.\r\n');
      if (end < 0) return;
      mails.push({ from, to, raw: buffer.slice(0, end + 2).replace(/\r\n\.\./g, '\r\n.') });
      buffer = buffer.slice(end + 5);
      inData = false;
      const delayMs = rules.get(to)?.delayMs ?? 0;
      if (delayMs === 0) answer('dot', '250 2.0.0 taken');
      else setTimeout(() => answer('dot', '250 2.0.0 taken'), delayMs);
    };

    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: string) => {
      buffer += chunk;
      while (!hanging && !socket.destroyed) {
        if (inData) {
          const before = buffer.length;
          body();
          if (inData || buffer.length === before) return;
          continue;
        }
        const end = buffer.indexOf('\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        command(line);
      }
    });
    answer('greeting', '220 fake ESMTP');
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP port');
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    mails,
    commands,
    forRecipient: (to, rule, delayMs = 0) => rules.set(to, { rule, delayMs }),
    forAll: (rule) => {
      general = rule;
    },
    dropConnections,
    connections: () => sockets.size,
    close: async () => {
      dropConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
