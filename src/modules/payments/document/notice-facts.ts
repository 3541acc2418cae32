import type { CivilDate } from '../../../kernel/civil-date.ts';
import type { Cents } from '../../../kernel/money.ts';

/** The most characters that each text of the notice may have (pagopa §2; the guide of the notice, version 3.5). */
export const NOTICE_LIMITS = {
  subject: 90,
  creditorName: 50,
  office: 50,
  contacts: 100,
  counter: 50,
  addresseeCode: 16,
  addresseeName: 70,
  address: 140,
  accountHolder: 50,
  authorisation: 60,
  cbill: 10,
} as const;

/** Of the body: a picture, drawn within 30 × 30 mm. */
export interface NoticeLogo {
  readonly format: 'svg' | 'png' | 'jpg';
  readonly bytes: Uint8Array;
}

/** Where the body itself takes the payment, beside the channels of pagoPA. */
export type OwnChannel = 'none' | 'site' | 'app' | 'siteAndApp';

export interface NoticeCreditor {
  /** 11 digits. */
  readonly fiscalCode: string;
  readonly name: string;
  readonly office: string | null;
  /** Site, telephone, e-mail, parted by `·`. */
  readonly contacts: string | null;
  readonly cbill: string | null;
  readonly logo: NoticeLogo | null;
  readonly online: OwnChannel;
  /** A place of the body where one can pay, such as its automatic tills. */
  readonly counter: string | null;
  /** Where there is one, a postal slip must be on the notice (pagopa §2). */
  readonly postal: PostalAccount | null;
}

export interface PostalAccount {
  /** At most 12 digits. */
  readonly account: string;
  readonly holder: string;
  /** Of Poste Italiane for printing one's own slips: `AUT. DB/…`. */
  readonly authorisation: string;
}

export interface NoticeAddressee {
  /** Null only where nobody knows it. */
  readonly fiscalCode: string | null;
  readonly name: string;
  readonly address: string | null;
}

export interface NoticePayment {
  readonly noticeNumber: string;
  readonly amountCents: Cents;
  /** Null: nothing is said of a date. */
  readonly dueDate: CivilDate | null;
}

/** A payment with what its symbols say. */
export interface CodedPayment extends NoticePayment {
  readonly qr: string;
  /** Null where the body has no postal account. */
  readonly slip: PostalSlip | null;
}

export interface PostalSlip extends PostalAccount {
  readonly dataMatrix: string;
}

/** What the addressee may choose among. */
export type PaymentChoice<P = NoticePayment> =
  | { readonly kind: 'single'; readonly payment: P }
  /** `single` null: by installments only. */
  | { readonly kind: 'installments'; readonly single: P | null; readonly installments: readonly P[] }
  /** Two amounts whose days count from a notification nobody knows yet; dates of the payments are not printed. */
  | { readonly kind: 'trafficFine'; readonly discounted: P; readonly reduced: P };

export interface NoticeFacts {
  readonly creditor: NoticeCreditor;
  readonly addressee: NoticeAddressee;
  /** What is to be paid, in words that the addressee knows; not in capitals. */
  readonly subject: string;
  readonly choice: PaymentChoice;
  /** Beside Italian. */
  readonly secondLanguage: 'de' | null;
}
