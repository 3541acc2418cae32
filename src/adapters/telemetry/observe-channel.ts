import type { Monotonic } from '../../kernel/clocks.ts';
import type { Channel } from '../../modules/deliveries/index.ts';
import type { Metrics } from '../../platform/telemetry/index.ts';
import { withSend } from './with-send.ts';

const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What is counted of the channels, once for all of them: how fast their providers answer, and what. */
export function makeChannelObserver(metrics: Metrics, monotonic: Monotonic): (channel: Channel) => Channel {
  const took = metrics.histogram(
    'provider_batch_seconds',
    'Time in which a provider answered a batch of messages (at most one second of its rate).',
    ['channel', 'provider'],
    BUCKETS,
  );
  const sent = metrics.counter('messages_handed_over_total', 'Messages given to a provider, by its answer.', [
    'channel',
    'provider',
    'outcome',
  ]);
  const refused = metrics.counter('messages_refused_total', 'Messages that a provider refused, by whose fault.', [
    'channel',
    'provider',
    'fault',
  ]);
  return (channel) => {
    const labels = { channel: channel.kind, provider: channel.provider };
    // Present from the start: an alarm on a rate needs a zero to rise from.
    for (const outcome of ['accepted', 'rejected', 'retryLater', 'uncertain']) sent.inc({ ...labels, outcome }, 0);
    for (const fault of ['temporary', 'permanent', 'policy', 'technical']) refused.inc({ ...labels, fault }, 0);
    return withSend(channel, async (batch, signal) => {
      const began = monotonic.now();
      const outcomes = await channel.send(batch, signal);
      took.observe(labels, Math.max(0, monotonic.now() - began) / 1000);
      for (const outcome of outcomes) {
        sent.inc({ ...labels, outcome: outcome.kind });
        if (outcome.kind === 'rejected') refused.inc({ ...labels, fault: outcome.fault });
      }
      return outcomes;
    });
  };
}
