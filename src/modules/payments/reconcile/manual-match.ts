import { type RawBuilder, sql } from 'kysely';
import { CodedError } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Cents } from '../../../kernel/money.ts';
import { enteOf, instant, type Tx } from '../../../platform/db/index.ts';
import { type Facts, writeLeaf } from '../../audit/index.ts';
import { type Operator, requireRole } from '../../operators/index.ts';
import { takeTurn } from './turn.ts';

/** What a person says belongs together; the sums may differ, which is why two people look. */
export type ManualPair =
  | {
      readonly kind: 'lineToTransfer';
      readonly remittanceId: string;
      readonly lineNo: number;
      readonly receiptId: string;
      readonly transferNo: number;
    }
  | { readonly kind: 'creditToFlow'; readonly movementKey: string; readonly remittanceId: string }
  | {
      readonly kind: 'creditToTransfer';
      readonly movementKey: string;
      readonly receiptId: string;
      readonly transferNo: number;
    };

export interface ProposedMatch {
  readonly matchId: string;
  readonly pair: ManualPair;
  readonly amountCents: Cents;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedAt: number;
}

interface Row {
  match_id: string;
  state: string;
  remittance_id: string | null;
  line_no: number | null;
  movement_key: string | null;
  receipt_id: string | null;
  transfer_no: number | null;
  amount_cents: Cents;
  reason: string;
  proposed_by: string;
  matched_at: number;
}

const MOST_REASON = 500;
const COLUMNS = sql.raw(
  'match_id, state, remittance_id, line_no, movement_key, receipt_id, transfer_no, amount_cents, reason, proposed_by, matched_at',
);

/**
 * Proposes a match by hand; nothing moves until somebody else approves. Returns its id. Errors MATCH_REASON (nobody said
 * why), MATCH_STALE (one of the two is not there, or is matched).
 */
export async function proposeMatch(
  tx: Tx,
  pair: ManualPair,
  reason: string,
  operator: Operator,
  now: number,
): Promise<string> {
  requireRole(operator, 'decide');
  const note = reason.trim().slice(0, MOST_REASON);
  if (note === '') throw new CodedError('MATCH_REASON', 'say why they belong together');
  await takeTurn(tx);
  const amountCents = await amountOf(tx, pair);
  const matchId = newId();
  const {
    remittanceId = null,
    lineNo = null,
    movementKey = null,
    receiptId = null,
    transferNo = null,
  } = columnsOf(pair);
  await sql`insert into match (ente_id, match_id, rule, sure, state, remittance_id, line_no, movement_key, receipt_id,
      transfer_no, amount_cents, matched_at, reason, proposed_by)
    values (${enteOf(tx)}, ${matchId}, 'manual', true, 'proposed', ${remittanceId}, ${lineNo}, ${movementKey}, ${receiptId},
      ${transferNo}, ${amountCents}, ${instant(now)}, ${note}, ${operator.operatorId})`.execute(tx.kysely);
  await leaf(tx, 'match.proposed', operator, now, { match: matchId, amountCents });
  return matchId;
}

/** Another person approves: it holds from now on. Errors MATCH_UNKNOWN, MATCH_STATE, SAME_PERSON, MATCH_STALE. */
export async function approveMatch(tx: Tx, matchId: string, operator: Operator, now: number): Promise<void> {
  const row = await decide(tx, matchId, operator);
  if (row.proposed_by === operator.operatorId) {
    throw new CodedError('SAME_PERSON', 'who proposed a match cannot approve it');
  }
  const ente = enteOf(tx);
  const pair = pairOf(row);
  await amountOf(tx, pair);
  await undoUnsure(tx, pair);
  await sql`update match set state = 'held', decided_by = ${operator.operatorId}, decided_at = ${instant(now)}
    where ente_id = ${ente} and match_id = ${matchId}`.execute(tx.kysely);
  const told = sql`set state = 'matched', reason = 'manual' where ente_id = ${ente}`;
  if (pair.kind === 'lineToTransfer') {
    await sql`update remittance_line ${told} and remittance_id = ${pair.remittanceId} and line_no = ${pair.lineNo}`.execute(
      tx.kysely,
    );
  } else {
    await sql`update treasury_movement ${told} and movement_key = ${pair.movementKey}`.execute(tx.kysely);
  }
  await leaf(tx, 'match.approved', operator, now, { match: matchId, amountCents: row.amount_cents });
}

/** What the rules were not sure of gives way, and is looked at anew. */
async function undoUnsure(tx: Tx, pair: ManualPair): Promise<void> {
  const ente = enteOf(tx);
  await sql`with undone as (
      delete from match h where h.ente_id = ${ente} and h.state = 'held' and not h.sure and ${touches(pair)}
      returning remittance_id, line_no, movement_key
    ), lines as (
      update remittance_line l set state = 'open', reason = null from undone u
      where l.ente_id = ${ente} and l.remittance_id = u.remittance_id and l.line_no = u.line_no
    ) update treasury_movement m set state = 'open', reason = null from undone u
    where m.ente_id = ${ente} and m.movement_key = u.movement_key`.execute(tx.kysely);
}

