/** The way to a payment page (architecture §6). Carts are made at the click and never put into a message (pagopa §10). */
export interface PaymentRail {
  /** Host of the payment page, for the page's `form-action` policy. */
  readonly origin: string;
  createCart(cart: {
    readonly cartId: string;
    readonly creditorFiscalCode: string;
    readonly noticeNumber: string;
    readonly amountCents: number;
    /** No personal data in it. */
    readonly description: string;
    readonly returnOkUrl: string;
    readonly returnCancelUrl: string;
    readonly returnErrorUrl: string;
  }): Promise<
    { readonly kind: 'created'; readonly url: string } | { readonly kind: 'unavailable'; readonly code: string }
  >;
}
