import type { Cents } from '../../kernel/money.ts';
import type { RuleBook } from '../creditors/index.ts';

/** Where the money of a credit goes, as the body has set it. */
export interface CollectionAccount {
  readonly iban: string;
  /** Of the post office, where the body has one: then the notice can be paid with a postal slip, too. */
  readonly postalIban?: string;
}

/** Another body with a share of its own in the same notice: the province in a TARI (pagopa §9). */
export interface SecondBeneficiary extends CollectionAccount {
  readonly fiscalCode: string;
  readonly name: string;
  readonly category: string;
  /** Of the comune, for the metadata of the transfers; left out where it is not set. */
  readonly cadastralCode?: string;
}

export interface CollectionTerms {
  /** Code of the taxonomy, with its prefix. */
  readonly category: string;
  readonly account: CollectionAccount;
  readonly second: (SecondBeneficiary & { readonly shareBp: number; readonly taxYear: number }) | null;
  /** Whether it may still be paid after its due date; a debt reminded of is (pagopa §14), unless the body says no. */
  readonly payableOverdue: boolean;
}

interface TefaRule {
  readonly bp: number;
  readonly fromTaxYear: number;
}

type Type = { readonly code: string; readonly nature: string };

/** Null where the body has not said under which code and on which account this credit is collected. */
export function collectionTerms(rules: RuleBook, type: Type, taxYear: number | null): CollectionTerms | null {
  const category = rules.find<string>('pagopaCategory', type)?.value;
  const account = rules.find<CollectionAccount>('collectionAccount', type)?.value;
  if (category === undefined || account === undefined) return null;
  const payableOverdue = rules.get<boolean>('payableOverdue', type).value;
  const tefa = rules.find<TefaRule>('tefa', type)?.value;
  const province = rules.find<SecondBeneficiary>('provinceAccount', type)?.value;
  const second =
    tefa === undefined || province === undefined || taxYear === null || taxYear < tefa.fromTaxYear
      ? null
      : { ...province, shareBp: tefa.bp, taxYear };
  return { category, account, second, payableOverdue };
}

/** One transfer of a payment: who gets it, how much, on which account. */
export interface Transfer {
  /** From 1. */
  readonly no: number;
  readonly amountCents: Cents;
  readonly fiscalCode: string;
  readonly name: string;
  readonly account: CollectionAccount;
  readonly category: string;
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

/**
 * Parts an amount among those it is for; the parts are the whole, to the cent. The provincial tax is a percentage on top
 * of the tariff (R33), so its part of the whole is `bp / (10000 + bp)`, rounded half up; too little for a cent is no
 * transfer.
 */
export function transfersOf(
  terms: CollectionTerms,
  body: { readonly fiscalCode: string; readonly name: string },
  amountCents: Cents,
): Transfer[] {
  const { account, category, second } = terms;
  const share =
    second === null
      ? 0
      : Math.floor((2 * amountCents * second.shareBp + 10_000 + second.shareBp) / (2 * (10_000 + second.shareBp)));
  const own = { no: 1, amountCents: amountCents - share, ...body, account, category };
  if (second === null || share === 0) return [{ ...own, amountCents, metadata: [] }];
  const { fiscalCode, name, cadastralCode, taxYear } = second;
  const metadata = (no: number, code: string): Transfer['metadata'] =>
    cadastralCode === undefined ? [] : [[`TARI-TEFA-${no}`, `${cadastralCode}|${taxYear}|${code}`]];
  return [
    { ...own, metadata: metadata(1, TARI_CODE) },
    {
      no: 2,
      amountCents: share,
      fiscalCode,
      name,
      account: second,
      category: second.category,
      metadata: metadata(2, 'TEFA'),
    },
  ];
}

/** Of the tariff on form F24, as the transfer's metadata name it (pagopa §9). */
const TARI_CODE = '3944';