/** Not so: nothing was moved and nothing is. Errors MATCH_UNKNOWN, MATCH_STATE. */
export async function refuseMatch(tx: Tx, matchId: string, operator: Operator, now: number): Promise<void> {
  const row = await decide(tx, matchId, operator);
  await sql`update match set state = 'refused', decided_by = ${operator.operatorId}, decided_at = ${instant(now)}
    where ente_id = ${enteOf(tx)} and match_id = ${matchId}`.execute(tx.kysely);
  await leaf(tx, 'match.refused', operator, now, { match: matchId, amountCents: row.amount_cents });
}

/** Those that wait for a second person, oldest first. */
export async function proposedMatches(tx: Tx): Promise<ProposedMatch[]> {
  const { rows } = await sql<Row>`select ${COLUMNS} from match where ente_id = ${enteOf(tx)} and state = 'proposed'
    order by matched_at, match_id limit 500`.execute(tx.kysely);
  return rows.map((row) => ({
    matchId: row.match_id,
    pair: pairOf(row),
    amountCents: row.amount_cents,
    reason: row.reason,
    proposedBy: row.proposed_by,
    proposedAt: row.matched_at,
  }));
}

async function decide(tx: Tx, matchId: string, operator: Operator): Promise<Row> {
  requireRole(operator, 'approve');
  await takeTurn(tx);
  const { rows } = await sql<Row>`select ${COLUMNS} from match
    where ente_id = ${enteOf(tx)} and match_id = ${matchId} and proposed_by is not null`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) throw new CodedError('MATCH_UNKNOWN', 'no such match');
  if (row.state !== 'proposed') throw new CodedError('MATCH_STATE', `it is ${row.state}`, { state: row.state });
  return row;
}

/** What the match is of: of the line, or of the credit. Error MATCH_STALE: a side is not there, or surely matched. */
async function amountOf(tx: Tx, pair: ManualPair): Promise<Cents> {
  const ente = enteOf(tx);
  const first =
    pair.kind === 'lineToTransfer'
      ? sql`select l.amount_cents as cents from remittance_line l where l.ente_id = ${ente}
          and l.remittance_id = ${pair.remittanceId} and l.line_no = ${pair.lineNo}
          and l.state in ('open', 'anomaly', 'elsewhere') and l.pay_status <> 'revoked'`
      : sql`select m.amount_cents as cents from treasury_movement m where m.ente_id = ${ente}
          and m.movement_key = ${pair.movementKey} and m.state in ('open', 'anomaly', 'elsewhere') and m.amount_cents > 0`;
  const second =
    pair.kind === 'creditToFlow'
      ? sql`select from remittance r where r.ente_id = ${ente} and r.remittance_id = ${pair.remittanceId}
          and r.state = 'consistent'`
      : sql`select from receipt_transfer t where t.ente_id = ${ente} and t.receipt_id = ${pair.receiptId}
          and t.transfer_no = ${pair.transferNo} and t.iban is not null`;
  const { rows } = await sql<{ cents: Cents }>`select f.cents from (${first}) f where exists (${second})
    and not exists (select from match h where h.ente_id = ${ente} and h.state = 'held' and h.sure and ${touches(pair)})`.execute(
    tx.kysely,
  );
  if (rows[0] === undefined) throw new CodedError('MATCH_STALE', 'one of the two is not there, or is matched');
  return rows[0].cents;
}

/** Matches `h` that hold a side of this pair. A transfer may be both on a line and credited alone. */
function touches(pair: ManualPair): RawBuilder<unknown> {
  switch (pair.kind) {
    case 'lineToTransfer':
      return sql`h.line_no is not null and (h.remittance_id = ${pair.remittanceId} and h.line_no = ${pair.lineNo}
        or h.receipt_id = ${pair.receiptId} and h.transfer_no = ${pair.transferNo})`;
    case 'creditToFlow':
      return sql`h.line_no is null and (h.movement_key = ${pair.movementKey} or h.remittance_id = ${pair.remittanceId})`;
    case 'creditToTransfer':
      return sql`h.line_no is null and (h.movement_key = ${pair.movementKey}
        or h.receipt_id = ${pair.receiptId} and h.transfer_no = ${pair.transferNo})`;
  }
}

interface Columns {
  readonly remittanceId?: string;
  readonly lineNo?: number;
  readonly movementKey?: string;
  readonly receiptId?: string;
  readonly transferNo?: number;
}
const columnsOf = (pair: ManualPair): Columns => pair;

function pairOf(row: Row): ManualPair {
  const { remittance_id, line_no, movement_key, receipt_id, transfer_no } = row;
  if (movement_key !== null && remittance_id !== null) {
    return { kind: 'creditToFlow', movementKey: movement_key, remittanceId: remittance_id };
  }
  if (receipt_id === null || transfer_no === null) throw new CodedError('MATCH_UNKNOWN', 'a match of one side');
  const transfer = { receiptId: receipt_id, transferNo: transfer_no };
  if (movement_key !== null) return { kind: 'creditToTransfer', movementKey: movement_key, ...transfer };
  if (remittance_id === null || line_no === null) throw new CodedError('MATCH_UNKNOWN', 'a match of one side');
  return { kind: 'lineToTransfer', remittanceId: remittance_id, lineNo: line_no, ...transfer };
}

function leaf(tx: Tx, kind: string, operator: Operator, at: number, facts: Facts): Promise<void> {
  return writeLeaf(tx, { at, kind, actor: `operator:${operator.operatorId}`, rowCount: 1, facts });
}
