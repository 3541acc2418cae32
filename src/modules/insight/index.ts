export { ALARM_LIMITS, type Alarm, type AlarmCode, alarmsOf } from './alarms.ts';
export {
  type CampaignDetail,
  type CampaignFact,
  type CampaignRow,
  campaignDetail,
  campaignRows,
  type ImportProblem,
  importProblems,
  type TextVersion,
  textVersions,
} from './campaign-reads.ts';
export type { CampaignCost, ChannelCost } from './cost.ts';
export { refreshFigures } from './figures.ts';
export { lineageOf, noticesOfDebt } from './lineage.ts';
export { type BodyReading, type Operations, type OperationsDeps, operationsNow, readOperations } from './operations.ts';
export { exposeOperations } from './operations-metrics.ts';
export { type PaceToday, paceToday } from './pacing.ts';
export { type CampaignProgress, campaignProgress, type StuckQueue } from './progress.ts';
export {
  type ListedPerson,
  type ListPlace,
  type PeopleFilter,
  peopleAfter,
  peopleOf,
  RESULT_LISTS,
  type ResultList,
} from './result-people.ts';
export {
  type CampaignOutcome,
  type CampaignResults,
  type ChannelResult,
  campaignOutcomes,
  campaignResults,
} from './results.ts';
export { type DeliveryCounts, type EnteSummary, summarize } from './summary.ts';
