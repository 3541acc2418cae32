import type { Engine } from '../../platform/db/index.ts';
import type { RuleRow } from './rules.ts';
import { ACT_ROWS } from './statute-acts.ts';
import { CONTACT_ROWS } from './statute-contacts.ts';
import { DEADLINE_ROWS } from './statute-deadlines.ts';
import { MONEY_ROWS } from './statute-money.ts';
import type { StatuteRow } from './statute-row.ts';

/**
 * The statutory defaults we ship, as rows (architecture §4.2). Source of each: law-and-practice of the design folder,
 * rule number in the comment. A body overrides them with its deliberation (`ente_rule`) where the law lets it; code
 * never holds one of these values. What the law leaves open is no row: it is a setting that a body must choose
 * (rule-keys.ts), and until then whoever asks is refused.
 */
export const STATUTE: readonly StatuteRow[] = [...DEADLINE_ROWS, ...MONEY_ROWS, ...CONTACT_ROWS, ...ACT_ROWS];

/** The shipped rows as a rule book takes them, for who has no database at hand. */
export function statuteRows(): RuleRow[] {
  return STATUTE.map(({ key, nature, from, to, value, basis, mark }) => {
    return { key, scope: nature, valid_from: from, valid_to: to ?? null, value, legal_basis: basis, mark };
  });
}

/** Brings the shipped rows to the database: part of `migrate`, run by the owner. Rows of bodies are never touched. */
export async function installStatute(engine: Engine): Promise<void> {
  const { connection, release } = await engine.acquire();
  try {
    await connection.query(
      `insert into statute_rule (key, nature, valid_from, valid_to, value, legal_basis, mark)
       select r->>'key', r->>'nature', (r->>'from')::date, (r->>'to')::date, r->'value', r->>'basis', r->>'mark'
       from jsonb_array_elements($1::jsonb) r
       on conflict (key, nature, valid_from) do update
       set valid_to = excluded.valid_to, value = excluded.value, legal_basis = excluded.legal_basis, mark = excluded.mark`,
      [JSON.stringify(STATUTE)],
    );
  } finally {
    release(false);
  }
}
