export { type CheckoutSettings, makeCheckout, noRail } from './checkout.ts';
