import { describe, expect, it } from 'vitest';
import {
  dsn,
  EXIM_DELAY,
  EXIM_UNKNOWN,
  feedback,
  GMAIL_OLD,
  HUMAN_ANSWER,
  OUT_OF_OFFICE,
  OUT_OF_OFFICE_SUBJECT_ONLY,
  prose,
  QMAIL_REMOTE,
  QMAIL_UNKNOWN,
  readReceipt,
} from './bounce-samples.ts';
import { classifyReport } from './classify-bounce.ts';
import { parseReport } from './parse-dsn.ts';

async function classify(raw: string) {
  return classifyReport((await parseReport(new TextEncoder().encode(raw))).report);
}

interface Row {
  name: string;
  raw: string;
  kind: string;
  fault?: string;
  code: string;
}

function failed(name: string, status: string, diagnostic: string, fault: string, code = status): Row {
  return { name, raw: dsn({ status, diagnostic }), kind: 'bounced', fault, code };
}

const ROWS: Row[] = [
  failed(
    'postfix, unknown user',
    '5.1.1',
    'smtp; 550 5.1.1 <m@p.example>: Recipient address rejected: User unknown',
    'permanent',
  ),
  failed(
    'gmail, no account',
    '5.1.1',
    'smtp; 550-5.1.1 The email account that you tried to reach does not\r\n    exist. Please check 550 5.1.1 support page',
    'permanent',
  ),
  failed(
    'exchange, not found',
    '5.1.10',
    'smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
    'permanent',
  ),
  failed(
    'exchange edge, access denied means unknown',
    '5.4.1',
    'smtp;550 5.4.1 Recipient address rejected: Access denied. [X.prod.example]',
    'permanent',
  ),
  failed('disabled mailbox', '5.2.1', 'smtp; 550 5.2.1 The account has been disabled', 'permanent'),
  failed('bad domain', '5.1.2', 'smtp; bad destination system', 'permanent'),
  failed(
    'NXDOMAIN under 4.0.0',
    '4.0.0',
    "smtp; DNS Error: 'mx' lookup of posta.example responded with code NXDOMAIN",
    'permanent',
  ),
  failed(
    'domain not found under 5.4.4',
    '5.4.4',
    'X-Postfix; Host or domain name not found. Name service error for name=p.example type=A: Host not found',
    'permanent',
  ),
  failed(
    'the name servers did not answer',
    '4.4.3',
    'X-Postfix; Host or domain name not found. Name service error for name=p.example type=MX: Host not found, try again',
    'temporary',
  ),
  failed('exim DSN, better code in the words', '5.0.0', 'smtp; 550 5.1.1 unknown recipient', 'permanent', '5.1.1'),
  failed('generic code, clear words', '5.0.0', 'smtp; 550 No such user here', 'permanent'),
  failed('mailbox full under 5.0.0', '5.0.0', 'smtp; 550 mailbox full', 'temporary'),
  failed('mailbox full under 5.1.1', '5.1.1', 'smtp; 552 over quota', 'temporary'),
  failed(
    'exchange, full',
    '5.2.2',
    'smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded',
    'temporary',
  ),
  failed(
    'gmail, full',
    '4.2.2',
    'smtp; 452-4.2.2 The recipient is over quota and inbox is out of storage space',
    'temporary',
  ),
  failed('italian, full', '5.5.0', 'smtp; 550 casella di posta piena', 'temporary'),
  failed('spamhaus under 5.1.0', '5.1.0', 'smtp; 550 5.1.0 host listed at zen.spamhaus.org', 'policy'),
  failed('blocked under 5.0.0', '5.0.0', 'smtp; 554 Your IP 192.0.2.9 has been blocked', 'policy'),
  failed(
    'yahoo manner',
    '4.0.0',
    'smtp; 421 4.7.0 [TSS04] Messages from 192.0.2.9 temporarily deferred',
    'policy',
    '4.7.0',
  ),
  failed('reputation', '5.7.606', 'smtp; 550 5.7.606 Access denied, low reputation', 'policy'),
  failed('dmarc', '5.7.26', 'smtp; 550-5.7.26 Unauthenticated email from comune.example is not accepted', 'policy'),
  failed(
    'a host with a telling name says nothing by it',
    '5.1.1',
    'smtp; host antispam.posta.example said: 550 5.1.1 user unknown',
    'permanent',
  ),
  failed("the person's own mailbox is blocked", '5.2.0', 'smtp; 550 mailbox is blocked', 'temporary'),
  failed(
    'sender domain',
    '5.1.8',
    'smtp; 553 5.1.8 <a@c.example>... Domain of sender address does not exist',
    'policy',
  ),
  failed('message too big', '5.3.4', 'smtp; 552 5.3.4 message size exceeds fixed limit', 'policy'),
  failed('too big for the mailbox', '5.2.3', 'smtp; 552 5.2.3 too long', 'policy'),
  failed('expired', '4.4.7', 'smtp; 450 4.4.7 message expired', 'temporary'),
  failed(
    'unreachable host',
    '4.4.1',
    'X-Postfix; connect to mx.posta.example[192.0.2.10]:25: Connection timed out',
    'temporary',
  ),
  failed('some other 5.x is not proof', '5.6.0', 'smtp; 554 5.6.0 conversion failed', 'temporary'),
  {
    name: 'no status, code in the words',
    raw: dsn({ diagnostic: 'smtp; 550 5.1.1 gone' }),
    kind: 'bounced',
    fault: 'permanent',
    code: '5.1.1',
  },
  {
    name: 'no status, bare number',
    raw: dsn({ diagnostic: 'smtp; 550 we do not take this' }),
    kind: 'bounced',
    fault: 'temporary',
    code: '550',
  },
  {
    name: 'nothing to go by',
    raw: dsn({ diagnostic: 'smtp; no', prose: '' }),
    kind: 'bounced',
    fault: 'temporary',
    code: 'unclassified',
  },
  {
    name: 'no diagnostic, words in the prose',
    raw: dsn({ status: '5.0.0', prose: 'mailbox full' }),
    kind: 'bounced',
    fault: 'temporary',
    code: '5.0.0',
  },
  {
    name: 'boilerplate does not decide when there is a diagnostic',
    raw: dsn({
      status: '5.1.1',
      diagnostic: 'smtp; 550 5.1.1 gone',
      prose: 'It may be that the mailbox is full or the sender was blocked.',
    }),
    kind: 'bounced',
    fault: 'permanent',
    code: '5.1.1',
  },
  { name: 'no action', raw: dsn({ action: '', status: '5.1.1' }), kind: 'bounced', fault: 'permanent', code: '5.1.1' },
  { name: 'no action, could be a delay', raw: dsn({ action: '', status: '4.2.2' }), kind: 'unknown', code: 'none' },
  {
    name: 'delayed, whatever the words',
    raw: dsn({ action: 'delayed', status: '4.2.2', diagnostic: 'smtp; 452 mailbox full, NXDOMAIN' }),
    kind: 'delayed',
    code: '4.2.2',
  },
  {
    name: 'delivered',
    raw: dsn({ action: 'delivered', status: '2.0.0', diagnostic: 'smtp; 250 ok' }),
    kind: 'delivered',
    code: '2.0.0',
  },
  { name: 'relayed', raw: dsn({ action: 'relayed', status: '2.0.0' }), kind: 'delivered', code: '2.0.0' },
  {
    name: 'action with a note',
    raw: dsn({ action: 'Failed (final)', status: '5.1.1' }),
    kind: 'bounced',
    fault: 'permanent',
    code: '5.1.1',
  },
  { name: 'qmail, unknown', raw: QMAIL_UNKNOWN, kind: 'bounced', fault: 'permanent', code: '5.1.1' },
  { name: 'qmail, remote host', raw: QMAIL_REMOTE, kind: 'bounced', fault: 'temporary', code: '550' },
  { name: 'exim', raw: EXIM_UNKNOWN, kind: 'bounced', fault: 'permanent', code: '5.1.1' },
  { name: 'exim, delay', raw: EXIM_DELAY, kind: 'delayed', code: 'delayed' },
  { name: 'gmail, old manner', raw: GMAIL_OLD, kind: 'bounced', fault: 'temporary', code: '5.2.2' },
  {
    name: 'exchange in html only',
    raw: prose(
      ['From: Postmaster@posta.example', 'Subject: Non recapitabile: Una comunicazione', 'Content-Type: text/html'],
      ['<p>Recapito <b>non</b> riuscito. 550 5.1.10 RecipientNotFound; not found</p>'],
    ),
    kind: 'bounced',
    fault: 'permanent',
    code: '5.1.10',
  },
  { name: 'out of office', raw: OUT_OF_OFFICE, kind: 'autoReply', code: 'auto-replied vacation' },
  { name: 'out of office, by its subject', raw: OUT_OF_OFFICE_SUBJECT_ONLY, kind: 'autoReply', code: 'auto-replied' },
  { name: 'a person who answers', raw: HUMAN_ANSWER, kind: 'unknown', code: 'unrecognised' },
  { name: 'complaint', raw: feedback('abuse'), kind: 'complaint', code: 'abuse' },
  { name: 'complaint withdrawn', raw: feedback('not-spam'), kind: 'unknown', code: 'not-spam' },
  { name: 'opt-out by the provider', raw: feedback('opt-out'), kind: 'optOut', code: 'opt-out' },
  { name: 'read receipt', raw: readReceipt('displayed'), kind: 'read', code: 'displayed' },
  { name: 'deleted unread', raw: readReceipt('deleted'), kind: 'autoReply', code: 'disposition' },
];

describe('what a report means', () => {
  it.each(ROWS)('$name', async ({ raw, kind, fault, code }) => {
    expect(await classify(raw)).toEqual({ kind, fault: fault ?? null, code });
  });

  it('one arrived forward is enough', async () => {
    const two = dsn({ status: '5.1.1' }).replace(
      'Final-Recipient: rfc822; maria',
      'Final-Recipient: rfc822; altra@p.example\r\nAction: relayed\r\nStatus: 2.1.5\r\n\r\nFinal-Recipient: rfc822; maria',
    );
    expect(await classify(two)).toEqual({ kind: 'delivered', fault: null, code: '2.1.5' });
  });

  it('keeps no address in a code', async () => {
    for (const { raw } of ROWS) expect((await classify(raw)).code).toMatch(/^[^@]{1,200}$/);
    const odd = await classify(dsn({ action: 'maria@posta.example', status: '5.1.1' }));
    expect(odd.code).not.toContain('@');
  });
});
