import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCoded } from '../../../kernel/errors.ts';
import { explainIntakeError } from './file-errors.ts';
import { collect, textOf } from './intake.fixtures.ts';
import { type CsvRecord, type Delimiter, openCsv, readCsv } from './read-csv.ts';

const read = (text: string, size?: number, delimiter?: Delimiter) =>
  collect(readCsv(textOf(text, size), delimiter ? { delimiter } : {}));

/** What was read before the fault, and the fault. */
async function readToFault(text: AsyncIterable<string>): Promise<{ records: CsvRecord[]; error: unknown }> {
  const records: CsvRecord[] = [];
  try {
    for await (const record of readCsv(text)) records.push(record);
  } catch (error) {
    return { records, error };
  }
  return { records, error: null };
}

describe('readCsv', () => {
  it('finds the delimiter on the header line, outside quotes', async () => {
    for (const d of [';', ',', '|', '\t']) {
      const [header, row] = await read(`"a;b,c|d"${d}x${d}y\n1${d}2${d}3\n`);
      expect(header).toEqual({ line: 1, cells: ['a;b,c|d', 'x', 'y'] });
      expect(row).toEqual({ line: 2, cells: ['1', '2', '3'] });
    }
  });

  it('obeys the delimiter it is given and the first line of Excel', async () => {
    expect((await read('a,b;c\n1,2;3\n', undefined, ','))[1]?.cells).toEqual(['1', '2;3']);
    expect(await read('sep=|\r\na,x|b,y,z\r\n1|2\r\n')).toEqual([
      { line: 2, cells: ['a,x', 'b,y,z'] },
      { line: 3, cells: ['1', '2'] },
    ]);
  });

  it('numbers lines through blank lines, quoted line breaks and every line ending', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['', 'a;b', '1;"x', 'y"', ';', '2;"p', '', 'q"', '3;z', ''].join(end);
      for (const size of [1, 3, 100]) {
        const records = await read(text, size);
        expect(records.map((r) => r.line)).toEqual([2, 3, 6, 9]);
        expect(records[1]?.cells).toEqual(['1', `x${end}y`]);
      }
    }
  });

  it('marks the last record of a file without a final line break', async () => {
    expect((await read('a;b\n1;2\n3;4')).map((r) => r.unterminated)).toEqual([undefined, undefined, true]);
    expect((await read('a;b\n1;2\n3;4\n')).some((r) => r.unterminated)).toBe(false);
  });

  it('counts blank lines apart', async () => {
    const file = await openCsv(textOf('\n\na;b\n\n1;2\n;;;\n  ; \n'));
    expect(await collect(file.rows)).toHaveLength(1);
    expect(file.stats.blankLines).toBe(3);
    expect(file.headerLine).toBe(3);
  });

  it('refuses headers it cannot trust', async () => {
    const cases: [string, string][] = [
      ['', 'INTAKE_EMPTY'],
      [' \n\n ;;\n', 'INTAKE_EMPTY'],
      ['a;b\n', 'INTAKE_HEADER_ONLY'],
      ['a;b\n;\n', 'INTAKE_HEADER_ONLY'],
      ['solo\n1\n', 'INTAKE_NO_DELIMITER'],
      ['a;B; b \n1;2;3\n', 'INTAKE_DUPLICATE_HEADER'],
      ['1;RSSMRA85T10A562S;30/06/2024\n', 'INTAKE_NO_HEADER'],
      [`${'\n'.repeat(200_000)}a;b\n`, 'INTAKE_NO_HEADER'],
    ];
    for (const [text, code] of cases) {
      const error = await read(text).catch((e: unknown) => e);
      expect(isCoded(error, code), `${code} for ${JSON.stringify(text.slice(0, 30))}, got ${String(error)}`).toBe(true);
    }
  });

  it('gives the rows before a fault, then says where it stopped and which line was good', async () => {
    const good = Array.from({ length: 50 }, (_, i) => `${i};x\n`).join('');
    for (const size of [7, 100_000]) {
      for (const [bad, reason] of [
        ['1;"x"y\n2;2\n', 'CSV_INVALID_CLOSING_QUOTE'],
        ['1;x"y"\n2;2\n', 'INVALID_OPENING_QUOTE'],
        ['1;"mai chiuse\n2;2\n', 'CSV_QUOTE_NOT_CLOSED'],
      ] as const) {
        const { records, error } = await readToFault(textOf(`a;b\n${good}${bad}`, size));
        expect(records).toHaveLength(51);
        expect(error).toMatchObject({ code: 'INTAKE_UNREADABLE', details: { lastGoodLine: 51, reason } });
        // The text of the parser quotes the cell: it must not travel in an error.
        expect(JSON.stringify(error) + String(error)).not.toContain('mai chiuse');
        if (isCoded(error)) expect(explainIntakeError(error)).toContain('è la 51');
      }
    }
  });

  it('stops at a quote that swallows the rest of a long file', async () => {
    const rest = 'nome;cognome\n'.repeat(20_000);
    const { error } = await readToFault(textOf(`a;b\n1;2\n3;"x\n${rest}`));
    expect(error).toMatchObject({
      code: 'INTAKE_UNREADABLE',
      details: { lastGoodLine: 2, reason: 'CSV_MAX_RECORD_SIZE' },
    });
  });

  it('stops at a line of 200 MB and at a bomb of empty columns after a few chunks', async () => {
    for (const [fill, header] of [
      ['x', 'a;b\n1;2\n'],
      [';', 'a;b\n1;2\n'],
      [';', ''],
      ['"";', 'a;b\n1;2\n'],
    ] as const) {
      let given = 0;
      const chunk = fill.repeat(65_536 / fill.length);
      const endless = async function* () {
        if (header !== '') yield header;
        for (; given < 3200; given += 1) yield chunk;
      };
      const { error } = await readToFault(endless());
      expect(isCoded(error)).toBe(true);
      expect(given).toBeLessThan(5);
    }
  });

  it('refuses more than 100 columns in the header or in a row', async () => {
    for (const text of [`${'a;'.repeat(101)}\n1\n`, `a;b\n1;2\n${';'.repeat(100)}x\n`]) {
      await expect(read(text)).rejects.toMatchObject({ code: 'INTAKE_TOO_MANY_COLUMNS' });
    }
  });

  it('lets the source go when the reader stops early', async () => {
    let closed = false;
    const source = async function* () {
      try {
        for (;;) yield 'a;b\n1;2\n3;4\n';
      } finally {
        closed = true;
      }
    };
    for await (const record of readCsv(source())) if (record.line > 2) break;
    expect(closed).toBe(true);
  });

  it('gives back whatever cells were written, with the line of each, however the text is cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ';', '"', '\n', '\r\n', ' ', '1'), maxLength: 6 });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        let line = 2;
        let text = 'uno;due\n';
        const expected: CsvRecord[] = [];
        for (const [a, b] of rows) {
          const marked = [`>${a}`, b];
          const written = marked.map((c) => (/[;"\r\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(';');
          expected.push({ line, cells: marked });
          text += `${written}\n`;
          line += 1 + (written.match(/\r\n|\n/g)?.length ?? 0);
        }
        const [, ...got] = await read(text, size);
        expect(got).toEqual(expected);
      }),
    );
  });
});
