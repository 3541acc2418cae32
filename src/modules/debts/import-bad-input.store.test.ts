import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, CSV_HEADER, debtsCsv, enteCf, importsOf, openText, validCf } from '../../../test/support/ground.ts';
import {
  committed,
  debtsByExternalId,
  type FileData,
  fileOf,
  ledgerOf,
  OPERATOR,
  SKIP,
} from '../../../test/support/imports.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { isCoded } from '../../kernel/errors.ts';
import { loadPersons } from '../debtors/index.ts';
import type { ImportService } from './index.ts';

let store: TestStore;
let imports: ImportService;
beforeAll(async () => {
  store = await openTestStore();
  imports = importsOf(store);
});
afterAll(() => store.close());

let lastEnte = 0;
async function nextEnte(): Promise<number> {
  lastEnte += 1;
  await addEnte(store, lastEnte);
  return lastEnte;
}

const NOTHING = { debts: 0, visible: 0, entries: 0, waiting: {}, mismatches: [] };
const debt = (n: number) => ({ externalId: `P-${n}`, cf: validCf(n), amountCents: 1000 + n, dueDate: '2025-03-31' });
const good = (count: number) => debtsCsv(Array.from({ length: count }, (_, i) => debt(i + 1)));
const line = (n: number, change: Readonly<Record<number, string>> = {}) => {
  const cells = [`P-${n}`, validCf(n), 'Rossi', 'Mario', '', '', '', '', '2024', '31/03/2025', '10,00', '', '', ''];
  return cells.map((cell, i) => change[i] ?? cell).join(';');
};
const file = (...lines: string[]) => `${[CSV_HEADER, ...lines].join('\r\n')}\r\n`;
const bytes = (text: string, replace: Readonly<Record<string, number>>) =>
  Uint8Array.from(text, (c) => replace[c] ?? c.charCodeAt(0));

/** Chunks of 64 KiB up to `size` bytes, counted as they are taken. */
function endless(head: string, size: number) {
  const taken = { bytes: 0 };
  const open = async function* () {
    yield new TextEncoder().encode(head);
    const chunk = new Uint8Array(65_536).fill(0x61);
    for (let at = 0; at < size; at += chunk.length) {
      taken.bytes += chunk.length;
      yield chunk;
    }
  };
  return { open, taken };
}

