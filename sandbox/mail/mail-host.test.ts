import { createTransport } from 'nodemailer';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredSms } from '../smsc/behaviour.ts';
import type { Mailbox, MailboxState } from '../town/types.ts';
import { makeBounceSender } from './bounces.ts';
import { dsnCause, makeDsn } from './dsn.ts';
import { type MailHost, startMailHost } from './mail-host.ts';
import { startWebmail } from './webmail.ts';

const STATES: Record<string, MailboxState> = {
  'anna@cassetta.example': 'works',
  'nessuno@cassetta.example': 'unknownUser',
  'torna@cassetta.example': 'bouncesLater',
  'piena@cassetta.example': 'full',
  'gonfia@cassetta.example': 'full',
  'taglia@cassetta.example': 'cutAfterData',
};

/** What a phone got. */
const TEXT: StoredSms = {
  seq: 0,
  to: '+393331000001',
  from: '393000000000',
  text: 'Comune di Colle: la legga qui http://127.0.0.1:1/l/abc <b>ora',
  dataCoding: 0,
  parts: 1,
  ids: ['1'],
  simAt: 1000,
  realAt: 5,
};

let host: MailHost;

beforeEach(async () => {
  const boxes = new Map<string, Mailbox>(
    Object.entries(STATES).map(([address, state]) => [address, { address, state, owners: [] }]),
  );
  host = await startMailHost({
    mailboxOf: (address) => boxes.get(address),
    isTownDomain: (domain) => domain === 'cassetta.example',
    simNow: () => 1000,
    realNow: () => 5,
    onMail: () => undefined,
  });
});

afterEach(() => host.close());

interface Answer {
  responseCode?: number;
  response?: string;
  code?: string;
}

async function send(to: string, text = 'Gentile Anna Prova,\n\nhttp://127.0.0.1:1/l/abc\n'): Promise<Answer> {
  const transport = createTransport({ host: '127.0.0.1', port: host.port, secure: false, ignoreTLS: true });
  try {
    const info = await transport.sendMail({
      from: 'Comune <avvisi@comune.example>',
      to,
      subject: 'Una comunicazione',
      text,
      messageId: '<1.aa@comune.example>',
      envelope: { from: 'b+1.aa.00@bounce.example', to },
      headers: {
        'List-Unsubscribe': '<http://127.0.0.1:1/o/zz>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    });
    return { response: info.response };
  } catch (error) {
    return error as Answer;
  } finally {
    transport.close();
  }
}

describe('mailboxes', () => {
  it('stores what it accepts, read as a person reads it', async () => {
    expect((await send('Anna@cassetta.example')).response).toMatch(/^250 /);
    expect(host.inbox('anna@cassetta.example')).toHaveLength(1);
    expect(host.mails[0]).toMatchObject({
      messageId: '<1.aa@comune.example>',
      from: { name: 'Comune', address: 'avvisi@comune.example' },
      to: 'anna@cassetta.example',
      returnPath: 'b+1.aa.00@bounce.example',
      subject: 'Una comunicazione',
      kind: 'notice',
      greetingName: 'Anna Prova',
      link: 'http://127.0.0.1:1/l/abc',
      optOutUrl: 'http://127.0.0.1:1/o/zz',
      oneClick: true,
      code: null,
      simAt: 1000,
      realAt: 5,
      delivered: true,
    });
  });

  it('tells a code from a notice', async () => {
    await send('anna@cassetta.example', 'Il codice:\n\n123456\n\nVale pochi minuti.');
    expect(host.mails[0]).toMatchObject({ kind: 'code', code: '123456', link: null });
  });

  it('refuses unknown users at RCPT, also those it never heard of', async () => {
    expect(await send('nessuno@cassetta.example')).toMatchObject({ responseCode: 550 });
    const answer = await send('mai@cassetta.example');
    expect(answer.response).toContain('550 5.1.1');
    expect(host.mails).toHaveLength(0);
    expect(host.refused()).toBe(2);
  });

  it('refuses for a full mailbox, for now or for good', async () => {
    expect((await send('piena@cassetta.example')).response).toContain('452 4.2.2');
    expect((await send('gonfia@cassetta.example')).response).toContain('552 5.2.2');
  });

  it('takes mail for the offices, whose domains are not the town’s', async () => {
    expect((await send('ufficio@comune.example')).response).toMatch(/^250 /);
  });

  it('cuts once after DATA, with the message in the mailbox', async () => {
    const answer = await send('taglia@cassetta.example');
    expect(answer.responseCode).toBeUndefined();
    expect(answer).toBeInstanceOf(Error);
    expect(host.inbox('taglia@cassetta.example')).toHaveLength(1);
    expect((await send('taglia@cassetta.example')).response).toMatch(/^250 /);
    expect(host.cuts()).toBe(1);
  });

  it('lets a reader wait for a message, and gives up', async () => {
    const waited = host.waitFor('anna@cassetta.example', 0, (mail) => mail.kind === 'code', 5000);
    await send('anna@cassetta.example');
    await send('anna@cassetta.example', '654321\n');
    expect((await waited)?.code).toBe('654321');
    expect(await host.waitFor('anna@cassetta.example', host.mails.length, () => true, 1)).toBeNull();
  });
});

describe('bounces', () => {
  it('accepts, keeps it from the inbox, and returns a readable report to the return path', async () => {
    await send('torna@cassetta.example');
    const mail = host.mails[0];
    if (mail === undefined) throw new Error('not stored');
    expect(mail.delivered).toBe(false);
    expect(host.inbox('torna@cassetta.example')).toHaveLength(0);

    const got: { from: string; to: string; raw: Buffer }[] = [];
    let busy = true;
    const inbound = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      onData(stream, session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (busy) return callback(Object.assign(new Error('4.3.0 later'), { responseCode: 451 }));
          const { mailFrom, rcptTo } = session.envelope;
          got.push({
            from: mailFrom ? mailFrom.address : '?',
            to: rcptTo[0]?.address ?? '',
            raw: Buffer.concat(chunks),
          });
          callback(null, 'ok');
        });
      },
    });
    await new Promise<void>((resolve) => {
      inbound.listen(0, '127.0.0.1', () => resolve());
    });
    const address = inbound.server.address();
    const sender = makeBounceSender(typeof address === 'object' && address ? address.port : 0);
    expect(await sender.bounce(mail, dsnCause(0, mail.to), 60_000)).toBe(false);
    busy = false;
    expect(await sender.bounce(mail, dsnCause(0, mail.to), 60_000)).toBe(true);
    sender.close();
    await new Promise<void>((resolve) => inbound.close(() => resolve()));

    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({ from: '', to: 'b+1.aa.00@bounce.example' });
    const parsed = await PostalMime.parse(got[0]?.raw ?? '');
    const header = parsed.headers.find((line) => line.key === 'content-type')?.value ?? '';
    expect(header).toContain('report-type=delivery-status');
    const raw = (got[0]?.raw ?? Buffer.alloc(0)).toString('latin1');
    expect(raw).toContain('Final-Recipient: rfc822; torna@cassetta.example');
    expect(raw).toContain('Status: 5.1.1');
    expect(raw).toContain('Message-ID: <1.aa@comune.example>');
  });

  it('gives the same report for the same message and instant', async () => {
    await send('torna@cassetta.example');
    const mail = host.mails[0];
    if (mail === undefined) throw new Error('not stored');
    expect(makeDsn(mail, dsnCause(0.95, mail.to), 1)).toBe(makeDsn(mail, dsnCause(0.95, mail.to), 1));
    expect(dsnCause(0.8, mail.to).status).toBe('5.2.1');
  });
});

