import { afterEach, describe, expect, it } from 'vitest';
import type { SmsBehaviour } from '../../../../sandbox/smsc/behaviour.ts';
import { type Smsc, type SmscOptions, startSmsc } from '../../../../sandbox/smsc/smsc.ts';
import type { Channel, ChannelSignal } from '../../../modules/deliveries/channel.port.ts';
import { makeCapturedLog, sampleMessage } from '../conformance.ts';
import type { DeliveryRef } from './destinations.ts';
import { makeSmsChannel, type SmsChannelOptions } from './sms-channel.ts';

const A = '+393331000001';
const B = '+393331000002';
const NEVER = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** References that outlive the channel, as rows do. */
function makeRefs() {
  const rows = new Map<string, DeliveryRef>();
  return {
    rows,
    save: async (ref: string, enteId: number, deliveryId: string) => void rows.set(ref, { enteId, deliveryId }),
    find: async (ref: string) => rows.get(ref) ?? null,
  };
}

interface World {
  readonly smsc: Smsc;
  readonly channel: Channel;
  readonly signals: ChannelSignal[];
  readonly replies: string[][];
  readonly refs: ReturnType<typeof makeRefs>;
  readonly log: readonly string[];
  /** Lets everything happen that the SMSC has put off. */
  runLater(): Promise<void>;
  /** A second process with the same references. */
  restart(over?: Partial<SmsChannelOptions>): Promise<Channel>;
}

async function world(
  behaviourOf: (number: string) => SmsBehaviour,
  smscOver: Partial<SmscOptions> = {},
  over: Partial<SmsChannelOptions> = {},
): Promise<World> {
  const later: (() => Promise<void>)[] = [];
  const smsc = await startSmsc({
    systemId: 'bonario',
    password: 'segreta',
    behaviourOf,
    simNow: () => Date.UTC(2026, 10, 24, 8),
    realNow: () => 0,
    later: (_afterMs, _label, run) => void later.push(run),
    ...smscOver,
  });
  closers.push(() => smsc.close());
  const log = makeCapturedLog();
  const refs = makeRefs();
  const signals: ChannelSignal[] = [];
  const replies: string[][] = [];
  const start = (more: Partial<SmsChannelOptions>): Channel => {
    const channel = makeSmsChannel({
      host: '127.0.0.1',
      port: smsc.port,
      systemId: 'bonario',
      password: 'segreta',
      systemType: '',
      source: { alphanumeric: 'ComuneProva' },
      window: 10,
      timeouts: { responseMs: 300, readyMs: 500, backoffMinMs: 10, backoffMaxMs: 20 },
      log,
      refs,
      onSignal: async (group) => void signals.push(...group),
      onReply: async (from, text, to) => void replies.push([from, text, to]),
      ...more,
    });
    closers.push(() => channel.close());
    return channel;
  };
  const channel = start(over);
  return {
    smsc,
    channel,
    signals,
    replies,
    refs,
    log: log.lines,
    runLater: async () => void (await Promise.all(later.splice(0).map((run) => run()))),
    restart: async (more = {}) => {
      await channel.close();
      return start(more);
    },
  };
}

const one = async (channel: Channel, message = sampleMessage(A)) => (await channel.send([message], NEVER))[0];

