export { makeHttpRail, noRail } from './http-rail.ts';
