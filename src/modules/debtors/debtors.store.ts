import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx, tables, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';

/** What is known of a person or firm, decrypted. Never leaves a request, a rendering or an import. */
export interface Personal {
  readonly codiceFiscale: string;
  readonly surname: string | null;
  readonly name: string | null;
  readonly companyName: string | null;
  readonly address: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
}

export interface DebtorTables {
  debtor: {
    ente_id: number;
    debtor_id: string;
    cf_lookup: Uint8Array;
    surname_lookup: Uint8Array;
    key_wrapped: Uint8Array | null;
    personal: Uint8Array;
    is_person: boolean;
    deceased: boolean;
    minor: boolean;
  };
  contact_point: {
    ente_id: number;
    contact_id: string;
    debtor_id: string;
    channel: string;
    address_lookup: Uint8Array;
    address: Uint8Array;
    source: string;
    purposes: string[];
    verified_at: number | null;
    dead_at: number | null;
    dead_reason: string | null;
  };
  held_item: { ente_id: number; debtor_id: string; item_lookup: Uint8Array; kind: string };
}

export interface DebtorInput {
  readonly personal: Personal;
  readonly isPerson: boolean;
  readonly deceased: boolean;
  readonly minor: boolean;
}

export interface KnownDebtor {
  readonly debtorId: string;
  readonly key: KeyObject;
}

export type ContactChannel = 'email' | 'sms' | 'pec';
export type HeldItemKind = 'documentNumber' | 'customerCode' | 'noticeNumber';

const personalAad = (debtorId: string) => `debtor|${debtorId}`;
const addressAad = (contactId: string) => `contact|${contactId}`;

/** How the citizen is greeted: first name and surname, or the firm's name. */
export function displayName(personal: Personal): string {
  const full = [personal.name, personal.surname].filter((part) => part !== null).join(' ');
  return full === '' ? (personal.companyName ?? '') : full;
}

/** One address, one hash, whatever the way it was typed; phones are E.164 already. */
function normalAddress(channel: ContactChannel, address: string): string {
  return `${channel}:${channel === 'sms' ? address : address.trim().toLowerCase()}`;
}

/** Items are compared by letters and digits alone, so that a person may type them with blanks, dots or bars. */
export function normalItem(item: string): string {
  return item
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
}

/**
 * Finds or creates the debtors of a batch by codice fiscale (the full code: omocodia is another person, R48).
 * A known debtor keeps his key and his data; `deceased` and `minor` only ever switch on.
 */
export async function upsertDebtors(
  tx: Tx,
  vault: EnteVault,
  inputs: readonly DebtorInput[],
): Promise<Map<string, KnownDebtor>> {
  const ente = enteOf(tx);
  const byCf = new Map(inputs.map((input) => [input.personal.codiceFiscale, input]));
  const lookups = new Map([...byCf.keys()].map((cf) => [vault.lookup('codiceFiscale', cf).toString('hex'), cf]));
  const known = await findByLookup(tx, [...lookups.keys()]);
  const result = new Map<string, KnownDebtor>();
  const fresh: { id: string; cf: string; wrapped: Buffer; personal: Buffer; input: DebtorInput }[] = [];
  const revived: typeof fresh = [];
  const flagged: { id: string; input: DebtorInput }[] = [];
  for (const [lookup, cf] of lookups) {
    const input = byCf.get(cf) as DebtorInput;
    const row = known.get(lookup);
    if (row !== undefined && (input.deceased || input.minor)) flagged.push({ id: row.debtor_id, input });
    if (row !== undefined && row.key_wrapped !== null) {
      result.set(cf, { debtorId: row.debtor_id, key: vault.unwrap(row.key_wrapped) });
      continue;
    }
    // An erased person who owes again begins anew, under a new key: what was sealed before stays unreadable.
    const { key, wrapped } = vault.newKey();
    const id = row?.debtor_id ?? newId();
    const personal = vault.seal(key, personalAad(id), JSON.stringify(input.personal));
    (row === undefined ? fresh : revived).push({ id, cf, wrapped, personal, input });
    result.set(cf, { debtorId: id, key });
  }
  for (const { id, wrapped, personal } of revived) {
    await sql`update debtor set key_wrapped = ${wrapped}, personal = ${personal}
      where ente_id = ${ente} and debtor_id = ${id}`.execute(tx.kysely);
  }
  if (fresh.length > 0) {
    await sql`insert into debtor (ente_id, debtor_id, cf_lookup, surname_lookup, key_wrapped, personal, is_person, deceased, minor)
      select ${ente}, u.id, u.cf, u.surname, u.wrapped, u.personal, u.person, u.deceased, u.minor
      from ${unnestRows({
        id: { type: 'uuid', values: fresh.map((f) => f.id) },
        cf: { type: 'bytea', values: fresh.map((f) => vault.lookup('codiceFiscale', f.cf)) },
        surname: {
          type: 'bytea',
          values: fresh.map(({ input: { personal: p } }) =>
            vault.lookup('surname', normalItem(p.surname ?? p.companyName ?? '')),
          ),
        },
        wrapped: { type: 'bytea', values: fresh.map((f) => f.wrapped) },
        personal: { type: 'bytea', values: fresh.map((f) => f.personal) },
        person: { type: 'bool', values: fresh.map((f) => f.input.isPerson) },
        deceased: { type: 'bool', values: fresh.map((f) => f.input.deceased) },
        minor: { type: 'bool', values: fresh.map((f) => f.input.minor) },
      })}`.execute(tx.kysely);
  }
  if (flagged.length > 0) {
    await sql`update debtor d set deceased = d.deceased or u.deceased, minor = d.minor or u.minor
      from ${unnestRows({
        id: { type: 'uuid', values: flagged.map((f) => f.id) },
        deceased: { type: 'bool', values: flagged.map((f) => f.input.deceased) },
        minor: { type: 'bool', values: flagged.map((f) => f.input.minor) },
      })} where d.ente_id = ${ente} and d.debtor_id = u.id`.execute(tx.kysely);
  }
  return result;
}

