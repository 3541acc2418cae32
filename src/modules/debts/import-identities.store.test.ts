import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, CSV_HEADER, importsOf, validCf } from '../../../test/support/ground.ts';
import { fileOf, ledgerOf, OPERATOR, RELEASE, SKIP, STRICT } from '../../../test/support/imports.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
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

/** One cell, mostly good, now and then one of the ways in which files go wrong. */
function mostly(good: fc.Arbitrary<string>, ...bad: string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom(...bad) });
}

const cents = fc.integer({ min: 1, max: 9_999_999 }).map((c) => (c / 100).toFixed(2).replace('.', ','));
const day = fc.constantFrom('31/03/2025', '2024-12-02', '16.06.2026');
const name = fc.stringMatching(/^[A-Za-zàèìòù' ]{1,20}$/).filter((s) => s.trim() !== '');

const row = fc
  .tuple(
    mostly(
      fc.integer({ min: 1, max: 30 }).map((n) => `P-${n}`),
      '',
      '=1+1',
      'x'.repeat(101),
    ),
    mostly(fc.nat(8).map(validCf), '', 'RSSMRA85T10A562X', '123', validCf(1).toLowerCase()),
    mostly(name, '', '@SUM(A1)', 'Rossi\u0007', '"due\nrighe"'),
    name,
    mostly(
      fc.nat(9).map((n) => `p${n}@posta.example`),
      '',
      'a@b@c',
      'non so',
    ),
    fc.constantFrom('', 'dichiarazione'),
    fc.constantFrom('', '345 1234567', '055'),
    name,
    fc.constantFrom('', '2024', '24'),
    mostly(day, '', '31/02/2025', 'ieri', '01/01/1800', '30/06/2019', '2031-01-01'),
    mostly(cents, '', '-5,00', '0,00', '12345678901234', '1,234', 'dieci'),
    fc.constantFrom('', 'B-77'),
    fc.constantFrom('', 'U-9'),
    fc.constantFrom('', '301000000000000112', '12'),
  )
  .chain((cells) =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constant(cells.join(';')) },
      { weight: 1, arbitrary: fc.constant(cells.slice(0, 5).join(';')) },
      { weight: 1, arbitrary: fc.constant(`${cells.join(';')};;`) },
      { weight: 1, arbitrary: fc.constant('') },
    ),
  );

const file = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 25 }),
  end: fc.constantFrom('\r\n', '\n'),
  last: fc.boolean(),
});

const isNothing = (line: string) => /^[;\s]*$/.test(line);

describe('any file', () => {
  it('gives each row one verdict, shows nothing before the flip, and every cent after it', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.constantFrom(SKIP, RELEASE), async ({ rows, end, last }, consent) => {
        const said = rows.filter((line) => !isNothing(line)).length;
        fc.pre(said > 0);
        const ente = await nextEnte();
        const text = [CSV_HEADER, ...rows].join(end) + (last ? end : '');

        const asked = await imports.load(fileOf(ente, text), STRICT, OPERATOR);
        if (asked.kind === 'sameFile') throw new Error('a new body has no files');
        const { verdicts, totalCents } = asked.analysis;
        expect(asked.analysis.rows).toBe(said);
        expect(verdicts.accepted + verdicts.rejected + verdicts.quarantined).toBe(said);
        expect(asked.kind === 'committed').toBe(verdicts.accepted === said);

        if (asked.kind === 'needsConsent') {
          const before = await ledgerOf(store, ente);
          expect(before).toMatchObject({ debts: 0, visible: 0, entries: 0, states: ['staged'] });
          const { 1: accepted = 0, 2: rejected = 0, 3: quarantined = 0 } = before.waiting;
          expect({ accepted, rejected, quarantined }).toEqual(verdicts);
          await imports.commitStaged(ente, asked.importId, consent, OPERATOR);
        }

        const [counts] = await imports.list(ente);
        const after = await ledgerOf(store, ente);
        const released = asked.kind === 'needsConsent' && consent.releaseQuarantined ? verdicts.quarantined : 0;
        expect(counts).toMatchObject({
          state: 'committed',
          rows: said,
          accepted: verdicts.accepted + released,
          rejected: verdicts.rejected,
          quarantined: verdicts.quarantined - released,
          created: verdicts.accepted + released,
          changed: 0,
          unchanged: 0,
        });
        expect(after).toMatchObject({
          debts: verdicts.accepted + released,
          visible: verdicts.accepted + released,
          entries: verdicts.accepted + released,
          mismatches: [],
        });
        if (released === 0) expect(after.dueCents).toBe(totalCents);
        const { 1: accepted = 0, 2: rejected = 0, 3: quarantined = 0, 4: changed = 0 } = after.waiting;
        expect({ accepted, changed }).toEqual({ accepted: 0, changed: 0 });
        expect({ rejected, quarantined }).toEqual({
          rejected: verdicts.rejected,
          quarantined: verdicts.quarantined - released,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('read without being loaded leaves no trace', async () => {
    const ente = await nextEnte();
    const text = `${CSV_HEADER}\nP-1;${validCf(1)};Rossi;Mario;;;;;2024;31/03/2025;10,00;;;\n`;
    expect((await imports.dryRun(fileOf(ente, text))).verdicts.accepted).toBe(1);
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 0, waiting: {}, states: [] });
  });

  it('holds no name, code or address in the clear, in any table', async () => {
    const ente = await nextEnte();
    const cf = validCf(4711);
    const good = `P-1;${cf};Zanichelli;Ildebranda;ilde@posta.example;d;345 7654321;d;2024;31/03/2025;10,00;;;`;
    const bad = `P-2;${cf};Zanichelli;Ildebranda;ilde@posta.example;d;345 7654321;d;2024;31/02/2025;10,00;;;`;
    await imports.load(fileOf(ente, `${CSV_HEADER}\n${good}\n${bad}\n`), SKIP, OPERATOR);
    await store.db.tenant(ente, async (tx) => {
      const tables = [
        'import',
        'import_row',
        'debtor',
        'contact_point',
        'held_item',
        'debt',
        'debt_entry',
        'audit_leaf',
      ];
      for (const table of tables) {
        const { rows } = await sql<{ all: string }>`select t::text as all from ${sql.table(table)} t`.execute(
          tx.kysely,
        );
        const text = rows.map((r) => r.all).join('\n');
        // bytea is printed in hex: both forms are looked for.
        for (const secret of [cf, 'Zanichelli', 'Ildebranda', 'ilde@posta', '7654321']) {
          expect(text.toLowerCase(), table).not.toContain(secret.toLowerCase());
          expect(text, table).not.toContain(Buffer.from(secret).toString('hex'));
        }
      }
      const leaves = await sql`select 1 from audit_leaf where kind = 'import.committed'`.execute(tx.kysely);
      expect(leaves.rows).toHaveLength(1);
    });
  });
});
