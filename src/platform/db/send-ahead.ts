import { setImmediate } from 'node:timers/promises';
import { DatabaseError } from './pglite-engine.ts';

/** SQLSTATE of a statement that came after the one that failed. */
const AFTER_A_FAILURE = '25P02';

/**
 * Takes a statement that is on its way, and lets the event loop carry it: what follows is made while the database works.
 */
export type Send = (statement: Promise<unknown>) => Promise<void>;

/**
 * For bulk work in a transaction: statements are sent one after the other without waiting for answers. It ends only when
 * each of them was answered, however the work ends: one that left after the rollback would run outside the transaction.
 * The error is the work's own, else that of the statement that failed first.
 */
export async function sendAhead<T>(work: (send: Send) => Promise<T>): Promise<T> {
  const sent: Promise<unknown>[] = [];
  const send: Send = async (statement) => {
    sent.push(statement);
    statement.catch(() => {});
    await setImmediate();
  };
  const [outcome] = await Promise.allSettled([work(send)]);
  const failures = (await Promise.allSettled(sent)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const first = failures.find((error) => !(error instanceof DatabaseError && error.code === AFTER_A_FAILURE));
  if (outcome.status === 'rejected') throw first ?? outcome.reason;
  if (failures.length > 0) throw first ?? failures[0];
  return outcome.value;
}