async function findByLookup(tx: Tx, lookups: readonly string[]) {
  const { rows } = await sql<{ lookup: string; debtor_id: string; key_wrapped: Uint8Array | null }>`
    select encode(d.cf_lookup, 'hex') as lookup, d.debtor_id, d.key_wrapped from debtor d
    where d.ente_id = ${enteOf(tx)} and d.cf_lookup = any(${lookups.map((l) => `\\x${l}`)}::text[]::bytea[])`.execute(
    tx.kysely,
  );
  return new Map(rows.map((row) => [row.lookup, row]));
}

export interface ContactInput {
  readonly debtor: KnownDebtor;
  readonly channel: ContactChannel;
  readonly address: string;
  readonly source: string;
  readonly purposes: readonly string[];
}

/** Adds contact points; one that is there already gains the new purposes. */
export async function addContacts(tx: Tx, vault: EnteVault, contacts: readonly ContactInput[]): Promise<void> {
  const unique = new Map<string, ContactInput>();
  for (const c of contacts) unique.set(`${c.debtor.debtorId}|${normalAddress(c.channel, c.address)}`, c);
  if (unique.size === 0) return;
  const rows = [...unique.values()].map((contact) => ({ contact, id: newId() }));
  await sql`insert into contact_point (ente_id, contact_id, debtor_id, channel, address_lookup, address, source, purposes)
    select ${enteOf(tx)}, u.id, u.debtor, u.channel, u.lookup, u.address, u.source, string_to_array(u.purposes, ',')
    from ${unnestRows({
      id: { type: 'uuid', values: rows.map((r) => r.id) },
      debtor: { type: 'uuid', values: rows.map((r) => r.contact.debtor.debtorId) },
      channel: { type: 'text', values: rows.map((r) => r.contact.channel) },
      lookup: { type: 'bytea', values: rows.map((r) => addressLookup(vault, r.contact.channel, r.contact.address)) },
      address: {
        type: 'bytea',
        values: rows.map((r) => vault.seal(r.contact.debtor.key, addressAad(r.id), r.contact.address)),
      },
      source: { type: 'text', values: rows.map((r) => r.contact.source) },
      purposes: { type: 'text', values: rows.map((r) => r.contact.purposes.join(',')) },
    })}
    on conflict (ente_id, debtor_id, channel, address_lookup) do update
    set purposes = array(select distinct p from unnest(contact_point.purposes || excluded.purposes) p order by p)`.execute(
    tx.kysely,
  );
}

export function addressLookup(vault: EnteVault, channel: ContactChannel, address: string): Buffer {
  return vault.lookup('address', normalAddress(channel, address));
}

/** Remembers things the person holds on paper, as keyed hashes (architecture §4.5). */
export async function addHeldItems(
  tx: Tx,
  vault: EnteVault,
  items: readonly { debtorId: string; kind: HeldItemKind; value: string }[],
): Promise<void> {
  const useful = items.filter((item) => normalItem(item.value).length >= 4);
  if (useful.length === 0) return;
  await sql`insert into held_item (ente_id, debtor_id, item_lookup, kind)
    select ${enteOf(tx)}, u.debtor, u.item, u.kind
    from ${unnestRows({
      debtor: { type: 'uuid', values: useful.map((i) => i.debtorId) },
      item: { type: 'bytea', values: useful.map((i) => vault.lookup('item', normalItem(i.value))) },
      kind: { type: 'text', values: useful.map((i) => i.kind) },
    })}
    on conflict do nothing`.execute(tx.kysely);
}

