import { sha256Hex } from '../../src/kernel/hash.ts';
import type { StoredMail } from './stored-mail.ts';

export interface DsnCause {
  /** RFC 3463, e.g. `5.1.1`. */
  readonly status: string;
  /** What the remote server said. */
  readonly diagnostic: string;
}

/** Why a message that was accepted came back after all; by a fraction in [0, 1). */
export function dsnCause(fraction: number, address: string): DsnCause {
  if (fraction < 0.75) {
    return { status: '5.1.1', diagnostic: `550 5.1.1 <${address}>: Recipient address rejected: User unknown` };
  }
  if (fraction < 0.9) {
    return { status: '5.2.1', diagnostic: `550 5.2.1 <${address}>: The account is disabled or inactive` };
  }
  return { status: '5.2.2', diagnostic: `552 5.2.2 <${address}>: The mailbox has exceeded its quota` };
}

/**
 * A delivery status notification for a stored message (RFC 3464 inside RFC 3462 multipart/report), in the shape common
 * mail servers give it: words for people, fields for programs, the headers of what came back. Returns CRLF text.
 */
export function makeDsn(mail: StoredMail, cause: DsnCause, at: number): string {
  const domain = mail.to.slice(mail.to.lastIndexOf('@') + 1);
  const host = `mx.${domain}`;
  const queueId = sha256Hex(`${mail.messageId}|${mail.to}`).slice(0, 10).toUpperCase();
  const boundary = `${queueId}.${Math.floor(at / 1000)}/${host}`;
  const lines = [
    `Return-Path: <>`,
    `Received: by ${host} (mail server)`,
    `\tid ${queueId}; ${mailDate(at)}`,
    `Date: ${mailDate(at)}`,
    `From: MAILER-DAEMON@${host} (Mail Delivery System)`,
    'Subject: Undelivered Mail Returned to Sender',
    `To: ${mail.returnPath}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    `\tboundary="${boundary}"`,
    'Content-Transfer-Encoding: 8bit',
    `Message-Id: <${queueId}.${at}@${host}>`,
    '',
    'This is a MIME-encapsulated message.',
    '',
    `--${boundary}`,
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    `This is the mail system at host ${host}.`,
    '',
    'The message below could not be delivered to one or more recipients.',
    'It is attached in part; for help, write to postmaster and include this report.',
    '',
    `<${mail.to}>: host store.${domain} said: ${cause.diagnostic}`,
    '    (in reply to end of DATA command)',
    '',
    `--${boundary}`,
    'Content-Description: Delivery report',
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${host}`,
    `X-Queue-ID: ${queueId}`,
    `X-Sender: rfc822; ${mail.returnPath}`,
    `Arrival-Date: ${mailDate(mail.simAt)}`,
    '',
    `Final-Recipient: rfc822; ${mail.to}`,
    `Original-Recipient: rfc822;${mail.to}`,
    'Action: failed',
    `Status: ${cause.status}`,
    `Remote-MTA: dns; store.${domain}`,
    `Diagnostic-Code: smtp; ${cause.diagnostic}`,
    '',
    `--${boundary}`,
    'Content-Description: Undelivered Message Headers',
    'Content-Type: text/rfc822-headers',
    'Content-Transfer-Encoding: 8bit',
    '',
    `Return-Path: <${mail.returnPath}>`,
    ...mail.rawHeaders.split(/\r?\n/),
    '',
    `--${boundary}--`,
    '',
  ];
  return lines.join('\r\n');
}

/** RFC 5322 date, in UTC. */
function mailDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
