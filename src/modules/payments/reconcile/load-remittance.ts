import { sql } from 'kysely';
import { CodedError } from '../../../kernel/errors.ts';
import { sha256 } from '../../../kernel/hash.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Cents } from '../../../kernel/money.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../../platform/db/index.ts';
import { sameBytes } from '../../../platform/secrets/index.ts';
import { writeLeaf } from '../../audit/index.ts';
import { loadEnte } from '../../creditors/index.ts';
import type { RemittanceFlow, RemittanceLine } from './reconcile.port.ts';
import { takeTurn } from './turn.ts';

export type RemittanceLoaded =
  | {
      readonly kind: 'loaded';
      readonly remittanceId: string;
      readonly state: 'consistent' | 'inconsistent';
      /** The revision whose place it took. */
      readonly superseded: string | null;
    }
  /** It was there, or what was there is newer: nothing was done. */
  | { readonly kind: 'known' | 'older' };

const ROWS_PER_STATEMENT = 5_000;

/**
 * Keeps a flow, whole. A higher revision takes the place of the lower and frees what was matched with it; a flow that does
 * not add up is kept as inconsistent, and reconciles nothing. Errors REMITTANCE_FOREIGN (it is for another body),
 * REMITTANCE_CONFLICT (the same revision with another content), REMITTANCE_LINES (two lines of one number).
 */
export async function loadRemittance(
  tx: Tx,
  flow: RemittanceFlow,
  actor: string,
  now: number,
): Promise<RemittanceLoaded> {
  const ente = enteOf(tx);
  const { flowId, revision, lines, declaredCount, declaredCents } = flow;
  if ((await loadEnte(tx)).codiceFiscale !== flow.receiver) {
    throw new CodedError('REMITTANCE_FOREIGN', 'the flow is for another body', { flowId });
  }
  if (new Set(lines.map((line) => line.no)).size !== lines.length) {
    throw new CodedError('REMITTANCE_LINES', 'two lines have one number', { flowId });
  }
  await takeTurn(tx);
  const digest = digestOf(flow);
  const current = await currentOf(tx, flowId);
  if (current !== null) {
    const order = compare(flow, current);
    if (order < 0) return { kind: 'older' };
    if (order === 0) {
      if (current.source !== flow.source || sameBytes(current.sha256, digest)) return { kind: 'known' };
      throw new CodedError('REMITTANCE_CONFLICT', 'this revision was loaded with another content', { flowId });
    }
    await supersede(tx, current.remittanceId, now);
  }
  const { plainCents, signedCents } = sumsOf(lines);
  // What is revoked counts as negative by its code, but the schema has no negative amounts, and the platform adds them all
  // up as they stand (pagopa §12): a PSP may have declared either sum.
  const adds = declaredCount === lines.length && (declaredCents === signedCents || declaredCents === plainCents);
  const state = adds ? 'consistent' : 'inconsistent';
  const remittanceId = newId();
  await sql`insert into remittance (ente_id, remittance_id, flow_id, revision, source, psp, sender, made_at, regulation_id,
      regulation_date, declared_count, declared_cents, counted_count, counted_cents, state, published_at, loaded_at, sha256)
    values (${ente}, ${remittanceId}, ${flowId}, ${revision}, ${flow.source}, ${flow.psp}, ${flow.sender},
      ${instant(flow.madeAt)}, ${flow.regulationId}, ${flow.regulationDate}, ${declaredCount}, ${declaredCents},
      ${lines.length}, ${signedCents}, ${state}, ${flow.publishedAt === null ? null : instant(flow.publishedAt)},
      ${instant(now)}, ${digest})`.execute(tx.kysely);
  for (let at = 0; at < lines.length; at += ROWS_PER_STATEMENT) {
    await insertLines(tx, remittanceId, lines.slice(at, at + ROWS_PER_STATEMENT), adds ? 'open' : 'void');
  }
  const superseded = current?.remittanceId ?? null;
  const facts = { flow: flowId, revision, state, declaredCents, countedCents: signedCents, superseded };
  await writeLeaf(tx, { at: now, kind: 'remittance.loaded', actor, rowCount: lines.length, facts });
  return { kind: 'loaded', remittanceId, state, superseded };
}

