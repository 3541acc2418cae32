export { answerDispute } from './answer-dispute.ts';
export { type CampaignState, campaignMachine } from './campaign.states.ts';
export {
  approve,
  type CampaignDeps,
  checkDocument,
  layWindows,
  pause,
  rehearse,
  resume,
  run,
  sendBack,
  stop,
  submit,
} from './campaign-actions.ts';
export { type CampaignDocument, parseCampaign } from './campaign-document.ts';
export {
  type CampaignRecord,
  findCampaign,
  listCampaigns,
  type RehearsalCounts,
  rehearsalOf,
} from './campaigns.store.ts';
export type { CampaignProblem } from './check-campaign.ts';
export { planCampaign } from './plan-campaign.ts';
export { type RunDeps, runDueTenants, runTenant, tick } from './run-due.ts';
export { takeReceipt } from './take-receipt.ts';
