/** The file's first bytes: by them a spreadsheet knows that it is UTF-8. */
export const CSV_START = '\uFEFF';

/**
 * A row as the office's spreadsheet opens it: semicolons. A text that a spreadsheet would run as a formula is given an
 * apostrophe before it, which the spreadsheet does not show; numbers, minus signs too, are left alone.
 */
export function csvLine(row: readonly (string | number)[]): string {
  return `${row.map(cell).join(';')}\r\n`;
}

export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  return `${CSV_START}${rows.map(csvLine).join('')}`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value).replace('.', ',');
  const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[";\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
