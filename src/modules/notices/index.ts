export {
  awaitDeliveries,
  closeWalked,
  followOutcomes,
  hastenAfterFailure,
  linesOf,
  nextNoticeAt,
  openNotices,
  parkHeld,
  passUnreachable,
  resumeHeld,
  settleNotices,
  skipSteps,
  stopNotices,
} from './advance.ts';
export { DEFAULT_TEMPLATES } from './default-templates.ts';
export { enteOfToken, findLink, type LinkRecord, withoutKeys } from './links.ts';
export { type MessageValues, previewValues } from './message-values.ts';
export { type NoticeState, noticeMachine } from './notice.states.ts';
export { planNotices } from './plan-notices.ts';
export { type MessagePreview, previewFor, previewMessage } from './preview.ts';
export { findNotice, makeTextPort, type NoticeRecord } from './render.ts';
export {
  copyTemplate,
  latestTemplate,
  missingDefaults,
  saveTemplate,
  type TemplateText,
  templateVersion,
} from './templates.store.ts';
export { checkTemplate, checkText, gulpease, type TextProblem } from './text-rules.ts';
