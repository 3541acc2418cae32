export { type DeliveryCounts, type EnteSummary, summarize } from './summary.ts';
