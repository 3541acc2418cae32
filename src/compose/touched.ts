import type { Monotonic } from '../kernel/clocks.ts';
import type { Database } from '../platform/db/index.ts';
import { touchChores } from '../platform/leases/index.ts';
import { READING_TASK } from '../platform/telemetry/index.ts';

/** The rounds that look at a body only after something happened in it. */
export const CHORES = ['seals', 'figures', 'webhooks', READING_TASK] as const;
/** The round that looks at a body while a file of it is being loaded. */
export const IMPORTS = 'imports';
export type ChoreTask = (typeof CHORES)[number] | typeof IMPORTS;

export interface TouchedTenants {
  /** The same database, which remembers the bodies that it was used for. */
  readonly db: Database;
  /** Tells all processes of them. To be called before a round of this process and, for those of others, now and then. */
  flush(): Promise<void>;
}

/**
 * Who used a body may have changed it: one row per body and flush is what thousands of idle ones are spared by. Noted
 * when the work is over, so that whoever reads the row finds it. A process that dies before it flushes leaves its last
 * bodies to the next day's chores, which look at every one.
 */
export function watchTenants(raw: Database, monotonic: Monotonic): TouchedTenants {
  let touched = new Set<number>();
  return {
    db: {
      ...raw,
      tenant: (enteId, fn, options) => raw.tenant(enteId, fn, options).finally(() => touched.add(enteId)),
    },
    async flush() {
      if (touched.size === 0) return;
      const told = touched;
      touched = new Set();
      try {
        await raw.system((tx) => touchChores(tx, CHORES, [...told], monotonic.now()));
      } catch (error) {
        for (const enteId of told) touched.add(enteId);
        throw error;
      }
    },
  };
}
