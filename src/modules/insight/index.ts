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
export { type CampaignProgress, campaignProgress } from './progress.ts';
export {
  type CampaignResults,
  type ChannelResult,
  campaignResults,
  type ListedPerson,
  peopleOf,
  RESULT_LISTS,
  type ResultList,
} from './results.ts';
export { type DeliveryCounts, type EnteSummary, summarize } from './summary.ts';
