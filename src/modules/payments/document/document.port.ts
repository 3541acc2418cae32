import type { NoticeDocument } from './notice-document.ts';

export { makeNotice, type NoticeDocument, paymentsOf } from './notice-document.ts';
export {
  type CodedPayment,
  NOTICE_LIMITS,
  type NoticeFacts,
  type NoticeLogo,
  type NoticePayment,
  type PaymentChoice,
  type PostalSlip,
} from './notice-facts.ts';
export { fillIn, NOTICE_WORDS, type NoticeLanguage, type NoticeWords, SLIP_WORDS } from './notice-words.ts';

/** A file must be made whole, in memory: more notices than these go into several. */
export const MAX_NOTICES_PER_FILE = 200;

/** Makes the payment notices, as PDF/UA-1. The same documents always give the same bytes. */
export interface NoticeRenderer {
  renderNotice(document: NoticeDocument): Promise<Uint8Array>;
  /**
   * One file with all of them, in order, each beginning on a page of its own. Errors NOTICE_FILE_SIZE (none, or more
   * than MAX_NOTICES_PER_FILE), NOTICE_RENDER, RENDERER_CLOSED.
   */
  renderNotices(documents: readonly NoticeDocument[]): Promise<Uint8Array>;
  /** What is under way ends; what waits is refused with RENDERER_CLOSED. */
  close(): Promise<void>;
}
