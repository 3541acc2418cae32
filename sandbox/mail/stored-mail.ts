import PostalMime from 'postal-mime';

export type Channel = 'email' | 'sms';

/** `code`: a one-time code; `notice`: carries a link of the portal to follow; `other`: anything else. */
export type MailKind = 'notice' | 'code' | 'other';

/** One message a mailbox host answered 250 to (or meant to, see `cutAfterData`), or an SMS read like one. */
export interface StoredMail {
  readonly channel: Channel;
  /** Order of arrival, from 0. */
  readonly seq: number;
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Envelope recipient, lower case. */
  readonly to: string;
  /** Envelope sender, where bounces go. */
  readonly returnPath: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly kind: MailKind;
  /** The name after "Gentile", or null. */
  readonly greetingName: string | null;
  /** The `/l/` link, or null. */
  readonly link: string | null;
  /** Where to opt out: the List-Unsubscribe header, else a `/o/` link in the text, else null. */
  readonly optOutUrl: string | null;
  /** Whether a one-click POST is announced (RFC 8058). */
  readonly oneClick: boolean;
  readonly code: string | null;
  /** Simulated and real epoch ms at which the last byte was read. */
  readonly simAt: number;
  readonly realAt: number;
  /** False when it was accepted but never reached an inbox (it bounces later). */
  readonly delivered: boolean;
  /** Header lines as they came, for a bounce to quote. */
  readonly rawHeaders: string;
}

export type MailContent = Pick<
  StoredMail,
  | 'channel'
  | 'messageId'
  | 'from'
  | 'subject'
  | 'text'
  | 'html'
  | 'kind'
  | 'greetingName'
  | 'link'
  | 'optOutUrl'
  | 'oneClick'
  | 'code'
  | 'rawHeaders'
>;

/** Reads what a person would see in a message (RFC 5322 bytes). */
export async function readMail(raw: Buffer): Promise<MailContent> {
  const parsed = await PostalMime.parse(raw);
  const text = (parsed.text ?? '').replaceAll('\r\n', '\n');
  const html = parsed.html ?? '';
  const header = (key: string): string => parsed.headers.find((line) => line.key === key)?.value ?? '';
  const link = firstLink(text, 'l') ?? firstLink(html, 'l');
  const code = /^[ \t]*(\d{6})[ \t]*$/m.exec(text)?.[1] ?? null;
  const headerUrl = /<(https?:[^>]+)>/.exec(header('list-unsubscribe'))?.[1] ?? null;
  return {
    channel: 'email',
    messageId: parsed.messageId ?? '',
    from: { name: parsed.from?.name ?? '', address: (parsed.from?.address ?? '').toLowerCase() },
    subject: parsed.subject ?? '',
    text,
    html,
    kind: link !== null ? 'notice' : code !== null ? 'code' : 'other',
    greetingName: /^\s*Gentile\s+(.+?)\s*,/m.exec(text)?.[1] ?? null,
    link,
    optOutUrl: headerUrl ?? firstLink(text, 'o'),
    oneClick: /One-Click/i.test(header('list-unsubscribe-post')),
    code,
    rawHeaders: headersOf(raw),
  };
}

/** The first address of the portal in `/l/` or `/o/` that a text holds. */
export function firstLink(text: string, folder: 'l' | 'o'): string | null {
  const match = new RegExp(`https?://[^\\s"'<>()]+/${folder}/[A-Za-z0-9_~.-]+`).exec(text);
  return match ? match[0].replace(/[.,;]+$/, '') : null;
}

function headersOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  return raw.subarray(0, end < 0 ? Math.min(raw.length, 4096) : end).toString('latin1');
}
