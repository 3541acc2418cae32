import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, CSV_HEADER, type DebtRowInput, debtsCsv, importsOf, validCf } from '../../../test/support/ground.ts';
import {
  committed,
  debtsByExternalId,
  fileOf,
  ledgerOf,
  OPERATOR,
  RELEASE,
  SKIP,
  STRICT,
  textOf,
} from '../../../test/support/imports.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { erasePerson, findDebtor, holdsItem, loadPersons } from '../debtors/index.ts';
import type { ImportService } from './index.ts';
import { debtsOfDebtor, openDetails, postEntries, relieveDebts } from './index.ts';

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

const row = (n: number, over: Partial<DebtRowInput> = {}): DebtRowInput => ({
  externalId: `P-${n}`,
  cf: validCf(n),
  amountCents: 10_000,
  dueDate: '2025-03-31',
  ...over,
});
const load = async (ente: number, ...rows: DebtRowInput[]) =>
  (await committed(imports.load(fileOf(ente, debtsCsv(rows)), SKIP, OPERATOR))).counts;
const dueOf = async (ente: number, id: string) => (await debtsByExternalId(store, ente)).get(id)?.dueCents;
const idOf = async (ente: number, id: string) => (await debtsByExternalId(store, ente)).get(id)?.debtId ?? '';
const entriesOf = (ente: number, kind: string) =>
  store.db.tenant(ente, async (tx) => {
    const { rows } = await sql<{ amount: number }>`select amount_cents as amount from debt_entry
      where ente_id = ${ente} and kind = ${kind} order by entry_id`.execute(tx.kysely);
    return rows.map((r) => r.amount);
  });

describe('the same file', () => {
  it('is recognised by its bytes and does nothing', async () => {
    const ente = await nextEnte();
    const first = await load(ente, row(1), row(2));
    const before = await ledgerOf(store, ente);
    const again = await imports.load(fileOf(ente, debtsCsv([row(1), row(2)])), STRICT, OPERATOR);
    expect(again).toMatchObject({ kind: 'sameFile', earlier: { importId: first.importId, created: 2 } });
    expect(await ledgerOf(store, ente)).toEqual(before);
  });

  it('of another body, or for another credit, is another file', async () => {
    const text = debtsCsv([row(1)]);
    const [a, b] = [await nextEnte(), await nextEnte()];
    await committed(imports.load(fileOf(a, text), STRICT, OPERATOR));
    expect((await committed(imports.load(fileOf(b, text), STRICT, OPERATOR))).counts.created).toBe(1);
  });

  it('that was read and dropped may be loaded later', async () => {
    const ente = await nextEnte();
    const text = debtsCsv([row(1), row(2, { amountCents: 0 })]);
    const asked = await imports.load(fileOf(ente, text), STRICT, OPERATOR);
    if (asked.kind !== 'needsConsent') throw new Error(asked.kind);
    await imports.discard(ente, asked.importId, OPERATOR);
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 0, waiting: {}, states: ['discarded'] });
    await expect(imports.commitStaged(ente, asked.importId, SKIP, OPERATOR)).rejects.toMatchObject({
      code: 'IMPORT_STATE',
    });
    await expect(textOf(imports.problemRows(ente, asked.importId, 'rejected'))).rejects.toMatchObject({
      code: 'IMPORT_UNKNOWN',
    });
    expect((await committed(imports.load(fileOf(ente, text), SKIP, OPERATOR))).counts).toMatchObject({ created: 1 });
  });

  it('is not committed twice, nor without the word that bad rows stay behind', async () => {
    const ente = await nextEnte();
    const asked = await imports.load(fileOf(ente, debtsCsv([row(1), row(2, { amountCents: 0 })])), STRICT, OPERATOR);
    if (asked.kind !== 'needsConsent') throw new Error(asked.kind);
    const commit = (consent: typeof STRICT) => imports.commitStaged(ente, asked.importId, consent, OPERATOR);
    await expect(commit(STRICT)).rejects.toMatchObject({ code: 'IMPORT_BAD_ROWS' });
    const both = await Promise.allSettled([commit(SKIP), commit(SKIP)]);
    expect(both.some((one) => one.status === 'fulfilled')).toBe(true);
    await expect(commit(SKIP)).rejects.toMatchObject({ code: 'IMPORT_STATE' });
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 1, entries: 1, mismatches: [] });
    const leaves = await store.db.tenant(ente, (tx) =>
      sql`select 1 from audit_leaf where kind = 'import.committed'`.execute(tx.kysely),
    );
    expect(leaves.rows).toHaveLength(1);
  });
});

