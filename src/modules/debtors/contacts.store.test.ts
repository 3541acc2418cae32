import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, validCf } from '../../../test/support/ground.ts';
import { openTestStore, TEST_START, type TestStore } from '../../../test/support/store.ts';
import type { Tx } from '../../platform/db/index.ts';
import {
  addContacts,
  addHeldItems,
  addressLookup,
  type ContactInput,
  holdsItem,
  type KnownDebtor,
  loadContacts,
  loadPersons,
  markAddressDead,
  upsertDebtors,
} from './index.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await addEnte(store, 1);
  await addEnte(store, 2);
});
afterAll(() => store.close());

const vault = () => store.vaultOf(1);
const inOne = <T>(work: (tx: Tx) => Promise<T>) => store.db.tenant(1, work);

let lastCf = 0;
async function newDebtor(enteId = 1): Promise<KnownDebtor> {
  lastCf += 1;
  const codiceFiscale = validCf(lastCf);
  const none = { companyName: null, address: null, postalCode: null, city: null };
  const input = { personal: { codiceFiscale, surname: 'Rossi', name: 'Mario', ...none } };
  const flags = { isPerson: true, deceased: false, minor: false };
  const known = await store.db.tenant(enteId, (tx) =>
    upsertDebtors(tx, store.vaultOf(enteId), [{ ...input, ...flags }]),
  );
  return known.get(codiceFiscale) as KnownDebtor;
}

const mail = (debtor: KnownDebtor, address: string, purposes: string[], source = 'file'): ContactInput => ({
  debtor,
  channel: 'email',
  address,
  source,
  purposes,
});

const add = (...contacts: ContactInput[]) => inOne((tx) => addContacts(tx, vault(), contacts));

type ContactRow = { contact_id: string; channel: string; source: string; purposes: string[]; dead: boolean };
const contactsOf = (debtor: KnownDebtor) =>
  inOne(async (tx) => {
    const { rows } = await sql<ContactRow>`select contact_id, channel, source, purposes, dead_at is not null as dead
      from contact_point where ente_id = 1 and debtor_id = ${debtor.debtorId} order by contact_id`.execute(tx.kysely);
    return rows;
  });

describe('contact points', () => {
  it('gain purposes from file to file and lose none; the first source stays', async () => {
    const debtor = await newDebtor();
    await add(mail(debtor, 'mario@posta.example', ['TARI'], 'dichiarazione 2019'));
    await add(mail(debtor, 'Mario@Posta.Example ', ['IMU', 'TARI'], 'file 2026'));
    await add(mail(debtor, 'mario@posta.example', []));
    const rows = await contactsOf(debtor);
    expect(rows).toMatchObject([{ purposes: ['IMU', 'TARI'], source: 'dichiarazione 2019' }]);
  });

  it('merge purposes within one file too, in any order', async () => {
    const [a, b] = [await newDebtor(), await newDebtor()];
    await add(mail(a, 'x@y.example', ['TICKET']), mail(a, 'X@y.example', []), mail(b, 'x@y.example', []));
    expect((await contactsOf(a))[0]?.purposes).toEqual(['TICKET']);
    expect((await contactsOf(b))[0]?.purposes).toEqual([]);
  });

  it('keep purposes whole whatever their signs', async () => {
    const debtor = await newDebtor();
    await add(mail(debtor, 'x@y.example', ['acqua, fognatura', '{"a"}', '']));
    expect((await contactsOf(debtor))[0]?.purposes).toEqual(['acqua, fognatura', '{"a"}', '']);
  });

  it('of one address under two channels or debtors are different ones', async () => {
    const [a, b] = [await newDebtor(), await newDebtor()];
    await add(
      mail(a, 'casa@posta.example', ['TARI']),
      { ...mail(a, 'casa@posta.example', ['TARI']), channel: 'pec' },
      mail(b, 'casa@posta.example', ['TARI']),
    );
    expect((await contactsOf(a)).map((c) => c.channel).sort()).toEqual(['email', 'pec']);
    expect(await contactsOf(b)).toHaveLength(1);
    const [one, other] = [addressLookup(vault(), 'email', 'a@b.it'), addressLookup(vault(), 'pec', 'a@b.it')];
    expect(one.equals(other)).toBe(false);
  });

  it('are decrypted for their own person only', async () => {
    const [a, b] = [await newDebtor(), await newDebtor()];
    await add(mail(a, 'Uno@posta.example', []), mail(b, 'due@posta.example', []));
    const ids = [...(await contactsOf(a)), ...(await contactsOf(b))].map((c) => c.contact_id);
    await inOne(async (tx) => {
      const both = await loadPersons(tx, vault(), [a.debtorId, b.debtorId]);
      const all = await loadContacts(tx, vault(), both, ids);
      expect([...all.values()].map((c) => c.address)).toEqual(['Uno@posta.example', 'due@posta.example']);
      const one = await loadPersons(tx, vault(), [b.debtorId]);
      expect([...(await loadContacts(tx, vault(), one, ids)).values()].map((c) => c.debtorId)).toEqual([b.debtorId]);
    });
  });

  it('moved to another person’s row cannot be read', async () => {
    const [a, b] = [await newDebtor(), await newDebtor()];
    await add(mail(a, 'uno@posta.example', []), mail(b, 'due@posta.example', []));
    const [mine] = await contactsOf(a);
    await inOne((tx) =>
      sql`update contact_point set address = (select address from contact_point where contact_id = ${mine?.contact_id})
        where debtor_id = ${b.debtorId}`.execute(tx.kysely),
    );
    const [theirs] = await contactsOf(b);
    const read = inOne(async (tx) =>
      loadContacts(tx, vault(), await loadPersons(tx, vault(), [b.debtorId]), [theirs?.contact_id ?? '']),
    );
    await expect(read).rejects.toMatchObject({ code: 'SEALED_VALUE' });
  });
});

