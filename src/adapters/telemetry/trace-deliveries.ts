import type { Monotonic } from '../../kernel/clocks.ts';
import { CodedError } from '../../kernel/errors.ts';
import type { Channel, ChannelSignal, SendOutcome, TextPort } from '../../modules/deliveries/index.ts';
import type { DeliveryLineage } from '../../modules/deliveries/lineage.port.ts';
import type { Tracing } from '../../platform/telemetry/index.ts';
import { tellDelivery } from './tell-delivery.ts';
import { withSend } from './with-send.ts';

export interface TraceDeps {
  readonly tracing: Tracing;
  readonly monotonic: Monotonic;
  readonly lineageOf: (enteId: number, deliveryIds: readonly string[]) => Promise<readonly DeliveryLineage[]>;
  readonly noticesOf: (enteId: number, debtId: string) => Promise<readonly string[]>;
  /** A trace that could not be made: nothing else depends on it. */
  readonly onError: (error: unknown) => void;
}

/**
 * A delivery's life as a trace whose id is its notice's: file, plan, queue, hand-over, provider's answer, signals, receipt.
 * It is seen at the doors that messages pass anyway, so that nothing on their way knows of it, waits for it or fails with
 * it; what lies before the first door is told from what is stored.
 */
export interface DeliveryTraces {
  /** Texts are written when a message was taken from the queue. */
  texts(port: TextPort): TextPort;
  channel(channel: Channel): Channel;
  /** What a channel said of messages sent before, once it is stored. */
  signals(enteId: number, signals: readonly ChannelSignal[]): void;
  /** A receipt for this debt was booked. */
  paid(enteId: number, debtId: string): void;
  /** Waits for what is still being told. */
  settled(): Promise<void>;
}

/** Messages written and never sent (their campaign was paused just then) are forgotten when so many newer ones came. */
const REMEMBERED = 10_000;
/** Batches and signals whose telling waits; beyond them traces have holes. */
const MOST_WAITING = 1_000;

export function traceDeliveries(deps: TraceDeps): DeliveryTraces {
  const { tracing, monotonic } = deps;
  /** When a followed delivery was taken from the queue. */
  const takenAt = new Map<string, number>();
  let telling: Promise<void> = Promise.resolve();
  let waiting = 0;
  // One after the other: traces take one connection of the database and no more.
  function later(tell: () => Promise<void>): void {
    if (waiting >= MOST_WAITING) {
      deps.onError(new CodedError('TRACES_DROPPED', 'more to tell than can be told'));
      return;
    }
    waiting += 1;
    telling = telling
      .then(tell)
      .catch(deps.onError)
      .finally(() => {
        waiting -= 1;
      });
  }

  function remember(deliveryId: string): void {
    takenAt.set(deliveryId, monotonic.now());
    const [oldest] = takenAt.keys();
    if (takenAt.size > REMEMBERED && oldest !== undefined) takenAt.delete(oldest);
  }

  return {
    texts: (port) => ({
      async render(...asked) {
        const [, requests] = asked;
        for (const one of requests) if (tracing.keeps(one.noticeId)) remember(one.deliveryId);
        const texts = await port.render(...asked);
        for (const [id, text] of texts) if (text.kind !== 'text') takenAt.delete(id);
        return texts;
      },
    }),
    channel: (channel) =>
      withSend(channel, async (batch, signal) => {
        const markedAt = monotonic.now();
        const outcomes = await channel.send(batch, signal);
        const answeredAt = monotonic.now();
        const followed = new Map<string, { readonly taken: number; readonly answer: SendOutcome }>();
        for (const [i, { deliveryId }] of batch.entries()) {
          const [taken, answer] = [takenAt.get(deliveryId), outcomes[i]];
          takenAt.delete(deliveryId);
          if (taken !== undefined && answer !== undefined) followed.set(deliveryId, { taken, answer });
        }
        const enteId = batch[0]?.enteId;
        if (enteId === undefined || followed.size === 0) return outcomes;
        const { kind, provider } = channel;
        const tell = async () => {
          for (const lineage of await deps.lineageOf(enteId, [...followed.keys()])) {
            const seen = followed.get(lineage.deliveryId);
            if (seen === undefined) continue;
            tellDelivery(tracing, { enteId, kind, provider, lineage, markedAt, answeredAt, ...seen });
          }
        };
        later(tell);
        return outcomes;
      }),
    signals(enteId, signals) {
      const at = monotonic.now();
      const tell = async () => {
        const lineages = await deps.lineageOf(
          enteId,
          signals.map((signal) => signal.deliveryId),
        );
        const noticeOf = new Map(lineages.map((lineage) => [lineage.deliveryId, lineage.noticeId]));
        for (const { deliveryId, provider, kind, fault } of signals) {
          const notice = noticeOf.get(deliveryId);
          if (notice === undefined || !tracing.keeps(notice)) continue;
          const ids = { 'bonario.ente': enteId, 'bonario.notice': notice, 'bonario.delivery': deliveryId };
          const attributes = { ...ids, 'bonario.provider': provider, 'bonario.signal': kind };
          tracing.add(notice, { name: 'signal', startMs: at, endMs: at, attributes, failed: fault ?? undefined });
        }
      };
      later(tell);
    },
    paid(enteId, debtId) {
      const at = monotonic.now();
      const tell = async () => {
        for (const notice of await deps.noticesOf(enteId, debtId)) {
          if (!tracing.keeps(notice)) continue;
          const attributes = { 'bonario.ente': enteId, 'bonario.notice': notice };
          tracing.add(notice, { name: 'receipt', startMs: at, endMs: at, attributes });
        }
      };
      later(tell);
    },
    async settled() {
      while (waiting > 0) await telling;
    },
  };
}