describe('a later file', () => {
  it('corrects what it changes, once, and leaves the rest', async () => {
    const ente = await nextEnte();
    await load(ente, row(1), row(2), row(3));
    const counts = await load(ente, row(1, { amountCents: 12_500 }), row(2, { dueDate: '2025-12-02' }), row(3), row(4));
    expect(counts).toMatchObject({ created: 1, changed: 2, unchanged: 1, accepted: 4 });
    expect(await entriesOf(ente, 'adjustment')).toEqual([2_500]);
    const debts = await debtsByExternalId(store, ente);
    expect(debts.get('P-1')).toMatchObject({ dueCents: 12_500, dueDate: '2025-03-31' });
    expect(debts.get('P-2')).toMatchObject({ dueCents: 10_000, dueDate: '2025-12-02' });
    expect(await load(ente, row(4), row(3), row(1, { amountCents: 12_500 }))).toMatchObject({
      changed: 0,
      unchanged: 3,
    });
    expect(await load(ente, row(1, { amountCents: 4_000 }))).toMatchObject({ changed: 1 });
    expect(await entriesOf(ente, 'adjustment')).toEqual([2_500, -8_500]);
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 4, dueCents: 34_000, mismatches: [], waiting: {} });
  });

  it('moves the last day for the formal act with the due date (R01)', async () => {
    const ente = await nextEnte();
    const deadline = () =>
      store.db
        .tenant(ente, (tx) => sql`select decadence_deadline as d from debt_now`.execute(tx.kysely))
        .then((r) => r.rows);
    await load(ente, row(1, { dueDate: '2024-12-02', taxYear: 2023 }));
    expect(await deadline()).toEqual([{ d: '2029-12-31' }]);
    await load(ente, row(1, { dueDate: '2025-01-16', taxYear: 2023 }));
    expect(await deadline()).toEqual([{ d: '2030-12-31' }]);
  });

  it('does not bring back what an accepted dispute wrote off', async () => {
    const ente = await nextEnte();
    await load(ente, row(1), row(2));
    const debtId = await idOf(ente, 'P-1');
    const why = { at: store.clock.now(), source: 'dispute', sourceRef: 'd-1' };
    await store.db.tenant(ente, (tx) => relieveDebts(tx, [debtId], why));
    expect((await debtsByExternalId(store, ente)).get('P-1')).toMatchObject({ dueCents: 0, state: 'cancelled' });
    expect(await load(ente, row(1), row(2), row(3))).toMatchObject({ created: 1, changed: 0, unchanged: 2 });
    expect((await debtsByExternalId(store, ente)).get('P-1')).toMatchObject({ dueCents: 0, state: 'cancelled' });
    await load(ente, row(1, { amountCents: 10_700 }));
    expect(await dueOf(ente, 'P-1')).toBe(700);
  });

  it('takes no payment back', async () => {
    const ente = await nextEnte();
    await load(ente, row(1));
    const debtId = await idOf(ente, 'P-1');
    const at = store.clock.now();
    const paid = { debtId, kind: 'payment' as const, component: 'principal', amountCents: -10_000, at };
    await store.db.tenant(ente, (tx) => postEntries(tx, [{ ...paid, source: 'receipt', sourceRef: 'r-1' }]));
    await load(ente, row(1), row(2));
    expect((await debtsByExternalId(store, ente)).get('P-1')).toMatchObject({ dueCents: 10_000, state: 'settled' });
  });

  it('that gives a position to somebody else is set aside, and nothing of that row is used', async () => {
    const ente = await nextEnte();
    await load(ente, row(1));
    const owner = (await debtsByExternalId(store, ente)).get('P-1')?.debtorId;
    const stolen = row(1, {
      cf: validCf(77),
      amountCents: 5_000,
      documentNumber: 'BOLL-1',
      email: 'altro@posta.example',
    });
    const counts = await load(ente, stolen, row(2));
    expect(counts).toMatchObject({
      rows: 2,
      accepted: 1,
      quarantined: 1,
      rejected: 0,
      created: 1,
      changed: 0,
      unchanged: 0,
    });
    expect((await debtsByExternalId(store, ente)).get('P-1')).toMatchObject({ debtorId: owner, dueCents: 10_000 });
    await store.db.tenant(ente, async (tx) => {
      const kept = await sql`select verdict, code from import_row`.execute(tx.kysely);
      expect(kept.rows).toEqual([{ verdict: 3, code: 'OTHER_DEBTOR' }]);
      const stranger = (await findDebtor(tx, store.vaultOf(ente), validCf(77))) ?? '';
      expect(await holdsItem(tx, store.vaultOf(ente), stranger, 'BOLL-1')).toBe(false);
      const contacts = await sql`select 1 from contact_point where debtor_id = ${stranger}`.execute(tx.kysely);
      expect(contacts.rows).toEqual([]);
    });
  });

  it('begins anew for a person who was erased: old details stay gone, new ones are read', async () => {
    const ente = await nextEnte();
    await load(ente, row(1, { documentNumber: 'BOLL-1' }), row(2, { cf: validCf(1), documentNumber: 'BOLL-2' }));
    const debtorId = (await debtsByExternalId(store, ente)).get('P-1')?.debtorId ?? '';
    await store.db.tenant(ente, (tx) => erasePerson(tx, debtorId));
    expect(await load(ente, row(1, { documentNumber: 'BOLL-1' }))).toMatchObject({ created: 0, changed: 1 });
    const vault = store.vaultOf(ente);
    const numbers = await store.db.tenant(ente, async (tx) => {
      const person = (await loadPersons(tx, vault, [debtorId])).get(debtorId);
      if (person === undefined) throw new Error('no person');
      const debts = await debtsOfDebtor(tx, debtorId, null);
      return debts.map((debt) => [debt.external_id, openDetails(vault, person.key, debt).documentNumber]);
    });
    expect(numbers).toEqual([
      ['P-1', 'BOLL-1'],
      ['P-2', null],
    ]);
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 2, entries: 2, mismatches: [] });
  });

  it('loaded beside another one at the same moment neither doubles debts nor corrections', async () => {
    const ente = await nextEnte();
    const many = Array.from({ length: 40 }, (_, i) => row(i + 1));
    const files = [many, many.toReversed(), many.map((r) => ({ ...r, amountCents: 11_000 }))];
    await Promise.all(files.map((rows) => load(ente, ...rows)));
    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 40, visible: 40, mismatches: [], waiting: {} });
    for (const { dueCents } of (await debtsByExternalId(store, ente)).values()) {
      expect([10_000, 11_000]).toContain(dueCents);
    }
    await Promise.all([load(ente, ...many, row(41)), load(ente, ...many, row(42))]);
    expect(await ledgerOf(store, ente)).toMatchObject({ dueCents: 42 * 10_000, mismatches: [] });
  });
});

