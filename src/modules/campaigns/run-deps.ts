import type { Monotonic } from '../../kernel/clocks.ts';
import type { Database } from '../../platform/db/index.ts';
import {
  type Channel,
  type Guards,
  type HandOverDeps,
  makePermits,
  memoryRates,
  type Permits,
  type ProviderAccount,
} from '../deliveries/index.ts';

export interface RunDeps extends HandOverDeps {
  readonly db: Database;
  readonly monotonic: Monotonic;
  readonly channels: readonly Channel[];
  readonly rates: Rates;
  readonly guards: Guards;
  readonly owner?: string;
}

/** How fast messages may go; a micro-batch is a part of a second of it. */
export interface Rates {
  /** By channel kind. */
  readonly account: (kind: string) => ProviderAccount;
  readonly permits: Permits;
}

/** Of a process that is the only one, where nothing else is limited. */
export function ownRates(perSecond: number, monotonic: Monotonic): Rates {
  const realNow = () => monotonic.now();
  return {
    account: (kind) => ({ id: kind, limits: { perSecond, atOnce: null, perDay: null } }),
    permits: makePermits(memoryRates(realNow), realNow),
  };
}
