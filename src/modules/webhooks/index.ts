export { announce } from './announce.ts';
export {
  addWebhook,
  lastOutcomes,
  listWebhooks,
  removeWebhook,
  type WebhookEndpoint,
  type WebhookOutcome,
} from './endpoints.store.ts';
export { EVENT_KINDS, type EventKind, type WebhookFact } from './events.ts';
export { beginRequest, forgetRequest, keepAnswer, type RequestBegun, type RequestKey } from './kept-answers.ts';
export { nextWebhookAt } from './next-try.ts';
export { makePostWebhook, type PostWebhook } from './post-webhook.ts';
export { sendDueWebhooks, signWebhook, sweepWebhooks, type WebhookDeps } from './send-due.ts';
export { TRIAL_KIND, tryWebhook } from './test-endpoint.ts';
