import { sql } from 'kysely';
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

/** Adds contact points; one that is there already gains the new purposes. */
export async function addContacts(tx: Tx, vault: EnteVault, contacts: readonly ContactInput[]): Promise<void> {
  const unique = new Map<string, ContactInput>();
  for (const contact of contacts) {
    const place = `${contact.debtor.debtorId}|${normalAddress(contact.channel, contact.address)}`;
    const purposes = new Set([...(unique.get(place)?.purposes ?? []), ...contact.purposes]);
    unique.set(place, { ...contact, purposes: [...purposes] });
  }
  if (unique.size === 0) return;
  const rows = [...unique.values()].map((contact) => ({ contact, id: newId() }));
  await sql`insert into contact_point (ente_id, contact_id, debtor_id, channel, address_lookup, address, source, purposes)
    select ${enteOf(tx)}, u.id, u.debtor, u.channel, u.lookup, u.address, u.source, array(select jsonb_array_elements_text(u.purposes))
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
      purposes: { type: 'jsonb', values: rows.map((r) => JSON.stringify(r.contact.purposes)) },
    })}
    on conflict (ente_id, debtor_id, channel, address_lookup) do update
    set purposes = array(select distinct p from unnest(contact_point.purposes || excluded.purposes) p order by p)`.execute(
    tx.kysely,
  );
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
