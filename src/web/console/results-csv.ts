/**
 * A table as the office's spreadsheet opens it: semicolons, UTF-8 with its mark. A text that a spreadsheet would run as a
 * formula is given an apostrophe before it, which the spreadsheet does not show; numbers, minus signs too, are left alone.
 */
export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(';')).join('\r\n')}\r\n`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value).replace('.', ',');
  const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[";\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
