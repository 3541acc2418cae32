import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../kernel/hash.ts';
import { analyseFile, inspectFile } from './analyse.ts';
import { bytesOf, CTX, cells, csv, HEADER, personCode } from './intake.fixtures.ts';
import type { RowVerdict } from './verdict.ts';

const opener = (data: string | Uint8Array, size?: number) => () => bytesOf(data, size);

describe('analyseFile', () => {
  it('tells what a file holds', async () => {
    const text = `\ufeff${csv([
      cells(),
      cells({ id_posizione: 'P-2', importo: '10,00', scadenza: '31/12/2025', email: 'no' }),
      cells({ id_posizione: 'P-3', importo: '-1' }),
      cells({ id_posizione: 'P-4', deceduto: 'S' }),
      cells(),
    ])}\r\n`;
    const analysis = await analyseFile(opener(text, 11), { ctx: CTX });
    expect(analysis).toMatchObject({
      encoding: 'utf-8',
      delimiter: ';',
      header: HEADER,
      sha256: sha256Hex(text),
      bytes: new TextEncoder().encode(text).length,
      unmapped: [],
      rows: 5,
      blankLines: 1,
      verdicts: { accepted: 2, rejected: 2, quarantined: 1 },
      codes: { AMOUNT_NEGATIVE: 1, DECEASED: 1, DUPLICATE_IN_FILE: 1 },
      warnings: { EMAIL_DROPPED: 1 },
      totalCents: 124_456,
      dueDates: { first: '2024-06-30', last: '2025-12-31' },
    });
    expect(analysis.examples.AMOUNT_NEGATIVE).toEqual([
      { line: 4, column: 'importo', message: 'Riga 4, colonna «importo»: l’importo è negativo (valore: «-1»).' },
    ]);
    expect(analysis.preview[0]).toMatchObject({
      line: 2,
      verdict: 'accepted',
      fields: { amount: '1.234,56\u00a0€', dueDate: '30/06/2024', codiceFiscale: 'RSSMRA85T10A562S' },
    });
    expect(analysis.preview[2]).toMatchObject({
      verdict: 'rejected',
      fields: { errore: expect.stringContaining('Riga 4') },
    });
  });

  it('reads windows-1252 and other delimiters the same way', async () => {
    const row = cells({ nome: 'Niccolò', importo: '€ 12.50' });
    const plain = await analyseFile(opener(csv([row])), { ctx: CTX });
    const bytes = Uint8Array.from(csv([row], '\t'), (c) => (c === '€' ? 0x80 : c.charCodeAt(0)));
    const tabbed = await analyseFile(opener(bytes, 3), { ctx: CTX });
    expect(tabbed).toMatchObject({ encoding: 'windows-1252', delimiter: '\t', totalCents: 1_250 });
    expect(tabbed.preview).toEqual(plain.preview);
    const commas = await analyseFile(opener(csv([row], ',')), { ctx: CTX });
    expect(commas).toMatchObject({ delimiter: ',', preview: plain.preview });
  });

  it('waits for the sink and gives it every row in order', async () => {
    const seen: [number, string][] = [];
    let inside = 0;
    await analyseFile(opener(csv([cells(), cells(), cells({ id_posizione: 'P-2' })])), {
      ctx: CTX,
      sink: async (verdict, line, row) => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        expect(row).toHaveLength(HEADER.length);
        seen.push([line, verdict.kind]);
        inside -= 1;
      },
    });
    expect(seen).toEqual([
      [2, 'accepted'],
      [3, 'rejected'],
      [4, 'accepted'],
    ]);
  });

  it('reports a row cut at the end of the file', async () => {
    const text = csv([cells(), cells({ id_posizione: 'P-2' })]);
    const analysis = await analyseFile(opener(text.slice(0, -30)), { ctx: CTX });
    expect(analysis).toMatchObject({ verdicts: { accepted: 1, rejected: 1 }, codes: { TRUNCATED_ROW: 1 } });
    const quoted = `${text}"P-3;taglia`;
    await expect(analyseFile(opener(quoted), { ctx: CTX })).rejects.toMatchObject({
      code: 'INTAKE_UNREADABLE',
      details: { lastGoodLine: 3, reason: 'CSV_QUOTE_NOT_CLOSED' },
    });
  });

  it('refuses whole files that are not for it', async () => {
    const other = csv([[...cells(), '12345678903']], ';', [...HEADER, 'cf_ente']);
    await expect(analyseFile(opener(other), { ctx: CTX })).rejects.toMatchObject({ code: 'INTAKE_OTHER_BODY' });
    await expect(analyseFile(opener('nome;età\nMario;40\n'), { ctx: CTX })).rejects.toMatchObject({
      code: 'INTAKE_PROFILE',
    });
    await expect(analyseFile(opener('PK\x03\x04xxxx'), { ctx: CTX })).rejects.toMatchObject({
      code: 'INTAKE_NOT_TEXT',
    });
  });

  it('notices a file that changes between the two readings', async () => {
    let turn = 0;
    const open = () => {
      turn += 1;
      return bytesOf(csv([cells({ importo: turn === 1 ? '10,00' : '99,00' })]));
    };
    await expect(analyseFile(open, { ctx: CTX })).rejects.toMatchObject({ code: 'INTAKE_CHANGED' });
  });

  it('fails fast on a line of 200 MB', async () => {
    let given = 0;
    const open = async function* () {
      yield new TextEncoder().encode(csv([cells()]));
      const chunk = new Uint8Array(65_536).fill(0x61);
      for (; given < 3_200; given += 1) yield chunk;
    };
    await expect(analyseFile(open, { ctx: CTX })).rejects.toMatchObject({ code: 'INTAKE_UNREADABLE' });
    expect(given).toBeLessThan(10);
  });

  it('gives each row exactly one verdict and counts that add up', async () => {
    const value = (good: string, ...bad: string[]) => fc.constantFrom(good, good, good, good, good, ...bad);
    const row = fc
      .record({
        id_posizione: fc.integer({ min: 1, max: 30 }).map(String),
        codice_fiscale: value('RSSMRA85T10A562S', personCode('12', 3), 'RSSMRA85T10A562X', '', '12345678903'),
        importo: value('1.234,56', '0', '-3', '1,234', '99999999999999', '=A1', '12"'),
        scadenza: value('30/06/2024', '31/02/2024', '2019-01-01', '2031-01-01', 'domani'),
        email: value('a@b.example', 'no', ''),
        cognome: value('Rossi', 'a;b', 'x\ny', ''),
        deceduto: value('', 'S'),
      })
      .map((change) => cells(change));
    const shaped = fc
      .tuple(row, value('same', 'short', 'long', 'blank'))
      .map(([r, shape]) =>
        shape === 'short' ? r.slice(0, 5) : shape === 'long' ? [...r, 'x'] : shape === 'blank' ? r.map(() => '') : r,
      );
    const quote = (cell: string) => (/[;"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    await fc.assert(
      fc.asyncProperty(
        fc.array(shaped, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 999 }),
        async (rows, size) => {
          const blank = rows.filter((r) => r.every((c) => c === '')).length;
          fc.pre(blank < rows.length);
          const verdicts: RowVerdict[] = [];
          const lines = new Set<number>();
          const analysis = await analyseFile(opener(csv(rows.map((r) => r.map(quote))), size), {
            ctx: CTX,
            sink: (verdict, line) => {
              verdicts.push(verdict);
              lines.add(line);
            },
          });
          const { accepted, rejected, quarantined } = analysis.verdicts;
          const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
          expect(analysis.rows + analysis.blankLines).toBe(rows.length);
          expect(analysis.blankLines).toBe(blank);
          expect(verdicts).toHaveLength(analysis.rows);
          expect(lines.size).toBe(analysis.rows);
          expect(accepted + rejected + quarantined).toBe(analysis.rows);
          expect(sum(analysis.codes)).toBe(rejected + quarantined);
          const entered = verdicts.flatMap((v) => (v.kind === 'rejected' ? [] : [v.row.externalId]));
          expect(new Set(entered).size).toBe(entered.length);
          const cents = verdicts.map((v) => (v.kind === 'accepted' ? v.row.amountCents : 0));
          expect(analysis.totalCents).toBe(cents.reduce((a, b) => a + b, 0));
        },
      ),
    );
  });
});

describe('inspectFile', () => {
  it('shows head, guess and sample without judging rows', async () => {
    const rows = Array.from({ length: 8 }, (_, i) => cells({ id_posizione: `P-${i}`, importo: 'boh' }));
    const head = await inspectFile(opener(csv(rows)));
    expect(head).toMatchObject({ encoding: 'utf-8', delimiter: ';', header: HEADER, guess: { missing: [] } });
    expect(head.sample).toEqual(rows.slice(0, 5));
  });
});
