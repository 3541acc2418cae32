import { describe, expect, it } from 'vitest';
import { A, B, NEVER, one, world } from '../../../../test/support/sms-world.ts';
import { sampleMessage } from '../conformance.ts';

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
