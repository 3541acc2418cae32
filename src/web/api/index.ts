export { type ApiDeps, registerApi } from './api.ts';
export { ApiProblem } from './problem.ts';