describe('a file that cannot be read', () => {
  const foreign = 'codice_fiscale_ente';
  const withBody = (count: number, strangerAt: number) => {
    const [head = '', ...rows] = good(count).trimEnd().split('\r\n');
    const lines = rows.map((r, i) => `${r};${enteCf(i + 1 === strangerAt ? 999 : lastEnte)}`);
    return [`${head};${foreign}`, ...lines].join('\r\n');
  };

  it.each<[string, () => FileData, string]>([
    ['is empty', () => '', 'INTAKE_EMPTY'],
    ['has only a header', () => file(), 'INTAKE_HEADER_ONLY'],
    ['has no header', () => `${line(1)}\r\n${line(2)}\r\n`, 'INTAKE_NO_HEADER'],
    ['ends inside quotes', () => `${file(line(1), line(2))}P-3;"Ros`, 'INTAKE_UNREADABLE'],
    [
      'opens quotes on row 2 and never closes them, for pages',
      () => `${file(line(1), line(2, { 2: '"Rossi' }))}${good(1500)}`,
      'INTAKE_UNREADABLE',
    ],
    ['holds a line of 200 MB', () => endless(file(line(1)), 200 * 2 ** 20).open, 'INTAKE_UNREADABLE'],
    ['is one line of 200 MB', () => endless('', 200 * 2 ** 20).open, 'INTAKE_UNREADABLE'],
    [
      'is UTF-8 with a few broken bytes',
      () => bytes(file(line(1, { 2: 'Niccol\u00c3\u00b2 \u00c3\u00a8', 3: '~' })), { '~': 0xe8 }),
      'INTAKE_MIXED_ENCODING',
    ],
    ['is UTF-16 without its mark', () => new Uint8Array(Buffer.from(file(line(1)), 'utf16le')), 'INTAKE_NOT_TEXT'],
    ['is a spreadsheet', () => Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 1, 2, 3, 4), 'INTAKE_NOT_TEXT'],
    ['has a row of 60,000 empty columns', () => file(line(1), ';'.repeat(60_000), line(2)), 'INTAKE_TOO_MANY_COLUMNS'],
    ['has a row of two million empty columns', () => file(line(1), ';'.repeat(2_000_000)), 'INTAKE_UNREADABLE'],
    [
      'has a header of 5,000 columns',
      () => `${CSV_HEADER}${';'.repeat(5_000)}\r\n${line(1)}\r\n`,
      'INTAKE_TOO_MANY_COLUMNS',
    ],
    ['has two columns of one name', () => `${CSV_HEADER};Importo\r\n${line(1)};1\r\n`, 'INTAKE_DUPLICATE_HEADER'],
    ['lacks the amount', () => 'id_posizione;codice_fiscale;scadenza\r\nP-1;x;y\r\n', 'INTAKE_PROFILE'],
    ['belongs to another body, seen only on row 2,300', () => withBody(2_400, 2_300), 'INTAKE_OTHER_BODY'],
  ])('because it %s commits nothing and keeps no row', async (_, make, code) => {
    const ente = await nextEnte();
    await expect(imports.load(fileOf(ente, make()), SKIP, OPERATOR)).rejects.toMatchObject({ code });
    const left = await ledgerOf(store, ente);
    expect(left).toMatchObject(NOTHING);
    for (const state of left.states) expect(state).toBe('discarded');
    await store.db.tenant(ente, async (tx) => {
      const keys = await sql`select 1 from import where key_wrapped is not null or header is not null`.execute(
        tx.kysely,
      );
      expect(keys.rows).toEqual([]);
    });
  });

  it('because of its size is given up early, not after 200 MB', async () => {
    const ente = await nextEnte();
    const { open, taken } = endless(file(line(1)), 200 * 2 ** 20);
    await expect(imports.load(fileOf(ente, open), SKIP, OPERATOR)).rejects.toMatchObject({ code: 'INTAKE_UNREADABLE' });
    expect(taken.bytes).toBeLessThan(2 ** 20);
  });

  it('because it changes while it is read is refused whole', async () => {
    const ente = await nextEnte();
    let opened = 0;
    const open = () => {
      opened += 1;
      return openText(file(line(opened < 4 ? 1 : 2)))();
    };
    await expect(imports.load(fileOf(ente, open), SKIP, OPERATOR)).rejects.toMatchObject({ code: 'INTAKE_CHANGED' });
    expect(await ledgerOf(store, ente)).toMatchObject(NOTHING);
  });

  it('of an unknown credit type or body is refused before it is opened', async () => {
    const ente = await nextEnte();
    const open = () => {
      throw new Error('opened');
    };
    const load = (enteId: number, type: string) => imports.load(fileOf(enteId, open, type), SKIP, OPERATOR);
    await expect(load(ente, 'MULTA')).rejects.toMatchObject({ code: 'CREDIT_TYPE_UNKNOWN' });
    await expect(load(9_999, 'TARI')).rejects.toMatchObject({ code: 'ENTE_UNKNOWN' });
  });

  it('cut short at any byte is refused, or loaded without any value that it did not hold', async () => {
    const whole = debtsCsv(
      [1, 2, 3].map((n) => ({ ...debt(n), noticeNumber: '301000000000000112', documentNumber: 'B-7' })),
    );
    const cuts = fc.integer({ min: 0, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(cuts, async (cut) => {
        const ente = await nextEnte();
        try {
          const { counts } = await committed(imports.load(fileOf(ente, whole.slice(0, cut)), SKIP, OPERATOR));
          expect(counts.accepted + counts.rejected + counts.quarantined).toBe(counts.rows);
        } catch (error) {
          if (!isCoded(error)) throw error;
          expect(error.code).toMatch(/^INTAKE_/);
          expect(await ledgerOf(store, ente)).toMatchObject(NOTHING);
        }
        const numbers = await store.db.tenant(ente, async (tx) => {
          const { rows } = await sql<{ n: string | null }>`select imported_notice_number as n from debt`.execute(
            tx.kysely,
          );
          return rows.map((r) => r.n);
        });
        for (const number of numbers) expect([null, '301000000000000112']).toContain(number);
        for (const [id, found] of await debtsByExternalId(store, ente)) {
          expect(found.dueCents).toBe(1000 + Number(id.slice(2)));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a row that cannot be read', () => {
  it.each([
    ['a formula as name', line(2, { 2: '"=HYPERLINK(""http://x.example"")"' }), 'FORMULA_CELL'],
    ['a formula as id', line(2, { 0: '+cmd|calc' }), 'FORMULA_CELL'],
    ['a negative amount', line(2, { 10: '-10,00' }), 'AMOUNT_NEGATIVE'],
    ['an amount in brackets', line(2, { 10: '(10,00)' }), 'AMOUNT_NEGATIVE'],
    ['an amount of 14 digits', line(2, { 10: '12345678901234' }), 'AMOUNT_TOO_LARGE'],
    ['an amount of 14 digits with cents', line(2, { 10: '12345678901234,56' }), 'AMOUNT_TOO_LARGE'],
    ['31 February', line(2, { 9: '31/02/2025' }), 'DATE_NO_SUCH_DAY'],
    ['29 February of a common year', line(2, { 9: '2025-02-29' }), 'DATE_NO_SUCH_DAY'],
    ['the id of the row before', line(1), 'DUPLICATE_IN_FILE'],
    ['a wrong control letter', line(2, { 1: `${validCf(2).slice(0, 15)}0` }), 'CF_FORMAT'],
    ['a cell of 50,000 characters', line(2, { 2: 'R'.repeat(50_000) }), 'CELL_TOO_LONG'],
    ['a missing column', line(2).replace(/;$/, ''), 'WIDTH'],
    ['a control character', line(2, { 2: 'Ros\u0001si' }), 'CONTROL_CHARACTER'],
  ])('because of %s is kept with its reason, and the others go on', async (_, bad, code) => {
    const ente = await nextEnte();
    const { counts, analysis } = await committed(
      imports.load(fileOf(ente, file(line(1), bad, line(3))), SKIP, OPERATOR),
    );
    expect(analysis.codes).toEqual({ [code]: 1 });
    expect(counts).toMatchObject({ rows: 3, accepted: 2, rejected: 1, created: 2 });
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 2, visible: 2, waiting: { 2: 1 }, mismatches: [] });
    const kept = await store.db.tenant(ente, (tx) => sql`select line, code from import_row`.execute(tx.kysely));
    expect(kept.rows).toEqual([{ line: 3, code }]);
  });

  it('in a file of windows-1252 does not spoil the names of the others', async () => {
    const ente = await nextEnte();
    const text = file(line(1, { 2: 'D~Angelò', 3: 'Niccolò' }));
    await committed(imports.load(fileOf(ente, bytes(text, { '~': 0x92 })), SKIP, OPERATOR));
    const { debtorId = '' } = (await debtsByExternalId(store, ente)).get('P-1') ?? {};
    const persons = await store.db.tenant(ente, (tx) => loadPersons(tx, store.vaultOf(ente), [debtorId]));
    expect(persons.get(debtorId)?.personal).toMatchObject({ surname: 'D’Angelò', name: 'Niccolò' });
  });
});
