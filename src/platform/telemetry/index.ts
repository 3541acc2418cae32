export { type JobsWaiting, jobsWaiting } from './jobs-waiting.ts';
export { type KeptReading, keepReading, keptReadings, READING_TASK, readingDueAt } from './kept-readings.ts';
export { type Metrics, makeMetrics } from './metrics.ts';
export { exposeProcess, observeEngine, observeLeader, type PoolUse, somebodyLeads } from './process.ts';
export { openTracing, type SpanFacts, type Tracing, type TracingSettings } from './tracing.ts';
