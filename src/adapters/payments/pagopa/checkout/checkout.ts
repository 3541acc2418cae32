import type { Cart, PaymentRail } from '../../../../modules/payments/index.ts';

/** The body waits on a page for it: longer than that he has gone. */
const TIMEOUT_MS = 10_000;

export interface CheckoutSettings {
  /** Up to `/carts`: `…/checkout/ec/v1` or `/v2`. */
  readonly baseUrl: string;
  /** Origin of the page that the browser is sent to. */
  readonly pageOrigin: string;
  readonly subscriptionKey: string | null;
  /** The second asks for a fourth address to come back to (pagopa §10). */
  readonly version: 1 | 2;
}

/** pagoPA Checkout: a cart is posted from here, and the browser sent to the `Location` of the 302 (pagopa §10). */
export function makeCheckout(settings: CheckoutSettings): PaymentRail {
  const { pageOrigin, subscriptionKey, version } = settings;
  const address = `${settings.baseUrl.replace(/\/$/, '')}/carts`;
  const key = subscriptionKey === null ? {} : { 'ocp-apim-subscription-key': subscriptionKey };
  return {
    origin: pageOrigin,
    async createCart(cart) {
      try {
        const answer = await fetch(address, {
          method: 'POST',
          redirect: 'manual',
          headers: { 'content-type': 'application/json', ...key },
          body: JSON.stringify(cartBody(cart, version)),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        // Nothing of the body is wanted, however long it is.
        await answer.body?.cancel();
        const location = answer.headers.get('location');
        if (answer.status !== 302 || location === null) return { kind: 'unavailable', code: `http ${answer.status}` };
        const url = new URL(location, address);
        // Only ever to the page that was configured: an open redirect would send people to somebody else's.
        if (url.origin !== pageOrigin) return { kind: 'unavailable', code: 'other origin' };
        return { kind: 'created', url: url.href };
      } catch (error) {
        return { kind: 'unavailable', code: error instanceof Error ? error.name : 'unknown' };
      }
    },
  };
}

const MAX_TEXT = 140;

function cartBody({ cartId, notices, returnUrls }: Cart, version: 1 | 2) {
  const { ok: returnOkUrl, cancel: returnCancelUrl, error: returnErrorUrl, waiting: returnWaitingUrl } = returnUrls;
  return {
    idCart: cartId,
    paymentNotices: notices.map(({ noticeNumber, creditorFiscalCode, creditorName, amountCents, description }) => ({
      noticeNumber,
      fiscalCode: creditorFiscalCode,
      amount: amountCents,
      companyName: creditorName.slice(0, MAX_TEXT),
      description: description.slice(0, MAX_TEXT),
    })),
    returnUrls: { returnOkUrl, returnCancelUrl, returnErrorUrl, ...(version === 2 ? { returnWaitingUrl } : {}) },
  };
}

/** Where no payment page is configured: everything else works, and the page says how to pay with the notice number. */
export const noRail: PaymentRail = {
  origin: '',
  createCart: async () => ({ kind: 'unavailable', code: 'not configured' }),
};
