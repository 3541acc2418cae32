import { createTransport } from 'nodemailer';
import { type DsnCause, makeDsn } from './dsn.ts';
import type { StoredMail } from './stored-mail.ts';

export interface BounceSender {
  /** Returns a message to its sender; false when the program asks to try later, throws when it refuses. */
  bounce(mail: StoredMail, cause: DsnCause, at: number): Promise<boolean>;
  close(): void;
}

/** Hands bounces to the program's inbound mail server on loopback, with the null sender (RFC 5321 §4.5.5). */
export function makeBounceSender(port: number): BounceSender {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  });
  return {
    async bounce(mail, cause, at) {
      try {
        const raw = Buffer.from(makeDsn(mail, cause, at), 'latin1');
        await transport.sendMail({ envelope: { from: '', to: [mail.returnPath] }, raw });
        return true;
      } catch (error) {
        const code: unknown = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined;
        if (typeof code === 'number' && code >= 400 && code < 500) return false;
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
