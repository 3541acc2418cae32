import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, type DebtRowInput, debtsCsv, importsOf, validCf } from '../../../test/support/ground.ts';
import { committed, fileOf, ledgerOf, OPERATOR, SKIP } from '../../../test/support/imports.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { erasePerson, findDebtor, loadPersons } from '../debtors/index.ts';
import { debtAad } from './ledger.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await addEnte(store, 1);
});
afterAll(() => store.close());

const PEOPLE = 1_500;
const ROWS = 3_200;
/** Met in the second piece and in the third: on a server both are of one transaction. */
const ERASED = 1_200;

const row = (n: number, over: Partial<DebtRowInput> = {}): DebtRowInput => ({
  externalId: `P-${n}`,
  cf: validCf(n % PEOPLE),
  email: `persona${n % PEOPLE}@posta.example`,
  customerCode: `UTENTE-${n % PEOPLE}`,
  documentNumber: `AVVISO-${n}`,
  amountCents: 1_000,
  dueDate: '2025-03-31',
  ...over,
});

describe('an import of several pieces', () => {
  it('makes each person once, whatever pieces name him, and begins anew once for one who was erased', async () => {
    const vault = store.vaultOf(1);
    const imports = importsOf(store);
    await committed(imports.load(fileOf(1, debtsCsv([row(ERASED, { externalId: 'OLD' })])), SKIP, OPERATOR));
    const erased = await store.db.tenant(1, async (tx) => {
      const id = await findDebtor(tx, vault, validCf(ERASED));
      await erasePerson(tx, id ?? '');
      return id ?? '';
    });
    const file = debtsCsv(Array.from({ length: ROWS }, (_, n) => row(n)));
    const { counts } = await committed(imports.load(fileOf(1, file), SKIP, OPERATOR));
    expect(counts).toMatchObject({ created: ROWS, changed: 0, unchanged: 0, accepted: ROWS });
    expect(await ledgerOf(store, 1)).toMatchObject({ debts: ROWS + 1, visible: ROWS + 1, mismatches: [], waiting: {} });

    await store.db.tenant(1, async (tx) => {
      const { rows } = await sql<Record<string, number>>`select (select count(*) from debtor) as debtors,
          (select count(*) from contact_point) as contacts,
          (select count(*) from held_item where kind = 'customerCode') as customers,
          (select count(*) from held_item where kind = 'documentNumber') as documents,
          (select count(distinct notice_number) from payment_request) as numbers`.execute(tx.kysely);
      expect(rows).toEqual([
        { debtors: PEOPLE, contacts: PEOPLE, customers: PEOPLE, documents: ROWS, numbers: ROWS + 1 },
      ]);
      const person = (await loadPersons(tx, vault, [erased])).get(erased);
      const debts = await sql<{ debt_id: string; details: Uint8Array }>`select debt_id, details from debt
        where debtor_id = ${erased} order by line`.execute(tx.kysely);
      const told = debts.rows.map(({ debt_id, details }) =>
        person === undefined ? null : JSON.parse(vault.open(person.key, debtAad(debt_id), details)).documentNumber,
      );
      expect(told.sort()).toEqual([`AVVISO-${ERASED}`, `AVVISO-${ERASED + PEOPLE}`, null]);
    });
  });
});
