export type { Cart } from './carts.ts';
export type { PayerBehaviour } from './checkout.ts';
export type { Exchange } from './exchanges.ts';
export type { Anomaly } from './flow-rows.ts';
export { type Pagopa, type PagopaOptions, type PaidReceipt, startPagopa } from './pagopa.ts';
export type { Product, ProductFault } from './products.ts';
export { PSPS } from './registry.ts';
export type { Creditor, Notice, Payment, PaymentData, Psp, Station } from './types.ts';
