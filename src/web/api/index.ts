export { registerApi } from './api.ts';
export type { ApiDeps } from './api-deps.ts';
export { ApiProblem } from './problem.ts';
