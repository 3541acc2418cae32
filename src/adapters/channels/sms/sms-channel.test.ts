import { describe, expect, it } from 'vitest';
import { A, B, NEVER, one, world } from '../../../../test/support/sms-world.ts';
import { sampleMessage } from '../conformance.ts';

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
