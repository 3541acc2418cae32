import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, Fault, OutboundMessage, SendOutcome } from '../../modules/deliveries/channel.port.ts';
import type { ChannelLog } from './channel-log.ts';

/** What the fake provider does with one recipient. `after` = once it holds the whole message. */
export type ProviderBehaviour =
  | { readonly kind: 'accept'; readonly delayMs?: number }
  | { readonly kind: 'refuse'; readonly code: string }
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' };

export interface KnownCode {
  /** As the fake provider takes it in `refuse`. */
  readonly code: string;
  readonly expect: { readonly kind: 'rejected'; readonly fault: Fault } | { readonly kind: 'retryLater' };
  /** The part of it that the outcome must keep. */
  readonly kept: string;
}

/** One adapter with its own fake provider, which speaks the real protocol on loopback. */
export interface ChannelHarness {
  readonly channel: Channel;
  /** Fits the channel: an address, a number... Different for different n. */
  recipient(n: number): string;
  behave(to: string, behaviour: ProviderBehaviour): void;
  /** What the provider took, in order of arrival; `ref` is the reference it would deduplicate by. */
  received(): readonly { readonly to: string; readonly ref: string }[];
  readonly knownCodes: readonly KnownCode[];
  /** A refusal nobody has heard of, and the part of it that the outcome must keep. */
  readonly unknownCode: { readonly code: string; readonly kept: string };
  close(): Promise<void>;
}

/** A log that keeps every line as text. */
export function makeCapturedLog(): ChannelLog & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const keep = (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(`${JSON.stringify(fields)} ${message}`);
  };
  return { lines, info: keep, warn: keep };
}

let counter = 0;

/** A message nobody sent before; `to` as given. */
export function sampleMessage(to: string, over: Partial<OutboundMessage> = {}): OutboundMessage {
  counter += 1;
  return {
    enteId: 7,
    deliveryId: `01920000-0000-7000-8000-${counter.toString(16).padStart(12, '0')}`,
    to,
    sender: { name: 'Comune di Prova', address: 'avvisi@comune.prova.example' },
    subject: 'Una comunicazione dal Comune',
    text: 'Gentile Maria Rossi,\n\nIl Comune Le scrive.\n',
    html: '<p>Gentile Maria Rossi,</p><p>Il Comune Le scrive.</p>',
    optOutUrl: 'https://portale.example/o/abcdefghijklmnopqrstuv',
    ...over,
  };
}

