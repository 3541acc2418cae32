export { makeStation, type Station, type StationAnswer } from './station.ts';
export type { StationDeps } from './station-deps.ts';
