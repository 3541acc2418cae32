import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, validCf } from '../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { computeCfCheck } from '../../kernel/codice-fiscale.ts';
import type { Tx } from '../../platform/db/index.ts';
import {
  addContacts,
  addHeldItems,
  type DebtorInput,
  displayName,
  erasePerson,
  findDebtor,
  holdsItem,
  loadContacts,
  loadPersons,
  markDeceased,
  type Personal,
  upsertDebtors,
} from './index.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await addEnte(store, 1);
  await addEnte(store, 2);
});
afterAll(() => store.close());

let lastCf = 100;
const nextCf = () => {
  lastCf += 1;
  return validCf(lastCf);
};

function personal(codiceFiscale: string, over: Partial<Personal> = {}): Personal {
  const none = { companyName: null, address: null, postalCode: null, city: null };
  return { codiceFiscale, surname: 'Rossi', name: 'Mario', ...none, ...over };
}

const input = (cf: string, over: Partial<DebtorInput> = {}): DebtorInput => ({
  personal: personal(cf),
  isPerson: true,
  deceased: false,
  minor: false,
  ...over,
});

const inEnte = <T>(enteId: number, work: (tx: Tx) => Promise<T>) => store.db.tenant(enteId, work);
const vault = () => store.vaultOf(1);

async function upsert(...inputs: DebtorInput[]): Promise<{ id: string; revived: boolean }[]> {
  const known = await inEnte(1, (tx) => upsertDebtors(tx, vault(), inputs));
  return inputs.map(({ personal: p }) => {
    const one = known.get(p.codiceFiscale);
    return { id: one?.debtorId ?? '', revived: one?.revived ?? false };
  });
}

const load = async (id: string) => (await inEnte(1, (tx) => loadPersons(tx, vault(), [id]))).get(id);

describe('upsertDebtors', () => {
  it('finds a person again, and keeps the key and the first data', async () => {
    const cf = nextCf();
    const [first] = await upsert(input(cf));
    const [again] = await upsert(input(cf, { personal: personal(cf, { name: 'Marione', city: 'Altrove' }) }));
    expect(again).toEqual(first);
    expect(await load(first?.id ?? '')).toMatchObject({
      personal: personal(cf),
      isPerson: true,
      deceased: false,
      minor: false,
    });
  });

  it('makes one person of many rows with the same code', async () => {
    const cf = nextCf();
    const [a, b, c] = await upsert(input(cf), input(nextCf()), input(cf));
    expect(a).toEqual(c);
    expect(a?.id).not.toBe(b?.id);
  });

  it('takes an omocode form for another person (R48)', async () => {
    const plain = `RSSMRA85T10A562${computeCfCheck('RSSMRA85T10A562')}`;
    const omocode = `RSSMRA85T10A56N${computeCfCheck('RSSMRA85T10A56N')}`;
    const [a, b] = await upsert(input(plain), input(omocode));
    expect(a?.id).not.toBe(b?.id);
    expect(await inEnte(1, (tx) => findDebtor(tx, vault(), omocode))).toBe(b?.id);
  });

  it('only ever switches death and minority on, whatever the order of the rows', async () => {
    const cf = nextCf();
    const [who] = await upsert(input(cf, { deceased: true }), input(cf));
    expect(await load(who?.id ?? '')).toMatchObject({ deceased: true, minor: false });
    await upsert(input(cf, { minor: true }));
    await upsert(input(cf));
    expect(await load(who?.id ?? '')).toMatchObject({ deceased: true, minor: true });
  });

  it('knows a person of another body for nobody', async () => {
    const cf = nextCf();
    const [here] = await upsert(input(cf));
    const there = await inEnte(2, (tx) => upsertDebtors(tx, store.vaultOf(2), [input(cf)]));
    expect(there.get(cf)?.debtorId).not.toBe(here?.id);
    expect(await inEnte(2, (tx) => loadPersons(tx, store.vaultOf(2), [here?.id ?? '']))).toEqual(new Map());
  });

  it('keeps no name and no code in the clear', async () => {
    const cf = nextCf();
    const [who] = await upsert(input(cf, { personal: personal(cf, { surname: 'Zanichelli' }) }));
    const { rows } = await inEnte(1, (tx) =>
      sql<{ text: string; personal: Uint8Array }>`select d::text as text, personal from debtor d
        where ente_id = 1 and debtor_id = ${who?.id ?? ''}`.execute(tx.kysely),
    );
    const all = `${rows[0]?.text} ${Buffer.from(rows[0]?.personal ?? []).toString('latin1')}`;
    expect(all).not.toMatch(new RegExp(`Zanichelli|${cf}`, 'i'));
  });
});

describe('findDebtor and markDeceased', () => {
  it('take the code as people type it', async () => {
    const cf = nextCf();
    const [who] = await upsert(input(cf));
    expect(await inEnte(1, (tx) => findDebtor(tx, vault(), ` ${cf.toLowerCase()} `))).toBe(who?.id);
    expect(await inEnte(1, (tx) => findDebtor(tx, vault(), nextCf()))).toBeNull();
    expect(await inEnte(2, (tx) => findDebtor(tx, store.vaultOf(2), cf))).toBeNull();
  });

  it('mark those we know, of this body, and pass over the others', async () => {
    const [dead, alive] = [nextCf(), nextCf()];
    const [a, b] = await upsert(input(dead), input(alive));
    await inEnte(2, (tx) => markDeceased(tx, store.vaultOf(2), [alive]));
    await inEnte(1, (tx) => markDeceased(tx, vault(), [dead, nextCf()]));
    await inEnte(1, (tx) => markDeceased(tx, vault(), []));
    expect(await load(a?.id ?? '')).toMatchObject({ deceased: true });
    expect(await load(b?.id ?? '')).toMatchObject({ deceased: false });
  });
});

