import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { enteOf, type Send, sendAhead, type Tx } from '../../../platform/db/index.ts';
import { type KnownDebtor, makeDebtors } from '../../debtors/index.ts';
import { type Chunk, openChunk, readChunk, takeChunk } from './chunks.ts';
import { type CommitJob, lookUp, type Part, partOf, writePart } from './commit-part.ts';
import { importKey, readStaged, removeStaged, VERDICT } from './staged-rows.ts';

export interface RangeDone {
  /** Read ahead, for the next transaction to take if it is still there. */
  readonly next: Part | null;
}

/** Class of the advisory locks of this file; the body is the second key. */
const ONE_AT_A_TIME = 7_205_340;

/**
 * Imports of one body take turns, range by range: two files that name the same person or position would otherwise both
 * find nobody, or both book the same correction.
 */
export async function takeTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, ${enteOf(tx)})`.execute(tx.kysely);
}

/**
 * One range of staged rows, up to `parts` pieces, becomes debts in one transaction. Null when nothing is left to do.
 */
export async function commitRange(
  tx: Tx,
  job: CommitJob,
  ahead: Part | null,
  parts: number,
): Promise<RangeDone | null> {
  await takeTurn(tx);
  const key = await importKey(tx, job.vault, job.importId);
  if (key === null) return null;
  const first = await takePart(tx, job, key, ahead);
  if (first.rows.length === 0) return null;
  return sendAhead((send) => writeRange(tx, job, key, first, parts, send));
}

/**
 * Statements are sent as soon as their rows are made, and each part's look-ups before the rows of the part ahead, so that
 * the server always has something to write while the next rows are opened, hashed and sealed.
 */
async function writeRange(
  tx: Tx,
  job: CommitJob,
  key: KeyObject,
  first: Part,
  parts: number,
  send: Send,
): Promise<RangeDone> {
  const { vault, importId, creditType } = job;
  const ask = async <T>(question: Promise<T>) => {
    await send(question);
    return { answer: question };
  };
  const opened = (chunk: Chunk | null) =>
    chunk === null ? null : partOf(vault, chunk.firstLine, openChunk(vault, key, importId, chunk));
  const number = job.numbering(tx);
  let earlier: ReadonlyMap<string, KnownDebtor> = new Map();
  let part = first;
  let looked = await ask(lookUp(tx, creditType, part));
  let following = await ask(readChunk(tx, importId, part.firstLine));
  for (let left = parts - 1; ; left -= 1) {
    const { known, found } = await looked.answer;
    const batch = makeDebtors(tx, vault, part.persons, found, earlier);
    await send(batch.written);
    earlier = new Map([...earlier, ...batch.debtors]);
    const next = opened(await following.answer);
    if (next !== null && left > 0) {
      await send(takeChunk(tx, importId, next.firstLine));
      looked = await ask(lookUp(tx, creditType, next));
      following = await ask(readChunk(tx, importId, next.firstLine));
    }
    await writePart(tx, job, key, part, known, batch, number, send);
    if (next === null || left === 0) return { next };
    part = next;
  }
}

/** Takes the next rows away from where they were staged; rows that a person released come after all others. */
async function takePart(tx: Tx, job: CommitJob, key: KeyObject, ahead: Part | null): Promise<Part> {
  const { vault, importId } = job;
  if (ahead !== null && (await takeChunk(tx, importId, ahead.firstLine))) return ahead;
  const chunk = await readChunk(tx, importId, 0);
  if (chunk !== null) {
    await takeChunk(tx, importId, chunk.firstLine);
    return partOf(vault, chunk.firstLine, openChunk(vault, key, importId, chunk));
  }
  const rows = await readStaged(tx, vault, key, importId, VERDICT.accepted);
  await removeStaged(tx, importId, rows);
  return partOf(vault, 0, rows);
}
