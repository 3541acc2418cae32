import Type, { type Static } from 'typebox';
import { foldName } from './csv-header.ts';
import { intakeError } from './file-errors.ts';

const FieldSourceSchema = Type.Union([
  Type.Object(
    {
      /** Header names; several are joined with a blank (street and number). */
      columns: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 6 }),
      /** Only for `amount`: `it` 1.234,56, `en` 1,234.56, `auto` (default) whichever is beyond doubt. */
      decimals: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('it'), Type.Literal('en')])),
    },
    { additionalProperties: false },
  ),
  Type.Object({ fixed: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
]);
const field = Type.Optional(FieldSourceSchema);

/** How the columns of one office's files become fields of a debt; JSON, kept per body and credit type. */
export const IntakeProfileSchema = Type.Object(
  {
    version: Type.Literal(1),
    fields: Type.Object(
      {
        externalId: field,
        codiceFiscale: field,
        surname: field,
        name: field,
        companyName: field,
        email: field,
        phone: field,
        contactSource: field,
        address: field,
        postalCode: field,
        city: field,
        description: field,
        taxYear: field,
        installmentNo: field,
        dueDate: field,
        amount: field,
        documentNumber: field,
        customerCode: field,
        noticeNumber: field,
        deceased: field,
        serviceDate: field,
        violationDate: field,
        notifiedOn: field,
        violationKind: field,
        component: field,
        userClass: field,
        consumptionFrom: field,
        consumptionTo: field,
        issueTerm: field,
        creditorCodiceFiscale: field,
      },
      { additionalProperties: false },
    ),
    /** What the contacts of this file may be used for; default: the credit type it is loaded for. */
    purposes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 20 })),
  },
  { additionalProperties: false },
);

export type IntakeProfile = Static<typeof IntakeProfileSchema>;
export type FieldSource = Static<typeof FieldSourceSchema>;
export type IntakeField = keyof IntakeProfile['fields'];

/** Italian name of each field, for pages and messages. */
export const FIELD_LABELS: Readonly<Record<IntakeField, string>> = {
  externalId: 'identificativo della posizione',
  codiceFiscale: 'codice fiscale',
  surname: 'cognome',
  name: 'nome',
  companyName: 'denominazione o nominativo',
  email: 'e-mail',
  phone: 'telefono',
  contactSource: 'origine del recapito',
  address: 'indirizzo',
  postalCode: 'CAP',
  city: 'comune',
  description: 'descrizione',
  taxYear: 'anno',
  installmentNo: 'numero di rata',
  dueDate: 'scadenza',
  amount: 'importo',
  documentNumber: 'numero di documento',
  customerCode: 'codice utente',
  noticeNumber: 'numero di avviso pagoPA',
  deceased: 'deceduto',
  serviceDate: 'data della prestazione',
  violationDate: 'data della violazione',
  notifiedOn: 'data di notifica del verbale',
  violationKind: 'tipo di violazione',
  component: 'voce (capitale, sanzione, interessi, spese di notifica)',
  userClass: 'classe dell’utente',
  consumptionFrom: 'inizio dei consumi',
  consumptionTo: 'fine dei consumi',
  issueTerm: 'termine di emissione della bolletta',
  creditorCodiceFiscale: 'codice fiscale dell’ente creditore',
};

export const INTAKE_FIELDS = Object.keys(FIELD_LABELS) as readonly IntakeField[];
export const REQUIRED_FIELDS: readonly IntakeField[] = ['externalId', 'codiceFiscale', 'dueDate', 'amount'];
const JOINABLE: ReadonlySet<IntakeField> = new Set(['companyName', 'address', 'description']);
/** One value for every row would make them the same debt, person or number. */
const NEVER_FIXED: ReadonlySet<IntakeField> = new Set(['externalId', 'codiceFiscale', 'noticeNumber']);

export interface ProfileProblem {
  readonly code: 'MISSING_FIELD' | 'MISSING_COLUMN' | 'MANY_COLUMNS' | 'FIXED_NOT_ALLOWED';
  readonly field: IntakeField;
  readonly column: string | null;
  /** Italian. */
  readonly message: string;
}

/** What in the profile does not fit this header; empty when all is well. */
export function checkProfile(profile: IntakeProfile, header: readonly string[]): ProfileProblem[] {
  const present = new Set(header.map(foldName));
  const problems: ProfileProblem[] = [];
  for (const name of INTAKE_FIELDS) {
    const source = profile.fields[name];
    const label = FIELD_LABELS[name];
    if (source === undefined) {
      if (!REQUIRED_FIELDS.includes(name)) continue;
      const message = `Manca la colonna per il campo obbligatorio «${label}».`;
      problems.push({ code: 'MISSING_FIELD', field: name, column: null, message });
    } else if ('fixed' in source) {
      if (!NEVER_FIXED.has(name)) continue;
      const message = `Il campo «${label}» non può avere lo stesso valore per tutte le righe.`;
      problems.push({ code: 'FIXED_NOT_ALLOWED', field: name, column: null, message });
    } else {
      if (source.columns.length > 1 && !JOINABLE.has(name)) {
        const message = `Il campo «${label}» può venire da una sola colonna.`;
        problems.push({ code: 'MANY_COLUMNS', field: name, column: null, message });
      }
      for (const column of source.columns) {
        if (present.has(foldName(column))) continue;
        const message = `Nel file non c’è la colonna «${column}», attesa per il campo «${label}».`;
        problems.push({ code: 'MISSING_COLUMN', field: name, column, message });
      }
    }
  }
  return problems;
}

export interface BoundField {
  /** Positions in the row; empty for a fixed value. */
  readonly indexes: readonly number[];
  readonly fixed: string | null;
  /** Header names as the file writes them, joined with ` + `; null for a fixed value. */
  readonly column: string | null;
  readonly decimals: 'auto' | 'it' | 'en';
}

export type BoundProfile = ReadonlyMap<IntakeField, BoundField>;

/** The profile tied to the positions of one header; throws INTAKE_PROFILE (details.explanation, Italian). */
export function bindProfile(profile: IntakeProfile, header: readonly string[]): BoundProfile {
  const problems = checkProfile(profile, header);
  if (problems.length > 0) {
    throw intakeError('INTAKE_PROFILE', 'profile does not fit the header', {
      problems: problems.length,
      explanation: problems.map((problem) => problem.message).join(' '),
    });
  }
  const folded = header.map(foldName);
  const bound = new Map<IntakeField, BoundField>();
  for (const name of INTAKE_FIELDS) {
    const source = profile.fields[name];
    if (source === undefined) continue;
    if ('fixed' in source) {
      bound.set(name, { indexes: [], fixed: source.fixed, column: null, decimals: 'auto' });
      continue;
    }
    const indexes = source.columns.map((column) => folded.indexOf(foldName(column)));
    const column = indexes.map((index) => header[index] ?? '').join(' + ');
    bound.set(name, { indexes, fixed: null, column, decimals: source.decimals ?? 'auto' });
  }
  return bound;
}
