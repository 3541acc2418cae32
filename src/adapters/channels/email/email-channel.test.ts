import PostalMime from 'postal-mime';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel, SendOutcome } from '../../../modules/deliveries/channel.port.ts';
import { makeCapturedLog, sampleMessage } from '../conformance.ts';
import { makeEmailChannel } from './email-channel.ts';
import type { FakeSmtp } from './fake-smtp.ts';
import { startFakeSmtp } from './fake-smtp.ts';
import { readReturnPath } from './return-path.ts';

const KEY = Buffer.alloc(32, 3);
const TO = 'maria.rossi@posta.example';
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function makeChannel(port: number, over: { auth?: { user: string; pass: string } } = {}): Channel {
  return makeEmailChannel({
    host: '127.0.0.1',
    port,
    secure: false,
    maxConnections: 2,
    messageIdDomain: 'avvisi.example',
    bounceDomain: 'ritorni.example',
    returnPathKey: KEY,
    greetingTimeoutMs: 400,
    socketTimeoutMs: 500,
    log: makeCapturedLog(),
    ...over,
  });
}

function channelTo(port: number, over: { auth?: { user: string; pass: string } } = {}): Channel {
  const channel = makeChannel(port, over);
  cleanups.push(() => channel.close());
  return channel;
}

async function start(
  options: { pipelining?: boolean; dsn?: boolean } = {},
): Promise<{ fake: FakeSmtp; channel: Channel }> {
  const fake = await startFakeSmtp(options);
  cleanups.push(() => fake.close());
  return { fake, channel: channelTo(fake.port) };
}

const never = new AbortController().signal;
async function sendOne(channel: Channel, over = {}): Promise<SendOutcome | undefined> {
  return (await channel.send([sampleMessage(TO, over)], never))[0];
}

const technical = { kind: 'rejected', fault: 'technical' };

describe('a host that is not there', () => {
  it('rejects the whole batch as technical, without a time-out for each message', async () => {
    const fake = await startFakeSmtp();
    await fake.close();
    const channel = channelTo(fake.port);
    const batch = Array.from({ length: 50 }, () => sampleMessage(TO));
    const outcomes = await channel.send(batch, never);
    expect(outcomes).toHaveLength(50);
    for (const outcome of outcomes)
      expect(outcome).toEqual({ kind: 'rejected', fault: 'technical', code: 'ECONNREFUSED' });
    expect(await channel.health()).toMatchObject({ ok: false, detail: expect.stringContaining('ECONNREFUSED') });
  });

  it('tries once per connection, not once per message, when nobody greets', async () => {
    const { fake, channel } = await start();
    fake.forAll({ at: 'greeting', action: { do: 'hang' } });
    const outcomes = await channel.send(
      Array.from({ length: 40 }, () => sampleMessage(TO)),
      never,
    );
    expect(new Set(outcomes.map((o) => o.kind))).toEqual(new Set(['rejected']));
    expect(fake.commands).toEqual([]);
  });

  it('offers no password to a host that asks for none', async () => {
    const fake = await startFakeSmtp();
    cleanups.push(() => fake.close());
    const channel = channelTo(fake.port, { auth: { user: 'u', pass: 'segreta' } });
    const outcome = await sendOne(channel);
    expect(JSON.stringify(fake.commands)).not.toContain('AUTH');
    expect(outcome?.kind).toBe('accepted');
  });
});

describe('kept connections', () => {
  it('replaces one that the host dropped while idle, and the message goes once', async () => {
    const { fake, channel } = await start();
    await sendOne(channel);
    fake.dropConnections();
    expect(await sendOne(channel)).toMatchObject({ kind: 'accepted' });
    expect(fake.mails).toHaveLength(2);
  });

  it('opens no more than it may', async () => {
    const { fake, channel } = await start();
    const batch = Array.from({ length: 30 }, (_, i) => sampleMessage(`p${i}@posta.example`));
    const sending = channel.send(batch, never);
    let most = 0;
    let done = false;
    sending.finally(() => {
      done = true;
    });
    while (!done) {
      most = Math.max(most, fake.connections());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await sending).every((o) => o.kind === 'accepted')).toBe(true);
    expect(most).toBe(2);
    expect(new Set(fake.mails.map((m) => m.to)).size).toBe(30);
  });
});

