export { bookReceipt, quarantinedReceipts, type ReceiptBooked, type ReceiptInput } from './book-receipt.ts';
export { advanceCounter, type HighWater, issueRequests, noticeNumberOf } from './notice-numbers.ts';
export type { PaymentRail } from './rail.port.ts';
export {
  type CheckoutRecord,
  type CheckoutStart,
  findCheckout,
  noteReturn,
  startCheckout,
  verifyingDebts,
} from './start-checkout.ts';
