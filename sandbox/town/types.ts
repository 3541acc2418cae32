import type { CivilDate } from '../../src/kernel/civil-date.ts';
import type { Cents } from '../../src/kernel/money.ts';

export type BodyKind = 'comune' | 'asl';
export type CreditType = 'TARI' | 'TICKET';
export type Motive = 'alreadyPaid' | 'exempt' | 'wrongAmount';

/** A body as the program knows it. */
export interface TownBody {
  readonly slug: string;
  readonly kind: BodyKind;
  readonly name: string;
  readonly codiceFiscale: string;
  readonly segregation: string;
  /** Where pagoPA sends its money. */
  readonly iban: string;
  /** Name of its town profile; by its kind when missing. */
  readonly profile?: string;
}

export interface Person {
  /** `p12`: the order in which the town was drawn. */
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly sex: 'F' | 'M';
  readonly birth: CivilDate;
  readonly codiceFiscale: string;
  readonly address: string;
  readonly cap: string;
  readonly place: string;
  /** As written in the files, without +39; not always his own. */
  readonly phone: string | null;
  /** What the bodies' files say; not always his own. */
  readonly email: string | null;
  readonly deceased: boolean;
  readonly minor: boolean;
}

/** What a person can read off the papers he has at home, per body. */
export interface Papers {
  readonly documentNumber: string;
  readonly customerCode: string;
}

/** Whether the program may take the row: `bad` ones must be rejected, of `doubtful` ones the program decides. */
export type RowKind = 'good' | 'bad' | 'doubtful';

export interface Debt {
  /** `id_posizione` of the file, unique within the body. */
  readonly id: string;
  readonly slug: string;
  readonly creditType: CreditType;
  readonly personId: string;
  readonly year: number;
  readonly instalment: number | null;
  readonly serviceDate: CivilDate | null;
  readonly dueDate: CivilDate;
  readonly amountCents: Cents;
  /** Imported with the file; null when the program is to make one. */
  readonly noticeNumber: string | null;
  /** Set when the person does not owe it. */
  readonly wrong: { readonly cause: string; readonly motive: Motive } | null;
  readonly kind: RowKind;
  /** What is odd about a bad or doubtful row. */
  readonly oddity: string | null;
}

export type MailboxState = 'works' | 'unknownUser' | 'bouncesLater' | 'full' | 'cutAfterData';

export interface Mailbox {
  readonly address: string;
  readonly state: MailboxState;
  /** Persons of the town who read it; empty when it belongs to somebody outside. */
  readonly owners: readonly string[];
}

/** `twice`: its receipts come twice; `cut`: once, the line is cut after an SMS was taken. */
export type PhoneState = 'works' | 'unknownAtSubmit' | 'unknownLater' | 'off' | 'twice' | 'cut';

export interface Phone {
  /** E.164 with its plus. */
  readonly number: string;
  readonly state: PhoneState;
  /** Persons of the town who read it; empty when it belongs to somebody outside. */
  readonly owners: readonly string[];
}

export interface TownFile {
  readonly slug: string;
  readonly creditType: CreditType;
  readonly name: string;
  readonly csv: string;
}

/** The ground truth: what only the sandbox knows. */
export interface Town {
  readonly seed: string | number;
  readonly start: CivilDate;
  readonly bodies: readonly TownBody[];
  readonly people: ReadonlyMap<string, Person>;
  readonly debts: readonly Debt[];
  readonly mailboxes: ReadonlyMap<string, Mailbox>;
  /** By number. */
  readonly phones: ReadonlyMap<string, Phone>;
  /** By `personId|slug`. */
  readonly papers: ReadonlyMap<string, Papers>;
  readonly files: readonly TownFile[];
}

export function fullName(person: Person): string {
  return `${person.firstName} ${person.lastName}`;
}

/** Of a body and a person, in maps. */
export function pairKey(personId: string, slug: string): string {
  return `${personId}|${slug}`;
}
