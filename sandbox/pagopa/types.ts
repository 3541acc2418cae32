/** A creditor's system as the platform has it registered. */
export interface Station {
  /** `<broker>_<nn>`. */
  readonly id: string;
  readonly brokerFiscalCode: string;
  /** Where its paForNode listens; null where PagoPA answers itself from GPD. */
  readonly url: string | null;
  /** Codes of the notice numbers it answers for. */
  readonly segregationCodes: readonly string[];
  /** Version of paGetPayment and paSendRT; 2 when missing. */
  readonly version?: 1 | 2;
  /** Version of paSendRT alone: a payment activated with V2 may be told with V1 (pagopa §3). */
  readonly receiptVersion?: 1 | 2;
  /** Also gets every receipt in which its body is named in a transfer (pagopa §3.3). */
  readonly broadcast?: boolean;
  /** What a proxy in front of it would add, such as the name in the node's certificate (pagopa §13). */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A public body as the platform has it registered. */
export interface Creditor {
  readonly fiscalCode: string;
  readonly name: string;
  /** Accounts registered for it; only these may stand in a transfer (pagopa §9). */
  readonly ibans: readonly string[];
  readonly stations: readonly Station[];
}

/** Who takes the money. Identifiers are invented. */
export interface Psp {
  readonly id: string;
  readonly name: string;
  readonly fiscalCode: string;
  readonly brokerId: string;
  readonly channelId: string;
  readonly channelDescription: string;
  readonly paymentMethod: string;
  /** Paid by the payer on top; no money of the body. */
  readonly feeCents: number;
  readonly bic: string;
}

export interface Notice {
  readonly creditor: string;
  readonly noticeNumber: string;
}

export interface Subject {
  readonly type: 'F' | 'G';
  readonly code: string;
  readonly fullName: string;
  readonly streetName?: string | undefined;
  readonly civicNumber?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly city?: string | undefined;
  readonly stateProvinceRegion?: string | undefined;
  readonly country?: string | undefined;
  readonly email?: string | undefined;
}

export interface MapEntry {
  readonly key: string;
  readonly value: string;
}

export interface Stamp {
  readonly documentHash: string;
  readonly type: string;
  readonly province: string;
}

export interface Transfer {
  readonly id: number;
  readonly amountCents: number;
  readonly fiscalCode: string;
  readonly companyName?: string | undefined;
  /** Null for a stamp. */
  readonly iban: string | null;
  readonly stamp: Stamp | null;
  readonly remittanceInformation: string;
  readonly category: string;
  readonly metadata: readonly MapEntry[];
}

/** What a creditor asks for with one notice, at one instant. */
export interface PaymentData {
  readonly creditorReferenceId: string;
  readonly amountCents: number;
  /** `YYYY-MM-DD`. */
  readonly dueDate: string;
  readonly description: string;
  readonly companyName: string;
  readonly officeName?: string | undefined;
  readonly debtor: Subject;
  readonly transfers: readonly Transfer[];
  readonly metadata: readonly MapEntry[];
}

/** A payment that was executed: what its receipt says. */
export interface Payment extends Notice {
  /** Also paymentToken and IUR (pagopa §1). */
  readonly receiptId: string;
  readonly data: PaymentData;
  readonly psp: Psp;
  readonly payer: Subject;
  readonly feeCents: number;
  readonly paymentNote: string | null;
  /** Simulated epoch ms. */
  readonly paidAt: number;
  readonly standIn: boolean;
}

/** Codes are the platform's; `original` is what the creditor's station said, where it said something. */
export interface NodeFault {
  readonly code: string;
  readonly original?: string | undefined;
}

export type NodeAnswer<T> = ({ readonly outcome: 'OK' } & T) | { readonly outcome: 'KO'; readonly fault: NodeFault };
