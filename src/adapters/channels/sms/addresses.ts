import { CodedError } from '../../../kernel/errors.ts';

export type SmsSource = { readonly alphanumeric: string } | { readonly numeric: string };

/** An address as SMPP wants it: type of number, numbering plan, characters. */
export interface WireAddress {
  readonly ton: 1 | 5;
  readonly npi: 0 | 1;
  readonly address: string;
}

/** E.164: up to 15 digits, no leading zero, with the plus that tells it from a national number. */
const E164 = /^\+[1-9]\d{6,14}$/;
/** Longer ones are not cut by the package, and refused or garbled by the network (domain/channels.md §5.1). */
const ALIAS = /^(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9 ._&-]{0,9}[A-Za-z0-9.])?$/;

/** TON 5 NPI 0 for an alias, TON 1 NPI 1 for a number. Throws SMS_SENDER when it fits neither. */
export function sourceAddress(source: SmsSource): WireAddress {
  if ('alphanumeric' in source) {
    if (ALIAS.test(source.alphanumeric)) return { ton: 5, npi: 0, address: source.alphanumeric };
    throw new CodedError('SMS_SENDER', 'an alphanumeric sender has 1 to 11 characters, one of them a letter');
  }
  const number = destinationAddress(source.numeric);
  if (number !== null) return number;
  throw new CodedError('SMS_SENDER', 'a numeric sender is an E.164 number with its plus');
}

/** The number without its plus; null when it is not E.164. */
export function destinationAddress(to: string): WireAddress | null {
  return E164.test(to) ? { ton: 1, npi: 1, address: to.slice(1) } : null;
}

/** The digits of an address as the SMSC writes it, with or without plus or 00, to compare by; '' when there are none. */
export function digitsOf(address: unknown): string {
  return typeof address === 'string' ? address.replace(/\D/g, '').replace(/^00/, '').slice(0, 20) : '';
}
