import { createServer, type Socket } from 'node:net';
import { PDU } from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import type { SmsBehaviour } from '../../../../sandbox/smsc/behaviour.ts';
import { type Smsc, startSmsc } from '../../../../sandbox/smsc/smsc.ts';
import { makeCapturedLog } from '../conformance.ts';
import { makeSmppSession, pauseMs, SMPP_TIMEOUTS, type SmppSession, type SmppSessionOptions } from './smpp-session.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const FAST = { ...SMPP_TIMEOUTS, bindMs: 200, responseMs: 300, readyMs: 500, backoffMinMs: 10, backoffMaxMs: 50 };

async function smscOf(behaviourOf: (number: string) => SmsBehaviour = () => ({ kind: 'works' })): Promise<Smsc> {
  const smsc = await startSmsc({
    systemId: 'bonario',
    password: 'segreta',
    behaviourOf,
    simNow: () => 0,
    realNow: () => 0,
    later: () => undefined,
  });
  closers.push(() => smsc.close());
  return smsc;
}

function sessionTo(port: number, over: Partial<SmppSessionOptions> = {}): SmppSession & { log: readonly string[] } {
  const log = makeCapturedLog();
  const session = makeSmppSession({
    host: '127.0.0.1',
    port,
    systemId: 'bonario',
    password: 'segreta',
    systemType: '',
    window: 10,
    timeouts: FAST,
    log,
    onDeliver: async () => undefined,
    random: () => 0.99,
    ...over,
  });
  closers.push(() => session.close());
  return { ...session, log: log.lines };
}

const NEVER = new AbortController().signal;
const ignoreLate = () => undefined;
function submitTo(session: SmppSession, n = 0, signal = NEVER) {
  const fields = {
    source_addr_ton: 5,
    source_addr: 'Comune',
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: `39333${1_000_000 + n}`,
    data_coding: 0,
    short_message: Buffer.from('ciao'),
  };
  return session.submit(fields, signal, ignoreLate);
}

/** A server that does with each line what the test wants. */
async function rawServer(serve: (socket: Socket, n: number) => void): Promise<{ port: number; count: () => number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket, count++);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP port');
  return { port: address.port, count: () => count };
}

/** Consents to the bind and hands every other PDU to the test. */
function answering(socket: Socket, onPdu: (pdu: PDU) => void): void {
  let input = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    while (input.length >= 16 && input.length >= input.readUInt32BE(0)) {
      const pdu = new PDU(input.subarray(0, input.readUInt32BE(0)));
      input = input.subarray(input.readUInt32BE(0));
      if (pdu.command === 'bind_transceiver') socket.write(pdu.response().toBuffer());
      else onPdu(pdu);
    }
  });
}

