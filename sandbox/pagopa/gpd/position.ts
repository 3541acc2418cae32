import type { MapEntry, Stamp, Subject } from '../types.ts';
import type { PositionStatus } from './position-state.ts';

export interface KeptTransfer {
  readonly idTransfer: string;
  readonly amountCents: number;
  readonly organization: string;
  readonly companyName: string | null;
  readonly remittanceInformation: string;
  readonly category: string;
  readonly iban: string | null;
  readonly postalIban: string | null;
  readonly stamp: Stamp | null;
  readonly metadata: readonly MapEntry[];
}

export interface Installment {
  readonly nav: string;
  readonly iuv: string;
  readonly amountCents: number;
  readonly description: string;
  /** Epoch ms: GPD's dates are instants of UTC written without a zone. */
  readonly dueAt: number;
  readonly transfers: readonly KeptTransfer[];
  readonly metadata: readonly MapEntry[];
  /** `receiptId` and `pspName` are null for what was paid elsewhere. */
  paid: { readonly at: number; readonly receiptId: string | null; readonly pspName: string | null } | null;
}

/** Paid whole, or in the installments of a plan: one of a position's options excludes the others (pagopa §8). */
export interface PaymentOption {
  readonly plan: boolean;
  readonly description: string | null;
  readonly debtor: Subject & { readonly phone?: string | undefined; readonly region?: string | undefined };
  readonly installments: readonly Installment[];
}

/** What a body has told; `status` and payments are the archive's. */
export interface PositionInput {
  readonly iupd: string;
  readonly companyName: string;
  readonly officeName: string | null;
  readonly payStandIn: boolean;
  readonly switchToExpired: boolean;
  readonly validFrom: number | null;
  readonly options: readonly PaymentOption[];
}

export interface Position extends PositionInput {
  readonly organization: string;
  /** GPD answers for the body; ACA only stands in for it. */
  readonly service: 'gpd' | 'aca';
  status: PositionStatus;
  readonly insertedAt: number;
  updatedAt: number;
  publishedAt: number | null;
}

/** A refusal of GPD, with its HTTP status. */
export class PositionRefused extends Error {
  readonly status: 400 | 404 | 409 | 422;
  constructor(status: 400 | 404 | 409 | 422, message: string) {
    super(message);
    this.status = status;
  }
}

export function installmentsOf(position: PositionInput): Installment[] {
  return position.options.flatMap(({ installments }) => installments);
}

/** Epoch ms of a date as GPD takes it: without a zone it is of UTC. Throws PositionRefused 400. */
export function gpdInstant(text: string): number {
  const at = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) throw new PositionRefused(400, `${text} is no date`);
  return at;
}
