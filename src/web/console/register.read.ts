import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

const PAGE = 50;

export interface LeafLine {
  readonly leafId: string;
  readonly at: number;
  readonly kind: string;
  /** In words: an operator's name, or what acted. */
  readonly who: string;
  readonly rowCount: number;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly sealed: boolean;
}

export interface LeafPage {
  readonly lines: readonly LeafLine[];
  /** The leaf the next page begins after; null: that was all. */
  readonly next: string | null;
}

/** Facts from the latest, or older than a leaf; ids sort in the order in which facts were written. */
export async function readLeaves(tx: Tx, before: string | null): Promise<LeafPage> {
  const ente = enteOf(tx);
  const { rows } = await sql<{
    leaf_id: string;
    at: number;
    kind: string;
    actor: string;
    name: string | null;
    row_count: number;
    facts: Record<string, unknown>;
    sealed: boolean;
  }>`select l.leaf_id, l.at, l.kind, l.actor, o.name, l.row_count, l.facts, u.leaf_id is null as sealed
    from (select * from audit_leaf_now where ente_id = ${ente} and (${before}::uuid is null or leaf_id < ${before}::uuid)
      order by leaf_id desc limit ${PAGE + 1}) l
    left join audit_unsealed_now u on u.ente_id = ${ente} and u.leaf_id = l.leaf_id
    left join operator_now o on o.ente_id = ${ente} and 'operator:' || o.operator_id::text = l.actor
    order by l.leaf_id desc`.execute(tx.kysely);
  const shown = rows.slice(0, PAGE);
  return {
    lines: shown.map((row) => ({
      leafId: row.leaf_id,
      at: row.at,
      kind: row.kind,
      who: row.name ?? actorName(row.actor),
      rowCount: row.row_count,
      facts: row.facts,
      sealed: row.sealed,
    })),
    next: rows.length > PAGE ? (shown.at(-1)?.leaf_id ?? null) : null,
  };
}

function actorName(actor: string): string {
  if (actor === 'system') return 'il programma';
  if (actor === 'citizen') return 'una persona, dal portale';
  if (actor.startsWith('apiKey:')) return 'un programma collegato';
  return actor.startsWith('operator:') ? 'un operatore' : actor;
}
