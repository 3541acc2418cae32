import type { Attachment, Email } from 'postal-mime';
import PostalMime from 'postal-mime';
import { sha256Hex } from '../../../kernel/hash.ts';
import type { MailReport, ReportedRecipient } from './classify-bounce.ts';

/** Reports put the machine-readable part before the returned message, so what is cut away is never missed. */
export const MAX_REPORT_BYTES = 1_048_576;
const MAX_TEXT = 65_536;
const MAX_RECIPIENTS = 50;
const MAX_EVENT_ID = 200;

/** Where the hosts that write in prose begin to quote the message they return. */
const ORIGINAL_FOLLOWS =
  /^-{2,} ?(?:below this line is a copy of the message|this is a copy of (?:the|your) message|original message|messaggio originale)/im;

export interface ParsedReport {
  readonly report: MailReport;
  /** The report's own Message-ID, or the SHA-256 of its bytes: the same message read twice gives the same id. */
  readonly eventId: string;
}

/**
 * Takes apart one RFC 5322 message, of which only the first MAX_REPORT_BYTES are read. Never throws: what cannot be
 * parsed gives an empty report, which classifies as `unknown`.
 */
export async function parseReport(raw: Uint8Array): Promise<ParsedReport> {
  const digest = sha256Hex(raw);
  const bounded = raw.byteLength > MAX_REPORT_BYTES ? raw.subarray(0, MAX_REPORT_BYTES) : raw;
  const email = await parseQuietly(bounded);
  if (email === null) return { report: emptyReport(), eventId: digest };
  return { report: reportOf(email), eventId: eventIdOf(email.messageId) ?? digest };
}

async function parseQuietly(raw: Uint8Array): Promise<Email | null> {
  try {
    return await PostalMime.parse(raw, {
      // The returned message is evidence, not what the host says: its text must not be classified.
      forceRfc822Attachments: true,
      maxNestingDepth: 20,
      maxHeadersSize: 262_144,
    });
  } catch {
    // Too deep or too large to be an honest report.
    return null;
  }
}

function emptyReport(): MailReport {
  return { headers: new Map(), reportType: null, recipients: [], feedbackType: null, disposition: null, text: '' };
}

function eventIdOf(messageId: string | undefined): string | null {
  const id = messageId?.trim() ?? '';
  return /^[\x21-\x7e]+$/.test(id) && id.length <= MAX_EVENT_ID ? id : null;
}

function reportOf(email: Email): MailReport {
  const headers = new Map<string, string>();
  for (const { key, value } of email.headers) if (!headers.has(key)) headers.set(key, value);
  const part = (type: string) => email.attachments.find((a) => a.mimeType === type);
  const status = part('message/delivery-status') ?? part('message/global-delivery-status');
  const feedback = part('message/feedback-report');
  const disposition = part('message/disposition-notification') ?? part('message/global-disposition-notification');
  return {
    headers,
    reportType: reportTypeOf(headers.get('content-type') ?? ''),
    recipients: status === undefined ? [] : recipientsOf(contentOf(status)),
    feedbackType: feedback === undefined ? null : firstField(contentOf(feedback), 'feedback-type'),
    disposition: disposition === undefined ? null : firstField(contentOf(disposition), 'disposition'),
    text: proseOf(email),
  };
}

function reportTypeOf(contentType: string): string | null {
  if (!/^\s*multipart\/report\b/i.test(contentType)) return null;
  return /report-type\s*=\s*"?([a-z-]{1,40})/i.exec(contentType)?.[1]?.toLowerCase() ?? '';
}

function proseOf(email: Email): string {
  const text = email.text?.slice(0, MAX_TEXT) ?? '';
  const prose = text.trim() === '' ? (email.html ?? '').slice(0, MAX_TEXT).replace(/<[^<>]*>/g, ' ') : text;
  const original = ORIGINAL_FOLLOWS.exec(prose);
  return original === null ? prose : prose.slice(0, original.index);
}

function contentOf(part: Attachment): string {
  const content = part.content;
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
  return text.slice(0, MAX_TEXT);
}

/** Groups of fields, separated by empty lines: the first is about the message, each further one about a recipient. */
function recipientsOf(text: string): ReportedRecipient[] {
  const groups = text.split(/\r?\n(?:[ \t]*\r?\n)+/).map(fieldsOf);
  return groups
    .filter((fields) => fields.has('action') || fields.has('status') || fields.has('final-recipient'))
    .slice(0, MAX_RECIPIENTS)
    .map((fields) => {
      const status = /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(fields.get('status') ?? '')?.[1] ?? null;
      return {
        action: /^[a-z]{1,20}/.exec((fields.get('action') ?? '').toLowerCase())?.[0] ?? actionBehind(status),
        status,
        diagnostic: (fields.get('diagnostic-code') ?? '').replace(/^[\w-]{1,20}\s*;\s*/, '').slice(0, 4000),
      };
    });
}

/** For hosts that leave Action out, though RFC 3464 wants it. A 4.x could be a delay or an end: not guessed. */
function actionBehind(status: string | null): string {
  if (status?.startsWith('2.')) return 'delivered';
  return status?.startsWith('5.') ? 'failed' : '';
}

function firstField(text: string, name: string): string | null {
  return fieldsOf(text).get(name)?.trim().toLowerCase() ?? null;
}

function fieldsOf(group: string): Map<string, string> {
  const fields = new Map<string, string>();
  // Some hosts fold with a line that starts with a blank, others only repeat the blank: both are continuations.
  for (const line of group.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
