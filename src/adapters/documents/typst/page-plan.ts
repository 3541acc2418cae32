import type { CodedPayment, NoticeDocument, PostalSlip } from '../../../modules/payments/document/document.port.ts';

/** What a payment is called: the number is an installment's, from 1. */
export type PaymentTitle = 'single' | 'discounted' | 'reduced' | number;

export interface TitledPayment {
  readonly title: PaymentTitle;
  readonly payment: CodedPayment;
}

/** A module of a page, from top to bottom: a payment over the whole width, installments side by side, a postal slip. */
export type Part =
  | { readonly kind: 'wide'; readonly of: TitledPayment }
  | { readonly kind: 'row'; readonly columns: 2 | 3; readonly of: readonly TitledPayment[] }
  | { readonly kind: 'slip'; readonly of: TitledPayment; readonly slip: PostalSlip };

/**
 * The modules of one notice, grouped: those of the first page, which also says who, how much and where, then groups that
 * each begin a page and go on to further ones where they must. Installments go by two or by three, never both in one
 * notice; a postal slip follows its payment (pagopa §2).
 */
export function planPages({ choice, secondLanguage }: NoticeDocument): Part[][] {
  if (choice.kind === 'single') return [alone({ title: 'single', payment: choice.payment })];
  if (choice.kind === 'trafficFine') {
    const discounted = alone({ title: 'discounted', payment: choice.discounted });
    const reduced = alone({ title: 'reduced', payment: choice.reduced });
    const roomy = choice.discounted.slip === null && secondLanguage === null;
    return roomy ? [[...discounted, ...reduced]] : [discounted, reduced];
  }
  const first = choice.single === null ? [] : alone({ title: 'single', payment: choice.single });
  const titled = choice.installments.map((payment, i) => ({ title: i + 1, payment }));
  const columns = columnsFor(titled.length);
  const rows = chunks(titled, columns).map((of): Part[] => [{ kind: 'row', columns, of }, ...of.flatMap(slipOf)]);
  if (titled.some(({ payment }) => payment.slip !== null)) return [first, ...rows];
  // Without a single payment there is room for a row on the first page.
  const onFirst = choice.single === null ? rows.splice(0, 1).flat() : first;
  return rows.length === 0 ? [onFirst] : [onFirst, rows.flat()];
}

/** Whole rows where the number allows it, else threes: fewer pages. */
export const columnsFor = (installments: number): 2 | 3 => (installments % 3 !== 0 && installments % 2 === 0 ? 2 : 3);

const alone = (of: TitledPayment): Part[] => [{ kind: 'wide', of }, ...slipOf(of)];

function slipOf(of: TitledPayment): Part[] {
  const { slip } = of.payment;
  return slip === null ? [] : [{ kind: 'slip', of, slip }];
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
