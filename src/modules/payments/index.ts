export { askPayment, type PaymentAnswer } from './ask-payment.ts';
export { bookQuarantined, bookReceipt, bookShared, paymentFigures, quarantinedReceipts } from './book-receipt.ts';
export {
  type CollectionTerms,
  collectionTerms,
  type SecondBeneficiary,
  type Transfer,
  transfersOf,
} from './collection-terms.ts';
export {
  advanceCounter,
  type HighWater,
  type HighWaterMarks,
  noticeNumberOf,
  noticeNumbersOf,
  openNumbering,
} from './notice-numbers.ts';
export { amountToPay, type NoticeAnswer, payableNotice } from './payable-notice.ts';
export {
  acceptPlan,
  askPlan,
  forfeitPlan,
  installmentsOf,
  lateInstallments,
  listPlans,
  makePlan,
  mayForfeit,
  notePlanReminder,
  offerPlan,
  type Plan,
  type PlanAsked,
  type PlanDeps,
  type PlanInstallment,
  type PlanOffer,
  type PlanTerms,
  planById,
  plannedDebts,
  planOfDebt,
  refusePlan,
} from './plans/index.ts';
export type { Cart, PaymentRail } from './rail.port.ts';
export {
  paidElsewhere,
  type ReceiptBooked,
  type ReceiptChannel,
  type ReceiptDetails,
  type ReceiptInput,
  receiptDocument,
  sealDocument,
} from './receipt-record.ts';
export { type PaymentMade, paymentsOfDebtor } from './receipts-of.ts';
export { flowByName } from './reconcile/flow-by-name.ts';
export * from './reconcile/index.ts';
export { decideRefund, listRefunds, type Refund } from './refunds.ts';
export {
  type CheckoutRecord,
  type CheckoutStart,
  findCheckout,
  noteReturn,
  startCheckout,
  verifyingDebts,
} from './start-checkout.ts';
export { bodyOf, registerBody, registeredBodies, type Station, saveStation, stationsOf } from './stations.ts';