describe('a dead address', () => {
  it('is dead for every debtor behind it, and for no other address or body', async () => {
    const family = [await newDebtor(), await newDebtor(), await newDebtor()];
    for (const one of family) await add(mail(one, 'famiglia@posta.example', ['TARI']));
    await add(mail(family[0] as KnownDebtor, 'altra@posta.example', ['TARI']));
    const abroad = await newDebtor(2);
    const dead = addressLookup(vault(), 'email', ' FAMIGLIA@posta.example');
    await store.db.tenant(2, async (tx) => {
      await addContacts(tx, store.vaultOf(2), [mail(abroad, 'famiglia@posta.example', [])]);
      await markAddressDead(tx, dead, 'other body', TEST_START);
    });
    expect((await contactsOf(family[0] as KnownDebtor)).map((c) => c.dead)).toEqual([false, false]);
    await inOne((tx) => markAddressDead(tx, dead, 'bounce 5.1.1', TEST_START));
    expect((await contactsOf(family[0] as KnownDebtor)).map((c) => c.dead)).toEqual([true, false]);
    for (const one of family.slice(1)) expect((await contactsOf(one)).map((c) => c.dead)).toEqual([true]);
    const elsewhere = await store.db.tenant(2, (tx) => sql`select dead_at from contact_point`.execute(tx.kysely));
    expect(elsewhere.rows).toEqual([{ dead_at: null }]);
  });

  it('keeps its first reason, and stays dead when a file brings it again', async () => {
    const debtor = await newDebtor();
    await add(mail(debtor, 'muto@posta.example', ['TARI']));
    const lookup = addressLookup(vault(), 'email', 'muto@posta.example');
    await inOne((tx) => markAddressDead(tx, lookup, 'first', TEST_START));
    await inOne((tx) => markAddressDead(tx, lookup, 'second', TEST_START + 1));
    await add(mail(debtor, 'muto@posta.example', ['IMU']));
    const { rows } = await inOne((tx) =>
      sql`select dead_at, dead_reason, purposes from contact_point where debtor_id = ${debtor.debtorId}`.execute(
        tx.kysely,
      ),
    );
    expect(rows).toEqual([{ dead_at: TEST_START, dead_reason: 'first', purposes: ['IMU', 'TARI'] }]);
  });
});

describe('held items', () => {
  const hold = (debtor: KnownDebtor, value: string) =>
    inOne((tx) => addHeldItems(tx, vault(), [{ debtorId: debtor.debtorId, kind: 'documentNumber', value }]));
  const holds = (debtor: KnownDebtor, value: string) => inOne((tx) => holdsItem(tx, vault(), debtor.debtorId, value));

  it('are known however they are typed', async () => {
    const debtor = await newDebtor();
    await hold(debtor, 'Boll. 2024/00-17');
    await hold(debtor, 'BOLL 20240017');
    for (const typed of ['boll20240017', ' BOLL.2024 0017 ', 'Ｂoll-2024/0017']) {
      expect(await holds(debtor, typed), typed).toBe(true);
    }
    expect(await holds(debtor, 'BOLL20240018')).toBe(false);
    expect(await holds(debtor, '')).toBe(false);
  });

  it('of one person say nothing of another', async () => {
    const [a, b] = [await newDebtor(), await newDebtor()];
    await hold(a, 'CLIENTE-0042');
    expect([await holds(a, 'CLIENTE0042'), await holds(b, 'CLIENTE0042')]).toEqual([true, false]);
  });

  it('too short to be a secret are not kept', async () => {
    const debtor = await newDebtor();
    for (const value of ['12', 'A-1', '---', '']) await hold(debtor, value);
    for (const value of ['12', 'A1', '', '---']) expect(await holds(debtor, value)).toBe(false);
  });
});