describe('sending', () => {
  it('sends what was written, from the alias, asking for a receipt', async () => {
    const w = await world(() => ({ kind: 'works' }));
    const text = 'Il Comune Le scrive: così è, 5 € [prova]';
    const outcome = await one(w.channel, sampleMessage(A, { text }));
    expect(w.smsc.messages).toMatchObject([{ to: A, from: 'ComuneProva', text, dataCoding: 0, parts: 1 }]);
    expect(outcome).toEqual({ kind: 'accepted', ref: w.smsc.messages[0]?.ids[0] });
  });

  it('falls back to UCS-2, splits long texts and joins their ids', async () => {
    const w = await world(() => ({ kind: 'works' }), {}, { source: { numeric: '+390541000000' } });
    const text = `${'È così, già. '.repeat(12)}😀`;
    const outcome = await one(w.channel, sampleMessage(A, { text }));
    expect(w.smsc.messages).toMatchObject([{ text, dataCoding: 8, parts: 3, from: '390541000000' }]);
    expect(outcome).toEqual({ kind: 'accepted', ref: w.smsc.messages[0]?.ids.join(',') });
    expect(w.smsc.submits()).toBe(3);
  });

  it('refuses on its own what cannot be an SMS', async () => {
    const w = await world(() => ({ kind: 'works' }));
    const of = (over: Parameters<typeof sampleMessage>[1]) => one(w.channel, sampleMessage(A, over));
    for (const to of ['3331234567', '+0333123456', '+39333', '+39 333 1234567', 'Mario', '+39333123456789012']) {
      expect(await of({ to }), to).toEqual({ kind: 'rejected', code: 'NOT_E164', fault: 'permanent' });
    }
    expect(await of({ text: '' })).toMatchObject({ kind: 'rejected', code: 'TEXT_EMPTY' });
    expect(await of({ text: 'È'.repeat(403) })).toMatchObject({ kind: 'rejected', code: 'TEXT_TOO_LONG' });
    expect(w.smsc.submits()).toBe(0);
    expect(await of({ text: 'È'.repeat(402) })).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    { alphanumeric: 'TroppoLungo1' },
    { alphanumeric: '' },
    { alphanumeric: '12345' },
    { alphanumeric: 'Città' },
    { numeric: '0541000000' },
    { numeric: '+39' },
  ])('does not start with the sender %j', (source) => {
    const start = () => world(() => ({ kind: 'works' }), {}, { source });
    return expect(start()).rejects.toMatchObject({ code: 'SMS_SENDER' });
  });

  it('sends to one number one at a time, to many at once', async () => {
    const open = new Map<string, number>();
    let most = 0;
    let mostAtOnce = 0;
    const w = await world((number) => {
      open.set(number, (open.get(number) ?? 0) + 1);
      setTimeout(() => open.set(number, (open.get(number) ?? 0) - 1), 15);
      most = Math.max(most, ...open.values());
      mostAtOnce = Math.max(mostAtOnce, [...open.values()].filter((n) => n > 0).length);
      return { kind: 'works', answerAfterMs: 20 };
    });
    const batch = Array.from({ length: 12 }, (_, i) => sampleMessage(i % 2 === 0 ? A : `+3933300000${10 + i}`));
    const outcomes = await w.channel.send(batch, NEVER);
    expect(outcomes.every((o) => o.kind === 'accepted')).toBe(true);
    expect(most).toBe(1);
    expect(mostAtOnce).toBeGreaterThan(1);
  });

  it('slows down when throttled: the rest of the batch goes back unsent', async () => {
    const w = await world(() => ({ kind: 'throttled', status: 88 }));
    const batch = Array.from({ length: 60 }, (_, i) => sampleMessage(`+3933310000${10 + i}`));
    const outcomes = await w.channel.send(batch, NEVER);
    expect(new Set(outcomes.map((o) => JSON.stringify(o)))).toEqual(
      new Set(['{"kind":"retryLater","afterMs":5000,"code":"smpp:88"}']),
    );
    expect(w.smsc.submits()).toBeLessThanOrEqual(20);
    expect(w.smsc.messages).toHaveLength(0);
  });

  it('a full queue is about one message, not about the batch', async () => {
    const w = await world((n) => (n === A ? { kind: 'throttled', status: 20 } : { kind: 'works' }));
    const outcomes = await w.channel.send([sampleMessage(A), sampleMessage(B)], NEVER);
    expect(outcomes).toMatchObject([{ kind: 'retryLater', afterMs: 30_000, code: 'smpp:20' }, { kind: 'accepted' }]);
  });

  it('tries a later part again when throttled, and says uncertain when a part is refused', async () => {
    let n = 0;
    const w = await world(() => {
      n += 1;
      return n === 2 || n === 3
        ? { kind: 'throttled', status: 88 }
        : n === 7
          ? { kind: 'refused', status: 8 }
          : { kind: 'works' };
    });
    const text = 'a'.repeat(400);
    expect(await one(w.channel, sampleMessage(A, { text }))).toMatchObject({ kind: 'accepted' });
    expect(w.smsc.messages).toMatchObject([{ text, parts: 3 }]);
    const broken = sampleMessage(B, { text });
    expect(await one(w.channel, broken)).toEqual({ kind: 'uncertain', code: 'partial 1/3 smpp:8' });
    // Never resent by this process, whoever asks (architecture §4.7).
    const before = w.smsc.submits();
    expect(await one(w.channel, broken)).toEqual({ kind: 'uncertain', code: 'partial 1/3 smpp:8' });
    expect(w.smsc.submits()).toBe(before);
  });

  it('does not keep a batch waiting for an SMSC that refuses the bind, and says so in health', async () => {
    const w = await world(() => ({ kind: 'works' }), { password: 'cambiata' });
    const outcomes = await w.channel.send([sampleMessage(A), sampleMessage(B)], NEVER);
    expect(outcomes).toEqual([
      { kind: 'rejected', code: 'BIND_REFUSED smpp:14', fault: 'technical' },
      { kind: 'rejected', code: 'BIND_REFUSED smpp:14', fault: 'technical' },
    ]);
    expect(await w.channel.health()).toMatchObject({ ok: false, detail: expect.stringContaining('refused (smpp:14)') });
    expect(w.log.join()).not.toContain('segreta');
  });

  it('cut in the middle of a window: every message has one outcome, and none goes out twice', async () => {
    let n = 0;
    const w = await world(() => {
      n += 1;
      return n % 25 === 0 ? { kind: 'cut' } : { kind: 'works', answerAfterMs: n % 3 };
    });
    const batch = Array.from({ length: 200 }, (_, i) => sampleMessage(`+39333200${1000 + i}`));
    const outcomes = await w.channel.send(batch, NEVER);
    const times = new Map<string, number>();
    for (const sms of w.smsc.messages) times.set(sms.to, (times.get(sms.to) ?? 0) + 1);
    for (const [i, message] of batch.entries()) {
      const kind = outcomes[i]?.kind;
      if (kind === 'accepted') expect(times.get(message.to)).toBe(1);
      else if (kind === 'uncertain') expect(times.get(message.to) ?? 0).toBeLessThanOrEqual(1);
      else expect(times.get(message.to)).toBeUndefined();
    }
    expect(outcomes.filter((o) => o.kind === 'uncertain').length).toBeGreaterThan(0);
    expect(outcomes.filter((o) => o.kind === 'accepted').length).toBeGreaterThan(100);
  });
});

