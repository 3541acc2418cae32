import type { RuleMark } from './statute-row.ts';

/** What a sum is in law: most rules are the same for a whole category. */
export type CreditCategory = 'tax' | 'patrimonialRevenue' | 'sanction' | 'price' | 'copay';

interface Nature {
  readonly category: CreditCategory;
  /** That the credit exists is itself health data (architecture §4.5). */
  readonly health: boolean;
  /** The service may have been given to a minor, who is never addressed, named or hinted at (R47). */
  readonly mayHoldMinors: boolean;
  /** Italian, for the office. */
  readonly label: string;
  readonly basis: string;
  readonly mark: RuleMark;
}

/**
 * Every kind of credit the program knows (law-and-practice §1.2). What each one brings with it are rows of the statute,
 * scoped to the nature, to its category or to every credit; here is only what it is. `tax` is any other local tax.
 */
export const NATURES = {
  tax: {
    category: 'tax',
    health: false,
    mayHoldMinors: false,
    label: 'altro tributo locale',
    basis: 'L. 296/2006, art. 1, c. 161',
    mark: 'C',
  },
  imu: {
    category: 'tax',
    health: false,
    mayHoldMinors: false,
    label: 'IMU',
    basis: 'L. 160/2019, art. 1, c. 776',
    mark: 'C',
  },
  tari: {
    category: 'tax',
    health: false,
    mayHoldMinors: false,
    label: 'TARI (tributo)',
    basis: 'L. 147/2013, art. 1, c. 639',
    mark: 'M',
  },
  wasteTariff: {
    category: 'price',
    health: false,
    mayHoldMinors: false,
    label: 'tariffa corrispettiva sui rifiuti',
    basis: 'L. 147/2013, art. 1, c. 668',
    mark: 'M',
  },
  singlePropertyCanon: {
    category: 'patrimonialRevenue',
    health: false,
    mayHoldMinors: false,
    label: 'canone unico patrimoniale',
    basis: 'L. 160/2019, art. 1, c. 816',
    mark: 'C',
  },
  serviceFee: {
    category: 'patrimonialRevenue',
    health: false,
    mayHoldMinors: true,
    label: 'servizi a domanda: mensa, trasporto, nido, rette',
    basis: 'D.M. 31/12/1983',
    mark: 'M',
  },
  rent: {
    category: 'patrimonialRevenue',
    health: false,
    mayHoldMinors: false,
    label: 'affitti e concessioni',
    basis: 'c.c., art. 2948, n. 3',
    mark: 'M',
  },
  trafficFine: {
    category: 'sanction',
    health: false,
    mayHoldMinors: false,
    label: 'sanzione del codice della strada',
    basis: 'D.Lgs. 285/1992, art. 206',
    mark: 'C',
  },
  administrativeSanction: {
    category: 'sanction',
    health: false,
    mayHoldMinors: false,
    label: 'altra sanzione amministrativa',
    basis: 'L. 689/1981, art. 27',
    mark: 'C',
  },
  water: {
    category: 'price',
    health: false,
    mayHoldMinors: false,
    label: 'servizio idrico',
    basis: 'ARERA 311/2019/R/idr, allegato A',
    mark: 'C',
  },
  healthCopay: {
    category: 'copay',
    health: true,
    mayHoldMinors: true,
    label: 'ticket sanitario',
    basis: 'Cass. S.U. 21961/2021 (questione riaperta da S.U. 20248/2025)',
    mark: 'U',
  },
  healthWrongExemption: {
    category: 'copay',
    health: true,
    mayHoldMinors: true,
    label: 'ticket: esenzione non spettante',
    basis: 'L. 689/1981, art. 13-14; c.p., art. 316-ter, c. 2',
    mark: 'C',
  },
  missedAppointment: {
    category: 'copay',
    health: true,
    mayHoldMinors: true,
    label: 'mancata disdetta di un appuntamento',
    basis: 'D.L. 73/2024, art. 3, c. 5; legge regionale',
    mark: 'C',
  },
} as const satisfies Record<string, Nature>;

export type CreditNature = keyof typeof NATURES;

export const CREDIT_NATURES = Object.keys(NATURES) as readonly CreditNature[];

export function isCreditNature(text: string): text is CreditNature {
  return Object.hasOwn(NATURES, text);
}

/** Null for a nature that the program does not know. */
export function categoryOf(nature: string): CreditCategory | null {
  return isCreditNature(nature) ? NATURES[nature].category : null;
}

/** Health and services to minors are told only to who is identified with certainty (architecture §4.5). */
export function isSensitive(type: { readonly nature: CreditNature; readonly health: boolean }): boolean {
  return type.health || NATURES[type.nature].mayHoldMinors;
}
