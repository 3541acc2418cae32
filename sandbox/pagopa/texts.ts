import { romeDate, romeMinutes } from '../../src/kernel/rome-time.ts';

/** `12.00`: euro as the SOAP messages write them. */
export function euro(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

/** Cents of a text that `euro` could have written. */
export function cents(text: string): number {
  const [whole = '', decimals = ''] = text.split('.');
  return Number(whole) * 100 + Number(decimals);
}

/** Time in Rome without a zone, as receipts carry it (pagopa §3.3: the zone is assumed, UNCONFIRMED). */
export function romeDateTime(at: number): string {
  const minutes = romeMinutes(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  // Offsets of Rome are whole hours: seconds are those of the instant.
  const seconds = Math.floor(at / 1000) % 60;
  return `${romeDate(at)}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds)}`;
}