describe('erasing a person', () => {
  async function settled(cf: string) {
    const known = await inEnte(1, async (tx) => {
      const debtor = (await upsertDebtors(tx, vault(), [input(cf)])).get(cf);
      if (debtor === undefined) throw new Error('no debtor');
      const common = { debtor, source: 'file', purposes: ['TARI'] };
      await addContacts(tx, vault(), [
        { ...common, channel: 'email', address: 'mario@posta.example' },
        { ...common, channel: 'sms', address: '+393451234567' },
      ]);
      await addHeldItems(tx, vault(), [{ debtorId: debtor.debtorId, kind: 'documentNumber', value: 'BOLL-2024-1' }]);
      return debtor;
    });
    return known.debtorId;
  }

  it('leaves nothing that can be read', async () => {
    const cf = nextCf();
    const id = await settled(cf);
    expect(await inEnte(1, (tx) => erasePerson(tx, id))).toBe(true);
    expect(await load(id)).toBeUndefined();
    await inEnte(1, async (tx) => {
      const { rows } = await sql<
        Record<string, unknown>
      >`select key_wrapped from debtor where debtor_id = ${id}`.execute(tx.kysely);
      expect(rows).toEqual([{ key_wrapped: null }]);
      for (const table of ['contact_point', 'held_item']) {
        const left = await sql`select 1 from ${sql.table(table)} where debtor_id = ${id}`.execute(tx.kysely);
        expect(left.rows, table).toEqual([]);
      }
      expect(await holdsItem(tx, vault(), id, 'BOLL-2024-1')).toBe(false);
      const now = await sql`select erased from debtor_now where debtor_id = ${id}`.execute(tx.kysely);
      expect(now.rows).toEqual([{ erased: true }]);
    });
  });

  it('is done once, and only by the person’s own body', async () => {
    const id = await settled(nextCf());
    expect(await inEnte(2, (tx) => erasePerson(tx, id))).toBe(false);
    expect(await load(id)).toBeDefined();
    expect(await inEnte(1, (tx) => erasePerson(tx, id))).toBe(true);
    expect(await inEnte(1, (tx) => erasePerson(tx, id))).toBe(false);
  });

  it('lets a later file begin anew, under a new key, with what that file says and nothing else', async () => {
    const cf = nextCf();
    const id = await settled(cf);
    await inEnte(1, (tx) => markDeceased(tx, vault(), [cf]));
    const old = await load(id);
    await inEnte(1, (tx) => erasePerson(tx, id));
    const fresh = personal(cf, { surname: 'Verdi' });
    const [again] = await upsert(input(cf, { personal: fresh }));
    expect(again).toEqual({ id, revived: true });
    expect((await upsert(input(cf)))[0]).toEqual({ id, revived: false });
    // A death that was reported is no datum to forget: it keeps us from writing to the family.
    expect(await load(id)).toMatchObject({ personal: fresh, deceased: true });
    const sealed = vault().seal(old?.key as NonNullable<typeof old>['key'], 'x', 'prima');
    const person = await load(id);
    expect(() => vault().open(person?.key as NonNullable<typeof old>['key'], 'x', sealed)).toThrow(
      expect.objectContaining({ code: 'SEALED_VALUE' }),
    );
    await inEnte(1, async (tx) => {
      const persons = await loadPersons(tx, vault(), [id]);
      const debtor = { debtorId: id, key: person?.key as NonNullable<typeof old>['key'], revived: true };
      const mail = { debtor, channel: 'email' as const, address: 'mario@posta.example', source: 'file', purposes: [] };
      await addContacts(tx, vault(), [mail]);
      const { rows } = await sql<{
        contact_id: string;
      }>`select contact_id from contact_point where debtor_id = ${id}`.execute(tx.kysely);
      expect(rows).toHaveLength(1);
      const contacts = await loadContacts(
        tx,
        vault(),
        persons,
        rows.map((r) => r.contact_id),
      );
      expect([...contacts.values()].map((c) => c.address)).toEqual(['mario@posta.example']);
      const surname = vault().lookup('surname', 'VERDI');
      const found = await sql`select debtor_id from debtor where surname_lookup = ${surname}`.execute(tx.kysely);
      expect(found.rows).toContainEqual({ debtor_id: id });
    });
  });
});

describe('displayName', () => {
  it.each([
    [{ name: 'Mario', surname: 'Rossi' }, 'Mario Rossi'],
    [{ name: null, surname: 'Rossi' }, 'Rossi'],
    [{ name: null, surname: null, companyName: 'Panificio Rossi S.r.l.' }, 'Panificio Rossi S.r.l.'],
    [{ name: null, surname: null }, ''],
  ])('of %j', (over, expected) => {
    expect(displayName(personal('X', over))).toBe(expected);
  });
});
