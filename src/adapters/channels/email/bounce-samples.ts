/** Reports in the manner of the hosts that Italian public bodies meet. Texts of our own making; for tests only. */

const ORIGINAL = [
  'Content-Type: message/rfc822',
  '',
  'From: Comune di Prova <avvisi@comune.prova.example>',
  'To: maria.rossi@posta.example',
  'Subject: Una comunicazione dal Comune',
  '',
  // Words that would decide wrongly if the returned message were read as the host's own.
  "La Sua casella e' piena? mailbox full, blocked by spamhaus, NXDOMAIN, user unknown 5.1.1",
];

const CRLF = '\r\n';

interface DsnOptions {
  readonly status?: string;
  readonly action?: string;
  readonly diagnostic?: string;
  readonly prose?: string;
  readonly headers?: readonly string[];
  readonly original?: boolean;
}

/** A multipart/report of RFC 3464. */
export function dsn(o: DsnOptions): string {
  return [
    'Return-Path: <>',
    'From: Mail Delivery System <MAILER-DAEMON@mx.posta.example>',
    'To: b+7.x.y@ritorni.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Message-ID: <20260310120000.4F2A1@mx.posta.example>',
    ...(o.headers ?? []),
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="==parti=="',
    '',
    'This is a MIME-encapsulated message.',
    '--==parti==',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    o.prose ?? 'Your message could not be delivered. The mail system',
    '--==parti==',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.posta.example',
    'Arrival-Date: Tue, 10 Mar 2026 11:59:58 +0100 (CET)',
    '',
    'Final-Recipient: rfc822; maria.rossi@posta.example',
    'Original-Recipient: rfc822;maria.rossi@posta.example',
    ...(o.action === '' ? [] : [`Action: ${o.action ?? 'failed'}`]),
    ...(o.status === undefined ? [] : [`Status: ${o.status}`]),
    'Remote-MTA: dns; mx1.posta.example',
    ...(o.diagnostic === undefined ? [] : [`Diagnostic-Code: ${o.diagnostic}`]),
    '',
    ...(o.original === false ? [] : ['--==parti==', ...ORIGINAL]),
    '--==parti==--',
    '',
  ].join(CRLF);
}

/** A message that is no multipart/report. */
export function prose(headers: readonly string[], lines: readonly string[]): string {
  return ['Message-ID: <prosa.1@mx.posta.example>', ...headers, '', ...lines, ''].join(CRLF);
}

export const QMAIL_UNKNOWN = prose(
  ['Return-Path: <>', 'From: MAILER-DAEMON@qmail.posta.example', 'Subject: failure notice'],
  [
    'Hi. This is the qmail-send program at qmail.posta.example.',
    "I'm afraid I wasn't able to deliver your message to the following addresses.",
    "This is a permanent error; I've given up. Sorry it didn't work out.",
    '',
    '<maria.rossi@posta.example>:',
    'Sorry, no mailbox here by that name. (#5.1.1)',
    '',
    '--- Below this line is a copy of the message.',
    '',
    'Subject: la quota e la casella piena (mailbox full), blocked by spamhaus',
  ],
);

export const QMAIL_REMOTE = prose(
  ['From: MAILER-DAEMON@qmail.posta.example', 'Subject: failure notice'],
  [
    'Hi. This is the qmail-send program at qmail.posta.example.',
    '<maria.rossi@posta.example>:',
    '192.0.2.7 does not like recipient.',
    'Remote host said: 550 rejected',
    'Giving up on 192.0.2.7.',
    '--- Below this line is a copy of the message.',
    'user unknown',
  ],
);

export const EXIM_UNKNOWN = prose(
  [
    'X-Failed-Recipients: maria.rossi@posta.example',
    'Auto-Submitted: auto-replied',
    'From: Mail Delivery System <Mailer-Daemon@exim.posta.example>',
    'Subject: Mail delivery failed: returning message to sender',
  ],
  [
    'This message was created automatically by mail delivery software.',
    '',
    'A message that you sent could not be delivered to one or more of its',
    'recipients. This is a permanent error. The following address(es) failed:',
    '',
    '  maria.rossi@posta.example',
    '    host mx1.posta.example [192.0.2.10]',
    '    SMTP error from remote mail server after RCPT TO:<maria.rossi@posta.example>:',
    '    550 5.1.1 <maria.rossi@posta.example>: user does not exist',
    '',
    '------ This is a copy of the message, including all the headers. ------',
    'over quota, blocked',
  ],
);

export const EXIM_DELAY = prose(
  [
    'Auto-Submitted: auto-replied',
    'From: Mail Delivery System <Mailer-Daemon@exim.posta.example>',
    'Subject: Warning: message 1abCdE-000123-XY delayed 24 hours',
  ],
  [
    'A message that you sent has not yet been delivered to one or more of its',
    'recipients after more than 24 hours on the queue on exim.posta.example.',
    'No action is required on your part.',
  ],
);

export const GMAIL_OLD = prose(
  [
    'From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>',
    'X-Failed-Recipients: maria.rossi@posta.example',
    'Subject: Delivery Status Notification (Failure)',
  ],
  [
    'Delivery to the following recipient failed permanently:',
    '     maria.rossi@posta.example',
    'Technical details of permanent failure:',
    'The error that the other server returned was: 552 552-5.2.2 The account is over quota',
    '----- Original message -----',
    'spamhaus',
  ],
);

export const OUT_OF_OFFICE = prose(
  [
    'From: Maria Rossi <maria.rossi@posta.example>',
    'Auto-Submitted: auto-replied (vacation)',
    'Subject: Risposta automatica: Una comunicazione dal Comune',
  ],
  ['Sono fuori sede. La mia casella potrebbe essere piena: mailbox full, user unknown.'],
);

export const OUT_OF_OFFICE_SUBJECT_ONLY = prose(
  ['From: Maria Rossi <maria.rossi@posta.example>', 'Subject: Fuori sede: Una comunicazione dal Comune'],
  ['Torno lunedi.'],
);

export const HUMAN_ANSWER = prose(
  ['From: Maria Rossi <maria.rossi@posta.example>', 'Auto-Submitted: no', 'Subject: Re: Una comunicazione dal Comune'],
  ['Buongiorno, ho gia pagato. La mailbox full di mio marito era piena.'],
);

/** RFC 5965. */
export function feedback(type: string): string {
  return [
    'From: fbl@provider.example',
    'Message-ID: <fbl.77@provider.example>',
    'Subject: complaint about message',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary=f',
    '',
    '--f',
    'Content-Type: text/plain',
    '',
    'This is an abuse report for a message received from 192.0.2.1; user unknown 5.1.1',
    '--f',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: Segnalatore/1.0',
    'Version: 1',
    '--f',
    ...ORIGINAL,
    '--f--',
    '',
  ].join(CRLF);
}

/** RFC 8098. */
export function readReceipt(disposition: string): string {
  return [
    'From: maria.rossi@posta.example',
    'Subject: Letto: Una comunicazione dal Comune',
    'Content-Type: multipart/report; report-type=disposition-notification; boundary=m',
    '',
    '--m',
    'Content-Type: text/plain',
    '',
    'Il messaggio e stato aperto.',
    '--m',
    'Content-Type: message/disposition-notification',
    '',
    'Final-Recipient: rfc822;maria.rossi@posta.example',
    `Disposition: manual-action/MDN-sent-manually; ${disposition}`,
    '--m--',
    '',
  ].join(CRLF);
}
