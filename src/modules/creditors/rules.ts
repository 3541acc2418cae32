import { addDays, type CivilDate, civilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { stableJson } from '../../kernel/hash.ts';
import { enteOf, type Tx, tables } from '../../platform/db/index.ts';
import type { CreditorTables } from './creditors.tables.ts';
import { categoryOf } from './natures.ts';
import { checkEnteRule } from './rule-keys.ts';

export interface RuleInForce<T> {
  readonly value: T;
  readonly legalBasis: string;
  readonly from: 'statute' | 'regulation';
}

/** Whose rule this is: of one credit type of the body, of a nature, of its category, or of every credit. */
export type RuleLevel = 'creditType' | 'nature' | 'category' | 'all';

/** A rule in force with everything that says why it is. */
export interface RuleEntry extends RuleInForce<unknown> {
  readonly key: string;
  readonly level: RuleLevel;
  /** Code of the credit type, nature, category, or `*`. */
  readonly scope: string;
  readonly validFrom: CivilDate;
  /** Last day, or null where no end is known. */
  readonly validTo: CivilDate | null;
  /** How sure the statute row is; null for a body's own rule. */
  readonly mark: string | null;
  /** The statute row that the body's regulation takes the place of. */
  readonly insteadOf: { readonly value: unknown; readonly legalBasis: string } | null;
}

type Scoped = { readonly code: string; readonly nature: string };

/**
 * The rules in force on one date for one body (architecture §4.2): the body's regulation first, then the statute; in
 * the regulation the credit type before `*`, in the statute the nature before its category before `*`.
 */
export interface RuleBook {
  readonly on: CivilDate;
  /** Null when no row covers the date. `creditType` null asks for the rule of the body as a whole. */
  find<T>(key: string, creditType: Scoped | null): RuleInForce<T> | null;
  /** Error RULE_UNKNOWN: no row in force; a value is never extended silently beyond its validity (R18, R19). */
  get<T>(key: string, creditType: Scoped | null): RuleInForce<T>;
  /** The same rows on another date: for what follows the date of a fact (R25). */
  at(on: CivilDate): RuleBook;
  /** The days on which any row of this key begins, or has just ended, in order. */
  changes(key: string, creditType: Scoped | null): CivilDate[];
  /** Every rule in force for this credit type, by key. */
  entries(creditType: Scoped): RuleEntry[];
}

export interface RuleRow {
  readonly key: string;
  readonly scope: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly value: unknown;
  readonly legal_basis: string;
  readonly mark?: string;
}

export async function loadRules(tx: Tx, on: CivilDate): Promise<RuleBook> {
  const db = tables<CreditorTables>(tx);
  const statute = await db
    .selectFrom('statute_rule')
    .select(['key', 'nature as scope', 'valid_from', 'valid_to', 'value', 'legal_basis', 'mark'])
    .execute();
  const regulation = await db
    .selectFrom('ente_rule')
    .select(['key', 'credit_type as scope', 'valid_from', 'valid_to', 'value', 'legal_basis'])
    .where('ente_id', '=', enteOf(tx))
    .execute();
  return makeRuleBook(on, statute, regulation);
}

type Scope = readonly [level: RuleLevel, scope: string];

function ownScopes(type: Scoped | null): Scope[] {
  return type === null
    ? [['all', '*']]
    : [
        ['creditType', type.code],
        ['all', '*'],
      ];
}

function lawScopes(type: Scoped | null): Scope[] {
  if (type === null) return [['all', '*']];
  const category = categoryOf(type.nature);
  const scopes: Scope[] = category === type.nature ? [] : [['nature', type.nature]];
  if (category !== null) scopes.push(['category', category]);
  return [...scopes, ['all', '*']];
}

function byKey(rows: readonly RuleRow[]): Map<string, RuleRow[]> {
  const found = new Map<string, RuleRow[]>();
  for (const row of rows) {
    const same = found.get(row.key);
    if (same === undefined) found.set(row.key, [row]);
    else same.push(row);
  }
  return found;
}

/** Pure part, for tests and callers that hold the rows. Narrow scope before '*', later start before earlier. */
export function makeRuleBook(on: CivilDate, statute: readonly RuleRow[], regulation: readonly RuleRow[]): RuleBook {
  return bookOn(on, byKey(statute), byKey(regulation));
}

interface Found {
  readonly row: RuleRow;
  readonly level: RuleLevel;
}

function bookOn(
  on: CivilDate,
  statute: ReadonlyMap<string, readonly RuleRow[]>,
  regulation: ReadonlyMap<string, readonly RuleRow[]>,
): RuleBook {
  const pick = (rows: readonly RuleRow[] | undefined, scopes: readonly Scope[]): Found | null => {
    for (const [level, scope] of scopes) {
      let latest: RuleRow | null = null;
      for (const row of rows ?? []) {
        if (row.scope !== scope || row.valid_from > on || (row.valid_to !== null && row.valid_to < on)) continue;
        if (latest === null || row.valid_from > latest.valid_from) latest = row;
      }
      if (latest !== null) return { row: latest, level };
    }
    return null;
  };
  const ownRule = (key: string, type: Scoped | null) => pick(regulation.get(key), ownScopes(type));
  const lawRule = (key: string, type: Scoped | null) => pick(statute.get(key), lawScopes(type));

  const book: RuleBook = {
    on,
    find<T>(key: string, creditType: Scoped | null) {
      const own = ownRule(key, creditType);
      const found = own ?? lawRule(key, creditType);
      if (found === null) return null;
      const { value, legal_basis } = found.row;
      return { value: value as T, legalBasis: legal_basis, from: own === null ? 'statute' : 'regulation' };
    },
    get<T>(key: string, creditType: Scoped | null) {
      const found = book.find<T>(key, creditType);
      if (found === null) {
        throw new CodedError('RULE_UNKNOWN', `no rule ${key} in force on ${on}`, { key, on });
      }
      return found;
    },
    at: (day) => bookOn(day, statute, regulation),
    changes(key, creditType) {
      const days = new Set<CivilDate>();
      const note = (rows: readonly RuleRow[] | undefined, scopes: readonly Scope[]) => {
        for (const row of rows ?? []) {
          if (!scopes.some(([, scope]) => scope === row.scope)) continue;
          days.add(civilDate(row.valid_from));
          if (row.valid_to !== null) days.add(addDays(civilDate(row.valid_to), 1));
        }
      };
      note(statute.get(key), lawScopes(creditType));
      note(regulation.get(key), ownScopes(creditType));
      return [...days].sort();
    },
    entries(creditType) {
      const keys = [...new Set([...statute.keys(), ...regulation.keys()])].sort();
      return keys.flatMap((key) => {
        const own = ownRule(key, creditType);
        const law = lawRule(key, creditType);
        const found = own ?? law;
        return found === null ? [] : [entryOf(key, found, own === null ? null : law)];
      });
    },
  };
  function entryOf(key: string, { row, level }: Found, replaced: Found | null): RuleEntry {
    const fromStatute = statute.get(key)?.includes(row) === true;
    return {
      key,
      value: row.value,
      legalBasis: row.legal_basis,
      from: fromStatute ? 'statute' : 'regulation',
      level,
      scope: row.scope,
      validFrom: civilDate(row.valid_from),
      validTo: row.valid_to === null ? null : civilDate(row.valid_to),
      mark: fromStatute ? (row.mark ?? null) : null,
      insteadOf: replaced === null ? null : { value: replaced.row.value, legalBasis: replaced.row.legal_basis },
    };
  }
  return book;
}

/**
 * A rule of the body's own regulation; `legalBasis` is its deliberation, number and date, and may not be empty. The same
 * rule told twice is one. Errors RULE_WITHOUT_BASIS, RULE_KEY_UNKNOWN, RULE_FIXED (the law leaves no choice), RULE_VALUE,
 * RULE_SAME_DAY (another value holds from that very day).
 */
export async function setEnteRule(
  tx: Tx,
  rule: { key: string; creditType: string; validFrom: CivilDate; value: unknown; legalBasis: string },
): Promise<void> {
  if (rule.legalBasis.trim() === '') throw new CodedError('RULE_WITHOUT_BASIS', 'a rule needs its deliberation');
  checkEnteRule(rule.key, rule.value);
  const { numInsertedOrUpdatedRows } = await tables<CreditorTables>(tx)
    .insertInto('ente_rule')
    .values({
      ente_id: enteOf(tx),
      key: rule.key,
      credit_type: rule.creditType,
      valid_from: rule.validFrom,
      valid_to: null,
      value: JSON.stringify(rule.value),
      legal_basis: rule.legalBasis,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 1n) return;
  const { key, creditType, validFrom } = rule;
  const known = await tables<CreditorTables>(tx)
    .selectFrom('ente_rule')
    .select(['value', 'legal_basis'])
    .where('ente_id', '=', enteOf(tx))
    .where('key', '=', key)
    .where('credit_type', '=', creditType)
    .where('valid_from', '=', validFrom)
    .executeTakeFirst();
  const same =
    known !== undefined && known.legal_basis === rule.legalBasis && stableJson(known.value) === stableJson(rule.value);
  if (!same) throw new CodedError('RULE_SAME_DAY', 'another value holds from this day', { key, on: validFrom });
}
