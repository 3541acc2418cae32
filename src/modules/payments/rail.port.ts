/** The way to a payment page (architecture §6). Carts are made at the click and never put into a message (pagopa §10). */
export interface PaymentRail {
  /** Origin of the payment page, for the page's `form-action` policy; empty where there is none. */
  readonly origin: string;
  createCart(
    cart: Cart,
  ): Promise<
    { readonly kind: 'created'; readonly url: string } | { readonly kind: 'unavailable'; readonly code: string }
  >;
}

export interface Cart {
  readonly cartId: string;
  /** One to five, all different. */
  readonly notices: readonly CartNotice[];
  /** Where the browser comes back to; `waiting` where the platform does not know how it ended. None of them proves a payment. */
  readonly returnUrls: {
    readonly ok: string;
    readonly cancel: string;
    readonly error: string;
    readonly waiting: string;
  };
}

export interface CartNotice {
  readonly noticeNumber: string;
  readonly creditorFiscalCode: string;
  readonly creditorName: string;
  /** As the person saw it: what is charged is what the station answers. */
  readonly amountCents: number;
  /** No personal data in it. */
  readonly description: string;
}
