import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** One answer to whoever reads the metrics. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

type Labels = readonly string[];

/**
 * The numbers of this process, for Prometheus. Names begin with `bonario_`; labels are codes of ours, never an address,
 * a person or a body's name, save where a setting asks for the body (architecture §4.4).
 */
export interface Metrics {
  counter(name: string, help: string, labels?: Labels): Counter<string>;
  gauge(name: string, help: string, labels?: Labels): Gauge<string>;
  histogram(name: string, help: string, labels: Labels, buckets: readonly number[]): Histogram<string>;
  /** Runs before each answer, to set what is read and not counted; one that fails is counted, and the others are told. */
  beforeReading(fill: () => Promise<void>): void;
  /** In the format that the `Accept` header asks for: Prometheus text 0.0.4, or OpenMetrics 1.0. */
  expose(accept: string | undefined): Promise<Exposition>;
}

export function makeMetrics(onError: (error: unknown) => void = () => {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const fills: (() => Promise<void>)[] = [];
  const failures = new Counter({
    name: 'bonario_reading_failures_total',
    help: 'Times that something could not be read for these numbers: then it is missing here.',
    registers,
  });
  const named = (name: string, help: string, labels: Labels = []) => ({
    name: `bonario_${name}`,
    help,
    labelNames: [...labels],
    registers,
  });
  return {
    counter: (name, help, labels) => new Counter(named(name, help, labels)),
    gauge: (name, help, labels) => new Gauge(named(name, help, labels)),
    histogram: (name, help, labels, buckets) => new Histogram({ ...named(name, help, labels), buckets: [...buckets] }),
    beforeReading: (fill) => {
      fills.push(fill);
    },
    async expose(accept) {
      for (const fill of fills) {
        await fill().catch((error: unknown) => {
          failures.inc();
          onError(error);
        });
      }
      const all = [processMetrics(), registry];
      const { contentType, body } = await (prefersOpenMetrics(accept) ? openMetrics(all) : plain(all));
      // The library's spelling, which strict readers refuse.
      return { contentType, body: body.replace(/ Nan$/gm, ' NaN') };
    },
  };
}

let ofProcess: Registry | null = null;

/**
 * Memory, processor time, event loop: of the process, whatever is opened in it, so there is one registry. It measures from
 * the first reading on: nobody who never looks pays for it.
 */
function processMetrics(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

async function plain(registries: Registry[]): Promise<Exposition> {
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: await Registry.merge(registries).metrics() };
}

/**
 * From a copy: asked for OpenMetrics, the library takes `_total` off its counters' names for good, and the next plain
 * answer would call them otherwise than the last.
 */
async function openMetrics(registries: readonly Registry[]): Promise<Exposition> {
  const all = (await Promise.all(registries.map((one) => one.getMetricsAsJSON()))).flat();
  const copy = all.map((metric) => ({
    ...metric,
    name: metric.type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name,
    aggregator: 'first',
  }));
  const made = Registry.aggregate([copy]);
  made.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return { contentType: Registry.OPENMETRICS_CONTENT_TYPE, body: await made.metrics() };
}

/** Whether an `Accept` header wants OpenMetrics at least as much as plain text; without a header: no. */
function prefersOpenMetrics(accept: string | undefined): boolean {
  const best = (type: string) =>
    Math.max(
      0,
      ...(accept ?? '')
        .split(',')
        .map((range) => range.split(';').map((part) => part.trim().toLowerCase()))
        .filter(([name]) => name === type)
        .map(([, ...parameters]) => Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1) || 0),
    );
  const open = best('application/openmetrics-text');
  return open > 0 && open >= best('text/plain');
}
