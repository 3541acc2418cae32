import { type Cart, readCart } from './carts.ts';
import { type HttpCall, type HttpReply, problem } from './http-server.ts';
import type { PagopaNode } from './node.ts';
import { expiredPage, paidPage, payPage, type ShownNotice } from './pay-page.ts';

/**
 * What the payer and his PSP do at the payment page. `closesBrowser`: pays and never goes back; `returnsEarly`: is back
 * before the body has the receipt; `waits`: goes back without knowing, and the payment is made minutes later;
 * `refused`: the PSP does not pay.
 */
export type PayerBehaviour = 'returns' | 'closesBrowser' | 'returnsEarly' | 'waits' | 'refused';

export interface CheckoutOptions {
  readonly node: PagopaNode;
  readonly realNow: () => number;
  readonly later: (afterMs: number, label: string, run: () => Promise<void>) => void;
  /** Where the payment pages are, without a slash at the end. */
  readonly pageUrl: () => string;
  /** What is wrong with a body by the official OpenAPI. */
  readonly validate?: ((body: unknown, version: 1 | 2) => readonly string[]) | undefined;
}

export interface Checkout {
  /** `POST …/carts`. */
  openCart(call: HttpCall, version: 1 | 2): Promise<HttpReply>;
  /** The pages behind the cart's address. */
  page(call: HttpCall): Promise<HttpReply>;
  /** The cart behind a payment page, for whoever sits before it. */
  cart(id: string): Cart | undefined;
  /** From now on, for every page; all return, when never called. */
  behave(decide: (cart: Cart) => PayerBehaviour): void;
  clear(): void;
}

interface Entry {
  readonly cart: Cart;
  readonly shown: readonly ShownNotice[];
  readonly until: number;
  cancelled: boolean;
  /** Where the page leads; null for the closed browser. A double click comes to the same payment. */
  paid: Promise<string | null> | null;
}

/** Real time: a payer who sits before the page for longer has lost it (pagopa §10). */
const CART_LIFE_MS = 10 * 60_000;
const WAITING_MS = 5 * 60_000;

export function makeCheckout(options: CheckoutOptions): Checkout {
  const { node, realNow } = options;
  const carts = new Map<string, Entry>();
  let serial = 0;
  let decide: (cart: Cart) => PayerBehaviour = () => 'returns';

  async function openCart(call: HttpCall, version: 1 | 2): Promise<HttpReply> {
    const cart = readCart(call.body.toString('utf8'), version);
    if ('status' in cart) return problem(cart.status, 'Invalid cart', cart.detail);
    const wrong = options.validate?.(JSON.parse(call.body.toString('utf8')), version) ?? [];
    if (wrong.length > 0) return problem(400, 'Invalid cart', wrong.join('; '));
    const shown: ShownNotice[] = [];
    for (const { noticeNumber, creditorFiscalCode } of cart.notices) {
      const notice = { creditor: creditorFiscalCode, noticeNumber };
      const bar = node.barred(notice);
      if (bar !== null) return problem(422, 'Invalid payment info', bar.code);
      const seen = await node.verify(notice);
      if (seen.outcome === 'KO') return problem(422, 'Invalid payment info', seen.fault.original ?? seen.fault.code);
      const { amountCents, companyName, description } = seen.shown;
      shown.push({ noticeNumber, companyName, description, amountCents });
    }
    serial += 1;
    // Not to be guessed is not needed here: nothing real can be paid.
    const id = `c${serial}-${cart.cartId.replace(/[^A-Za-z0-9-]/g, '').slice(0, 60)}`;
    for (const [known, { until }] of carts) if (until < realNow()) carts.delete(known);
    carts.set(id, { cart, shown, until: realNow() + CART_LIFE_MS, cancelled: false, paid: null });
    return { status: 302, headers: { location: `${options.pageUrl()}/pay/${id}` } };
  }

  async function page(call: HttpCall): Promise<HttpReply> {
    const id = /^\/pay\/([A-Za-z0-9-]{1,80})$/.exec(call.path)?.[1] ?? '';
    const entry = carts.get(id);
    if (entry === undefined || entry.until < realNow()) return expiredPage(404);
    if (call.method === 'GET') return payPage(entry.shown, id);
    if (call.method !== 'POST') return expiredPage(409);
    const choice = new URLSearchParams(call.body.toString('utf8')).get('azione');
    if (choice === 'annulla' && entry.paid === null) {
      entry.cancelled = true;
      return seeOther(entry.cart.returnCancelUrl);
    }
    if (choice !== 'paga' || entry.cancelled) return expiredPage(409);
    entry.paid ??= pay(id, entry);
    const location = await entry.paid;
    return location === null ? paidPage() : seeOther(location);
  }

  /** All notices of a cart are paid, or none. */
  async function pay(id: string, { cart, shown }: Entry): Promise<string | null> {
    const behaviour = decide(cart);
    const tokens: string[] = [];
    for (const [n, { noticeNumber, creditorFiscalCode }] of cart.notices.entries()) {
      const amountCents = shown[n]?.amountCents;
      const paymentNote = cart.cartId === '' ? undefined : cart.cartId;
      const started = await node.activate({ creditor: creditorFiscalCode, noticeNumber }, { amountCents, paymentNote });
      if (started.outcome === 'KO') {
        await settle(tokens, 'KO');
        return cart.returnErrorUrl;
      }
      tokens.push(started.token);
    }
    if (behaviour === 'refused') {
      await settle(tokens, 'KO');
      return cart.returnErrorUrl;
    }
    if (behaviour === 'waits') {
      options.later(WAITING_MS, `checkout|${id}`, () => settle(tokens, 'OK'));
      return cart.returnWaitingUrl ?? cart.returnErrorUrl;
    }
    const settled = settle(tokens, 'OK');
    // What a body does with a receipt undoes no payment: it stands in the exchanges.
    if (behaviour === 'returnsEarly') settled.catch(() => undefined);
    else await settled;
    return behaviour === 'closesBrowser' ? null : cart.returnOkUrl;
  }

  async function settle(tokens: readonly string[], outcome: 'OK' | 'KO'): Promise<void> {
    for (const token of tokens) await node.sendOutcome(token, outcome);
  }

  return {
    openCart,
    page,
    cart: (id) => carts.get(id)?.cart,
    behave: (chosen) => {
      decide = chosen;
    },
    clear: () => carts.clear(),
  };
}

function seeOther(location: string): HttpReply {
  return { status: 303, headers: { location, 'cache-control': 'no-store' } };
}
