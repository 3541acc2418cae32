import type { SendMailOptions } from 'nodemailer';
import { createTransport } from 'nodemailer';
import { returnPathOf } from '../src/adapters/channels/email/return-path.ts';
import type { OutboundMessage } from '../src/modules/deliveries/index.ts';
import type { EngineName } from './database.ts';
import { dispatchBench } from './dispatch.ts';
import type { BenchLine } from './line.ts';

/** The setting's own default, for the program and for the reference. */
const CONNECTIONS = 4;
const KEY = Buffer.alloc(32, 7);

/** E-mails through the whole path; the reference is nodemailer's own pool with the same messages, ready made. */
export function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  return dispatchBench(
    {
      channel: 'email',
      env: ({ smtp }) => ({
        BONARIO_SMTP_PORT: String(smtp),
        BONARIO_SMTP_CONNECTIONS: String(CONNECTIONS),
        BONARIO_EMAIL_PER_SECOND: '99999',
      }),
      reference: 'nodemailer pool',
      bare(messages, { messageIdDomain, bounceDomain }, { smtp }) {
        const mails = messages.map((message) => mailOf(message, messageIdDomain, bounceDomain));
        return async () => {
          const pool = createTransport({ pool: true, host: '127.0.0.1', port: smtp, maxConnections: CONNECTIONS });
          let next = 0;
          const lane = async () => {
            for (let mail = mails[next++]; mail !== undefined; mail = mails[next++]) await pool.sendMail(mail);
          };
          // As many again wait, made, for the next free connection.
          await Promise.all(Array.from({ length: 2 * CONNECTIONS }, lane));
          pool.close();
        };
      },
    },
    options,
  );
}

/** What somebody who sends with nodemailer would write. */
function mailOf(message: OutboundMessage, messageIdDomain: string, bounceDomain: string): SendMailOptions {
  const { enteId, deliveryId, sender, to, subject, text, html, optOutUrl } = message;
  return {
    messageId: `<${enteId}.${deliveryId}@${messageIdDomain}>`,
    envelope: { from: returnPathOf(KEY, bounceDomain, message), to: [to] },
    from: sender,
    to,
    subject,
    text,
    html: html ?? '',
    textEncoding: 'quoted-printable',
    headers: {
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe': `<${optOutUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}
