import { domainToASCII } from 'node:url';
import { encodeWords, foldLines } from 'nodemailer/lib/mime-funcs';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { OutboundMessage } from '../../../modules/deliveries/channel.port.ts';

/** What is not the message's own. */
export interface MessageFrame {
  /** With its brackets. */
  readonly messageId: string;
  /** Real time, epoch ms: the date a mail carries is when it was written. */
  readonly at: number;
}

/** Never in quoted-printable text, where digits follow an equals sign. */
const BOUNDARY = '=_parti';
const CRLF = '\r\n';

/**
 * The message's RFC 5322 bytes: the words as text and, where there is one, as HTML. Made in one piece with the library's
 * own encoders: its tree of streams, which is for attachments of any size, costs more than half of a hand-over.
 */
export function mimeMessage(message: OutboundMessage, frame: MessageFrame): Buffer {
  const { sender, optOutUrl } = message;
  const headers = [
    ['From', `${displayed(sender.name)} <${asciiAddress(sender.address)}>`],
    ['To', asciiAddress(message.to)],
    ['Subject', words(message.subject)],
    ['Message-ID', frame.messageId],
    ['Date', new Date(frame.at).toUTCString().replace(/GMT$/, '+0000')],
    ['Auto-Submitted', 'auto-generated'],
    // One-click opt-out (RFC 8058), also for notices that a provider may or may not take for bulk mail.
    ...(optOutUrl === null
      ? []
      : [
          ['List-Unsubscribe', `<${optOutUrl}>`],
          ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
        ]),
    ['MIME-Version', '1.0'],
  ];
  const lines = headers.map(([name, value]) => foldLines(`${name}: ${value}`, 76));
  const text = part('text/plain', message.text);
  const body =
    message.html === null
      ? text
      : [
          `Content-Type: multipart/alternative; boundary="${BOUNDARY}"`,
          '',
          `--${BOUNDARY}`,
          text,
          `--${BOUNDARY}`,
          part('text/html', message.html),
          `--${BOUNDARY}--`,
          '',
        ].join(CRLF);
  return Buffer.from([...lines, body].join(CRLF), 'latin1');
}

function part(type: string, text: string): string {
  const content = wrap(encode(text.replace(/\r?\n|\r/g, CRLF)), 76);
  return [`Content-Type: ${type}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable', '', content].join(
    CRLF,
  );
}

/** A header's words. */
function words(value: string): string {
  return encodeWords(oneLine(value), 'Q', 52, true);
}

function displayed(name: string): string {
  const line = oneLine(name);
  return /^[\x20-\x7e]*$/.test(line) ? `"${line.replace(/[\\"]/g, '\\$&')}"` : words(line);
}

/** A line break would begin another header. */
function oneLine(value: string): string {
  return value.replace(/\p{Cc}+/gu, ' ');
}

/** The domain as the protocol writes it (RFC 5890). */
function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1)) || address.slice(at + 1)}`;
}
