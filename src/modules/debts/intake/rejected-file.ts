import { foldName } from './csv-header.ts';
import type { Delimiter } from './read-csv.ts';
import type { Rejected } from './verdict.ts';

const OWN_COLUMNS = ['errore_riga', 'errore_colonna', 'errore_motivo'] as const;
const LINE_END = '\r\n';

export interface RejectedFile {
  /** Byte order mark (so that spreadsheets take UTF-8) and header line. */
  readonly start: string;
  /** One line of the file. `line` is that of the original. */
  row(line: number, cells: readonly string[], verdict: Pick<Rejected, 'column' | 'message'>): string;
}

/**
 * The rejected rows, to be corrected and loaded again: the columns of the original, then ours. Original cells are given
 * back as they were; cells of ours cannot start a formula. Our columns of an earlier round are replaced. A row with too
 * few cells is padded, one with too many gets the excess in its last column, so that ours stay under their names.
 */
export function rejectedFile(header: readonly string[], delimiter: Delimiter): RejectedFile {
  const own = new Set<string>(OWN_COLUMNS);
  const kept = header.flatMap((name, index) => (own.has(foldName(name)) ? [] : [index]));
  const write = (cells: readonly string[]) => cells.map((cell) => quote(cell, delimiter)).join(delimiter) + LINE_END;
  return {
    start: `\ufeff${write([...kept.map((index) => header[index] ?? ''), ...OWN_COLUMNS])}`,
    row(line, cells, verdict) {
      const fitted = cells.slice(0, header.length);
      if (cells.length > header.length) {
        fitted[header.length - 1] = cells.slice(header.length - 1).join(delimiter);
      }
      const original = kept.map((index) => fitted[index] ?? '');
      return write([...original, ...[String(line), verdict.column ?? '', verdict.message].map(defuse)]);
    },
  };
}

/** A spreadsheet runs cells that start with these signs (CSV injection). */
function defuse(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function quote(cell: string, delimiter: Delimiter): string {
  const needed = cell.includes(delimiter) || /["\r\n]/.test(cell) || cell !== cell.trim();
  return needed ? `"${cell.replaceAll('"', '""')}"` : cell;
}
