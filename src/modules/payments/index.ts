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
  issueRequests,
  noticeNumberOf,
  noticeNumbersOf,
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
