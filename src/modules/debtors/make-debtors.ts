import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { binaryArray, enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { type DebtorInput, type KnownDebtor, personalAad } from './debtors.store.ts';
import { normalItem } from './held-items.store.ts';

/** A person of a batch, with what he is found by. */
export interface GatheredDebtor {
  readonly input: DebtorInput;
  readonly lookup: Buffer;
}

export interface BatchDebtors {
  /** By codice fiscale. */
  readonly debtors: ReadonlyMap<string, KnownDebtor>;
  /** Ids of those that nobody knew before this batch. */
  readonly newIds: ReadonlySet<string>;
  /** Those that were erased and begin anew with this batch. */
  readonly revived: readonly KnownDebtor[];
  /** Settles when those that are new are written; statements sent meanwhile come after. */
  readonly written: Promise<void>;
}

/** A debtor to be written, as he is kept. */
interface SealedDebtor {
  readonly id: string;
  readonly lookup: Buffer;
  readonly wrapped: Buffer;
  readonly personal: Buffer;
  readonly input: DebtorInput;
}

interface FoundDebtor {
  readonly debtor_id: string;
  readonly key_wrapped: Uint8Array | null;
}

const NOBODY: ReadonlyMap<string, KnownDebtor> = new Map();

/**
 * Finds or creates the debtors of a batch by codice fiscale (the full code: omocodia is another person, R48).
 * A known debtor keeps his key and his data; `deceased` and `minor` only ever switch on.
 */
export async function upsertDebtors(
  tx: Tx,
  vault: EnteVault,
  inputs: readonly DebtorInput[],
): Promise<ReadonlyMap<string, KnownDebtor>> {
  const gathered = gatherDebtors(vault, inputs);
  const { debtors, written } = makeDebtors(tx, vault, gathered, await findDebtors(tx, gathered), NOBODY);
  await written;
  return debtors;
}

/** First step of `upsertDebtors`, arithmetic alone: each person of the batch once. */
export function gatherDebtors(vault: EnteVault, inputs: readonly DebtorInput[]): GatheredDebtor[] {
  const byCf = new Map<string, DebtorInput>();
  for (const input of inputs) {
    const before = byCf.get(input.personal.codiceFiscale);
    const deceased = input.deceased || before?.deceased === true;
    const minor = input.minor || before?.minor === true;
    const same = before === undefined && deceased === input.deceased && minor === input.minor;
    byCf.set(input.personal.codiceFiscale, same ? input : { ...input, deceased, minor });
  }
  return [...byCf].map(([cf, input]) => ({ input, lookup: vault.lookup('codiceFiscale', cf) }));
}

/** Second step, one statement: those that are known, by the hexadecimal form of what they are found by. */
export async function findDebtors(
  tx: Tx,
  gathered: readonly GatheredDebtor[],
): Promise<ReadonlyMap<string, FoundDebtor>> {
  const lookups = gathered.map((one) => one.lookup);
  const { rows } = await sql<FoundDebtor & { lookup: string }>`
    select encode(d.cf_lookup, 'hex') as lookup, d.debtor_id, d.key_wrapped from debtor d
    where d.ente_id = ${enteOf(tx)} and d.cf_lookup = any(${binaryArray('bytea', lookups)}::bytea[])`.execute(
    tx.kysely,
  );
  return new Map(rows.map((row) => [row.lookup, row]));
}

/**
 * Third step: sends those that are new on their way. The caller awaits `written` in the same transaction. `earlier`:
 * debtors of this transaction's batches before, whatever `found` says of them, since it may have been asked before they
 * were written.
 */
export function makeDebtors(
  tx: Tx,
  vault: EnteVault,
  gathered: readonly GatheredDebtor[],
  found: ReadonlyMap<string, FoundDebtor>,
  earlier: ReadonlyMap<string, KnownDebtor>,
): BatchDebtors {
  const debtors = new Map<string, KnownDebtor>();
  const fresh: SealedDebtor[] = [];
  const revived: SealedDebtor[] = [];
  const flagged: { id: string; input: DebtorInput }[] = [];
  for (const { input, lookup } of gathered) {
    const cf = input.personal.codiceFiscale;
    const row = found.get(lookup.toString('hex'));
    const known = earlier.get(cf) ?? knownOf(vault, row);
    if (known !== null) debtors.set(cf, known);
    const knownId = known?.debtorId ?? row?.debtor_id;
    if (knownId !== undefined && (input.deceased || input.minor)) flagged.push({ id: knownId, input });
    if (known !== null) continue;
    // An erased person who owes again begins anew, under a new key: what was sealed before stays unreadable.
    const { key, wrapped } = vault.newKey();
    const id = knownId ?? newId();
    const personal = vault.seal(key, personalAad(id), JSON.stringify(input.personal));
    (row === undefined ? fresh : revived).push({ id, lookup, wrapped, personal, input });
    debtors.set(cf, { debtorId: id, key, revived: row !== undefined });
  }
  const written = writeDebtors(tx, vault, { fresh, revived, flagged });
  written.catch(() => {});
  return {
    debtors,
    newIds: new Set(fresh.map((one) => one.id)),
    revived: revived.map((one) => debtors.get(one.input.personal.codiceFiscale) as KnownDebtor),
    written,
  };
}

function knownOf(vault: EnteVault, row: FoundDebtor | undefined): KnownDebtor | null {
  if (row === undefined || row.key_wrapped === null) return null;
  return { debtorId: row.debtor_id, key: vault.unwrap(row.key_wrapped), revived: false };
}

async function writeDebtors(
  tx: Tx,
  vault: EnteVault,
  batch: {
    readonly fresh: readonly SealedDebtor[];
    readonly revived: readonly SealedDebtor[];
    readonly flagged: readonly { id: string; input: DebtorInput }[];
  },
): Promise<void> {
  const ente = enteOf(tx);
  const { fresh, revived, flagged } = batch;
  const surnameOf = ({ personal: p }: DebtorInput) =>
    vault.lookup('surname', normalItem(p.surname ?? p.companyName ?? ''));
  if (fresh.length > 0) {
    await sql`insert into debtor (ente_id, debtor_id, cf_lookup, surname_lookup, key_wrapped, personal, is_person, deceased, minor)
      select ${ente}, u.id, u.cf, u.surname, u.wrapped, u.personal, u.person, u.deceased, u.minor
      from ${unnestRows({
        id: { type: 'uuid', values: fresh.map((f) => f.id) },
        cf: { type: 'bytea', values: fresh.map((f) => f.lookup) },
        surname: { type: 'bytea', values: fresh.map((f) => surnameOf(f.input)) },
        wrapped: { type: 'bytea', values: fresh.map((f) => f.wrapped) },
        personal: { type: 'bytea', values: fresh.map((f) => f.personal) },
        person: { type: 'bool', values: fresh.map((f) => f.input.isPerson) },
        deceased: { type: 'bool', values: fresh.map((f) => f.input.deceased) },
        minor: { type: 'bool', values: fresh.map((f) => f.input.minor) },
      })}`.execute(tx.kysely);
  }
  for (const { id, wrapped, personal, input } of revived) {
    await sql`update debtor set key_wrapped = ${wrapped}, personal = ${personal}, surname_lookup = ${surnameOf(input)}
      where ente_id = ${ente} and debtor_id = ${id}`.execute(tx.kysely);
  }
  if (flagged.length > 0) {
    await sql`update debtor d set deceased = d.deceased or u.deceased, minor = d.minor or u.minor
      from ${unnestRows({
        id: { type: 'uuid', values: flagged.map((f) => f.id) },
        deceased: { type: 'bool', values: flagged.map((f) => f.input.deceased) },
        minor: { type: 'bool', values: flagged.map((f) => f.input.minor) },
      })} where d.ente_id = ${ente} and d.debtor_id = u.id`.execute(tx.kysely);
  }
}