/** Whether the person holds it: the only thing said of an item, and never of whom it is instead. */
export async function holdsItem(tx: Tx, vault: EnteVault, debtorId: string, item: string): Promise<boolean> {
  const { rows } = await sql`select 1 from held_item where ente_id = ${enteOf(tx)} and debtor_id = ${debtorId}
    and item_lookup = ${vault.lookup('item', normalItem(item))}`.execute(tx.kysely);
  return rows.length > 0;
}

export interface PersonRecord {
  readonly debtorId: string;
  readonly key: KeyObject;
  readonly personal: Personal;
  readonly isPerson: boolean;
  readonly deceased: boolean;
  readonly minor: boolean;
}

/** Decrypts the persons of a batch; those erased are simply not in the answer. */
export async function loadPersons(
  tx: Tx,
  vault: EnteVault,
  debtorIds: readonly string[],
): Promise<Map<string, PersonRecord>> {
  const rows = await tables<DebtorTables>(tx)
    .selectFrom('debtor')
    .selectAll()
    .where('ente_id', '=', enteOf(tx))
    .where(sql<boolean>`debtor_id = any(${[...new Set(debtorIds)]}::uuid[])`)
    .execute();
  const persons = new Map<string, PersonRecord>();
  for (const row of rows) {
    if (row.key_wrapped === null) continue;
    const key = vault.unwrap(row.key_wrapped);
    persons.set(row.debtor_id, {
      debtorId: row.debtor_id,
      key,
      personal: JSON.parse(vault.open(key, personalAad(row.debtor_id), row.personal)) as Personal,
      isPerson: row.is_person,
      deceased: row.deceased,
      minor: row.minor,
    });
  }
  return persons;
}

export interface ContactRecord {
  readonly contactId: string;
  readonly debtorId: string;
  readonly channel: ContactChannel;
  readonly address: string;
  readonly addressLookup: Uint8Array;
}

/** Decrypts contact points of persons already loaded. */
export async function loadContacts(
  tx: Tx,
  vault: EnteVault,
  persons: ReadonlyMap<string, PersonRecord>,
  contactIds: readonly string[],
): Promise<Map<string, ContactRecord>> {
  const rows = await tables<DebtorTables>(tx)
    .selectFrom('contact_point')
    .select(['contact_id', 'debtor_id', 'channel', 'address', 'address_lookup'])
    .where('ente_id', '=', enteOf(tx))
    .where(sql<boolean>`contact_id = any(${[...new Set(contactIds)]}::uuid[])`)
    .execute();
  const contacts = new Map<string, ContactRecord>();
  for (const row of rows) {
    const person = persons.get(row.debtor_id);
    if (person === undefined) continue;
    contacts.set(row.contact_id, {
      contactId: row.contact_id,
      debtorId: row.debtor_id,
      channel: row.channel as ContactChannel,
      address: vault.open(person.key, addressAad(row.contact_id), row.address),
      addressLookup: row.address_lookup,
    });
  }
  return contacts;
}

/** The address does not work: dead for every debtor behind it, until a new one is given. */
export async function markAddressDead(tx: Tx, lookup: Uint8Array, reason: string, at: number): Promise<void> {
  await sql`update contact_point set dead_at = ${instant(at)}, dead_reason = ${reason}
    where ente_id = ${enteOf(tx)} and address_lookup = ${lookup} and dead_at is null`.execute(tx.kysely);
}

/** Destroys the person's key: data and addresses can be read by nobody any more, the audit stays whole (§4.4). */
export async function erasePerson(tx: Tx, debtorId: string): Promise<boolean> {
  const done = await sql`update debtor set key_wrapped = null where ente_id = ${enteOf(tx)} and debtor_id = ${debtorId}
    and key_wrapped is not null`.execute(tx.kysely);
  return done.numAffectedRows === 1n;
}

/** The debtor with this codice fiscale, or null. */
export async function findDebtor(tx: Tx, vault: EnteVault, codiceFiscale: string): Promise<string | null> {
  const { rows } = await sql<{ debtor_id: string }>`select debtor_id from debtor where ente_id = ${enteOf(tx)}
    and cf_lookup = ${vault.lookup('codiceFiscale', codiceFiscale.trim().toUpperCase())}`.execute(tx.kysely);
  return rows[0]?.debtor_id ?? null;
}

/** Contact with these persons stops at once (R46); those we do not know are passed over. */
export async function markDeceased(tx: Tx, vault: EnteVault, codes: readonly string[]): Promise<void> {
  const lookups = codes.map((cf) => `\\x${vault.lookup('codiceFiscale', cf).toString('hex')}`);
  await sql`update debtor set deceased = true
    where ente_id = ${enteOf(tx)} and cf_lookup = any(${lookups}::text[]::bytea[])`.execute(tx.kysely);
}
