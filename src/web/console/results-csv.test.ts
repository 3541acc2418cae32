import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf } from './results-csv.ts';

const read = (text: string): string[][] =>
  parse(text, { delimiter: ';', bom: true, record_delimiter: '\r\n', relax_column_count: true });

describe('a table as a file', () => {
  it('never has a cell that a spreadsheet would run', () => {
    const dangerous = fc
      .tuple(fc.constantFrom('', ' ', '\t', '\n'), fc.constantFrom('=', '+', '-', '@', '\t', '\r'), fc.string())
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(dangerous, (text) => {
        expect(read(csvOf([[text, 'x']]))[0]?.[0]).toBe(`'${text}`);
      }),
    );
  });

  it('gives back every other text', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), (row) => {
        fc.pre(row.every((text) => !/^\s*[=+\-@\t\r]/.test(text)));
        expect(read(csvOf([row]))).toEqual([row]);
      }),
    );
  });

  it('writes numbers as an Italian spreadsheet reads them', () => {
    expect(csvOf([[-1.5, 1200]])).toBe('\uFEFF-1,5;1200\r\n');
  });
});
