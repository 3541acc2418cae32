import { err, ok, type Result } from '../../../kernel/result.ts';

export interface EmailError {
  readonly code: 'EMAIL_FORMAT' | 'EMAIL_MANY' | 'EMAIL_TOO_LONG';
}

/** Mailbox of RFC 5321 (section 4.5.3.1: 254 in all, 64 before the @), ASCII, unquoted, starting with letter or digit. */
const LOCAL = /^[a-z0-9_](?:[a-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63})$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const TOP = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})$/;

/**
 * One e-mail address, trimmed, domain in lower case; the part before the @ is kept as written because only the
 * receiving host knows whether its case counts. Two addresses in a cell are refused: choosing could reach a stranger.
 */
export function normaliseEmail(text: string): Result<string, EmailError> {
  const trimmed = text
    .trim()
    .replace(/^mailto:/i, '')
    .replace(/[;,]$/, '')
    .trim();
  if (trimmed.length > 254) return err({ code: 'EMAIL_TOO_LONG' });
  const parts = trimmed.split('@');
  if (parts.length > 2) return err({ code: 'EMAIL_MANY' });
  const [local = '', rawDomain = ''] = parts;
  const domain = rawDomain.toLowerCase();
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  const good =
    LOCAL.test(local) &&
    !local.endsWith('.') &&
    !local.includes('..') &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    TOP.test(top);
  return good ? ok(`${local}@${domain}`) : err({ code: 'EMAIL_FORMAT' });
}
