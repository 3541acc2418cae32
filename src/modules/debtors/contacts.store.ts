import { type RawBuilder, sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx, tables, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { DebtorTables, KnownDebtor, PersonRecord } from './debtors.store.ts';

export type ContactChannel = 'email' | 'sms' | 'pec';

const addressAad = (contactId: string) => `contact|${contactId}`;

/** One address, one hash, whatever the way it was typed; phones are E.164 already. */
function normalAddress(channel: ContactChannel, address: string): string {
  return `${channel}:${channel === 'sms' ? address : address.trim().toLowerCase()}`;
}

export interface ContactInput {
  readonly debtor: KnownDebtor;
  readonly channel: ContactChannel;
  readonly address: string;
  readonly source: string;
  readonly purposes: readonly string[];
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Adds contact points; one that is there already gains the new purposes. `newIds`: debtors that this transaction has just
 * made and that got none before, of whom nothing can be there.
 */
export async function addContacts(
  tx: Tx,
  vault: EnteVault,
  contacts: readonly ContactInput[],
  newIds: ReadonlySet<string> = NOBODY,
): Promise<void> {
  const unique = new Map<string, ContactInput>();
  for (const contact of contacts) {
    const place = `${contact.debtor.debtorId}|${normalAddress(contact.channel, contact.address)}`;
    const purposes = new Set([...(unique.get(place)?.purposes ?? []), ...contact.purposes]);
    unique.set(place, { ...contact, purposes: [...purposes] });
  }
  const ente = enteOf(tx);
  const fresh: ContactInput[] = [];
  const other: ContactInput[] = [];
  for (const contact of unique.values()) (newIds.has(contact.debtor.debtorId) ? fresh : other).push(contact);
  const addFresh = sql`
    insert into contact_point (ente_id, contact_id, debtor_id, channel, address_lookup, address, source, purposes)
    select ${ente}, u.id, u.debtor, u.channel, u.lookup, u.address, u.source, array(select jsonb_array_elements_text(u.purposes))
    from ${contactRows(vault, fresh)}`;
  // Most of a later file is there as it stands: a row that changes nothing is not written anew.
  const addOther = sql`
    insert into contact_point (ente_id, contact_id, debtor_id, channel, address_lookup, address, source, purposes)
    select ${ente}, u.id, u.debtor, u.channel, u.lookup, u.address, u.source, array(select jsonb_array_elements_text(u.purposes))
    from ${contactRows(vault, other)}
    where (select c.purposes @> array(select jsonb_array_elements_text(u.purposes)) from contact_point c
      where c.ente_id = ${ente} and c.debtor_id = u.debtor and c.channel = u.channel and c.address_lookup = u.lookup) is not true
    on conflict (ente_id, debtor_id, channel, address_lookup) do update
    set purposes = array(select distinct p from unnest(contact_point.purposes || excluded.purposes) p order by p)`;
  await Promise.all([fresh.length > 0 && addFresh.execute(tx.kysely), other.length > 0 && addOther.execute(tx.kysely)]);
}

function contactRows(vault: EnteVault, contacts: readonly ContactInput[]): RawBuilder<unknown> {
  const rows = contacts.map((contact) => ({ contact, id: newId() }));
  return unnestRows({
    id: { type: 'uuid', values: rows.map((r) => r.id) },
    debtor: { type: 'uuid', values: rows.map((r) => r.contact.debtor.debtorId) },
    channel: { type: 'text', values: rows.map((r) => r.contact.channel) },
    lookup: { type: 'bytea', values: rows.map((r) => addressLookup(vault, r.contact.channel, r.contact.address)) },
    address: {
      type: 'bytea',
      values: rows.map((r) => vault.seal(r.contact.debtor.key, addressAad(r.id), r.contact.address)),
    },
    source: { type: 'text', values: rows.map((r) => r.contact.source) },
    purposes: { type: 'jsonb', values: rows.map((r) => JSON.stringify(r.contact.purposes)) },
  });
}

export function addressLookup(vault: EnteVault, channel: ContactChannel, address: string): Buffer {
  return vault.lookup('address', normalAddress(channel, address));
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
export function markAddressDead(tx: Tx, lookup: Uint8Array, reason: string, at: number): Promise<void> {
  return markAddressesDead(tx, [{ lookup, reason }], at);
}

export async function markAddressesDead(
  tx: Tx,
  dead: readonly { readonly lookup: Uint8Array; readonly reason: string }[],
  at: number,
): Promise<void> {
  if (dead.length === 0) return;
  await sql`update contact_point c set dead_at = ${instant(at)}, dead_reason = u.reason
    from ${unnestRows({
      lookup: { type: 'bytea', values: dead.map((one) => one.lookup) },
      reason: { type: 'text', values: dead.map((one) => one.reason) },
    })}
    where c.ente_id = ${enteOf(tx)} and c.address_lookup = u.lookup and c.dead_at is null`.execute(tx.kysely);
}
