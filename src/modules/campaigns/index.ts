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
export { CAMPAIGN_CHANNELS, type CampaignDocument, parseCampaign } from './campaign-document.ts';
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
export { dueFigures, FIGURES_REFRESHED_MS, keepFigures } from './kept-figures.ts';
export { planCampaign } from './plan-campaign.ts';
export { reasonWords } from './reason-words.ts';
export { type RunDeps, runDueTenants, runTenant } from './run-due.ts';
export { type OpenedSample, openSample, type SamplePerson, samplePeople } from './samples.ts';
export { callOffStart, refusedStarts, scheduleStart } from './scheduled-start.ts';
export { layWindows, run } from './start-campaign.ts';
export { takeReceipt } from './take-receipt.ts';
export { makeTestMessage, type TestMessage } from './test-message.ts';
export { tick } from './tick.ts';
