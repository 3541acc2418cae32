import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Connection, Engine, QueryOutcome, Reading } from './engine.ts';

/** Database error of either engine: `code` is the SQLSTATE. */
export class DatabaseError extends Error {
  readonly code: string;
  readonly constraint: string | undefined;
  constructor(message: string, code: string, constraint: string | undefined) {
    super(message);
    this.name = 'DatabaseError';
    this.code = code;
    this.constraint = constraint;
  }
}

/** Rows pass through the worker and die young: a larger nursery only holds more of the dead. */
const YOUNG_GENERATION_MB = 12;

/** The first start, in a folder that takes its name only when it is whole. */
async function initialise(dataDir: string): Promise<void> {
  const half = `${dataDir}.new`;
  rmSync(half, { recursive: true, force: true });
  const script = fileURLToPath(new URL('./pglite-init.ts', import.meta.url));
  await promisify(execFile)(process.execPath, ['--liftoff-only', script, half]);
  renameSync(half, dataDir);
}

type Answer = { id: number; rows: Record<string, unknown>[]; affected: number } | { id: number; error: ErrorShape };
type ErrorShape = { message: string; code?: string; constraint?: string };

/**
 * The embedded engine. `dataDir` null keeps everything in memory (tests), beginning from the data folder in the tar `start`.
 * One session: whoever holds the connection has it alone, the others queue in order.
 */
export async function openPglite(dataDir: string | null, start: string | null = null): Promise<Engine> {
  if (dataDir !== null && !existsSync(dataDir)) await initialise(dataDir);
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
    workerData: { dataDir, start },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const pending = new Map<number, { resolve(a: QueryOutcome): void; reject(e: Error): void }>();
  let dead: Error | null = null;
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  const fail = (error: Error) => {
    dead = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the database thread has ended')));
  worker.on('message', (answer: Answer) => {
    const waiting = pending.get(answer.id);
    if (waiting === undefined) return;
    pending.delete(answer.id);
    if ('error' in answer) {
      const { message, code, constraint } = answer.error;
      waiting.reject(new DatabaseError(message, code ?? 'XX000', constraint));
    } else {
      waiting.resolve(answer);
    }
  });

  let lastId = 0;
  const ask = (
    op: 'query' | 'exec' | 'close',
    sql: string,
    parameters: readonly unknown[],
    reading: Reading = 'ours',
  ) =>
    new Promise<QueryOutcome>((resolve, reject) => {
      if (dead !== null) return reject(dead);
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      worker.postMessage({ id: lastId, op, sql, parameters, reading });
    });
  const connection: Connection = {
    query: (sql, parameters, reading) => ask('query', sql, parameters, reading),
    exec: (sql, reading) => ask('exec', sql, [], reading),
  };

  let tail: Promise<void> = Promise.resolve();
  return {
    kind: 'pglite',
    async acquire() {
      const before = tail;
      let release = () => {};
      tail = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return { connection, release };
    },
    async close() {
      await tail;
      if (dead === null) await ask('close', '', []);
      await worker.terminate();
    },
  };
}
