export {
  awaitDeliveries,
  closeWalked,
  linesOf,
  nextNoticeAt,
  openNotices,
  parkHeld,
  passUnreachable,
  resumeHeld,
  skipSteps,
  stopNotices,
} from './advance.ts';
export { DEFAULT_TEMPLATES } from './default-templates.ts';
export { followOutcomes, hastenAfterFailure } from './follow-outcomes.ts';
export { enteOfToken, findLink, type LinkRecord, withoutKeys } from './links.ts';
export { type MessageValues, previewValues } from './message-values.ts';
export { type NoticeState, noticeMachine } from './notice.states.ts';
export { paceNotices } from './pace-notices.ts';
export { type OpenWindow, PaceBook, type PaceCaps, slotsOf } from './pace-slots.ts';
export { planNotices } from './plan-notices.ts';
export { type MessagePreview, previewFor, previewMessage } from './preview.ts';
export { planCorrections, recallNotices, stopUnaskedNotices } from './recall-notices.ts';
export { findNotice, makeTextPort, type NoticeRecord } from './render.ts';
export { settleNotices } from './settle-notices.ts';
export {
  copyTemplate,
  latestTemplate,
  missingDefaults,
  saveTemplate,
  type TemplateText,
  templateVersion,
} from './templates.store.ts';
export { checkTemplate, checkText, gulpease, type TextProblem } from './text-rules.ts';
