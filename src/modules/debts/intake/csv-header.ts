import { parseCivilDate } from '../../../kernel/civil-date.ts';
import { checkCodiceFiscale } from '../../../kernel/codice-fiscale.ts';
import { intakeError } from './file-errors.ts';

export type Delimiter = ';' | ',' | '|' | '\t';

const CANDIDATES: readonly Delimiter[] = [';', '\t', ',', '|'];

/** The delimiter seen most often outside quotes; throws INTAKE_NO_DELIMITER when there is none. */
export function detectDelimiter(headerLine: string): Delimiter {
  const bare = headerLine.replace(/"(?:[^"]|"")*"/g, '');
  let best: Delimiter | null = null;
  let most = 0;
  for (const candidate of CANDIDATES) {
    const count = bare.split(candidate).length - 1;
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  if (best === null) throw intakeError('INTAKE_NO_DELIMITER', 'header has no known delimiter');
  return best;
}

/** True when no cell says anything: such lines (Excel leaves them at the end) are no rows. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

/** Names compare without case and with single blanks. */
export function foldName(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, ' ');
}

/**
 * Throws INTAKE_NO_DELIMITER on one single column, INTAKE_NO_HEADER when the cells look like data (so that the first
 * debt is never eaten as a header), INTAKE_DUPLICATE_HEADER on a repeated name. Empty names are allowed.
 */
export function checkHeader(header: readonly string[], line: number): void {
  if (header.length < 2) throw intakeError('INTAKE_NO_DELIMITER', 'header has a single column', { line });
  if (header.some(looksLikeData)) throw intakeError('INTAKE_NO_HEADER', 'first line looks like data', { line });
  const seen = new Map<string, number>();
  for (const [index, name] of header.entries()) {
    const folded = foldName(name);
    if (folded === '') continue;
    const first = seen.get(folded);
    if (first !== undefined) {
      const details = { name: name.slice(0, 60), first: first + 1, second: index + 1 };
      throw intakeError('INTAKE_DUPLICATE_HEADER', 'two columns have the same name', details);
    }
    seen.set(folded, index);
  }
}

function looksLikeData(cell: string): boolean {
  // A lone year may name a column; a longer number, a date, a code or an address of a person may not.
  return (
    /^[\d.,\s€]{5,}$/.test(cell) ||
    /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(cell) ||
    parseCivilDate(cell).ok ||
    checkCodiceFiscale(cell).ok
  );
}
