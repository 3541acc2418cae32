import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { binaryArray, enteOf, type Tx, tables } from '../../platform/db/index.ts';
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
  /** Was erased and begins anew in this transaction: what was sealed for him before cannot be read any more. */
  readonly revived: boolean;
}

/** The place of the sealed person. */
export const personalAad = (debtorId: string) => `debtor|${debtorId}`;

/** How the citizen is greeted: first name and surname, or the firm's name. */
export function displayName(personal: Personal): string {
  const full = [personal.name, personal.surname].filter((part) => part !== null).join(' ');
  return full === '' ? (personal.companyName ?? '') : full;
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

/**
 * Destroys the person's key and forgets addresses and papers held: nobody can read any of it again, while the debts and
 * the audit stay whole (§4.4). Holds on an address stay: they are what keeps us from writing there. False when there was
 * nothing to erase.
 */
export async function erasePerson(tx: Tx, debtorId: string): Promise<boolean> {
  const ente = enteOf(tx);
  const done = await sql`update debtor set key_wrapped = null where ente_id = ${ente} and debtor_id = ${debtorId}
    and key_wrapped is not null`.execute(tx.kysely);
  await sql`delete from contact_point where ente_id = ${ente} and debtor_id = ${debtorId}`.execute(tx.kysely);
  await sql`delete from held_item where ente_id = ${ente} and debtor_id = ${debtorId}`.execute(tx.kysely);
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
  const lookups = codes.map((cf) => vault.lookup('codiceFiscale', cf));
  await sql`update debtor set deceased = true
    where ente_id = ${enteOf(tx)} and cf_lookup = any(${binaryArray('bytea', lookups)}::bytea[])`.execute(tx.kysely);
}
