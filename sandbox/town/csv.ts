import { formatDate } from '../../src/kernel/civil-date.ts';
import { formatEuro } from '../../src/kernel/money.ts';
import type { CreditType, Debt, Papers, Person } from './types.ts';

const BEFORE = ['id_posizione', 'codice_fiscale', 'cognome', 'nome', 'email', 'origine_recapito', 'telefono'] as const;
const PLACE = ['indirizzo', 'cap', 'comune', 'descrizione', 'anno'] as const;
const AFTER = ['scadenza', 'importo', 'numero_documento', 'codice_utente', 'numero_avviso', 'deceduto'] as const;

/** The columns of a body's file, in order. */
export function columnsOf(creditType: CreditType): readonly string[] {
  return [...BEFORE, ...PLACE, creditType === 'TARI' ? 'rata' : 'prestazione_data', ...AFTER];
}

/** One row: column to text, before it is written. */
export type Cells = Record<string, string>;

export function cellsOf(debt: Debt, person: Person, papers: Papers, provenance: string): Cells {
  return {
    id_posizione: debt.id,
    codice_fiscale: person.codiceFiscale,
    cognome: person.lastName,
    nome: person.firstName,
    email: person.email ?? '',
    origine_recapito: person.email === null && person.phone === null ? '' : provenance,
    telefono: person.phone ?? '',
    indirizzo: person.address,
    cap: person.cap,
    comune: person.place,
    descrizione: describe(debt),
    anno: String(debt.year),
    rata: debt.instalment === null ? '' : String(debt.instalment),
    prestazione_data: debt.serviceDate === null ? '' : formatDate(debt.serviceDate),
    scadenza: formatDate(debt.dueDate),
    // As a spreadsheet writes it: no euro sign.
    importo: formatEuro(debt.amountCents).replace(/\s*€/u, ''),
    numero_documento: papers.documentNumber,
    codice_utente: papers.customerCode,
    numero_avviso: debt.noticeNumber ?? '',
    deceduto: person.deceased ? 'S' : '',
  };
}

/** What the office calls it; for a health service never which one it was (design: no diagnosis text). */
function describe(debt: Debt): string {
  if (debt.creditType === 'TICKET') return 'Ticket prestazione ambulatoriale';
  return debt.instalment === null ? `TARI ${debt.year}` : `TARI ${debt.year} - rata ${debt.instalment}`;
}

/** Semicolons, CRLF and a byte order mark, as offices export it from a spreadsheet. */
export function writeCsv(creditType: CreditType, rows: readonly Cells[]): string {
  const columns = columnsOf(creditType);
  const lines = [columns.join(';')];
  for (const row of rows) lines.push(columns.map((column) => quote(row[column] ?? '')).join(';'));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

function quote(text: string): string {
  return /[;"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
