import { createServer, type Socket } from 'node:net';
import { PDU } from 'smpp';
import { describe, expect, it } from 'vitest';
import type { ChannelSignal } from '../../../modules/deliveries/channel.port.ts';
import { sampleMessage } from '../conformance.ts';
import { idVariants, parseReceiptText, readReceipt } from './dlr.ts';
import { classifyReply } from './replies.ts';
import { makeSmsChannel } from './sms-channel.ts';

/** The long form: `BONARIO_LONG_TESTS=1 npm test -- fuzz`. */
const COUNT = process.env.BONARIO_LONG_TESTS ? 100_000 : 5_000;
const SEED = Number(process.env.BONARIO_FUZZ_SEED ?? 20_261_124);

interface Dice {
  below(n: number): number;
  one<T>(of: readonly T[]): T;
}

/** The same seed, the same nonsense (a 32-bit xorshift). */
function makeDice(seed: number): Dice {
  let state = seed || 1;
  const below = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  return {
    below,
    one(of) {
      const found = of[below(of.length)];
      if (found === undefined) throw new RangeError('nothing to choose from');
      return found;
    },
  };
}

const TEXT =
  'id:1d305b01 sub:001 dlvrd:001 submit date:2611240800 done date:2611240801 stat:DELIVRD err:000 text:Gentile';
const ADDRESSES = { source_addr_ton: 1, source_addr: '393331000001', destination_addr: 'ComuneProva' };
const WORDS = [
  'id',
  'stat',
  'err',
  'text',
  ':',
  '=',
  ' ',
  ',',
  'DELIVRD',
  'UNDELIV',
  '0',
  '\u0000',
  'é',
  '€',
  '😀',
  'id:id:',
  '\n',
];

/** One of each kind that an SMSC may send, whole and sound. */
const CORPUS: readonly Buffer[] = [
  new PDU('deliver_sm', { ...ADDRESSES, esm_class: 4, data_coding: 0, short_message: Buffer.from(TEXT) }),
  new PDU('deliver_sm', {
    ...ADDRESSES,
    esm_class: 4,
    data_coding: 0,
    short_message: Buffer.alloc(0),
    receipted_message_id: '1d305b01',
    message_state: 5,
    network_error_code: Buffer.from([3, 0, 1]),
  }),
  new PDU('deliver_sm', { ...ADDRESSES, esm_class: 0, data_coding: 8, short_message: 'Basta, è troppo 😀' }),
  new PDU('deliver_sm', {
    ...ADDRESSES,
    esm_class: 0x40,
    data_coding: 0,
    short_message: Buffer.from([5, 0, 3, 1, 2, 1, 0x53, 0x54, 0x4f, 0x50]),
  }),
  new PDU('deliver_sm', {
    ...ADDRESSES,
    esm_class: 0,
    data_coding: 4,
    short_message: Buffer.alloc(0),
    message_payload: Buffer.alloc(300, 0x41),
    callback_num: [{ digit_mode: 1, ton: 1, npi: 1, number: '0541' }],
  }),
  new PDU('data_sm', { ...ADDRESSES, esm_class: 4, data_coding: 0, receipted_message_id: '77', message_state: 2 }),
  new PDU('submit_sm_resp', { message_id: '1d305b01' }),
  new PDU('submit_sm_resp', { command_status: 88 }),
  new PDU('query_sm_resp', { message_id: 'x', final_date: '261124080000000+', message_state: 2 }),
  new PDU('enquire_link', {}),
  new PDU('enquire_link_resp', {}),
  new PDU('generic_nack', {}),
  new PDU('unbind', {}),
  new PDU('unbind_resp', {}),
  new PDU('bind_transceiver_resp', { system_id: 'X' }),
  new PDU('alert_notification', {}),
  new PDU('outbind', {}),
  new PDU('submit_multi_resp', { message_id: 'x' }),
].map((pdu) => pdu.toBuffer());

function mutatedPdu(dice: Dice): Buffer {
  // Mostly what is read in depth: the first six are deliver_sm and data_sm.
  const pdu = Buffer.from(dice.one(dice.below(4) > 0 ? CORPUS.slice(0, 6) : CORPUS));
  pdu.writeUInt32BE(dice.below(30), 12);
  let bytes = pdu;
  for (let n = dice.below(4); n > 0; n -= 1) {
    const at = dice.below(bytes.length);
    switch (dice.below(6)) {
      case 0:
        bytes[at] = dice.below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
        break;
      case 2:
        bytes = bytes.subarray(0, at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes]);
        break;
      case 4:
        bytes = Buffer.concat([bytes, Buffer.from(Array.from({ length: dice.below(40) }, () => dice.below(256)))]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(mutatedText(dice)), bytes.subarray(at)]);
    }
    if (bytes.length === 0) bytes = Buffer.alloc(1);
  }
  // A sound frame most of the time, or nothing would get past the first line.
  if (bytes.length >= 16 && dice.below(20) > 0) bytes.writeUInt32BE(bytes.length, 0);
  if (bytes.length >= 16 && dice.below(3) > 0) pdu.copy(bytes, 4, 4, 16);
  return bytes;
}

