import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { enteOf, type Tx, tables, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { normalItem } from './held-items.store.ts';

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
  /** Was erased and begins anew with this batch: what was sealed for him before cannot be read any more. */
  readonly revived: boolean;
}

const personalAad = (debtorId: string) => `debtor|${debtorId}`;

/** How the citizen is greeted: first name and surname, or the firm's name. */
export function displayName(personal: Personal): string {
  const full = [personal.name, personal.surname].filter((part) => part !== null).join(' ');
  return full === '' ? (personal.companyName ?? '') : full;
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
  const byCf = new Map<string, DebtorInput>();
  for (const input of inputs) {
    const before = byCf.get(input.personal.codiceFiscale);
    const deceased = input.deceased || before?.deceased === true;
    const minor = input.minor || before?.minor === true;
    byCf.set(input.personal.codiceFiscale, { ...input, deceased, minor });
  }
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
      result.set(cf, { debtorId: row.debtor_id, key: vault.unwrap(row.key_wrapped), revived: false });
      continue;
    }
    // An erased person who owes again begins anew, under a new key: what was sealed before stays unreadable.
    const { key, wrapped } = vault.newKey();
    const id = row?.debtor_id ?? newId();
    const personal = vault.seal(key, personalAad(id), JSON.stringify(input.personal));
    (row === undefined ? fresh : revived).push({ id, cf, wrapped, personal, input });
    result.set(cf, { debtorId: id, key, revived: row !== undefined });
  }
  const surnameOf = ({ personal: p }: DebtorInput) =>
    vault.lookup('surname', normalItem(p.surname ?? p.companyName ?? ''));
  for (const { id, wrapped, personal, input } of revived) {
    await sql`update debtor set key_wrapped = ${wrapped}, personal = ${personal}, surname_lookup = ${surnameOf(input)}
      where ente_id = ${ente} and debtor_id = ${id}`.execute(tx.kysely);
  }
  if (fresh.length > 0) {
    await sql`insert into debtor (ente_id, debtor_id, cf_lookup, surname_lookup, key_wrapped, personal, is_person, deceased, minor)
      select ${ente}, u.id, u.cf, u.surname, u.wrapped, u.personal, u.person, u.deceased, u.minor
      from ${unnestRows({
        id: { type: 'uuid', values: fresh.map((f) => f.id) },
        cf: { type: 'bytea', values: fresh.map((f) => vault.lookup('codiceFiscale', f.cf)) },
        surname: { type: 'bytea', values: fresh.map((f) => surnameOf(f.input)) },
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
  const lookups = codes.map((cf) => `\\x${vault.lookup('codiceFiscale', cf).toString('hex')}`);
  await sql`update debtor set deceased = true
    where ente_id = ${enteOf(tx)} and cf_lookup = any(${lookups}::text[]::bytea[])`.execute(tx.kysely);
}
