import { connect } from 'node:net';
import { PDU } from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import type { SmsBehaviour } from './behaviour.ts';
import { type Smsc, type SmscOptions, startSmsc } from './smsc.ts';

const NUMBER = '+393331234567';
const smscs: Smsc[] = [];
const esmes: Esme[] = [];

/** A client of its own, on a bare socket: it knows nothing of the program's session layer. */
interface Esme {
  readonly heard: PDU[];
  ask(command: string, fields?: Record<string, unknown>): Promise<PDU | null>;
  say(pdu: PDU): void;
  next(command: string): Promise<PDU>;
  readonly closed: Promise<void>;
  end(): void;
}

async function dial(port: number): Promise<Esme> {
  const socket = connect(port, '127.0.0.1');
  const heard: PDU[] = [];
  let input = Buffer.alloc(0);
  let sequence = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    while (input.length >= 16 && input.length >= input.readUInt32BE(0)) {
      heard.push(new PDU(input.subarray(0, input.readUInt32BE(0))));
      input = input.subarray(input.readUInt32BE(0));
    }
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const esme: Esme = {
    heard,
    closed,
    say: (pdu) => socket.write(pdu.toBuffer()),
    async ask(command, fields = {}) {
      sequence += 1;
      const mine = sequence;
      socket.write(new PDU(command, { ...fields, sequence_number: mine }).toBuffer());
      const answer = () => heard.find((pdu) => pdu.isResponse() && pdu.sequence_number === mine) ?? null;
      for (let i = 0; i < 100 && answer() === null && !socket.destroyed; i += 1) await real(5);
      return answer();
    },
    async next(command) {
      const find = () => heard.find((pdu) => pdu.command === command);
      await expect.poll(find).toBeDefined();
      const pdu = find();
      if (pdu === undefined) throw new TypeError('not heard');
      heard.splice(heard.indexOf(pdu), 1);
      return pdu;
    },
    end: () => socket.destroy(),
  };
  esmes.push(esme);
  return esme;
}

const real = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Later {
  readonly afterMs: number;
  readonly label: string;
  readonly run: () => Promise<void>;
}

async function start(
  behaviour: SmsBehaviour,
  over: Partial<SmscOptions> = {},
): Promise<{ smsc: Smsc; later: Later[] }> {
  const later: Later[] = [];
  const smsc = await startSmsc({
    systemId: 'bonario',
    password: 'segreta',
    behaviourOf: () => behaviour,
    simNow: () => Date.UTC(2026, 10, 24, 8, 5),
    realNow: () => 0,
    later: (afterMs, label, run) => later.push({ afterMs, label, run }),
    ...over,
  });
  smscs.push(smsc);
  return { smsc, later };
}

const BIND = { system_id: 'bonario', password: 'segreta' };
const SUBMIT = {
  source_addr_ton: 5,
  source_addr: 'ComuneProva',
  dest_addr_ton: 1,
  dest_addr_npi: 1,
  destination_addr: NUMBER.slice(1),
  registered_delivery: 1,
  data_coding: 0,
  short_message: Buffer.from('Gentile'),
};

async function boundTo(smsc: Smsc): Promise<Esme> {
  const esme = await dial(smsc.port);
  expect((await esme.ask('bind_transceiver', BIND))?.command_status).toBe(0);
  return esme;
}

afterEach(async () => {
  for (const esme of esmes.splice(0)) esme.end();
  for (const smsc of smscs.splice(0)) await smsc.close();
});

