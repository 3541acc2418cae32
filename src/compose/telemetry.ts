import { makeChannelObserver, traceDeliveries } from '../adapters/telemetry/index.ts';
import type { Monotonic } from '../kernel/clocks.ts';
import type { Channel, ChannelSignal, TextPort } from '../modules/deliveries/index.ts';
import { exposeOperations, lineageOf, noticesOfDebt, operationsNow } from '../modules/insight/index.ts';
import type { Database } from '../platform/db/index.ts';
import type { Log } from '../platform/log/index.ts';
import {
  exposeProcess,
  type Metrics,
  makeMetrics,
  openTracing,
  type PoolUse,
  type TracingSettings,
} from '../platform/telemetry/index.ts';

export interface TelemetrySettings {
  /** Whether the labels of the metrics name the body. */
  readonly byBody: boolean;
  /** Null: nothing is traced. */
  readonly traces: TracingSettings | null;
}

export interface TelemetryDeps {
  /** Not the one that notes who uses it: looking at a body is no reason to look again. */
  readonly db: Database;
  readonly log: Log;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  readonly monotonic: Monotonic;
  readonly tenants: () => Promise<{ enteId: number; slug: string }[]>;
  readonly pool: () => PoolUse;
  readonly leading: () => boolean;
}

/** What the program shows of itself, at the doors where it is seen. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Metrics first, so that what they time is the provider alone. */
  channel(channel: Channel): Channel;
  texts(port: TextPort): TextPort;
  /** After signals of a channel were stored, of one body or of several. */
  signals(signals: readonly ChannelSignal[]): void;
  /** After a receipt for this debt was booked. */
  paid(enteId: number, debtId: string): void;
  close(): Promise<void>;
}

export async function openTelemetry(settings: TelemetrySettings, deps: TelemetryDeps): Promise<Telemetry> {
  const { db, log, now, monotonic } = deps;
  const realNow = () => monotonic.now();
  const metrics = makeMetrics((error) => log.error({ err: error }, 'metrics could not be read'));
  const read = () => operationsNow({ db, now, realNow });
  exposeOperations(metrics, { read, now, realNow, nameOf: settings.byBody ? namesOf(deps) : null });
  exposeProcess(metrics, deps);
  const observe = makeChannelObserver(metrics, monotonic);
  if (settings.traces === null) {
    const nothing = () => {};
    return { metrics, channel: observe, texts: (port) => port, signals: nothing, paid: nothing, close: async () => {} };
  }
  const tracing = await openTracing(settings.traces);
  const traces = traceDeliveries({
    tracing,
    monotonic,
    lineageOf: (enteId, ids) => db.tenant(enteId, (tx) => lineageOf(tx, ids)),
    noticesOf: (enteId, debtId) => db.tenant(enteId, (tx) => noticesOfDebt(tx, debtId)),
    onError: (error) => log.warn({ err: error }, 'a trace has a hole'),
  });
  return {
    metrics,
    channel: (channel) => traces.channel(observe(channel)),
    texts: traces.texts,
    signals(signals) {
      for (const [enteId, own] of Map.groupBy(signals, (signal) => signal.enteId)) traces.signals(enteId, own);
    },
    paid: traces.paid,
    async close() {
      await traces.settled();
      await tracing.close();
    },
  };
}

/** Names of bodies, asked for again when one is not known. */
function namesOf({ tenants }: TelemetryDeps): (enteId: number) => Promise<string> {
  let slugs = new Map<number, string>();
  return async (enteId) => {
    if (!slugs.has(enteId)) slugs = new Map((await tenants()).map((body) => [body.enteId, body.slug]));
    return slugs.get(enteId) ?? String(enteId);
  };
}
