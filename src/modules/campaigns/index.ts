export { answerDispute } from './answer-dispute.ts';
export { type CampaignState, campaignMachine } from './campaign.states.ts';
export {
  approve,
  type CampaignDeps,
  checkDocument,
  pause,
  rehearse,
  resume,
  sendBack,
  stop,
  submit,
} from './campaign-actions.ts';
export { CAMPAIGN_CHANNELS, type CampaignDocument, type CampaignPace, parseCampaign } from './campaign-document.ts';
export {
  type CampaignTemplate,
  campaignTemplate,
  campaignTemplates,
  type FilledTemplate,
  fillTemplate,
  leftOutSentence,
  offersFor,
  type TemplateOffer,
} from './campaign-templates.ts';
export {
  type CampaignRecord,
  findCampaign,
  listCampaigns,
  type RehearsalCounts,
  rehearsalOf,
  type StartRefusal,
} from './campaigns.store.ts';
export { CANCEL_REASONS, type CancelReason, cancelDebt } from './cancel-debt.ts';
export type { CampaignProblem } from './check-campaign.ts';
export { decidePlan, decideRefund } from './decide-money.ts';
export { dueFigures, FIGURES_REFRESHED_MS, keepFigures } from './kept-figures.ts';
export type { PaceCalendar, PaceDay } from './pacing-calendar.ts';
export { paceWords } from './pacing-words.ts';
export { planCampaign } from './plan-campaign.ts';
export { reasonWords } from './reason-words.ts';
export { type RecallState, recallMachine } from './recall.states.ts';
export {
  findRecall,
  listRecalls,
  type RecallRecord,
  type RecallText,
  recallTexts,
} from './recall.store.ts';
export {
  approveRecall,
  endRecallDoubt,
  previewRecall,
  type RecallInput,
  refuseRecall,
  requestRecall,
} from './recall-actions.ts';
export type { RecallCause, RecallKind } from './recall-cause.ts';
export type { RecallCounts } from './recall-counts.ts';
export {
  type ChannelOutcome,
  CORRECTION_OUTCOMES,
  type CorrectedPerson,
  type CorrectionOutcome,
  channelOutcomes,
  correctedAfter,
  correctedPeople,
} from './recall-outcomes.ts';
export { isPrepared } from './recall-prepare.ts';
export { ownRates, type Rates, type RunDeps } from './run-deps.ts';
export { type DueRunner, makeDueRunner, runTenant } from './run-due.ts';
export { type OpenedSample, openSample, type SamplePerson, samplePeople } from './samples.ts';
export { callOffStart, refusedStarts, scheduleStart } from './scheduled-start.ts';
export { layWindows, run } from './start-campaign.ts';
export { takeReceipt, takeSharedReceipt } from './take-receipt.ts';
export { makeTestMessage, type TestMessage } from './test-message.ts';
export { tick } from './tick.ts';
