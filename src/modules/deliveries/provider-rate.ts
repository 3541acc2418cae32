import { sql } from 'kysely';
import { type CivilDate, civilDate } from '../../kernel/civil-date.ts';
import { newId } from '../../kernel/ids.ts';
import { type Database, instant, type Tx } from '../../platform/db/index.ts';
import {
  batchSize,
  freshState,
  type Grant,
  grant,
  type ProviderLimits,
  type RateAsk,
  type RateState,
} from './provider-grant.ts';

/** A channel's account at a provider, which bodies share. */
export interface ProviderAccount {
  /** The same in every process that uses the account: `smtp:host:port`. */
  readonly id: string;
  readonly limits: ProviderLimits;
}

/** Asks what all processes share, in one short transaction; `change` without `now`, which is the keeper's own. */
export interface RateKeeper {
  change(account: ProviderAccount, ask: Omit<RateAsk, 'now'>): Promise<Grant>;
}

/** Of one process: what may go now, of what was granted to it. */
export interface Permits {
  /** Up to a micro-batch. To be told by `use` what of it was taken from the queue, when that is on its way or over. */
  get(account: ProviderAccount, day: CivilDate): Promise<Grant>;
  use(account: ProviderAccount, n: number): void;
  /** Gives back what is not used. */
  rest(day: CivilDate): Promise<void>;
}

/** A batch's part of a second: spent later, a grant would come on top of what the rate gives to others by then. */
const KEPT_MS = 250;

interface Held {
  readonly account: ProviderAccount;
  left: number;
  readonly at: number;
}

export function makePermits(keeper: RateKeeper, realNow: () => number): Permits {
  const holder = newId();
  const held = new Map<string, Held>();
  const isLate = (kept: Held) => realNow() - kept.at > KEPT_MS;
  const givenBack = (kept: Held | undefined) => ({
    holder,
    unused: kept?.left ?? 0,
    late: kept !== undefined && isLate(kept),
  });
  return {
    async get(account, day) {
      const kept = held.get(account.id);
      if (kept !== undefined && kept.left > 0 && !isLate(kept)) {
        return { granted: kept.left, waitMs: 0, dayOver: false };
      }
      const answer = await keeper.change(account, { ...givenBack(kept), want: batchSize(account.limits), day });
      held.set(account.id, { account, left: answer.granted, at: realNow() });
      return answer;
    },
    use(account, n) {
      const kept = held.get(account.id);
      if (kept !== undefined) kept.left -= n;
    },
    async rest(day) {
      for (const [id, kept] of held) {
        // Where nothing is counted on the wire, a grant that was used up needs no word.
        if (kept.left > 0 || kept.account.limits.atOnce !== null) {
          await keeper.change(kept.account, { ...givenBack(kept), want: 0, day });
        }
        held.delete(id);
      }
    },
  };
}

/** For the only process of an installation that counts nothing over days: costs no statement. */
export function memoryRates(realNow: () => number): RateKeeper {
  const states = new Map<string, RateState>();
  return {
    async change(account, ask) {
      const now = realNow();
      const state = states.get(account.id) ?? freshState(account.limits, now, ask.day);
      const next = grant(state, account.limits, { ...ask, now });
      states.set(account.id, next.state);
      return next.grant;
    },
  };
}

/** Shared by every process on the database, and kept over a restart. */
export function databaseRates(db: Database): RateKeeper {
  const known = new Set<string>();
  return {
    change: (account, ask) =>
      db.system(async (tx) => {
        if (!known.has(account.id)) await addAccount(tx, account, ask.day);
        known.add(account.id);
        const { state, now } = await lockState(tx, account.id);
        const next = grant(state, account.limits, { ...ask, now });
        await saveState(tx, account.id, next.state);
        return next.grant;
      }),
  };
}

async function addAccount(tx: Tx, { id, limits }: ProviderAccount, day: CivilDate): Promise<void> {
  await sql`insert into provider_rate (provider, tokens, at_real, day, taken, wire)
    values (${id}, ${batchSize(limits)}, clock_timestamp(), ${day}, 0, '{}') on conflict do nothing`.execute(tx.kysely);
}

/** Locked until the transaction ends: whoever asks at the same time sees what this one was granted. */
async function lockState(tx: Tx, id: string): Promise<{ state: RateState; now: number }> {
  const { rows } = await sql<{
    tokens: number;
    at: number;
    day: string;
    taken: number;
    wire: RateState['wire'];
    now: number;
  }>`select tokens, at_real as at, day, taken, wire, clock_timestamp() as now from provider_rate
    where provider = ${id} for update`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) throw new Error('the account was added before');
  const { now, day, ...state } = row;
  return { state: { ...state, day: civilDate(day) }, now };
}

async function saveState(tx: Tx, id: string, state: RateState): Promise<void> {
  await sql`update provider_rate set tokens = ${state.tokens}, at_real = ${instant(state.at)}, day = ${state.day},
    taken = ${state.taken}, wire = ${JSON.stringify(state.wire)}::jsonb where provider = ${id}`.execute(tx.kysely);
}