describe('SMPP session', () => {
  it('binds, submits within the window and unbinds in order', async () => {
    let most = 0;
    const smsc = await smscOf(() => {
      most = Math.max(most, session.inFlight());
      return { kind: 'works', answerAfterMs: 10 };
    });
    const session = sessionTo(smsc.port, { window: 3 });
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => submitTo(session, n)));
    expect(results.map((r) => r.kind)).toEqual(Array.from({ length: 20 }, () => 'answered'));
    expect(most).toBe(3);
    expect(session.state()).toEqual({ kind: 'bound', code: 'OK' });
    const last = submitTo(session, 99);
    await expect.poll(() => smsc.submits()).toBe(21);
    const closing = session.close();
    // What is in flight is waited for, what comes after is not taken.
    expect(await submitTo(session, 100)).toMatchObject({ kind: 'notSent' });
    expect((await last).kind).toBe('answered');
    await closing;
    expect(session.state().kind).toBe('closed');
    await expect.poll(() => smsc.sessions()).toBe(0);
    expect(smsc.submits()).toBe(21);
  });

  it('keeps its own table: what was in flight when the line fell is lost, what waited goes out after', async () => {
    let cut = true;
    const smsc = await smscOf(() => {
      if (!cut) return { kind: 'works' };
      if (smsc.submits() < 5) return { kind: 'mute' };
      cut = false;
      return { kind: 'cut' };
    });
    const session = sessionTo(smsc.port, { window: 5 });
    const results = await Promise.all(Array.from({ length: 12 }, (_, n) => submitTo(session, n)));
    expect(results.map((r) => r.kind)).toEqual([
      ...Array.from({ length: 5 }, () => 'lost'),
      ...Array.from({ length: 7 }, () => 'answered'),
    ]);
    expect(smsc.messages).toHaveLength(12);
    expect(session.log.join()).toContain('SMPP session lost');
  });

  it('gives a submit up when its time runs out, and keeps the session', async () => {
    const smsc = await smscOf((number) => (number.endsWith('0') ? { kind: 'mute' } : { kind: 'works' }));
    const session = sessionTo(smsc.port, { window: 1 });
    expect(await submitTo(session, 0)).toEqual({ kind: 'lost', code: 'NO_ANSWER' });
    expect((await submitTo(session, 1)).kind).toBe('answered');
    expect(smsc.binds()).toBe(1);
  });

  it('hands over an answer that comes after its time, or after an abort', async () => {
    const smsc = await smscOf(() => ({ kind: 'works', answerAfterMs: 100 }));
    const session = sessionTo(smsc.port, { timeouts: { ...FAST, responseMs: 40 } });
    const late: number[] = [];
    const fields = { source_addr_ton: 5, source_addr: 'Comune', dest_addr_ton: 1, destination_addr: '393331234567' };
    const first = await session.submit({ ...fields, data_coding: 0 }, NEVER, (answer) => late.push(answer.status));
    expect(first).toEqual({ kind: 'lost', code: 'NO_ANSWER' });
    await expect.poll(() => late).toEqual([0]);
    const abort = new AbortController();
    const slow = sessionTo(smsc.port);
    const second = slow.submit({ ...fields, data_coding: 0 }, abort.signal, (answer) => late.push(answer.status));
    await expect.poll(() => smsc.submits()).toBe(2);
    abort.abort();
    expect(await second).toEqual({ kind: 'lost', code: 'ABORTED' });
    await expect.poll(() => late).toEqual([0, 0]);
  });

  it('finds a mute SMSC by its unanswered enquire_link, and an aborted turn in the window gives its place up', async () => {
    const smsc = await smscOf(() => ({ kind: 'works' }));
    const session = sessionTo(smsc.port, {
      window: 1,
      timeouts: { ...FAST, responseMs: 60_000, enquireMs: 30, enquireResponseMs: 60 },
    });
    expect(await session.ready(1000)).toBe(true);
    smsc.setMute(true);
    const held = submitTo(session, 1);
    const abort = new AbortController();
    const waiting = submitTo(session, 2, abort.signal);
    abort.abort();
    expect(await waiting).toEqual({ kind: 'notSent', code: 'ABORTED' });
    expect(await held).toEqual({ kind: 'lost', code: 'MUTE' });
    smsc.setMute(false);
    expect((await submitTo(session, 3)).kind).toBe('answered');
    // It lives on over many enquiries.
    await expect.poll(() => smsc.sessions()).toBe(1);
    const binds = smsc.binds();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(smsc.binds()).toBe(binds);
  });

  it.each([13, 14, 15])('raises the alarm when the bind is refused with %i, without a tight loop', async (status) => {
    const smsc = await smscOf();
    smsc.setBind({ kind: 'refuse', status });
    const session = sessionTo(smsc.port);
    expect(await session.ready(5000)).toBe(false);
    expect(session.state()).toEqual({ kind: 'refused', code: `smpp:${status}` });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(smsc.binds()).toBe(1);
    expect(await submitTo(session)).toEqual({ kind: 'notSent', code: `BIND_REFUSED smpp:${status}` });
    expect(session.log.join()).toContain('"alarm":true');
  });

  it('tries again after the operator mended it, and when an old line still holds the bind', async () => {
    const smsc = await smscOf();
    smsc.setBind({ kind: 'refuse', status: 14 });
    const mended = sessionTo(smsc.port, { timeouts: { ...FAST, refusedRetryMs: 60 } });
    await expect.poll(() => mended.state().kind).toBe('refused');
    smsc.setBind({ kind: 'refuse', status: 5 });
    await expect.poll(() => mended.state()).toEqual({ kind: 'waiting', code: 'smpp:5' });
    smsc.setBind({ kind: 'normal' });
    expect((await submitTo(mended)).kind).toBe('answered');
  });

  it('waits longer after each failure, with jitter, up to the cap', async () => {
    const most = (failures: number) => Math.round(pauseMs(SMPP_TIMEOUTS, false, failures, 0.999_999_9));
    expect([0, 1, 2, 3, 4, 5, 6, 7, 5000].map(most)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000));
    expect(pauseMs(SMPP_TIMEOUTS, false, 0, 0)).toBe(500);
    expect(pauseMs(SMPP_TIMEOUTS, true, 0, 0)).toBe(150_000);
    const server = await rawServer((socket) => socket.destroy());
    const session = sessionTo(server.port, { random: () => 0 });
    await expect.poll(server.count, { timeout: 10_000 }).toBeGreaterThanOrEqual(7);
    expect(session.state().kind).not.toBe('bound');
  });

  it('comes back after an SMSC that was not there', async () => {
    const first = await smscOf();
    const session = sessionTo(first.port);
    expect(await session.ready(1000)).toBe(true);
    first.dropSessions();
    await expect.poll(() => first.binds()).toBe(2);
    expect((await submitTo(session)).kind).toBe('answered');
  });

  it('answers deliver_sm only once it is stored, and asks for it again when it could not be', async () => {
    let stored: () => void = () => {};
    let fail = true;
    const smsc = await smscOf();
    const seen: unknown[] = [];
    sessionTo(smsc.port, {
      onDeliver: async (pdu) => {
        seen.push(pdu.short_message);
        if (fail) {
          fail = false;
          throw new Error('the database is away');
        }
        await new Promise<void>((resolve) => {
          stored = resolve;
        });
      },
    });
    const replying = smsc.reply('+393331234567', 'Comune', 'STOP');
    await expect.poll(() => seen.length).toBe(2);
    expect(smsc.pending()).toBe(1);
    stored();
    await replying;
    expect(smsc.pending()).toBe(0);
  });

  it('answers enquire_link and unbind, refuses what it does not know', async () => {
    const heard: string[] = [];
    const server = await rawServer((socket, n) => {
      answering(socket, (pdu) => heard.push(`${pdu.command} ${pdu.sequence_number} ${pdu.command_status}`));
      if (n > 0) return;
      setTimeout(() => {
        for (const [i, command] of ['enquire_link', 'query_sm', 'alert_notification', 'unbind'].entries()) {
          socket.write(new PDU(command, { sequence_number: 70 + i }).toBuffer());
        }
      }, 50);
    });
    const session = sessionTo(server.port);
    await expect.poll(() => heard).toEqual(['enquire_link_resp 70 0', 'generic_nack 71 3', 'unbind_resp 73 0']);
    await expect.poll(server.count).toBe(2);
    await session.close();
  });

  it.each([
    ['a length too small', '0000000f800000040000000000000002'],
    ['a length of nothing', '00000000800000040000000000000002'],
    ['a length too large', '7fffffff800000040000000000000002'],
    ['an answer of the wrong kind', '00000010800000150000000000000002'],
    ['a PDU that cannot be read', '00000011000000050000000000000002ff'],
  ])('hangs up on %s, loses what was in flight and binds again', async (_, hex) => {
    const server = await rawServer((socket, n) => {
      answering(socket, (pdu) => {
        if (pdu.command !== 'submit_sm') return;
        if (n === 0) socket.write(Buffer.from(hex, 'hex'));
        else socket.write(pdu.response({ message_id: 'x' }).toBuffer());
      });
    });
    const session = sessionTo(server.port);
    const first = await submitTo(session);
    expect(first).toMatchObject({ kind: 'lost', code: expect.stringMatching(/^PROTOCOL_/) });
    expect((await submitTo(session)).kind).toBe('answered');
    expect(server.count()).toBe(2);
  });

  it('reads PDUs cut anywhere and glued together, and a nack as a refusal', async () => {
    const server = await rawServer((socket) => {
      const answers: Buffer[] = [];
      answering(socket, (pdu) => {
        if (pdu.command !== 'submit_sm') return;
        answers.push(
          answers.length === 1
            ? new PDU('generic_nack', { sequence_number: pdu.sequence_number }).toBuffer()
            : pdu.response({ message_id: `id${answers.length}` }).toBuffer(),
        );
        if (answers.length < 4) return;
        const all = Buffer.concat(answers);
        for (let i = 0; i < all.length; i += 7) setTimeout(() => socket.write(all.subarray(i, i + 7)), i / 2);
      });
    });
    const session = sessionTo(server.port, { window: 4 });
    const results = await Promise.all([0, 1, 2, 3].map((n) => submitTo(session, n)));
    expect(results.map((r) => (r.kind === 'answered' ? [r.answer.status, r.answer.pdu.message_id] : r))).toEqual([
      [0, 'id0'],
      [3, undefined],
      [0, 'id2'],
      [0, 'id3'],
    ]);
  });
});
