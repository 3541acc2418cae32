import type { Config, Limits } from '../config/load.ts';
import type { Monotonic } from '../kernel/clocks.ts';
import type { Rates } from '../modules/campaigns/index.ts';
import { databaseRates, makePermits, memoryRates, type ProviderAccount } from '../modules/deliveries/index.ts';
import type { Database } from '../platform/db/index.ts';

/** The rates of the providers, which every process on the database shares. */
export function openRates(config: Config, db: Database, monotonic: Monotonic): Rates {
  const realNow = () => monotonic.now();
  const { smtp, smpp } = config;
  const account = (id: string, limits: Limits): ProviderAccount => ({ id, limits });
  const mail = account(`smtp:${smtp.host}:${smtp.port}`, smtp);
  const texts = smpp === null ? null : account(`smpp:${smpp.host}:${smpp.port}:${smpp.systemId}`, smpp);
  // Alone, and with no day to remember over a restart, nobody needs to be asked.
  const days = smtp.perDay !== null || (smpp !== null && smpp.perDay !== null);
  const keeper = config.db.kind === 'pglite' && !days ? memoryRates(realNow) : databaseRates(db);
  return {
    account: (kind) => (kind === 'sms' && texts !== null ? texts : mail),
    permits: makePermits(keeper, realNow),
  };
}
