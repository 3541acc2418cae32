import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FirstLines, refuseDuplicates } from './file-checks.ts';
import { guessProfile } from './guess-profile.ts';
import { CTX, cells, collect, HEADER, textOf } from './intake.fixtures.ts';
import { readCsv } from './read-csv.ts';
import { rejectedFile } from './rejected-file.ts';
import { rowValidator } from './validate-row.ts';
import type { Rejected } from './verdict.ts';

describe('FirstLines', () => {
  it('does what a Map does, also while it grows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6_000 }), { minLength: 6_000, maxLength: 9_000 }), (keys) => {
        const lines = new FirstLines();
        const map = new Map<number, number>();
        const wrong = keys.filter((key, i) => {
          const expected = map.get(key) ?? null;
          if (expected === null) map.set(key, i + 1);
          return lines.seen(String(key), i + 1) !== expected;
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });
});

describe('refuseDuplicates', () => {
  it('rejects the second row and names the first; a rejected row does not count', () => {
    const validate = rowValidator(HEADER, guessProfile(HEADER).profile, CTX);
    const unique = refuseDuplicates('id_posizione');
    const check = (line: number, change: Record<string, string>) => unique(validate({ line, cells: cells(change) }));
    expect(check(2, { importo: 'x' })).toMatchObject({ code: 'AMOUNT_NOT_A_NUMBER' });
    expect(check(3, {}).kind).toBe('accepted');
    expect(check(4, { id_posizione: 'P-2', deceduto: 'S' }).kind).toBe('quarantined');
    expect(check(5, {})).toMatchObject({
      kind: 'rejected',
      code: 'DUPLICATE_IN_FILE',
      column: 'id_posizione',
      message: 'Riga 5, colonna «id_posizione»: l’identificativo è già alla riga 3 (valore: «P-1»).',
    });
    expect(check(6, { id_posizione: 'P-2' })).toMatchObject({ code: 'DUPLICATE_IN_FILE' });
  });
});

describe('rejectedFile', () => {
  const verdict: Rejected = { kind: 'rejected', code: 'CF_CHECK', column: '=cf', message: '-1+1; "x"' };

  it('gives back the original cells and keeps ours from being formulas', () => {
    const file = rejectedFile(['a', 'b'], ';');
    expect(file.start).toBe('\ufeffa;b;errore_riga;errore_colonna;errore_motivo\r\n');
    expect(file.row(12, ['=1', ' x;"y"\n'], verdict)).toBe(`=1;" x;""y""\n";12;'=cf;"'-1+1; ""x"""\r\n`);
  });

  it('replaces the columns of an earlier round and keeps ours in their place', () => {
    const file = rejectedFile(['a', 'errore_riga', 'errore_colonna', 'errore_motivo', 'b'], ',');
    expect(file.start).toBe('\ufeffa,b,errore_riga,errore_colonna,errore_motivo\r\n');
    expect(file.row(2, ['1', '9', 'x', 'y', '2'], { ...verdict, column: null, message: 'm' })).toBe('1,2,2,,m\r\n');
    const two = rejectedFile(['a', 'b'], ';');
    expect(two.row(2, ['1'], { ...verdict, column: 'a', message: 'm' })).toBe('1;;2;a;m\r\n');
    expect(two.row(2, ['1', '2', '3'], { ...verdict, column: 'a', message: 'm' })).toBe('1;"2;3";2;a;m\r\n');
  });

  it('can be read again, whatever the cells were', async () => {
    const cell = fc.string({ unit: fc.constantFrom('=', '"', ';', '\n', ' ', 'a', '\t', '-'), maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(cell, cell, async (a, b) => {
        const file = rejectedFile(['a', 'b'], ';');
        const text = file.start.slice(1) + file.row(2, [a, b], verdict);
        const [, row] = await collect(readCsv(textOf(text)));
        expect(row?.cells).toEqual([a, b, '2', "'=cf", `'${verdict.message}`]);
      }),
    );
  });
});
