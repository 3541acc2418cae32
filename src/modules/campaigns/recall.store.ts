import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { type Facts, writeLeaf } from '../audit/index.ts';
import { type RecallEvent, type RecallState, recallMachine } from './recall.states.ts';
import type { FoundCause, RecallKind } from './recall-cause.ts';
import type { RecallCounts } from './recall-counts.ts';

/** The words of a correction on one channel: this version and no later one. */
export interface RecallText {
  readonly channel: string;
  readonly code: string;
  readonly version: number;
}

/** How far the corrections of an approved recall are prepared. */
export interface Preparation {
  /** Who was told something wrong, and whose corrections are queued so far: all of those up to `upTo`. */
  readonly people: number;
  readonly ready: number;
  readonly upTo: string | null;
  readonly queued: number;
}

export interface RecallRecord {
  readonly recallId: string;
  readonly code: string;
  readonly state: RecallState;
  readonly kind: RecallKind;
  readonly key: string;
  /** What was wrong, in the words of whoever asked. */
  readonly note: string;
  readonly shown: RecallCounts;
  /** The debts themselves may be wrong: nobody is asked to pay them until the office has said what is right. */
  readonly doubts: boolean;
  /** Null until everybody touched was found. */
  readonly preparation: Preparation | null;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly refusedReason: string | null;
  readonly completedAt: number | null;
}

const COLUMNS =
  sql.raw(`recall_id as "recallId", code, state, cause_kind as kind, cause_key as key, note, shown, doubts,
  preparation, requested_by as "requestedBy", requested_at as "requestedAt", decided_by as "decidedBy", decided_at as "decidedAt",
  refused_reason as "refusedReason", completed_at as "completedAt"`);

/** Error RECALL_UNKNOWN. `lock` for whoever goes on to change it. */
export async function findRecall(tx: Tx, code: string, lock = false): Promise<RecallRecord> {
  const { rows } =
    await sql<RecallRecord>`select ${COLUMNS} from recall where ente_id = ${enteOf(tx)} and code = ${code}
    ${lock ? sql`for update` : sql``}`.execute(tx.kysely);
  const found = rows[0];
  if (found === undefined) throw new CodedError('RECALL_UNKNOWN', `no recall ${code}`, { code });
  return found;
}

/** Newest first. */
export async function listRecalls(tx: Tx): Promise<RecallRecord[]> {
  const { rows } = await sql<RecallRecord>`select ${COLUMNS} from recall where ente_id = ${enteOf(tx)}
    order by requested_at desc, recall_id desc`.execute(tx.kysely);
  return rows;
}

/** With the messages that were on the wire when each began and whose outcome is still to come. */
export async function runningRecalls(tx: Tx): Promise<{ recall: RecallRecord; inFlight: string[] }[]> {
  const { rows } = await sql<RecallRecord & { inFlight: string[] }>`select ${COLUMNS},
      coalesce(in_flight, '{}') as "inFlight"
    from recall where ente_id = ${enteOf(tx)} and state = 'running' order by recall_id`.execute(tx.kysely);
  return rows.map(({ inFlight, ...recall }) => ({ recall, inFlight }));
}

export async function recallTexts(tx: Tx, recallId: string): Promise<RecallText[]> {
  const { rows } = await sql<RecallText>`select channel, template_code as code, template_version as version
    from recall_text where ente_id = ${enteOf(tx)} and recall_id = ${recallId} order by channel`.execute(tx.kysely);
  return rows;
}

/** Error RECALL_OPEN: this cause is already being corrected. Callers hold the body's turn, so that codes follow each other. */
export async function insertRecall(
  tx: Tx,
  input: {
    readonly cause: FoundCause;
    readonly note: string;
    readonly shown: RecallCounts;
    readonly doubts: boolean;
    readonly texts: readonly RecallText[];
    readonly operatorId: string;
    readonly now: number;
  },
): Promise<RecallRecord> {
  const ente = enteOf(tx);
  const { cause, note, shown, doubts, texts, operatorId, now } = input;
  const recallId = newId();
  const { rows } =
    await sql<RecallRecord>`insert into recall (ente_id, recall_id, code, state, cause_kind, cause_key, note, shown,
      doubts, requested_by, requested_at)
    select ${ente}, ${recallId}, 'rettifica-' || (count(*) + 1), ${recallMachine.initial}, ${cause.kind}, ${cause.key}, ${note},
      ${JSON.stringify(shown)}::jsonb, ${doubts}::boolean, ${operatorId}, ${instant(now)} from recall where ente_id = ${ente}
    on conflict (ente_id, cause_kind, cause_key) where state in ('requested', 'running') do nothing
    returning ${COLUMNS}`.execute(tx.kysely);
  const made = rows[0];
  if (made === undefined) throw new CodedError('RECALL_OPEN', 'this cause is already being corrected');
  await sql`insert into recall_text (ente_id, recall_id, channel, template_code, template_version)
    select ${ente}, ${recallId}, u.channel, u.code, u.version from ${unnestRows({
      channel: { type: 'text', values: texts.map((text) => text.channel) },
      code: { type: 'text', values: texts.map((text) => text.code) },
      version: { type: 'int4', values: texts.map((text) => text.version) },
    })}`.execute(tx.kysely);
  await sql`insert into recall_debt (ente_id, recall_id, debt_id)
    select ${ente}, ${recallId}, unnest(${[...cause.debtIds]}::uuid[])`.execute(tx.kysely);
  return made;
}

/** The only writer of a recall's state. Error RECALL_STATE when the event cannot happen now. */
export async function moveRecall(
  tx: Tx,
  recall: RecallRecord,
  event: RecallEvent,
  set: { readonly decidedBy?: string; readonly refusedReason?: string; readonly at: number },
): Promise<void> {
  const next = recallMachine.next(recall.state, event);
  if (next === null) {
    throw new CodedError('RECALL_STATE', `a recall that is ${recall.state} cannot ${event}`, { state: recall.state });
  }
  const at = instant(set.at);
  await sql`update recall set state = ${next}
      ${set.decidedBy === undefined ? sql`, completed_at = ${at}` : sql`, decided_by = ${set.decidedBy}, decided_at = ${at}`}
      ${set.refusedReason === undefined ? sql`` : sql`, refused_reason = ${set.refusedReason}`}
    where ente_id = ${enteOf(tx)} and recall_id = ${recall.recallId}`.execute(tx.kysely);
}

export function recallLeaf(
  tx: Tx,
  recall: Pick<RecallRecord, 'code' | 'kind'>,
  kind: `recall.${string}`,
  actor: string,
  at: number,
  rowCount: number,
  facts: Facts,
): Promise<void> {
  return writeLeaf(tx, { at, kind, actor, rowCount, facts: { recall: recall.code, cause: recall.kind, ...facts } });
}
