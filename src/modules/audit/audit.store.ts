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
    seal_no: number | null;
    position: number | null;
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
const GENESIS = Buffer.alloc(32);
const LEAVES_PER_SEAL = 50_000;
const DIGEST_BYTES = 32;
/** Class of the advisory lock; the body is the second key. */
const SEALING = 7_205_341;

/** Written in the fact's own transaction, unchained, so that no fact waits for another (architecture §4.10). */
export async function writeLeaf(tx: Tx, leaf: Leaf): Promise<void> {
  const ente = enteOf(tx);
  const leafId = newId();
  const digest = leafDigest(ente, leafId, leaf);
  await sql`insert into audit_leaf (ente_id, leaf_id, at, kind, actor, row_count, facts, digest)
    values (${ente}, ${leafId}, ${instant(leaf.at)}, ${leaf.kind}, ${leaf.actor}, ${leaf.rowCount},
      ${JSON.stringify(leaf.facts)}::jsonb, ${digest})`.execute(tx.kysely);
}

/** The digest of a set of rows that one leaf stands for: order does not matter, so they are sorted first. */
export function digestOfIds(ids: readonly string[]): string {
  return sha256([...ids].sort().join('\n')).toString('hex');
}

function leafDigest(enteId: number, leafId: string, leaf: Leaf): Buffer {
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
    with unsealed as (
      select leaf_id, row_number() over (order by leaf_id)::int - 1 as position from audit_leaf
      where ente_id = ${enteId} and seal_no is null order by leaf_id limit ${LEAVES_PER_SEAL}
    ), sealed as (
      update audit_leaf l set seal_no = ${sealNo}, position = u.position from unsealed u
      where l.ente_id = ${enteId} and l.leaf_id = u.leaf_id
      returning l.digest, l.position
    )
    select string_agg(digest, ''::bytea order by position) as digests from sealed`.execute(tx.kysely);
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
    const leaves = await db
      .selectFrom('audit_leaf')
      .selectAll()
      .where('ente_id', '=', enteId)
      .where('seal_no', '=', seal.seal_no)
      .orderBy('position')
      .execute();
    for (const leaf of leaves) {
      if (!recomputed(enteId, leaf).equals(leaf.digest)) faults.push(`leaf ${leaf.leaf_id} (${leaf.kind}) was altered`);
    }
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
  const loose = await db
    .selectFrom('audit_leaf')
    .selectAll()
    .where('ente_id', '=', enteId)
    .where('seal_no', 'is', null)
    .execute();
  for (const leaf of loose) {
    if (!recomputed(enteId, leaf).equals(leaf.digest)) faults.push(`leaf ${leaf.leaf_id} (${leaf.kind}) was altered`);
  }
  // A leaf that names a seal nobody made would otherwise be looked at by nobody, and never sealed.
  const astray = await db
    .selectFrom('audit_leaf')
    .select(['leaf_id', 'seal_no'])
    .where('ente_id', '=', enteId)
    .where('seal_no', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('audit_seal')
            .select('audit_seal.seal_no')
            .where('audit_seal.ente_id', '=', enteId)
            .whereRef('audit_seal.seal_no', '=', 'audit_leaf.seal_no'),
        ),
      ),
    )
    .execute();
  for (const leaf of astray) faults.push(`leaf ${leaf.leaf_id} names seal ${leaf.seal_no}, which is not there`);
  for (const kept of exported) {
    const found = seals.find((seal) => seal.seal_no === kept.sealNo);
    const same = found !== undefined && Buffer.from(found.chained).toString('hex') === kept.chained;
    if (!same) faults.push(`seal ${kept.sealNo} is not the one that was exported`);
  }
  return {
    events: sealed + loose.length + astray.length,
    sealed,
    unsealed: loose.length,
    seals: seals.length,
    valid: faults.length === 0,
    faults,
    lastChained: seals.length === 0 ? null : Buffer.from(previous).toString('hex'),
  };
}

function recomputed(enteId: number, leaf: AuditTables['audit_leaf']): Buffer {
  const { at, kind, actor, row_count: rowCount, facts } = leaf;
  return leafDigest(enteId, leaf.leaf_id, { at, kind, actor, rowCount, facts });
}
