import { sql } from 'kysely';
import { type Engine, instant, type Tx } from '../db/index.ts';
import type { Leader } from '../leases/index.ts';
import type { Metrics } from './metrics.ts';

/** How many connections work, and how many pieces of work wait for one. */
export interface PoolUse {
  readonly inUse: number;
  readonly waiting: number;
}

/** The same engine, counting who holds a connection and who waits for one. */
export function observeEngine(engine: Engine): { readonly engine: Engine; readonly use: () => PoolUse } {
  let inUse = 0;
  let waiting = 0;
  return {
    use: () => ({ inUse, waiting }),
    engine: {
      kind: engine.kind,
      async acquire() {
        waiting += 1;
        try {
          const { connection, release } = await engine.acquire();
          inUse += 1;
          return {
            connection,
            release(broken) {
              inUse -= 1;
              release(broken);
            },
          };
        } finally {
          waiting -= 1;
        }
      },
      close: () => engine.close(),
    },
  };
}

/** The same leader, remembering its last answer: whoever reads the metrics must not make a process ask for the lease. */
export function observeLeader(leader: Leader): { readonly leader: Leader; readonly leading: () => boolean } {
  let leading = false;
  return {
    leading: () => leading,
    leader: {
      async leads() {
        leading = await leader.leads();
        return leading;
      },
      async resign() {
        leading = false;
        await leader.resign();
      },
    },
  };
}

/** Whether some process holds a lease at `realNow`; needs a system transaction. On PGlite there is none to hold. */
export async function somebodyLeads(tx: Tx, realNow: number): Promise<boolean> {
  const { rows } = await sql`select 1 from leader_lease where until_real > ${instant(realNow)} limit 1`.execute(
    tx.kysely,
  );
  return rows.length > 0;
}

/** What this process holds: connections, and the lease of the one that leads. */
export function exposeProcess(
  metrics: Metrics,
  seen: { readonly pool: () => PoolUse; readonly leading: () => boolean },
): void {
  const connections = metrics.gauge('database_connections', 'Connections at work, and work that waits for one.', [
    'state',
  ]);
  const leader = metrics.gauge('leader', '1 in the process that does what one alone must do.');
  metrics.beforeReading(async () => {
    const { inUse, waiting } = seen.pool();
    connections.set({ state: 'inUse' }, inUse);
    connections.set({ state: 'waiting' }, waiting);
    leader.set(seen.leading() ? 1 : 0);
  });
}
