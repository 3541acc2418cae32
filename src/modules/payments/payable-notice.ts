import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import type { Cents } from '../../kernel/money.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { RuleBook } from '../creditors/index.ts';
import { roundedPayment } from '../debts/index.ts';
import { type CollectionTerms, collectionTerms } from './collection-terms.ts';

/** What stands behind a notice number, as whoever is about to pay it must be told. */
export type NoticeAnswer =
  | {
      readonly kind: 'payable';
      readonly debtId: string;
      readonly debtorId: string;
      readonly creditType: string;
      readonly taxYear: number | null;
      readonly installmentNo: number | null;
      readonly dueDate: CivilDate;
      /** What is to be paid now (R32). */
      readonly amountCents: Cents;
      readonly terms: CollectionTerms;
    }
  /** Of nobody here, or another way of paying the same debt has been taken. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'cancelled' }
  /** The office has taken back what it said of this debt (docs/adr/0010). */
  | { readonly kind: 'inDoubt' }
  /** Past its date, and the body has said that it is not taken any more. */
  | { readonly kind: 'overdue' }
  /** The body has not set how this credit is collected. */
  | { readonly kind: 'notCollected'; readonly creditType: string };

interface Row {
  readonly request: 'active' | 'withdrawn';
  readonly debt_id: string;
  readonly debtor_id: string;
  readonly credit_type: string;
  readonly nature: string;
  readonly tax_year: number | null;
  readonly installment_no: number | null;
  readonly due_date: CivilDate;
  readonly state: 'open' | 'settled' | 'cancelled';
  readonly outstanding_cents: number;
  readonly doubted: boolean;
  /** Of an installment. */
  readonly part_no: number | null;
  readonly part_due: CivilDate | null;
  readonly part_left: number | null;
}

/**
 * Reads what a notice number asks for at this moment, and changes nothing: it may be asked many times before somebody
 * pays (pagopa §3.2). `rules` are those in force on `on`.
 */
export async function payableNotice(tx: Tx, noticeNumber: string, rules: RuleBook): Promise<NoticeAnswer> {
  const ente = enteOf(tx);
  const { rows } =
    await sql<Row>`select q.state as request, d.debt_id, d.debtor_id, d.credit_type, d.nature, d.tax_year,
      d.installment_no, d.due_date, d.state, d.outstanding_cents,
      exists (select from debt_doubt_now u where u.ente_id = ${ente} and u.debt_id = q.debt_id) as doubted,
      i.no as part_no, i.due_on as part_due, i.principal_cents + i.interest_cents - i.paid_cents as part_left
    from payment_request q join debt_now d on d.ente_id = ${ente} and d.debt_id = q.debt_id
    left join installment i on i.ente_id = ${ente} and i.notice_number = q.notice_number
    where q.ente_id = ${ente} and q.notice_number = ${noticeNumber}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return { kind: 'unknown' };
  // What was paid or cancelled is said even of a number that is out of use: it is the truth, and the more useful one.
  if (row.state === 'settled') return { kind: 'alreadyPaid' };
  if (row.state === 'cancelled') return { kind: 'cancelled' };
  if (row.request === 'withdrawn') return { kind: 'unknown' };
  if (row.part_left === 0) return { kind: 'alreadyPaid' };
  if (row.doubted) return { kind: 'inDoubt' };
  const type = { code: row.credit_type, nature: row.nature };
  const terms = collectionTerms(rules, type, row.tax_year);
  if (terms === null) return { kind: 'notCollected', creditType: row.credit_type };
  if (!terms.payableOverdue && row.due_date < rules.on) return { kind: 'overdue' };
  return {
    kind: 'payable',
    debtId: row.debt_id,
    debtorId: row.debtor_id,
    creditType: row.credit_type,
    taxYear: row.tax_year,
    installmentNo: row.part_no ?? row.installment_no,
    dueDate: row.part_due ?? row.due_date,
    // Rounding is of the whole, once: an installment is what the plan says.
    amountCents: row.part_left ?? amountToPay(rules, type, row.outstanding_cents),
    terms,
  };
}

/** Rounded as the law says of this credit (R32), but never to nothing: a cent that is owed can be paid. */
export function amountToPay(rules: RuleBook, type: { code: string; nature: string }, cents: Cents): Cents {
  return roundedPayment(rules, type, cents) || cents;
}
