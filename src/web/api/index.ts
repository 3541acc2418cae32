export { registerApi } from './api.ts';
export { type ApiDeps, type Caller, ENDPOINT_ROLES, type EndpointRole, type V1Deps } from './api-deps.ts';
export { ApiProblem } from './problem.ts';
export { makeRateLimit, type RateLimit } from './rate-limit.ts';
