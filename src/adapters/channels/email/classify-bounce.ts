import type { Fault, SignalKind } from '../../../modules/deliveries/channel.port.ts';
import { cleanCode, enhancedStatusIn, faultOf, isGeneric } from './reply-faults.ts';

/** What RFC 3464 says of one recipient. Values as they came, without the address type. */
export interface ReportedRecipient {
  /** Lower case: failed, delayed, delivered, relayed, expanded. */
  readonly action: string;
  /** `x.y.z`, or null when missing or malformed. */
  readonly status: string | null;
  /** Diagnostic-Code without its type, '' when missing. */
  readonly diagnostic: string;
}

/** A message that came to a return path, taken apart (`parse-dsn.ts`). */
export interface MailReport {
  /** Header names in lower case, first value of each. */
  readonly headers: ReadonlyMap<string, string>;
  /** `report-type` of a multipart/report, lower case; null for any other message. */
  readonly reportType: string | null;
  readonly recipients: readonly ReportedRecipient[];
  /** RFC 5965 Feedback-Type, lower case. */
  readonly feedbackType: string | null;
  /** RFC 8098 Disposition, lower case. */
  readonly disposition: string | null;
  /** What the message says to a reader, bounded, without the returned original. */
  readonly text: string;
}

export interface Classification {
  readonly kind: SignalKind;
  /** Set when `kind` is `bounced`. */
  readonly fault: Fault | null;
  readonly code: string;
}

/**
 * What a message to a return path means for its delivery, in the order of domain/channels.md §3: complaints and read
 * receipts, then the machine-readable report, then reports in prose, then automatic answers.
 */
export function classifyReport(report: MailReport): Classification {
  if (report.feedbackType !== null) return classifyFeedback(report.feedbackType);
  if (report.reportType === 'disposition-notification' || report.disposition !== null) {
    // A receipt made by the person's program: `displayed` is said of the reading, `deleted` is not.
    const displayed = /;\s*displayed/.test(report.disposition ?? '');
    return { kind: displayed ? 'read' : 'autoReply', fault: null, code: displayed ? 'displayed' : 'disposition' };
  }
  if (report.recipients.length > 0) return classifyRecipients(report);
  if (isProseReport(report)) return classifyProse(report);
  const automatic = automaticAnswer(report);
  if (automatic !== null) return { kind: 'autoReply', fault: null, code: automatic };
  return { kind: 'unknown', fault: null, code: 'unrecognised' };
}

function classifyFeedback(type: string): Classification {
  switch (type) {
    case 'abuse':
    case 'fraud':
      return { kind: 'complaint', fault: null, code: type };
    case 'opt-out':
    case 'opt-out-list':
      return { kind: 'optOut', fault: null, code: type };
    default:
      return { kind: 'unknown', fault: null, code: cleanCode(type) };
  }
}

function classifyRecipients(report: MailReport): Classification {
  const find = (...actions: string[]) => report.recipients.find((r) => actions.includes(r.action));
  // We write to one person: further recipients are forwards of that one, and one that arrived is enough.
  const arrived = find('delivered', 'relayed', 'expanded');
  if (arrived !== undefined) return { kind: 'delivered', fault: null, code: arrived.status ?? arrived.action };
  const failed = find('failed');
  if (failed !== undefined) return classifyFailure(failed, report.text);
  const delayed = find('delayed');
  if (delayed !== undefined) return { kind: 'delayed', fault: null, code: delayed.status ?? 'delayed' };
  return { kind: 'unknown', fault: null, code: cleanCode(report.recipients[0]?.action ?? 'unrecognised') };
}

function classifyFailure(recipient: ReportedRecipient, prose: string): Classification {
  // Hosts greet the reader with boilerplate that names every possible cause: it is read only when they give no
  // diagnostic of their own.
  const words = /[a-z]{3}/i.test(recipient.diagnostic) ? recipient.diagnostic : `${recipient.diagnostic} ${prose}`;
  const spoken = enhancedStatusIn(words);
  const status =
    recipient.status === null || (isGeneric(recipient.status) && spoken !== null) ? spoken : recipient.status;
  return bounced(status, words);
}

/** Addresses and subjects that mail hosts use for reports in prose (qmail, Exim, older Gmail and Exchange). */
const REPORT_SENDER = /mailer-daemon|mail delivery (?:sub)?system|postmaster@|<>/i;
const REPORT_SUBJECT =
  /failure notice|undeliver|delivery (?:status notification|failure|failed|has failed)|returned mail|mail delivery (?:failed|failure)|returning message to sender|mancato recapito|non recapitabile|impossibile recapitare|message delayed|delivery delayed|warning: message \S+ delayed/i;
const REPORT_PROSE =
  /this is the qmail-send program|could not be delivered to one or more of its recipients|a message that you sent (?:could not|has not yet)/i;
const DELAY_PROSE =
  /has not yet been delivered|delivery (?:is|was|has been) delayed|message \S+ delayed \d|still being retried|will keep trying|no action is required on your part|you do not need to resend/i;

function isProseReport(report: MailReport): boolean {
  if (report.headers.has('x-failed-recipients') || report.reportType === 'delivery-status') return true;
  if (REPORT_PROSE.test(report.text)) return true;
  const from = `${report.headers.get('from') ?? ''} ${report.headers.get('return-path') ?? ''}`;
  return REPORT_SENDER.test(from) && REPORT_SUBJECT.test(report.headers.get('subject') ?? '');
}

function classifyProse(report: MailReport): Classification {
  const subject = report.headers.get('subject') ?? '';
  const status = enhancedStatusIn(report.text);
  if (DELAY_PROSE.test(report.text) || DELAY_PROSE.test(subject)) {
    return { kind: 'delayed', fault: null, code: status ?? 'delayed' };
  }
  return bounced(status, report.text);
}

function bounced(status: string | null, words: string): Classification {
  const code = status ?? replyNumberIn(words) ?? 'unclassified';
  return { kind: 'bounced', fault: faultOf(status, words) ?? 'temporary', code: cleanCode(code) };
}

/** A bare reply number in a quoted answer: after a colon, a semicolon or at the start of a line. */
function replyNumberIn(words: string): string | null {
  return /(?:^|[:;]\s*)([45]\d\d)(?=[\s-])/m.exec(words)?.[1] ?? null;
}

const ABSENCE_SUBJECT =
  /^(?:re: ?|r: ?)?(?:out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|risposta automatica|fuori (?:sede|ufficio)|assente|vacation)/i;

/** Why a message counts as an automatic answer (RFC 3834 and what came before it), or null. */
function automaticAnswer(report: MailReport): string | null {
  const { headers } = report;
  const submitted = (headers.get('auto-submitted') ?? 'no').split(';')[0]?.trim().toLowerCase() ?? 'no';
  if (submitted !== 'no' && submitted !== '') return cleanCode(submitted);
  if (headers.has('x-autoreply') || headers.has('x-autorespond') || headers.has('x-autogenerated'))
    return 'auto-replied';
  if (/auto[_-]?reply/i.test(headers.get('precedence') ?? '')) return 'auto-replied';
  return ABSENCE_SUBJECT.test((headers.get('subject') ?? '').trim()) ? 'auto-replied' : null;
}
