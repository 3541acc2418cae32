export { ApiProblem } from './api/index.ts';
export { makeServer } from './server.ts';
