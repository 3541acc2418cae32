import { makeNoticeNumber } from '../../src/kernel/notice-number.ts';
import { debtsCsv, validCf } from '../support/ground.ts';

/** One person of the town: what the file says of them. */
export interface Person {
  readonly no: number;
  readonly email: string | null;
  readonly phone: string | null;
  /** The only debt of the person, and the number it is paid by. */
  readonly externalId: string;
  readonly noticeNumber: string;
  readonly amountCents: number;
}

export interface Town {
  readonly people: readonly Person[];
  readonly csv: string;
  /** Those behind a phone. */
  behind(phone: string): readonly Person[];
}

/** So many people with an e-mail address each, families of three behind one phone, and people of whom nothing is known. */
export interface TownShape {
  readonly mail: number;
  readonly families: number;
  readonly silent: number;
}

export const SEGREGATION = '02';
const FAMILY = 3;
const numberOf = (no: number) => `+39333${String(1_000_000 + no)}`;

export function makeTown({ mail, families, silent }: TownShape): Town {
  const people: Person[] = [];
  const add = (email: boolean, phone: string | null): void => {
    const no = people.length;
    people.push({
      no,
      email: email ? `persona${no}@posta.example` : null,
      phone,
      externalId: `P-${no}`,
      noticeNumber: makeNoticeNumber(SEGREGATION, 900_000 + no),
      amountCents: 10_000 + no,
    });
  };
  for (let i = 0; i < mail; i += 1) add(true, i % 2 === 0 ? numberOf(people.length) : null);
  for (let i = 0; i < families * FAMILY; i += 1) add(false, numberOf(500_000 + Math.floor(i / FAMILY)));
  for (let i = 0; i < silent; i += 1) add(false, null);
  const csv = debtsCsv(
    people.map((person) => ({
      externalId: person.externalId,
      cf: validCf(person.no),
      amountCents: person.amountCents,
      dueDate: '16/06/2025',
      taxYear: 2025,
      noticeNumber: person.noticeNumber,
      ...(person.email === null ? {} : { email: person.email }),
      ...(person.phone === null ? {} : { phone: person.phone }),
    })),
  );
  return { people, csv, behind: (phone) => people.filter((person) => person.phone === phone) };
}

/** Two e-mails a day apart, and an SMS to whom no e-mail reaches. */
export const CAMPAIGN = `versione: 1
codice: giro
nome: Giro di prova
crediti: [TARI]
pubblico: { scadenzaEntro: 2026-06-30 }
cascata:
  - { canale: email, testo: primo-avviso }
  - { canale: sms, testo: sms-avviso, attesaGiorni: 0, soloSe: nonRaggiunto }
  - { canale: email, testo: secondo-avviso, attesaGiorni: 1 }
limiti: { perPersona: 2, perIndirizzo: 2 }
`;
/** What a campaign lets an address get within seven days. */
export const CEILING = 2;

/** How the two e-mails of the cascade are told apart from outside. */
export const STEP_OF_SUBJECT: readonly (readonly [RegExp, number])[] = [
  [/una comunicazione personale per Lei/, 1],
  [/è ancora disponibile/, 3],
];
