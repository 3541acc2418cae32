import { CompiledQuery } from 'kysely';
import { PgBoss } from 'pg-boss';
import { APP_ROLE, type Engine, type Tx } from '../db/index.ts';

/**
 * Coarse jobs (import, plan, seal): committed with the row they serve, woken at once, never dated, since every due
 * instant of ours is a row of ours (architecture §4.1). A payload is ids only; a handler reloads and checks first, so
 * running twice is harmless.
 */
export interface Jobs {
  enqueue<N extends JobName>(tx: Tx, name: N, payload: JobPayloads[N]): Promise<void>;
  handle<N extends JobName>(name: N, handler: (payload: JobPayloads[N]) => Promise<void>): void;
  /** Runs what is queued until nothing is left; the number of jobs done. Handlers' errors reach `onError`. */
  drain(): Promise<number>;
}

/** The queues there are. */
export interface JobPayloads {
  planCampaign: { readonly enteId: number; readonly campaignId: string };
}
export type JobName = keyof JobPayloads;
const JOB_NAMES: readonly JobName[] = ['planCampaign'];
const SCHEMA = 'pgboss';

/**
 * A job that fails is tried again after ever longer pauses, in real time, for an hour or more, then stays visible in its
 * queue as failed: what made it fail, a full disk or a database that restarts, may last longer than a few tries in a row.
 */
const RETRIES = { retryLimit: 20, retryDelay: 1, retryBackoff: true, retryDelayMax: 300 } as const;
/** A job whose process has not said for so long that it lives is given to another (`recover`). Real time. */
const SILENT_S = 30;
const ALIVE_EVERY_MS = 10_000;

type SqlAnswer = { rows: Record<string, unknown>[] };

const quiet = {
  supervise: false,
  schedule: false,
  monitorIntervalSeconds: 10,
  warningSlowQuerySeconds: 3600,
} as const;

/** Part of `migrate`: the queue's tables and queues, made by the owner, usable by the program's role. */
export async function installJobs(engine: Engine): Promise<void> {
  const db = direct(engine);
  const boss = new PgBoss({ db, schema: SCHEMA, backend: engine.kind, ...quiet });
  await boss.start();
  const options = { ...RETRIES, heartbeatSeconds: SILENT_S };
  for (const name of JOB_NAMES) {
    if ((await boss.getQueue(name)) === null) await boss.createQueue(name, options);
    else await boss.updateQueue(name, options);
  }
  await boss.stop({ graceful: false });
  await db.executeSql(
    `grant usage on schema ${SCHEMA} to ${APP_ROLE};
     grant select, insert, update, delete on all tables in schema ${SCHEMA} to ${APP_ROLE};
     grant usage, select on all sequences in schema ${SCHEMA} to ${APP_ROLE};
     grant execute on all functions in schema ${SCHEMA} to ${APP_ROLE}`,
  );
}

/** pg-boss's own statements, some of which open and close a transaction in one text: a connection of the engine. */
function direct(engine: Engine): { executeSql(text: string, values?: unknown[]): Promise<SqlAnswer> } {
  return {
    async executeSql(text, values = []) {
      const { connection, release } = await engine.acquire();
      let broken = false;
      try {
        // pg-boss sends back the instants it reads: it must get them as it expects them.
        if (values.length === 0) return await connection.exec(text, 'plain');
        return await connection.query(text, values, 'plain');
      } catch (error) {
        await connection.exec('rollback').catch(() => {
          broken = true;
        });
        throw error;
      } finally {
        release(broken);
      }
    },
  };
}

export interface OpenedJobs extends Jobs {
  /** Jobs of processes that died are queued again. To be called now and then, by one process. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

export async function openJobs(
  engine: Engine,
  onError: (error: unknown, job: { name: string; id: string }) => void,
): Promise<OpenedJobs> {
  const through = (tx: Tx) => ({
    executeSql: async (text: string, values: unknown[] = []): Promise<SqlAnswer> => {
      const { rows } = await tx.kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values));
      return { rows: [...rows] };
    },
  });
  const boss = new PgBoss({
    db: direct(engine),
    schema: SCHEMA,
    backend: engine.kind,
    migrate: false,
    createSchema: false,
    ...quiet,
  });
  boss.on('error', (error) => onError(error, { name: 'pg-boss', id: '' }));
  await boss.start();

  // Where this is the only process, nothing can be queued that did not pass through here.
  let mayHaveWork = true;
  const alone = engine.kind === 'pglite';
  const handlers = new Map<JobName, (payload: never) => Promise<void>>();

  async function runBatch(name: JobName): Promise<number> {
    const jobs = await boss.fetch<JobPayloads[JobName]>(name, { batchSize: 10 });
    const ids = jobs.map((job) => job.id);
    const alive = setInterval(() => {
      boss.touch(name, ids).catch((error: unknown) => onError(error, { name, id: '' }));
    }, ALIVE_EVERY_MS);
    try {
      for (const job of jobs) await runOne(name, job);
    } finally {
      clearInterval(alive);
    }
    return jobs.length;
  }

  async function runOne(name: JobName, job: { id: string; data: JobPayloads[JobName] }): Promise<void> {
    try {
      await (handlers.get(name) as (payload: unknown) => Promise<void>)(job.data);
      await boss.complete(name, job.id);
    } catch (error) {
      onError(error, { name, id: job.id });
      mayHaveWork = true;
      await boss.fail(name, job.id, { message: error instanceof Error ? error.name : 'unknown' });
    }
  }

  return {
    async enqueue(tx, name, payload) {
      await boss.send(name, payload, { db: through(tx) });
      mayHaveWork = true;
    },
    handle(name, handler) {
      handlers.set(name, handler as (payload: never) => Promise<void>);
    },
    async drain() {
      if (alone && !mayHaveWork) return 0;
      mayHaveWork = false;
      let done = 0;
      for (;;) {
        let round = 0;
        for (const name of handlers.keys()) round += await runBatch(name);
        if (round === 0) return done;
        done += round;
      }
    },
    async recover() {
      await boss.supervise(undefined, { reindex: false });
      mayHaveWork = true;
    },
    close: () => boss.stop({ graceful: false }),
  };
}
