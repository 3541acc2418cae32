export { askPayment, type PaymentAnswer } from './ask-payment.ts';
export {
  bookQuarantined,
  bookReceipt,
  quarantinedReceipts,
  type ReceiptBooked,
  type ReceiptInput,
} from './book-receipt.ts';
export {
  advanceCounter,
  type HighWater,
  type HighWaterMarks,
  noticeNumberOf,
  noticeNumbersOf,
  openNumbering,
} from './notice-numbers.ts';
export type { PaymentRail } from './rail.port.ts';
export {
  type CheckoutRecord,
  type CheckoutStart,
  findCheckout,
  noteReturn,
  startCheckout,
  verifyingDebts,
} from './start-checkout.ts';