describe('rows set aside', () => {
  const dead = (n: number, id: string) => `${id};${validCf(n)};Rossi;Mario;;;;;2024;31/03/2025;10,00;;;;S`;
  const deadFile = (...lines: string[]) => [`${CSV_HEADER};deceduto`, ...lines, ''].join('\r\n');
  const flags = (ente: number, cf: string) =>
    store.db.tenant(ente, async (tx) => {
      const id = await findDebtor(tx, store.vaultOf(ente), cf);
      return id === null ? undefined : (await loadPersons(tx, store.vaultOf(ente), [id])).get(id);
    });

  it('because of a death mark the person we know, and load no debt', async () => {
    const ente = await nextEnte();
    await load(ente, row(1), row(2));
    const file = deadFile(dead(1, 'P-9'), dead(50, 'P-10'));
    const { counts } = await committed(imports.load(fileOf(ente, file), SKIP, OPERATOR));
    expect(counts).toMatchObject({ accepted: 0, quarantined: 2, created: 0 });
    expect(await flags(ente, validCf(1))).toMatchObject({ deceased: true });
    expect(await flags(ente, validCf(2))).toMatchObject({ deceased: false });
    expect(await flags(ente, validCf(50))).toBeUndefined();
  });

  it('because of a death mark the last of many too', async () => {
    const ente = await nextEnte();
    await load(ente, row(1));
    const lines = Array.from({ length: 2_100 }, (_, i) => dead(i + 10, `D-${i}`));
    await committed(imports.load(fileOf(ente, deadFile(...lines, dead(1, 'P-9'))), SKIP, OPERATOR));
    expect(await flags(ente, validCf(1))).toMatchObject({ deceased: true });
  });

  it('and released are loaded, count as accepted, and keep the person from being written to', async () => {
    const ente = await nextEnte();
    const file = deadFile(dead(1, 'P-1'), dead(2, 'P-2').replace(/S$/, ''));
    const { counts } = await committed(imports.load(fileOf(ente, file), RELEASE, OPERATOR));
    expect(counts).toMatchObject({ rows: 2, accepted: 2, quarantined: 0, created: 2 });
    expect(await flags(ente, validCf(1))).toMatchObject({ deceased: true });
    expect(await flags(ente, validCf(2))).toMatchObject({ deceased: false });
  });
});

