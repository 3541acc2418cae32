import type { CivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, type Tx, tables } from '../../platform/db/index.ts';
import type { CreditorTables } from './creditors.tables.ts';

export interface RuleInForce<T> {
  readonly value: T;
  readonly legalBasis: string;
  readonly from: 'statute' | 'regulation';
}

/** The rules in force on one date for one body (architecture §4.2): the body's regulation first, then the statute. */
export interface RuleBook {
  readonly on: CivilDate;
  /** Null when no row covers the date. `creditType` null asks for the rule of the body as a whole. */
  find<T>(key: string, creditType: { code: string; nature: string } | null): RuleInForce<T> | null;
  /** Error RULE_UNKNOWN: no row in force; a value is never extended silently beyond its validity (R18, R19). */
  get<T>(key: string, creditType: { code: string; nature: string } | null): RuleInForce<T>;
}

interface Row {
  readonly key: string;
  readonly scope: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly value: unknown;
  readonly legal_basis: string;
}

export async function loadRules(tx: Tx, on: CivilDate): Promise<RuleBook> {
  const db = tables<CreditorTables>(tx);
  const statute = await db
    .selectFrom('statute_rule')
    .select(['key', 'nature as scope', 'valid_from', 'valid_to', 'value', 'legal_basis'])
    .execute();
  const regulation = await db
    .selectFrom('ente_rule')
    .select(['key', 'credit_type as scope', 'valid_from', 'valid_to', 'value', 'legal_basis'])
    .where('ente_id', '=', enteOf(tx))
    .execute();
  return makeRuleBook(on, statute, regulation);
}

/** Pure part, for tests and callers that hold the rows. Narrow scope before '*', later start before earlier. */
export function makeRuleBook(on: CivilDate, statute: readonly Row[], regulation: readonly Row[]): RuleBook {
  const pick = (rows: readonly Row[], key: string, scopes: readonly string[]) => {
    for (const scope of scopes) {
      const inForce = rows
        .filter((r) => r.key === key && r.scope === scope)
        .filter((r) => r.valid_from <= on && (r.valid_to === null || on <= r.valid_to))
        .sort((a, b) => (a.valid_from < b.valid_from ? 1 : -1));
      if (inForce[0] !== undefined) return inForce[0];
    }
    return null;
  };
  const book: RuleBook = {
    on,
    find<T>(key: string, creditType: { code: string; nature: string } | null) {
      const own = pick(regulation, key, creditType === null ? ['*'] : [creditType.code, '*']);
      const row = own ?? pick(statute, key, creditType === null ? ['*'] : [creditType.nature, '*']);
      if (row === null) return null;
      return { value: row.value as T, legalBasis: row.legal_basis, from: own === null ? 'statute' : 'regulation' };
    },
    get<T>(key: string, creditType: { code: string; nature: string } | null) {
      const found = book.find<T>(key, creditType);
      if (found === null) {
        throw new CodedError('RULE_UNKNOWN', `no rule ${key} in force on ${on}`, { key, on });
      }
      return found;
    },
  };
  return book;
}

/** A rule of the body's own regulation; `legalBasis` is its deliberation, number and date, and may not be empty. */
export async function setEnteRule(
  tx: Tx,
  rule: { key: string; creditType: string; validFrom: CivilDate; value: unknown; legalBasis: string },
): Promise<void> {
  if (rule.legalBasis.trim() === '') throw new CodedError('RULE_WITHOUT_BASIS', 'a rule needs its deliberation');
  await tables<CreditorTables>(tx)
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
    .execute();
}