describe('SMSC', () => {
  it('binds whoever knows the password, once, and takes nothing before', async () => {
    const { smsc } = await start({ kind: 'works' });
    const esme = await dial(smsc.port);
    expect((await esme.ask('submit_sm', SUBMIT))?.command_status).toBe(4);
    expect((await esme.ask('bind_transceiver', { ...BIND, password: 'altra' }))?.command_status).toBe(14);
    expect((await esme.ask('bind_transceiver', { ...BIND, system_id: 'altro' }))?.command_status).toBe(15);
    expect(smsc.sessions()).toBe(0);
    expect((await esme.ask('bind_transceiver', BIND))?.command_status).toBe(0);
    expect((await esme.ask('bind_transceiver', BIND))?.command_status).toBe(5);
    expect((await esme.ask('enquire_link'))?.command_status).toBe(0);
    expect((await esme.ask('query_sm', { message_id: '1' }))?.command).toBe('generic_nack');
    expect(smsc.sessions()).toBe(1);
    expect((await esme.ask('unbind'))?.command_status).toBe(0);
    await esme.closed;
    expect(smsc.messages).toHaveLength(0);
  });

  it('stores, answers with an id and sends the receipt when its time comes', async () => {
    const { smsc, later } = await start({ kind: 'works', afterMs: 60_000, receipts: 2 });
    const esme = await boundTo(smsc);
    const id = (await esme.ask('submit_sm', SUBMIT))?.message_id;
    expect(smsc.inbox(NUMBER)).toMatchObject([
      { text: 'Gentile', from: 'ComuneProva', ids: [id], parts: 1, simAt: Date.UTC(2026, 10, 24, 8, 5) },
    ]);
    expect(later.map((l) => [l.afterMs, l.label])).toEqual([
      [60_000, `${NUMBER}.1.0`],
      [60_000, `${NUMBER}.1.1`],
    ]);
    expect(smsc.pending()).toBe(0);
    const sending = later[0]?.run();
    const receipt = await esme.next('deliver_sm');
    expect(receipt.short_message).toMatchObject({
      message: `id:${id} sub:001 dlvrd:001 submit date:2611240805 done date:2611240805 stat:DELIVRD err:000 text:Gentile`,
    });
    expect(receipt).toMatchObject({ esm_class: 4, source_addr: '393331234567', destination_addr: 'ComuneProva' });
    expect(smsc.pending()).toBe(1);
    esme.say(receipt.response());
    await sending;
    expect(smsc.pending()).toBe(0);
  });

  it.each([
    [{ kind: 'unknown', at: 'submit' }, 11, null],
    [{ kind: 'throttled', status: 88 }, 88, null],
    [{ kind: 'refused', status: 1234 }, 1234, null],
    [{ kind: 'unknown', at: 'receipt' }, 0, 'UNDELIV'],
    [{ kind: 'off', expiresAfterMs: 5 }, 0, 'EXPIRED'],
  ] as const)('%j', async (behaviour, status, stat) => {
    const { smsc, later } = await start(behaviour);
    const esme = await boundTo(smsc);
    expect((await esme.ask('submit_sm', SUBMIT))?.command_status).toBe(status);
    expect(smsc.messages).toHaveLength(status === 0 ? 1 : 0);
    expect(later).toHaveLength(stat === null ? 0 : 1);
    if (stat === null) return;
    void later[0]?.run();
    expect((await esme.next('deliver_sm')).short_message).toMatchObject({
      message: expect.stringContaining(`stat:${stat}`),
    });
  });

  it('takes the message and never answers, or cuts the line', async () => {
    let behaviour: SmsBehaviour = { kind: 'mute' };
    const { smsc, later } = await start({ kind: 'works' }, { behaviourOf: () => behaviour });
    const esme = await boundTo(smsc);
    expect(await esme.ask('submit_sm', SUBMIT)).toBeNull();
    behaviour = { kind: 'cut' };
    expect(await esme.ask('submit_sm', SUBMIT)).toBeNull();
    await esme.closed;
    expect(smsc.messages).toHaveLength(2);
    // What it has to say waits for the next line.
    const sending = later[0]?.run();
    expect(smsc.pending()).toBe(1);
    const again = await boundTo(smsc);
    again.say((await again.next('deliver_sm')).response());
    await sending;
  });

  it('lets the receipt overtake the answer', async () => {
    const { smsc } = await start({ kind: 'works', receiptFirst: true, answerAfterMs: 30 });
    const esme = await boundTo(smsc);
    await esme.ask('submit_sm', SUBMIT);
    expect(esme.heard.map((pdu) => pdu.command)).toEqual(['bind_transceiver_resp', 'deliver_sm', 'submit_sm_resp']);
  });

  it.each([
    ['tlv', 'same'],
    ['terse', 'decimal'],
  ] as const)('speaks %s with ids %s', async (dialect, idsInReceipts) => {
    const { smsc, later } = await start({ kind: 'works' }, { dialect, idsInReceipts });
    const esme = await boundTo(smsc);
    const id = String((await esme.ask('submit_sm', SUBMIT))?.message_id);
    expect(id).toMatch(/^1d[0-9a-f]{10}$/);
    void later[0]?.run();
    const receipt = await esme.next('deliver_sm');
    const words = `id:${Number.parseInt(id, 16)} status:delivrd`;
    expect(receipt.short_message).toMatchObject({ message: dialect === 'tlv' ? '' : words });
    expect(receipt.receipted_message_id).toBe(dialect === 'tlv' ? id : undefined);
  });

  it('puts parts together in any order, and receipts only what was asked for', async () => {
    const { smsc, later } = await start({ kind: 'works' });
    const esme = await boundTo(smsc);
    const part = (index: number, words: string) => ({
      ...SUBMIT,
      esm_class: 0x40,
      registered_delivery: index === 2 ? 1 : 2,
      short_message: Buffer.concat([Buffer.from([5, 0, 3, 9, 2, index]), Buffer.from(words)]),
    });
    const second = (await esme.ask('submit_sm', part(2, 'mondo')))?.message_id;
    expect(smsc.messages).toHaveLength(0);
    const first = (await esme.ask('submit_sm', part(1, 'Ciao ')))?.message_id;
    expect(first).not.toBe(second);
    expect(smsc.messages).toMatchObject([{ text: 'Ciao mondo', parts: 2, ids: [first, second] }]);
    expect(later).toHaveLength(1);
  });

  it('refuses senders and destinations that break the rules', async () => {
    const { smsc } = await start({ kind: 'works' }, { isSender: (source) => source === 'ComuneProva' });
    const esme = await boundTo(smsc);
    const status = async (over: object) => (await esme.ask('submit_sm', { ...SUBMIT, ...over }))?.command_status;
    expect(await status({ source_addr: 'TroppoLungo1' })).toBe(10);
    expect(await status({ source_addr: 'Altro' })).toBe(10);
    expect(await status({ source_addr_ton: 1 })).toBe(10);
    expect(await status({ destination_addr: '123' })).toBe(11);
    expect(await status({ dest_addr_ton: 0 })).toBe(11);
    expect(await status({})).toBe(0);
    expect([smsc.submits(), smsc.refused()]).toEqual([6, 5]);
  });

  it('hands over replies until they are taken', async () => {
    const { smsc } = await start({ kind: 'works' });
    const esme = await boundTo(smsc);
    const replying = smsc.reply(NUMBER, 'ComuneProva', 'Basta, è troppo €');
    const first = await esme.next('deliver_sm');
    expect(first).toMatchObject({
      esm_class: 0,
      source_addr: NUMBER.slice(1),
      short_message: { message: 'Basta, è troppo €' },
    });
    esme.say(first.response({ command_status: 100 }));
    esme.say((await esme.next('deliver_sm')).response());
    await replying;
    void smsc.reply(NUMBER, 'ComuneProva', 'perché “no”');
    expect(await esme.next('deliver_sm')).toMatchObject({ data_coding: 8, short_message: { message: 'perché “no”' } });
  });

  it('tells who waits for a message, and forgets all for a new town', async () => {
    const { smsc } = await start({ kind: 'works' });
    const esme = await boundTo(smsc);
    const waiting = smsc.waitFor(NUMBER, 0, (sms) => sms.text === 'Gentile', 5000);
    await esme.ask('submit_sm', SUBMIT);
    expect((await waiting)?.seq).toBe(0);
    expect(await smsc.waitFor(NUMBER, 1, () => true, 1)).toBeNull();
    smsc.clear();
    expect([smsc.messages.length, smsc.inbox(NUMBER).length, smsc.submits()]).toEqual([0, 0, 0]);
  });

  it('has switches for the bind, for silence and for the line', async () => {
    const { smsc } = await start({ kind: 'works' });
    smsc.setBind({ kind: 'refuse', status: 13 });
    const refused = await dial(smsc.port);
    expect((await refused.ask('bind_transceiver', BIND))?.command_status).toBe(13);
    smsc.setBind({ kind: 'cut' });
    expect(await refused.ask('bind_transceiver', BIND)).toBeNull();
    await refused.closed;
    smsc.setBind({ kind: 'normal' });
    const esme = await boundTo(smsc);
    smsc.setMute(true);
    expect(await esme.ask('enquire_link')).toBeNull();
    smsc.setMute(false);
    smsc.sendRaw(Buffer.from('00000010800000150000000000000063', 'hex'));
    expect((await esme.next('enquire_link_resp')).sequence_number).toBe(0x63);
    smsc.dropSessions();
    await esme.closed;
    expect(smsc.binds()).toBe(3);
  });

  it('hangs up on nonsense and goes on', async () => {
    const { smsc } = await start({ kind: 'works' });
    const bad = connect(smsc.port, '127.0.0.1');
    bad.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => bad.on('close', () => resolve()));
    bad.write(Buffer.from('7fffffff000000040000000000000001', 'hex'));
    await closed;
    await boundTo(smsc);
  });
});