describe('receipts', () => {
  it.each([
    [{ kind: 'works' }, 'delivered', null, 'DELIVRD'],
    [{ kind: 'unknown', at: 'receipt' }, 'bounced', 'temporary', 'UNDELIV err:001'],
    [{ kind: 'off', expiresAfterMs: 1 }, 'bounced', 'temporary', 'EXPIRED err:033'],
  ] as const)('%j gives %s', async (behaviour, kind, fault, code) => {
    const w = await world(() => behaviour);
    const message = sampleMessage(A);
    await one(w.channel, message);
    await w.runLater();
    expect(w.signals).toEqual([
      {
        enteId: 7,
        deliveryId: message.deliveryId,
        provider: 'smpp',
        providerEventId: `${message.deliveryId}:${w.smsc.messages[0]?.ids[0]}:${code.split(' ')[0]}`,
        kind,
        fault,
        code,
      },
    ]);
  });

  it('finds the delivery after a restart, and in every dialect', async () => {
    for (const dialect of ['text', 'tlv', 'both', 'terse'] as const) {
      for (const idsInReceipts of ['same', 'decimal'] as const) {
        const w = await world(() => ({ kind: 'works' }), { dialect, idsInReceipts });
        const message = sampleMessage(A);
        await one(w.channel, message);
        await w.restart();
        await w.runLater();
        expect(w.signals, `${dialect} ${idsInReceipts}`).toMatchObject([
          { deliveryId: message.deliveryId, kind: 'delivered' },
        ]);
      }
    }
  });

  it('gives the same event id to a repeated receipt', async () => {
    const w = await world(() => ({ kind: 'works', receipts: 3 }));
    await one(w.channel);
    await w.runLater();
    expect(w.signals).toHaveLength(3);
    expect(new Set(w.signals.map((s) => s.providerEventId)).size).toBe(1);
  });

  it('waits for the answer when a receipt overtakes it', async () => {
    const w = await world(() => ({ kind: 'works', receiptFirst: true, answerAfterMs: 60 }));
    const message = sampleMessage(A);
    expect(await one(w.channel, message)).toMatchObject({ kind: 'accepted' });
    await expect.poll(() => w.signals).toMatchObject([{ deliveryId: message.deliveryId, kind: 'delivered' }]);
    await expect.poll(() => w.smsc.pending()).toBe(0);
  });

  it.each(['mute', 'cut'] as const)('settles an uncertain message by its number: %s', async (kind) => {
    const w = await world((number) => (number === A ? { kind } : { kind: 'works' }));
    const message = sampleMessage(A);
    expect(await one(w.channel, message)).toMatchObject({ kind: 'uncertain' });
    await one(w.channel, sampleMessage(B));
    await w.runLater();
    expect(w.signals).toHaveLength(2);
    expect(w.signals).toContainEqual(expect.objectContaining({ deliveryId: message.deliveryId, kind: 'delivered' }));
    expect((await w.channel.health()).detail).toContain('unmatched receipts: 0');
  });

  it('does not guess between two uncertain messages to one number, nor about a part of one', async () => {
    const w = await world((number) => (number === A ? { kind: 'mute' } : { kind: 'mute' }));
    await one(w.channel, sampleMessage(A));
    await one(w.channel, sampleMessage(A));
    expect(await one(w.channel, sampleMessage(B, { text: 'a'.repeat(200) }))).toMatchObject({ kind: 'uncertain' });
    await w.runLater();
    expect(w.signals).toEqual([]);
    expect((await w.channel.health()).detail).toContain('unmatched receipts: 2');
    expect(w.log.join()).not.toContain(A.slice(1));
  });

  it('matches by id an answer that came after its time', async () => {
    const w = await world(() => ({ kind: 'works', answerAfterMs: 400 }));
    const message = sampleMessage(A);
    expect(await one(w.channel, message)).toEqual({ kind: 'uncertain', code: 'NO_ANSWER' });
    await expect.poll(() => w.refs.rows.size).toBe(1);
    await w.runLater();
    expect(w.signals).toMatchObject([{ deliveryId: message.deliveryId, kind: 'delivered' }]);
  });

  it('tells a refusal that came after its time, of the first part or of a later one', async () => {
    let submits = 0;
    const w = await world(() => {
      submits += 1;
      // The second message is in two parts, and only the answer to its last is late.
      return submits === 2 ? { kind: 'works' } : { kind: 'refused', status: 11, answerAfterMs: 400 };
    }, {});
    const [short, long] = [sampleMessage(A), sampleMessage(B, { text: 'a'.repeat(200) })];
    expect(await one(w.channel, short)).toEqual({ kind: 'uncertain', code: 'NO_ANSWER' });
    await expect
      .poll(() => w.signals)
      .toMatchObject([{ deliveryId: short.deliveryId, kind: 'refused', fault: 'permanent', code: 'smpp:11' }]);
    expect(await one(w.channel, long)).toEqual({ kind: 'uncertain', code: 'partial 1/2 NO_ANSWER' });
    await expect
      .poll(() => w.signals[1])
      .toMatchObject({
        deliveryId: long.deliveryId,
        kind: 'bounced',
        fault: 'technical',
        code: 'smpp:11',
      });
  });

  it('a long message is delivered once its last part is, and failed once any part is', async () => {
    const w = await world((number) => (number === A ? { kind: 'works' } : { kind: 'off', expiresAfterMs: 1 }));
    await one(w.channel, sampleMessage(A, { text: 'a'.repeat(400) }));
    await w.runLater();
    expect(w.signals.map((s) => s.kind)).toEqual(['delivered']);
    await one(w.channel, sampleMessage(B, { text: 'a'.repeat(400) }));
    await w.runLater();
    expect(w.signals.map((s) => s.kind)).toEqual(['delivered', 'bounced', 'bounced', 'bounced']);
    // An SMSC that sends a receipt for every part whatever was asked: one part is not the message.
    const [, , lastId] = w.smsc.inbox(A)[0]?.ids ?? [];
    const [firstId] = w.smsc.inbox(A)[0]?.ids ?? [];
    const raw = (id: string | undefined) => ({ recipient: '', body: Buffer.from(`id:${id} stat:DELIVRD err:000`) });
    expect(await w.channel.parseSignal(raw(firstId))).toEqual([]);
    expect(await w.channel.parseSignal(raw(lastId))).toMatchObject([{ kind: 'delivered' }]);
  });

  it('counts what matches nothing and takes it, so that it does not come again', async () => {
    const w = await world(() => ({ kind: 'works' }));
    await one(w.channel);
    w.refs.rows.clear();
    await w.runLater();
    expect(w.signals).toEqual([]);
    expect(w.log.join()).toContain('"unmatched":1');
    expect(w.smsc.pending()).toBe(0);
  });

  it('has the SMSC keep what could not be stored, and one bad signal does not hold up the rest', async () => {
    let away = true;
    const stored: string[] = [];
    const w = await world(
      () => ({ kind: 'works' }),
      {},
      {
        onSignal: async (group) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (away || group.some((s) => s.deliveryId.endsWith('f'))) throw new Error('no');
          stored.push(...group.map((s) => s.deliveryId));
        },
      },
    );
    const ids = ['a', 'b', 'f', 'c'].map((c) => `01920000-0000-7000-8000-00000000000${c}`);
    await w.channel.send(
      ids.map((deliveryId, i) => sampleMessage(`+3933310000${10 + i}`, { deliveryId })),
      NEVER,
    );
    const running = w.runLater();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(w.smsc.pending()).toBe(4);
    away = false;
    await expect.poll(() => [...stored].sort()).toEqual([ids[0], ids[1], ids[3]]);
    await expect.poll(() => w.smsc.pending()).toBe(1);
    w.smsc.clear();
    await running;
  });

  it('reads the raw text of a receipt, and nothing else', async () => {
    const w = await world(() => ({ kind: 'works' }));
    const message = sampleMessage(A);
    const outcome = await one(w.channel, message);
    const ref = outcome?.kind === 'accepted' ? outcome.ref : '';
    const of = (text: string) => w.channel.parseSignal({ recipient: '', body: Buffer.from(text) });
    expect(await of(`id:${ref} sub:001 stat:UNDELIV err:027`)).toMatchObject([
      { deliveryId: message.deliveryId, kind: 'bounced', fault: 'temporary', code: 'UNDELIV err:027' },
    ]);
    expect(await of('id:unheard stat:DELIVRD')).toEqual([]);
    expect(await of(`\u0000\u00ff id:${ref}`)).toEqual([]);
  });

  it('keeps an accepted message accepted when its reference cannot be kept', async () => {
    const refs = { save: async () => Promise.reject(new Error('no')), find: async () => null };
    const w = await world(() => ({ kind: 'works' }), {}, { refs });
    const message = sampleMessage(A);
    expect(await one(w.channel, message)).toMatchObject({ kind: 'accepted' });
    await w.runLater();
    expect(w.signals).toMatchObject([{ deliveryId: message.deliveryId, kind: 'delivered' }]);
  });
});

describe('replies', () => {
  it('hands over what citizens write, with numbers in E.164', async () => {
    const w = await world(() => ({ kind: 'works' }));
    await w.smsc.reply(A, '+390541000000', 'Basta, è troppo €');
    await w.smsc.reply(A, 'ComuneProva', 'perché “no” 😀');
    // A phone that pretends to be an SMSC.
    await w.smsc.reply(A, '48580', 'id:1d305b01 sub:001 dlvrd:001 stat:DELIVRD err:000');
    expect(w.replies).toEqual([
      [A, 'Basta, è troppo €', '+390541000000'],
      [A, 'perché “no” 😀', 'ComuneProva'],
      [A, 'id:1d305b01 sub:001 dlvrd:001 stat:DELIVRD err:000', '48580'],
    ]);
    expect(w.signals).toEqual([]);
  });

  it('leaves a reply with the SMSC until it is stored', async () => {
    let tries = 0;
    const w = await world(
      () => ({ kind: 'works' }),
      {},
      {
        onReply: async () => {
          tries += 1;
          if (tries < 3) throw new Error('no');
        },
      },
    );
    await w.smsc.reply(A, 'ComuneProva', 'STOP');
    expect(tries).toBe(3);
  });
});
