export { ApiProblem, makeRateLimit } from './api/index.ts';
export { type MetricsDeps, makeMetricsServer } from './metrics.ts';
export { makeServer } from './server.ts';
