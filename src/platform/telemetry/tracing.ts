import type { Attributes } from '@opentelemetry/api';

/** Where traces go and how many; null address: nowhere. */
export interface TracingSettings {
  /** Base address of an OTLP/HTTP collector, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it. */
  readonly endpoint: string;
  /** Share of the traces that are kept, 0 to 1; which ones is a hash of the trace's id, the same in every process. */
  readonly ratio: number;
}

/** A piece of work that has ended; instants in epoch ms. */
export interface SpanFacts {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Ids, codes and counts: never personal data (architecture §4.4). */
  readonly attributes: Attributes;
  /** Set when the work came to nothing: a code. */
  readonly failed?: string | undefined;
}

/**
 * Traces whose id is a UUID of ours, so that processes and days join one trace without storing anything: the first span,
 * whoever makes it, has an id that follows from the trace's, and all others are its children.
 */
export interface Tracing {
  keeps(uuid: string): boolean;
  first(uuid: string, span: SpanFacts): void;
  add(uuid: string, span: SpanFacts): void;
  /** Sends what is not sent. */
  close(): Promise<void>;
}

const traceIdOf = (uuid: string): string => uuid.replaceAll('-', '').toLowerCase();
/** Of a random or time-ordered UUID the last half is random. */
const firstSpanIdOf = (uuid: string): string => traceIdOf(uuid).slice(16);

/** The SDK is loaded here and nowhere else: who traces nothing does not pay for it. */
export async function openTracing(settings: TracingSettings): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const random = new sdk.RandomIdGenerator();
  let next: { readonly traceId: string; readonly spanId: string } | null = null;
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bonario', 'process.pid': process.pid }),
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: {
      generateTraceId: () => next?.traceId ?? random.generateTraceId(),
      generateSpanId: () => next?.spanId ?? random.generateSpanId(),
    },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${settings.endpoint.replace(/\/$/, '')}/v1/traces` }),
        // A batch of messages ends at once, and with it all of its spans.
        maxQueueSize: 8192,
      }),
    ],
  });
  const tracer = provider.getTracer('bonario');
  const sampler = new sdk.TraceIdRatioBasedSampler(settings.ratio);
  const decided = sdk.SamplingDecision.RECORD_AND_SAMPLED;

  function record(span: SpanFacts, root: boolean, parent = api.ROOT_CONTEXT): void {
    const { name, startMs, endMs, attributes, failed } = span;
    const made = tracer.startSpan(name, { root, startTime: startMs, attributes }, parent);
    if (failed !== undefined) made.setStatus({ code: api.SpanStatusCode.ERROR, message: failed });
    made.end(Math.max(startMs, endMs));
  }

  return {
    keeps: (uuid) => sampler.shouldSample(api.ROOT_CONTEXT, traceIdOf(uuid)).decision === decided,
    first(uuid, span) {
      next = { traceId: traceIdOf(uuid), spanId: firstSpanIdOf(uuid) };
      try {
        record(span, true);
      } finally {
        next = null;
      }
    },
    add(uuid, span) {
      const parent = { traceId: traceIdOf(uuid), spanId: firstSpanIdOf(uuid), traceFlags: api.TraceFlags.SAMPLED };
      record(span, false, api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, isRemote: true }));
    },
    close: () => provider.shutdown(),
  };
}
