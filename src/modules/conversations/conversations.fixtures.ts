import type { PaymentRail } from '../payments/index.ts';

/** Real time under the hand of a test: sessions, codes and tries live in it. */
export class HandClock {
  #at = Date.UTC(2026, 8, 7, 8, 0);
  now = (): number => this.#at;
  later(ms: number): void {
    this.#at += ms;
  }
}

/** A payment page that takes every cart. */
export const openRail: PaymentRail = {
  origin: 'https://paga.example',
  createCart: async ({ cartId }) => ({ kind: 'created', url: `https://paga.example/${cartId}` }),
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The token of the link in a message: `l` opens, `o` opts out. */
export function tokenIn(text: string, path: 'l' | 'o'): string {
  return new RegExp(`/${path}/(\\S+)`).exec(text)?.[1] ?? '';
}
