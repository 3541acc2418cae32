import { firstLink, type StoredMail } from '../mail/stored-mail.ts';
import type { StoredSms } from '../smsc/behaviour.ts';

/** An SMS as the person who holds the phone sees it: who writes stands before the colon. */
export function readSms(sms: StoredSms, reaches = true): StoredMail {
  const { text } = sms;
  const link = firstLink(text, 'l');
  const code = /(?<!\d)\d{6}(?!\d)/.exec(text.replace(/https?:\/\/\S+/g, ' '))?.[0] ?? null;
  return {
    channel: 'sms',
    seq: sms.seq,
    messageId: sms.ids[0] ?? '',
    from: { name: text.split(': ')[0] ?? '', address: sms.from },
    to: sms.to,
    returnPath: '',
    subject: '',
    text,
    html: '',
    kind: link !== null ? 'notice' : code !== null ? 'code' : 'other',
    greetingName: null,
    link,
    optOutUrl: firstLink(text, 'o'),
    oneClick: false,
    code: link === null ? code : null,
    simAt: sms.simAt,
    realAt: sms.realAt,
    delivered: reaches,
    rawHeaders: '',
  };
}
