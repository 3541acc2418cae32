export { ApiProblem, makeRateLimit } from './api/index.ts';
export { type MetricsDeps, makeMetricsServer } from './metrics.ts';
export { makePagopaServer, type PagopaAccess, type PagopaDeps } from './pagopa/index.ts';
export { makeServer } from './server.ts';