describe('the message on the wire', () => {
  it('carries what the port and RFC 8058 ask for, and comes back to its delivery', async () => {
    const { fake, channel } = await start({ dsn: true });
    const message = sampleMessage(TO, { subject: 'Avviso: è per Lei', text: 'Perché Le scriviamo.\n.\nSaluti\n' });
    const [outcome] = await channel.send([message], never);
    expect(outcome).toEqual({ kind: 'accepted', ref: `7.${message.deliveryId}@avvisi.example` });
    const mail = fake.mails[0];
    const email = await PostalMime.parse(Buffer.from(mail?.raw ?? '', 'latin1'));
    const header = (key: string) => email.headers.find((h) => h.key === key)?.value;
    expect(mail?.to).toBe(TO);
    expect(mail?.from).toMatch(/^b\+7\.[0-9a-f-]{36}\.[0-9a-f]{16}@ritorni\.example$/);
    expect(readReturnPath(KEY, 'ritorni.example', mail?.from ?? '')).toEqual({
      enteId: 7,
      deliveryId: message.deliveryId,
    });
    expect(header('message-id')).toBe(`<7.${message.deliveryId}@avvisi.example>`);
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('list-unsubscribe')).toBe(`<${message.optOutUrl}>`);
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(header('x-mailer')).toBeUndefined();
    expect(email.from).toEqual({ name: 'Comune di Prova', address: 'avvisi@comune.prova.example' });
    expect(email.to).toEqual([{ name: '', address: TO }]);
    expect(email.subject).toBe('Avviso: è per Lei');
    expect(email.text?.replace(/\r\n/g, '\n').trimEnd()).toBe('Perché Le scriviamo.\n.\nSaluti');
    expect(email.html).toContain('Il Comune Le scrive.');
    expect(header('content-type')).toMatch(/^multipart\/alternative/);
    expect(fake.commands.find((c) => c.startsWith('MAIL'))).toContain(`RET=HDRS ENVID=${message.deliveryId}`);
    expect(fake.commands.find((c) => c.startsWith('RCPT'))).toContain('NOTIFY=SUCCESS,FAILURE,DELAY');
  });

  it('has no opt-out header when the person asked for the message, and may be plain text', async () => {
    const { fake, channel } = await start();
    await sendOne(channel, { optOutUrl: null, html: null });
    expect(fake.mails[0]?.raw).not.toMatch(/list-unsubscribe/i);
    expect(fake.mails[0]?.raw).toMatch(/^Content-Type: text\/plain/im);
  });

  it('cannot be bent by a line break in what is written', async () => {
    const { fake, channel } = await start();
    await sendOne(channel, {
      subject: 'Avviso\r\nBcc: altri@posta.example',
      sender: { name: 'Comune\r\nX-Evil: 1', address: 'avvisi@comune.prova.example' },
    });
    expect(fake.mails).toHaveLength(1);
    expect(fake.mails[0]?.raw).not.toMatch(/^(bcc|x-evil):/im);
    expect(fake.commands.filter((c) => c.startsWith('RCPT'))).toHaveLength(1);
  });

  it.each([
    'a@x.example, b@x.example',
    'Maria <a@x.example>',
    'a@x.example\r\nRCPT TO:<b@x.example>',
    'gruppo: a@x.example;',
    'senza-chiocciola',
    '',
  ])('refuses %j instead of making another recipient of it', async (to) => {
    const { fake, channel } = await start();
    expect(await channel.send([sampleMessage(to)], never)).toEqual([
      { kind: 'rejected', code: '5.1.3', fault: 'permanent' },
    ]);
    expect(fake.commands).toEqual([]);
  });

  it('refuses an opt-out address that is none', async () => {
    const { channel } = await start();
    expect(await sendOne(channel, { optOutUrl: 'https://x.example/>\r\nX: 1' })).toMatchObject(technical);
  });
});

describe('reports', () => {
  const report = [
    'From: MAILER-DAEMON@mx.example',
    'Message-ID: <report-1@mx.example>',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    'Final-Recipient: rfc822; maria.rossi@posta.example',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--b--',
    '',
  ].join('\r\n');
  const body = new TextEncoder().encode(report);

  it('ties a report to its delivery, and gives the same event twice', async () => {
    const { fake, channel } = await start();
    const message = sampleMessage(TO);
    await channel.send([message], never);
    const recipient = fake.mails[0]?.from ?? '';
    const signals = await channel.parseSignal({ recipient, body });
    expect(signals).toEqual([
      {
        enteId: 7,
        deliveryId: message.deliveryId,
        provider: 'smtp',
        providerEventId: '<report-1@mx.example>',
        kind: 'bounced',
        fault: 'permanent',
        code: '5.1.1',
      },
    ]);
    expect(await channel.parseSignal({ recipient: recipient.toUpperCase(), body })).toEqual(signals);
  });

  it('ignores a forged return path', async () => {
    const { fake, channel } = await start();
    await sendOne(channel);
    const recipient = fake.mails[0]?.from ?? '';
    const forged = recipient.replace(/[0-9a-f]{16}@/, (mac) => `${mac.startsWith('0') ? '1' : '0'}${mac.slice(1)}`);
    expect(forged).not.toBe(recipient);
    for (const to of [
      forged,
      recipient.replace('+7.', '+8.'),
      recipient.replace('ritorni', 'altri'),
      '',
      'b+@ritorni.example',
    ]) {
      expect(await channel.parseSignal({ recipient: to, body })).toEqual([]);
    }
  });
});