describe('the file of rejected rows', () => {
  it('comes back corrected, and everything is loaded once', async () => {
    const ente = await nextEnte();
    const line = (n: number, surname: string, date: string) =>
      `P-${n};${validCf(n)};${surname};Mario;;;;;2024;${date};10,00;;;`;
    const text = [
      CSV_HEADER,
      line(1, 'Rossi', '31/03/2025'),
      line(2, '"Ros; ""si"', '31/02/2025'),
      line(3, 'Verdi', 'mai'),
    ];
    const first = await committed(imports.load(fileOf(ente, `${text.join('\r\n')}\r\n`), SKIP, OPERATOR));
    expect(first.counts).toMatchObject({ accepted: 1, rejected: 2 });

    const rejected = await textOf(imports.problemRows(ente, first.counts.importId, 'rejected'));
    const lines = rejected.trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(`\ufeff${CSV_HEADER};errore_riga;errore_colonna;errore_motivo`);
    expect(lines[1]).toContain(';3;scadenza;');
    expect(lines[2]).toContain(';4;scadenza;');

    const half = rejected.replace('31/02/2025', '28/02/2025');
    const second = await committed(imports.load(fileOf(ente, half), SKIP, OPERATOR));
    expect(second.counts).toMatchObject({ rows: 2, accepted: 1, rejected: 1 });
    const rest = await textOf(imports.problemRows(ente, second.counts.importId, 'rejected'));
    expect(rest.trimEnd().split('\r\n')[0]).toBe(lines[0]);
    const third = await committed(imports.load(fileOf(ente, rest.replace(';mai;', ';28/02/2025;')), STRICT, OPERATOR));
    expect(third.counts).toMatchObject({ rows: 1, accepted: 1, created: 1 });

    expect(await ledgerOf(store, ente)).toMatchObject({ debts: 3, entries: 3, dueCents: 3_000, mismatches: [] });
    const debtorId = (await debtsByExternalId(store, ente)).get('P-2')?.debtorId ?? '';
    const person = await store.db.tenant(ente, (tx) => loadPersons(tx, store.vaultOf(ente), [debtorId]));
    expect(person.get(debtorId)?.personal.surname).toBe('Ros; "si');
  });
});
