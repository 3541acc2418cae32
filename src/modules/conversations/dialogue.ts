/**
 * The one dialogue behind portal, phone and chat (architecture §3.9), as its renderers see it: what may be asked and
 * what may be shown. Nothing that names a debt is reachable below level `identified` (architecture §4.5).
 */
import type { CivilDate } from '../../kernel/civil-date.ts';
import type { SignInRefusal, SignInWay } from './identity.port.ts';

/** The body and its office, public facts only. */
export interface EntePublic {
  readonly enteId: number;
  readonly slug: string;
  readonly name: string;
  readonly codiceFiscale: string;
  /** `#rrggbb`, already checked for 4.5:1 under white text; null = the default blue. */
  readonly accent: string | null;
  readonly senderAddress: string;
  readonly website: string;
  readonly office: {
    readonly name: string;
    readonly phone: string;
    readonly email: string;
    readonly hours: string;
    readonly address: string;
  };
  /** Bodies whose credits are all health ones never offer the code (OIDC only): the same for every visitor. */
  readonly offersCode: boolean;
  /** Ways to sign in that the body has set up; none when missing. */
  readonly signIn?: readonly SignInWay[];
}

/**
 * `doubted`: the office has taken back what it said of it and is looking; its amount asks for nothing (docs/adr/0010).
 * `inPlan`: it is being paid in installments.
 */
export type PositionState =
  | 'toPay'
  | 'overdue'
  | 'verifying'
  | 'paid'
  | 'cancelled'
  | 'disputed'
  | 'suspended'
  | 'doubted'
  | 'inPlan';

/** What became of a report ("ho già pagato / non devo pagare"). */
export interface ReportView {
  readonly number: string;
  readonly state: 'open' | 'accepted' | 'rejected';
  /** By when the office answers. */
  readonly deadline: CivilDate;
  /** Legal time; null while it is open. */
  readonly answeredAt: number | null;
  /** The office's own words. */
  readonly answer: string | null;
}

/** A message as it was sent, for the person it was about. */
export interface MessageView {
  readonly id: string;
  /** Legal time. */
  readonly at: number;
  readonly channel: string;
  /** Masked. */
  readonly address: string | null;
  /** Names of the credit types it reminded of. */
  readonly about: readonly string[];
  readonly outcome: 'sent' | 'arrived' | 'opened' | 'failed' | 'unknown';
  readonly subject: string;
  /** The very words, without the keys of its links; null when none went out. */
  readonly text: string | null;
}

export interface InstallmentView {
  readonly no: number;
  readonly dueOn: CivilDate;
  /** With its interest. */
  readonly cents: number;
  readonly leftCents: number;
  readonly state: 'toPay' | 'late' | 'paid';
  /** Each has its own. */
  readonly noticeNumber: string;
}

/** A payment of his, as it was booked. */
export interface PaymentView {
  readonly receiptId: string;
  readonly noticeNumber: string;
  /** IUV; null where it did not come through pagoPA. */
  readonly creditorReference: string | null;
  readonly amountCents: number;
  readonly feeCents: number | null;
  readonly paidAt: number;
  readonly psp: string;
  readonly channel: 'pagopa' | 'api' | 'file' | 'counter' | 'post' | 'f24' | 'directDebit';
}

export interface PlanView {
  readonly state: 'requested' | 'accepted' | 'refused' | 'completed' | 'forfeited';
  readonly count: number;
  /** The office's own words, of a refusal. */
  readonly reason: string | null;
  readonly installments: readonly InstallmentView[];
  /** What is to be paid next; null where nothing is. */
  readonly next: InstallmentView | null;
}

export type PlanOfferView =
  | {
      readonly kind: 'offered';
      /** From 2 to this. */
      readonly most: number;
      readonly count: number;
      readonly amountCents: number;
      /** Whether asking is enough; else somebody decides. */
      readonly automatic: boolean;
      /** Yearly, hundredths of a point. */
      readonly rateBp: number;
      readonly legalBasis: string;
      readonly installments: readonly { readonly no: number; readonly dueOn: CivilDate; readonly cents: number }[];
    }
  | { readonly kind: 'notOffered' | 'openPlan' | 'inDoubt' | 'alreadyPaid' | 'forfeited' | 'notFound' };

export type PlanRequest =
  | { readonly kind: 'accepted' | 'requested' }
  | { readonly kind: 'tooMany'; readonly most: number }
  | Exclude<PlanOfferView, { readonly kind: 'offered' }>;

export interface PositionView {
  readonly debtId: string;
  /** e.g. "TARI 2024, seconda rata". */
  readonly title: string;
  /** How the sum arises, one or two plain sentences; may be empty. */
  readonly explanation: string;
  /** What it refers to (property, account, plate), or null. */
  readonly reference: string | null;
  readonly dueDate: CivilDate;
  readonly state: PositionState;
  /** Still to be paid, cents. */
  readonly outstandingCents: number;
  /** What paying now pays: the whole as the law rounds it (R32), or the next installment. */
  readonly toPayCents: number;
  readonly dueCents: number;
  readonly paidCents: number;
  readonly breakdown: readonly { readonly label: string; readonly cents: number }[];
  /** 18 digits, of what paying now pays; null when the body has not given one. */
  readonly noticeNumber: string | null;
  readonly plan: PlanView | null;
  /** Newest first. */
  readonly payments: readonly PaymentView[];
  /** The report that is open about it, or the one answered last. */
  readonly report: ReportView | null;
  readonly office: EntePublic['office'];
}