describe('webmail', () => {
  it('lists newest first, shows a message with clickable links, escapes, and knows no other page', async () => {
    await send('anna@cassetta.example', 'Gentile Anna <b>Prova</b>,\nhttp://127.0.0.1:1/l/abc\n');
    await send('anna@cassetta.example', '111222\n');
    const webmail = await startWebmail({
      inbox: host.inbox,
      addresses: host.addresses,
      sms: (number) => (number === TEXT.to ? [TEXT] : []),
      numbers: () => [TEXT.to],
    });
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${webmail.port}${path}`);
      return [response.status, await response.text()];
    };
    try {
      const [, list] = await get('/casella/anna%40cassetta.example');
      expect(list.indexOf('/casella/anna%40cassetta.example/2')).toBeLessThan(
        list.indexOf('/casella/anna%40cassetta.example/1"'),
      );
      const [status, message] = await get('/casella/anna@cassetta.example/1');
      expect(status).toBe(200);
      expect(message).toContain('<a href="http://127.0.0.1:1/l/abc"');
      expect(message).not.toContain('<b>Prova');
      expect((await get('/'))[1]).toContain('anna@cassetta.example');
      expect((await get('/'))[1]).toContain('/telefono/%2B393331000001');
      const [, phone] = await get('/telefono/%2B393331000001');
      expect(phone).toContain('<a href="http://127.0.0.1:1/l/abc"');
      expect(phone).not.toContain('<b>ora');
      expect((await get('/telefono/+393331000002'))[1]).toContain('Nessun SMS');
      expect((await get('/telefono/x'))[0]).toBe(404);
      expect((await get('/casella/anna@cassetta.example/9'))[0]).toBe(404);
      expect((await get('/casella/%E0%A4%A'))[0]).toBe(404);
      expect((await get('/casella/bruno@cassetta.example'))[1]).toContain('La casella è vuota');
    } finally {
      await webmail.close();
    }
  });
});