function mutatedText(dice: Dice): string {
  let text = dice.below(3) === 0 ? '' : TEXT;
  for (let n = dice.below(6); n > 0; n -= 1) {
    const at = dice.below(text.length + 1);
    const until = at + dice.below(12);
    const piece = Array.from({ length: dice.below(4) }, () => dice.one(WORDS)).join('');
    text = dice.below(10) === 0 ? text.repeat(2).slice(0, 4000) : text.slice(0, at) + piece + text.slice(until);
  }
  return text;
}

describe(`fuzz, ${COUNT} times, seed ${SEED}`, () => {
  it('reads any receipt and any reply without a throw', () => {
    const dice = makeDice(SEED);
    for (let n = 0; n < COUNT; n += 1) {
      const text = mutatedText(dice);
      const esmClass = dice.below(256);
      for (const receipt of [parseReceiptText(text), readReceipt({ esmClass, text, messageState: dice.below(12) })]) {
        if (receipt === null) continue;
        if (!/^[\x21-\x7e]{1,65}$/.test(receipt.messageId)) throw new Error(`id of ${JSON.stringify(text)}`);
        if (!/^[A-Za-z0-9 :.-]{1,60}$/.test(receipt.code)) throw new Error(`code of ${JSON.stringify(text)}`);
        idVariants(receipt.messageId);
      }
      classifyReply(text);
    }
    expect(parseReceiptText(TEXT)?.kind).toBe('delivered');
  });

  it('lives through any PDU and then works', { timeout: 600_000 }, async () => {
    const dice = makeDice(SEED + 2);
    let sent = 0;
    let lines = 0;
    let answers = 0;
    let calm = false;

    /** Consents to the bind, then talks nonsense until the other side hangs up. */
    function serve(socket: Socket): void {
      lines += 1;
      let bound = false;
      let input = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        input = Buffer.concat([input, chunk]);
        while (input.length >= 16 && input.length >= input.readUInt32BE(0)) {
          const pdu = new PDU(input.subarray(0, input.readUInt32BE(0)));
          input = input.subarray(input.readUInt32BE(0));
          if (pdu.isResponse()) answers += 1;
          else if (pdu.command !== 'submit_sm') socket.write(pdu.response().toBuffer());
          else if (calm) socket.write(pdu.response({ message_id: 'calm' }).toBuffer());
          if (bound || pdu.command !== 'bind_transceiver') continue;
          bound = true;
          talk();
        }
      });
      const talk = (): void => {
        if (socket.destroyed || calm) return;
        if (sent >= COUNT) {
          calm = true;
          socket.destroy();
          return;
        }
        const burst = Array.from({ length: 1 + dice.below(4) }, () => mutatedPdu(dice));
        sent += burst.length;
        const bytes = Buffer.concat(burst);
        const cut = dice.below(bytes.length);
        socket.write(bytes.subarray(0, cut));
        setImmediate(() => {
          if (!socket.destroyed) socket.write(bytes.subarray(cut));
          // A frame left open would swallow all that follows: such a line is left to the enquiry, and here cut.
          if (dice.below(10) === 0) socket.destroy();
          setImmediate(talk);
        });
      };
    }

    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('not a TCP port');
    const signals: ChannelSignal[] = [];
    let replies = 0;
    const channel = makeSmsChannel({
      host: '127.0.0.1',
      port: address.port,
      systemId: 'bonario',
      password: 'segreta',
      systemType: '',
      source: { alphanumeric: 'ComuneProva' },
      window: 5,
      timeouts: { responseMs: 50, readyMs: 200, backoffMinMs: 1, backoffMaxMs: 1, refusedRetryMs: 1, enquireMs: 100 },
      log: { info: () => undefined, warn: () => undefined },
      refs: {
        save: async () => undefined,
        find: async (ref) => (ref === '1d305b01' ? { enteId: 7, deliveryId: 'd' } : null),
      },
      onSignal: async (group) => void signals.push(...group),
      onReply: async () => {
        replies += 1;
      },
    });
    const send = () => channel.send([sampleMessage('+393331000001')], new AbortController().signal);
    const kinds = new Set<string>();
    while (!calm) for (const outcome of await send()) kinds.add(outcome.kind);
    // From here on the other side behaves.
    await expect.poll(async () => (await send())[0]?.kind, { timeout: 20_000 }).toBe('accepted');
    expect(await send()).toEqual([{ kind: 'accepted', ref: 'calm' }]);
    expect((await channel.health()).ok).toBe(true);
    // The nonsense got as far as it could: lines fell, receipts and replies were taken and answered.
    for (const count of [lines, answers, signals.length, replies]) expect(count).toBeGreaterThan(COUNT / 50);
    for (const kind of kinds) expect(['accepted', 'rejected', 'retryLater', 'uncertain']).toContain(kind);
    await channel.close();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
