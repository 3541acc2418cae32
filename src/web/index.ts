export { ApiProblem, makeRateLimit } from './api/index.ts';
export { makeServer } from './server.ts';
