import type { PaymentRail } from '../../../modules/payments/index.ts';

const TIMEOUT_MS = 10_000;

/**
 * A payment page reached over HTTP: a cart is posted, the browser is sent to the `Location` of the 302. The shape is
 * the one of pagoPA Checkout (pagopa §10), with the cart wrapped for the sandbox; the real one is an issue of its own.
 */
export function makeHttpRail(baseUrl: string): PaymentRail {
  const base = baseUrl.replace(/\/$/, '');
  return {
    origin: new URL(base).origin,
    async createCart(cart) {
      const { cartId, creditorFiscalCode, noticeNumber, amountCents, description, ...returns } = cart;
      const notices = [{ noticeNumber, creditorFiscalCode, amountCents, description }];
      try {
        const answer = await fetch(`${base}/carts`, {
          method: 'POST',
          redirect: 'manual',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ cartId, notices, ...returns }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        // Nothing of the body is wanted, however long it is.
        await answer.body?.cancel();
        const location = answer.headers.get('location');
        if (answer.status !== 302 || location === null) return { kind: 'unavailable', code: `http ${answer.status}` };
        const url = new URL(location, base);
        // Only ever to the page that was configured: an open redirect would send people to somebody else's.
        if (url.origin !== new URL(base).origin) return { kind: 'unavailable', code: 'other origin' };
        return { kind: 'created', url: url.href };
      } catch (error) {
        return { kind: 'unavailable', code: error instanceof Error ? error.name : 'unknown' };
      }
    },
  };
}

/** Where no payment page is configured: everything else works, and the page says how to pay with the notice number. */
export const noRail: PaymentRail = {
  origin: '',
  createCart: async () => ({ kind: 'unavailable', code: 'not configured' }),
};
