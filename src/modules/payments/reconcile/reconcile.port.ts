import type { CivilDate } from '../../../kernel/civil-date.ts';
import type { Cents } from '../../../kernel/money.ts';

/** Codes 0, 3, 4, 8 and 9 of the flow (pagopa §12): by them alone money comes or is taken off, never by a sign. */
export type PayStatus = 'executed' | 'revoked' | 'standIn' | 'standInNoRpt' | 'noRpt';

/** One transfer of one payment, as the PSP reports it. */
export interface RemittanceLine {
  /** From 1, once in its flow. */
  readonly no: number;
  readonly iuv: string;
  /** Of the collection: the receipt's id (pagopa §11). Null where the PSP gives none. */
  readonly iur: string | null;
  /** 1 to 5; an XML flow may leave it out. */
  readonly transferNo: number | null;
  /** More than nothing, of a revoked payment too. */
  readonly amountCents: Cents;
  readonly status: PayStatus;
  readonly payDate: CivilDate;
}

/** A flow of rendicontazione in one of its revisions. */
export interface RemittanceFlow {
  readonly flowId: string;
  /** Null of an XML flow. */
  readonly revision: number | null;
  readonly source: 'api' | 'xml';
  /** As the platform knows the PSP; of an XML flow, the code of whoever sent it. */
  readonly psp: string;
  readonly sender: string;
  /** Tax code of the body it is for. */
  readonly receiver: string;
  readonly madeAt: number;
  /** Null of an XML flow. */
  readonly publishedAt: number | null;
  /** The bank transfer. */
  readonly regulationId: string;
  readonly regulationDate: CivilDate;
  readonly declaredCount: number;
  readonly declaredCents: Cents;
  readonly lines: readonly RemittanceLine[];
}

/** A flow as the platform's list names it. */
export interface FlowRef {
  readonly flowId: string;
  readonly psp: string;
  readonly revision: number;
  readonly publishedAt: number;
}

/**
 * Where published flows are read. Errors: FDR_UNAVAILABLE and FDR_BUSY (later it may work: whoever calls tries again),
 * FDR_REFUSED, FDR_ANSWER (not understood), FDR_TOO_LARGE.
 */
export interface RemittanceSource {
  /** Flows of a body published after an instant; null: as far back as the platform goes by itself. */
  list(fiscalCode: string, publishedAfter: number | null): Promise<FlowRef[]>;
  read(fiscalCode: string, flow: FlowRef): Promise<RemittanceFlow>;
}

/** Money that came in at the treasury bank, or that was taken back. */
export interface TreasuryMovement {
  /** What the bank calls it, the same in every journal that tells of it. */
  readonly key: string;
  readonly no: string;
  /** What a movement that takes back names again. */
  readonly document: string | null;
  /** Negative: takes back. */
  readonly amountCents: Cents;
  readonly bookedOn: CivilDate;
  readonly valueOn: CivilDate | null;
  readonly text: string;
}

/** A journal of the treasury (giornale di cassa), or a page of one. */
export interface TreasuryJournal {
  readonly journalId: string;
  /** Of the body it is for, where the bank says it. */
  readonly fiscalCode: string | null;
  readonly movements: readonly TreasuryMovement[];
  /** Movements that were left out: what goes out, and what moves no money. */
  readonly skipped: number;
}