/** The behaviour every channel adapter owes to its callers (architecture §6). `makeHarness` uses short time-outs. */
export function describeChannel(name: string, makeHarness: (log: ChannelLog) => Promise<ChannelHarness>): void {
  describe(`channel conformance: ${name}`, () => {
    const log = makeCapturedLog();
    const used: string[] = [];
    const told: SendOutcome[] = [];
    let h: ChannelHarness;
    let n = 0;

    const someone = (behaviour: ProviderBehaviour): string => {
      n += 1;
      const to = h.recipient(n);
      used.push(to);
      h.behave(to, behaviour);
      return to;
    };
    const send = async (...batch: OutboundMessage[]): Promise<SendOutcome[]> => {
      const outcomes = await h.channel.send(batch, new AbortController().signal);
      expect(outcomes).toHaveLength(batch.length);
      told.push(...outcomes);
      return outcomes;
    };
    const timesReceived = (to: string) => h.received().filter((m) => m.to === to).length;

    beforeAll(async () => {
      h = await makeHarness(log);
    });
    afterAll(async () => {
      await h.channel.close();
      await h.close();
    });

    it('accepts, and gives the reference the provider knows', async () => {
      const to = someone({ kind: 'accept' });
      const [outcome] = await send(sampleMessage(to));
      const got = h.received().find((m) => m.to === to);
      expect(outcome).toEqual({ kind: 'accepted', ref: got?.ref });
    });

    it('answers an empty batch with nothing', async () => {
      expect(await send()).toEqual([]);
    });

    it('refuses a text over the limit of the channel, and sends one at the limit', async () => {
      const limit = h.channel.capabilities.maxTextLength;
      const long = someone({ kind: 'accept' });
      const fits = someone({ kind: 'accept' });
      const outcomes = await send(
        sampleMessage(long, { text: 'a'.repeat((limit ?? 100_000) + 1), html: null }),
        sampleMessage(fits, { text: 'a'.repeat(limit ?? 100_000), html: null }),
      );
      expect(outcomes.map((o) => o.kind)).toEqual([limit === null ? 'accepted' : 'rejected', 'accepted']);
      expect(timesReceived(long)).toBe(limit === null ? 1 : 0);
    });

    it.each(['hang', 'cut'] as const)('%s before the point of no return: rejected, nothing sent', async (kind) => {
      const to = someone({ kind, when: 'before' });
      const [outcome] = await send(sampleMessage(to));
      expect(outcome).toMatchObject({ kind: 'rejected', fault: 'technical' });
      expect(timesReceived(to)).toBe(0);
    });

    it.each(['hang', 'cut'] as const)('%s after the point of no return: uncertain, never sent again', async (kind) => {
      const to = someone({ kind, when: 'after' });
      const [outcome] = await send(sampleMessage(to));
      expect(outcome?.kind).toBe('uncertain');
      expect(timesReceived(to)).toBe(1);
    });

    it('maps each code it knows and keeps it', async () => {
      expect(h.knownCodes.length).toBeGreaterThan(0);
      for (const known of h.knownCodes) {
        const [outcome] = await send(sampleMessage(someone({ kind: 'refuse', code: known.code })));
        expect(outcome, known.code).toMatchObject({ ...known.expect, code: expect.stringContaining(known.kept) });
        if (outcome?.kind === 'retryLater') expect(outcome.afterMs, known.code).toBeGreaterThan(0);
      }
    });

    it('keeps a code it does not know', async () => {
      const [outcome] = await send(sampleMessage(someone({ kind: 'refuse', code: h.unknownCode.code })));
      expect(outcome).toMatchObject({ kind: 'rejected', code: expect.stringContaining(h.unknownCode.kept) });
    });

    it('gives outcomes in the order of the batch, whatever comes back first', async () => {
      const refused = h.knownCodes.find((k) => k.expect.kind === 'rejected');
      const batch = Array.from({ length: 24 }, (_, i) => {
        const fails = i % 3 === 1 && refused !== undefined;
        return sampleMessage(
          someone(fails ? { kind: 'refuse', code: refused.code } : { kind: 'accept', delayMs: i % 2 === 0 ? 40 : 0 }),
        );
      });
      const outcomes = await send(...batch);
      for (const [i, message] of batch.entries()) {
        const got = h.received().find((m) => m.to === message.to);
        expect(outcomes[i]).toMatchObject(
          got === undefined ? { kind: 'rejected' } : { kind: 'accepted', ref: got.ref },
        );
        expect(got === undefined).toBe(i % 3 === 1);
      }
    });

    it('gives a repeated message the same reference, so that it can be told from a new one', async () => {
      const message = sampleMessage(someone({ kind: 'accept' }));
      const [first] = await send(message);
      const [second] = await send(message);
      expect(first?.kind).toBe('accepted');
      expect(second).toEqual(first);
      expect(
        new Set(
          h
            .received()
            .filter((m) => m.to === message.to)
            .map((m) => m.ref),
        ).size,
      ).toBe(1);
    });

    it('sends nothing once aborted', async () => {
      const to = someone({ kind: 'accept' });
      const outcomes = await h.channel.send([sampleMessage(to)], AbortSignal.abort());
      expect(outcomes).toMatchObject([{ kind: 'rejected', fault: 'technical' }]);
      expect(timesReceived(to)).toBe(0);
    });

    it('gives up what is in flight when aborted, and says that it is uncertain', async () => {
      const to = someone({ kind: 'hang', when: 'after' });
      const abort = new AbortController();
      const sending = h.channel.send([sampleMessage(to)], abort.signal);
      await expect.poll(() => timesReceived(to)).toBe(1);
      abort.abort();
      expect(await sending).toMatchObject([{ kind: 'uncertain' }]);
    });

    it('returns nothing for a raw signal that is not about us', async () => {
      const body = new TextEncoder().encode('nothing of ours');
      expect(await h.channel.parseSignal({ recipient: 'nobody', body })).toEqual([]);
    });

    it('says that it is healthy while the provider answers', async () => {
      expect((await h.channel.health()).ok).toBe(true);
    });

    it('never writes a recipient in the log nor in an outcome', () => {
      expect(log.lines.length).toBeGreaterThan(0);
      const written = `${log.lines.join('\n')}\n${JSON.stringify(told)}`;
      for (const to of used) expect(written).not.toContain(to);
      for (const outcome of told) {
        if (outcome.kind !== 'accepted') expect(outcome.code).toMatch(/^[^@]{1,200}$/);
      }
    });
  });
}