export interface DialogueView {
  readonly ente: EntePublic;
  /** `identified`: amounts may be shown; after SPID or CIE also the health ones, which then stand among the positions. */
  readonly level: 'link' | 'identified';
  /** When the message that carried the link was sent (legal time), for "è vero?". */
  readonly messageSentAt: number | null;
  /** Both only at level `identified`. */
  readonly personName: string | null;
  readonly positions: readonly PositionView[];
}

export type CodeRequest =
  | { readonly kind: 'sent'; readonly resendAfterSeconds: number }
  | { readonly kind: 'tooMany' }
  | { readonly kind: 'channelDown' }
  /** Nothing can be shown here to anybody: the page of general help (health, locked; one page for every cause). */
  | { readonly kind: 'officeOnly' }
  | { readonly kind: 'sessionExpired' };

export type Identification =
  | { readonly kind: 'identified' }
  /** Code or item do not match; it is not said which. */
  | { readonly kind: 'mismatch'; readonly triesLeft: number }
  | { readonly kind: 'codeExpired' }
  | { readonly kind: 'officeOnly' }
  | { readonly kind: 'sessionExpired' };

export const DISPUTE_KINDS = ['alreadyPaid', 'exempt', 'wrongAmount', 'notUnderstood', 'other'] as const;
export type DisputeKind = (typeof DISPUTE_KINDS)[number];

export type PaymentStart =
  | { readonly kind: 'redirect'; readonly url: string; readonly checkoutId: string }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'inDoubt' }
  | { readonly kind: 'inProgress'; readonly checkoutId: string }
  | { readonly kind: 'amountChanged'; readonly outstandingCents: number }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'sessionExpired' };

export interface CheckoutView {
  readonly checkoutId: string;
  readonly state: 'verifying' | 'paid' | 'cancelled' | 'failed';
  readonly position: PositionView;
}

export interface DisputeOpened {
  readonly number: string;
  readonly deadline: CivilDate;
}

export type SignInStarted =
  /** `browser`: to be kept by this browser alone and given back to `finish`. */
  | { readonly kind: 'redirect'; readonly url: string; readonly browser: string }
  | { readonly kind: 'unavailable' }
  /** The body has not set up this way. */
  | { readonly kind: 'notOffered' };

export type SignInFinished =
  | { readonly kind: 'signedIn'; readonly session: string; readonly ente: EntePublic }
  | { readonly kind: 'refused'; readonly reason: SignInRefusal; readonly ente: EntePublic | null };

/** Citizens' sign-in by SPID or CIE: the one way to health positions (architecture §4.5). */
export interface SignIn {
  start(enteId: number, way: SignInWay): Promise<SignInStarted>;
  /**
   * `callback`: path and query at which the browser came back; `browser`: what `start` gave it; `session`: the one it had
   * before, which ends. Once only: the same answer again is refused.
   */
  finish(callback: string, browser: string | null, session: string | null): Promise<SignInFinished>;
}

/** Sessions are opaque 256-bit tokens (base64url), kept in a cookie; only their hash is stored. */
export interface Dialogue {
  /** Missing where the program has no identity provider at all. */
  readonly signIn?: SignIn;
  /** Every public body, for the portal's first page. */
  listEnti(): Promise<readonly EntePublic[]>;
  enteBySlug(slug: string): Promise<EntePublic | null>;
  /** Swaps a link's token for a session. Unknown, expired and revoked tokens give the same answer: null. */
  openLink(token: string): Promise<{ readonly session: string; readonly ente: EntePublic } | null>;
  /** Null: no such session, or it has expired. */
  view(session: string): Promise<DialogueView | null>;
  /** What the body wrote to the person, newest first. Null below level `identified`, or when the session has expired. */
  messages(session: string): Promise<readonly MessageView[] | null>;
  requestCode(session: string): Promise<CodeRequest>;
  /** `code`: six digits. `item`: an earlier bill's number, the customer code or a notice number the person holds. */
  identify(session: string, code: string, item: string): Promise<Identification>;
  /** The amount the person saw; a different one is answered `amountChanged`. `idempotencyKey`: from the form. */
  startPayment(
    session: string,
    input: { readonly debtId: string; readonly seenCents: number; readonly idempotencyKey: string },
  ): Promise<PaymentStart>;
  checkout(session: string, checkoutId: string): Promise<CheckoutView | null>;
  /** The browser came back with "annullato": recorded, never believed to be the truth on payment. */
  checkoutReturned(session: string, checkoutId: string, outcome: 'ok' | 'cancelled' | 'failed'): Promise<void>;
  /** What may be asked for of a debt of his, parted into `count`; null: as many as may be. Null: the session has expired. */
  planOffer(session: string, debtId: string, count: number | null): Promise<PlanOfferView | null>;
  /** Null: the session has expired. */
  askPlan(
    session: string,
    input: { readonly debtId: string; readonly count: number; readonly idempotencyKey: string },
  ): Promise<PlanRequest | null>;
  /** From level `link` (then about the whole notice) or `identified`. Contact stops at once. */
  openDispute(
    session: string,
    input: {
      readonly debtId: string | null;
      readonly kind: DisputeKind;
      readonly text: string;
      readonly idempotencyKey: string;
    },
  ): Promise<DisputeOpened | null>;
  /** "Non sono io": binds the address for every debtor behind it. Null when the session has expired. */
  notMe(session: string): Promise<{ readonly done: true } | null>;
  /** Opt-out of this channel at this address (POST of RFC 8058 or the page's button). False: unknown token. */
  optOut(token: string): Promise<boolean>;
  close(session: string): Promise<void>;
}
