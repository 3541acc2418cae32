import { type IntakeProfile, IntakeProfileSchema } from '../../modules/debts/index.ts';
import { field } from './context.ts';

export type IntakeField = keyof IntakeProfile['fields'];

/** Every field of a position that a column may fill, with its name for people; the first four must be there. */
export const FIELDS: readonly { readonly field: IntakeField; readonly label: string; readonly required: boolean }[] = (
  [
    ['externalId', 'Identificativo della posizione'],
    ['codiceFiscale', 'Codice fiscale'],
    ['dueDate', 'Scadenza'],
    ['amount', 'Importo da pagare'],
    ['surname', 'Cognome'],
    ['name', 'Nome'],
    ['companyName', 'Denominazione o nominativo'],
    ['email', 'E-mail'],
    ['phone', 'Telefono'],
    ['contactSource', 'Origine del recapito'],
    ['address', 'Indirizzo'],
    ['postalCode', 'CAP'],
    ['city', 'Comune'],
    ['description', 'Descrizione'],
    ['taxYear', 'Anno'],
    ['installmentNo', 'Numero di rata'],
    ['documentNumber', 'Numero di documento'],
    ['customerCode', 'Codice utente'],
    ['noticeNumber', 'Numero di avviso pagoPA'],
    ['deceased', 'Deceduto'],
    ['serviceDate', 'Data della prestazione'],
    ['violationDate', 'Data della violazione'],
    ['notifiedOn', 'Data di notifica del verbale'],
    ['violationKind', 'Tipo di violazione'],
    ['component', 'Voce: capitale, sanzione, interessi, spese di notifica'],
    ['userClass', 'Classe dell’utente (acqua)'],
    ['consumptionFrom', 'Inizio dei consumi (acqua)'],
    ['consumptionTo', 'Fine dei consumi (acqua)'],
    ['issueTerm', 'Termine di emissione della bolletta (acqua)'],
    ['creditorCodiceFiscale', 'Codice fiscale dell’ente creditore'],
  ] as const
).map(([name, label], i) => ({ field: name, label, required: i < 4 }));

// A field added to the intake and forgotten here would silently lose its column.
const known = Object.keys(IntakeProfileSchema.properties.fields.properties);
if (known.length !== FIELDS.length) throw new Error('the mapping form does not show every field of the intake');

/** The column chosen for a field, as the form shows it; '' when none or when it is not a single column. */
export function columnOf(profile: IntakeProfile | null, name: IntakeField): string {
  const source = profile?.fields[name];
  return source !== undefined && 'columns' in source ? (source.columns[0] ?? '') : '';
}

/**
 * The profile that a form says: one column per field. Where the person left a field as it was, what the form cannot show
 * (joined columns, fixed values, the way of decimals) stays.
 */
export function chosenProfile(body: unknown, header: readonly string[], before: IntakeProfile | null): IntakeProfile {
  const fields: IntakeProfile['fields'] = {};
  for (const { field: name } of FIELDS) {
    const column = field(body, name);
    const kept = before?.fields[name];
    if (kept !== undefined && column === columnOf(before, name)) fields[name] = kept;
    else if (header.includes(column)) fields[name] = { columns: [column] };
  }
  const purposes = before?.purposes;
  return { version: 1, fields, ...(purposes === undefined ? {} : { purposes }) };
}
