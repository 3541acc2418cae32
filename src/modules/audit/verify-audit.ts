import { sql } from 'kysely';
import { enteOf, type Tx, tables } from '../../platform/db/index.ts';
import { type AuditTables, GENESIS, leafDigest, type Seal } from './audit.store.ts';
import { chainSeal, merkleRoot } from './merkle.ts';

type LeafRow = AuditTables['audit_leaf'];

export interface VerifyReport {
  readonly events: number;
  readonly sealed: number;
  readonly unsealed: number;
  readonly seals: number;
  readonly valid: boolean;
  /** What is wrong, in words; empty when valid. */
  readonly faults: readonly string[];
  readonly lastChained: string | null;
}

/**
 * Recomputes every leaf, root and link. `exported` are seals kept where the database's owner cannot rewrite them:
 * each must be found again unchanged.
 */
export async function verifyAudit(tx: Tx, exported: readonly Seal[]): Promise<VerifyReport> {
  const db = tables<AuditTables>(tx);
  const enteId = enteOf(tx);
  const faults: string[] = [];
  const seals = await db
    .selectFrom('audit_seal')
    .selectAll()
    .where('ente_id', '=', enteId)
    .orderBy('seal_no')
    .execute();
  let previous: Uint8Array = GENESIS;
  let sealed = 0;
  for (const [index, seal] of seals.entries()) {
    const leaves = await leavesOf(tx, seal.seal_no);
    for (const leaf of leaves) if (wasAltered(leaf)) faults.push(`leaf ${leaf.leaf_id} (${leaf.kind}) was altered`);
    sealed += leaves.length;
    const root = merkleRoot(leaves.map((leaf) => leaf.digest));
    const where = `seal ${seal.seal_no}`;
    if (seal.seal_no !== index + 1) faults.push(`${where}: the number before it is missing`);
    if (leaves.length !== seal.leaf_count)
      faults.push(`${where}: ${leaves.length} leaves instead of ${seal.leaf_count}`);
    if (!root.equals(seal.merkle_root)) faults.push(`${where}: the root does not match its leaves`);
    const link = { enteId, sealNo: seal.seal_no, sealedAt: seal.sealed_at, leafCount: seal.leaf_count, root, previous };
    if (!chainSeal(link).equals(seal.chained)) faults.push(`${where}: the chain is broken`);
    previous = seal.chained;
  }
  const loose = await looseLeaves(tx);
  for (const leaf of loose) {
    if (leaf.at === null) faults.push(`leaf ${leaf.leaf_id}, which waits for a seal, is not there`);
    else if (wasAltered(leaf) || !Buffer.from(leaf.digest).equals(leaf.waiting))
      faults.push(`leaf ${leaf.leaf_id} (${leaf.kind}) was altered`);
  }
  const astray = await astrayLeaves(tx);
  for (const { leaf_id, places } of astray) {
    const what = places === 0 ? 'stands in no seal and waits for none' : `stands in ${places} places`;
    faults.push(`leaf ${leaf_id} ${what}`);
  }
  for (const kept of exported) {
    const found = seals.find((seal) => seal.seal_no === kept.sealNo);
    const same = found !== undefined && Buffer.from(found.chained).toString('hex') === kept.chained;
    if (!same) faults.push(`seal ${kept.sealNo} is not the one that was exported`);
  }
  return {
    events: sealed + loose.length + astray.filter(({ places }) => places === 0).length,
    sealed,
    unsealed: loose.length,
    seals: seals.length,
    valid: faults.length === 0,
    faults,
    lastChained: seals.length === 0 ? null : Buffer.from(previous).toString('hex'),
  };
}

/** Those of a seal that are there, in the order of record. */
async function leavesOf(tx: Tx, sealNo: number): Promise<LeafRow[]> {
  const ente = enteOf(tx);
  const { rows } =
    await sql<LeafRow>`select l.* from audit_order o, unnest(o.leaf_ids) with ordinality p (leaf_id, place)
    join audit_leaf l on l.ente_id = ${ente} and l.leaf_id = p.leaf_id
    where o.ente_id = ${ente} and o.seal_no = ${sealNo} order by p.place`.execute(tx.kysely);
  return rows;
}

/** Those that wait for a seal, with the digest that waits; with nothing else of them where the leaf is gone. */
async function looseLeaves(tx: Tx): Promise<((LeafRow | { leaf_id: string; at: null }) & { waiting: Uint8Array })[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<LeafRow & { waiting: Uint8Array }>`select l.*, u.leaf_id, u.digest as waiting
    from audit_unsealed u left join audit_leaf l on l.ente_id = ${ente} and l.leaf_id = u.leaf_id
    where u.ente_id = ${ente} order by u.leaf_id`.execute(tx.kysely);
  return rows;
}

/** Leaves that nobody would look at, since no seal that is there names them, nor do they wait; and those named twice. */
async function astrayLeaves(tx: Tx): Promise<{ leaf_id: string; places: number }[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ leaf_id: string; places: number }>`
    with place as (
      select unnest(o.leaf_ids) as leaf_id from audit_order o
      join audit_seal s on s.ente_id = ${ente} and s.seal_no = o.seal_no where o.ente_id = ${ente}
      union all select leaf_id from audit_unsealed where ente_id = ${ente}
    )
    select l.leaf_id, count(p.leaf_id)::int as places from audit_leaf l left join place p on p.leaf_id = l.leaf_id
    where l.ente_id = ${ente} group by l.leaf_id having count(p.leaf_id) <> 1 order by l.leaf_id`.execute(tx.kysely);
  return rows;
}

function wasAltered(leaf: LeafRow): boolean {
  const { at, kind, actor, row_count: rowCount, facts } = leaf;
  return !leafDigest(leaf.ente_id, leaf.leaf_id, { at, kind, actor, rowCount, facts }).equals(leaf.digest);
}
