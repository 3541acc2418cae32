import { sql } from 'kysely';
import { sha256, stableJson } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx, tables } from '../../platform/db/index.ts';
import { chainSeal, merkleRoot } from './merkle.ts';

export interface AuditTables {
  audit_leaf: {
    ente_id: number;
    leaf_id: string;
    at: number;
    kind: string;
    actor: string;
    row_count: number;
    facts: Facts;
    digest: Uint8Array;
  };
  audit_seal: {
    ente_id: number;
    seal_no: number;
    sealed_at: number;
    leaf_count: number;
    merkle_root: Uint8Array;
    previous: Uint8Array;
    chained: Uint8Array;
  };
}

/** Ids, counts, codes and digests; never personal data, never an address (architecture §4.4). */
export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface Leaf {
  readonly at: number;
  /** e.g. `import.committed`; the list is `docs/audit.md`. */
  readonly kind: string;
  /** `operator:<id>`, `citizen`, `apiKey:<id>` or `system`. */
  readonly actor: string;
  /** How many rows the fact touched. */
  readonly rowCount: number;
  readonly facts: Facts;
}

/** Seal of the beginning: what the first seal is chained to. */
export const GENESIS = Buffer.alloc(32);
const LEAVES_PER_SEAL = 50_000;
const DIGEST_BYTES = 32;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Class of the advisory lock; the body is the second key. */
const SEALING = 7_205_341;

/** Written in the fact's own transaction, unchained, so that no fact waits for another (architecture §4.10). */
export async function writeLeaf(tx: Tx, leaf: Leaf): Promise<void> {
  const ente = enteOf(tx);
  const leafId = newId();
  const digest = leafDigest(ente, leafId, leaf);
  await sql`with written as (
      insert into audit_leaf (ente_id, leaf_id, at, kind, actor, row_count, facts, digest)
      values (${ente}, ${leafId}, ${instant(leaf.at)}, ${leaf.kind}, ${leaf.actor}, ${leaf.rowCount},
        ${JSON.stringify(leaf.facts)}::jsonb, ${digest})
    ) insert into audit_unsealed (ente_id, leaf_id, digest) values (${ente}, ${leafId}, ${digest})`.execute(tx.kysely);
}

/** The digest of a set of rows that one leaf stands for: order does not matter, so they are sorted first. */
export function digestOfIds(ids: readonly string[]): string {
  return sha256([...ids].sort().join('\n')).toString('hex');
}

export function leafDigest(enteId: number, leafId: string, leaf: Leaf): Buffer {
  const { at, kind, actor, rowCount, facts } = leaf;
  return sha256(stableJson({ enteId, leafId, at, kind, actor, rowCount, facts }));
}

export interface Seal {
  readonly sealNo: number;
  readonly sealedAt: number;
  readonly leafCount: number;
  readonly root: string;
  readonly chained: string;
}

/** Seals what is unsealed, oldest first; null when there is nothing. Sealers of one body take turns. */
export async function sealNext(tx: Tx, sealedAt: number): Promise<Seal | null> {
  const db = tables<AuditTables>(tx);
  const enteId = enteOf(tx);
  // Without it, a second sealer could read the leaves before the first has committed and the last seal after it, and
  // seal them again under the next number.
  await sql`select pg_advisory_xact_lock(${SEALING}, ${enteId})`.execute(tx.kysely);
  const last = await db
    .selectFrom('audit_seal')
    .select(['seal_no', 'chained'])
    .where('ente_id', '=', enteId)
    .orderBy('seal_no', 'desc')
    .limit(1)
    .executeTakeFirst();
  const sealNo = (last?.seal_no ?? 0) + 1;
  const digests = await takeUnsealed(tx, sealNo);
  const leafCount = digests.length;
  if (leafCount === 0) return null;
  const previous = last?.chained ?? GENESIS;
  const root = merkleRoot(digests);
  const chained = chainSeal({ enteId, sealNo, sealedAt, leafCount, root, previous });
  await sql`insert into audit_seal (ente_id, seal_no, sealed_at, leaf_count, merkle_root, previous, chained)
    values (${enteId}, ${sealNo}, ${instant(sealedAt)}, ${leafCount}, ${root}, ${Buffer.from(previous)}, ${chained})`.execute(
    tx.kysely,
  );
  return { sealNo, sealedAt, leafCount, root: root.toString('hex'), chained: chained.toString('hex') };
}

/** Gives the oldest unsealed leaves their places in the seal; their digests in that order, as one piece of bytes. */
async function takeUnsealed(tx: Tx, sealNo: number): Promise<Buffer[]> {
  const enteId = enteOf(tx);
  const { rows } = await sql<{ digests: Uint8Array | null }>`
    with taken as (
      delete from audit_unsealed where ente_id = ${enteId} and leaf_id <= coalesce((
        select leaf_id from audit_unsealed where ente_id = ${enteId}
        order by leaf_id offset ${LEAVES_PER_SEAL - 1} limit 1), ${LAST_ID}::uuid)
      returning leaf_id, digest
    ), placed as (
      insert into audit_order (ente_id, seal_no, leaf_ids)
      select ${enteId}::int, ${sealNo}::int, array_agg(leaf_id order by leaf_id) from taken having count(*) > 0
    )
    select string_agg(digest, ''::bytea order by leaf_id) as digests from taken`.execute(tx.kysely);
  const bytes = Buffer.from(rows[0]?.digests ?? []);
  return Array.from({ length: bytes.length / DIGEST_BYTES }, (_, i) =>
    bytes.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES),
  );
}

/** Seals after a number, oldest first: what an export that was cut short still owes. */
export async function sealsAfter(tx: Tx, sealNo: number): Promise<Seal[]> {
  const rows = await tables<AuditTables>(tx)
    .selectFrom('audit_seal')
    .selectAll()
    .where('ente_id', '=', enteOf(tx))
    .where('seal_no', '>', sealNo)
    .orderBy('seal_no')
    .execute();
  return rows.map((row) => ({
    sealNo: row.seal_no,
    sealedAt: row.sealed_at,
    leafCount: row.leaf_count,
    root: Buffer.from(row.merkle_root).toString('hex'),
    chained: Buffer.from(row.chained).toString('hex'),
  }));
}