interface Current {
  readonly remittanceId: string;
  readonly revision: number | null;
  readonly source: 'api' | 'xml';
  readonly madeAt: number;
  readonly sha256: Uint8Array;
}

async function currentOf(tx: Tx, flowId: string): Promise<Current | null> {
  const { rows } =
    await sql<Current>`select remittance_id as "remittanceId", revision, source, made_at as "madeAt", sha256
    from remittance where ente_id = ${enteOf(tx)} and upper(flow_id) = upper(${flowId}::text) and state <> 'superseded'`.execute(
      tx.kysely,
    );
  return rows[0] ?? null;
}

/** By revision, where both have one; else by the second in which they were made, all that an XML flow says. */
function compare(flow: RemittanceFlow, current: Current): number {
  if (flow.revision !== null && current.revision !== null) return flow.revision - current.revision;
  return Math.floor(flow.madeAt / 1000) - Math.floor(current.madeAt / 1000);
}

async function supersede(tx: Tx, remittanceId: string, now: number): Promise<void> {
  const ente = enteOf(tx);
  await sql`update treasury_movement set state = 'open', reason = null where ente_id = ${ente} and movement_key = (
      select h.movement_key from match h where h.ente_id = ${ente} and h.remittance_id = ${remittanceId} and h.state = 'held'
        and h.line_no is null)`.execute(tx.kysely);
  // One at a time: each has an index of its own.
  for (const which of [
    sql`state = 'held' and line_no is not null`,
    sql`state = 'held' and line_no is null`,
    sql`state = 'proposed'`,
  ]) {
    await sql`update match set state = 'freed', decided_at = ${instant(now)}
      where ente_id = ${ente} and remittance_id = ${remittanceId} and ${which}`.execute(tx.kysely);
  }
  await sql`update remittance_line set state = 'void', reason = null
    where ente_id = ${ente} and remittance_id = ${remittanceId}`.execute(tx.kysely);
  await sql`update remittance set state = 'superseded'
    where ente_id = ${ente} and remittance_id = ${remittanceId}`.execute(tx.kysely);
}

function sumsOf(lines: readonly RemittanceLine[]): { plainCents: Cents; signedCents: Cents } {
  let plainCents = 0;
  let signedCents = 0;
  for (const { amountCents, status } of lines) {
    plainCents += amountCents;
    signedCents += status === 'revoked' ? -amountCents : amountCents;
  }
  return { plainCents, signedCents };
}

async function insertLines(
  tx: Tx,
  remittanceId: string,
  lines: readonly RemittanceLine[],
  state: 'open' | 'void',
): Promise<void> {
  await sql`insert into remittance_line (ente_id, remittance_id, line_no, iuv, iur, transfer_no, amount_cents, pay_status,
      pay_date, state)
    select ${enteOf(tx)}, ${remittanceId}, u.no, u.iuv, u.iur, u.transfer_no, u.amount, u.status, u.pay_date, ${state}
    from ${unnestRows({
      no: { type: 'int4', values: lines.map((line) => line.no) },
      iuv: { type: 'text', values: lines.map((line) => line.iuv) },
      iur: { type: 'text', values: lines.map((line) => line.iur) },
      transfer_no: { type: 'int4', values: lines.map((line) => line.transferNo) },
      amount: { type: 'int8', values: lines.map((line) => line.amountCents) },
      status: { type: 'text', values: lines.map((line) => line.status) },
      pay_date: { type: 'date', values: lines.map((line) => line.payDate) },
    })}`.execute(tx.kysely);
}

/** Of what makes it this flow; one line a row, so that a long one is never a single text of JSON. */
function digestOf(flow: RemittanceFlow): Buffer {
  const { flowId, regulationId, regulationDate, declaredCount, declaredCents, lines } = flow;
  const rows = lines.map(({ no, iuv, iur, transferNo, amountCents, status, payDate }) =>
    JSON.stringify([no, iuv, iur, transferNo, amountCents, status, payDate]),
  );
  return sha256(
    [JSON.stringify([flowId, regulationId, regulationDate, declaredCount, declaredCents]), ...rows].join('\n'),
  );
}
