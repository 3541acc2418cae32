import type { PostgresServer } from '../support/postgres-server.ts';
import { carelessProgram } from './careless.ts';
import { clockJumps } from './clock.ts';
import type { EngineName } from './database.ts';
import { diskFull, noSmallDisk } from './disk.ts';
import type { Outcome } from './finish.ts';
import { type KillRound, killRound } from './kills.ts';
import { databaseOutage } from './outage.ts';
import { badProviders, closedDoors } from './providers.ts';
import { receiptsInsideRcpt } from './race.ts';
import { severalProcesses } from './several.ts';
import type { TownShape } from './town.ts';

/** What a scenario runs on. `server` is there for `postgres`. */
export interface Ground {
  readonly engine: EngineName;
  readonly server?: PostgresServer;
  readonly seed: string;
  readonly long: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly engines: readonly EngineName[];
  /** Where it is part of the short form too. */
  readonly short: readonly EngineName[];
  /** Why it cannot run here; null: it can. */
  readonly missing?: () => string | null;
  readonly run: (ground: Ground) => Promise<Outcome | KillRound>;
}

const BOTH: readonly EngineName[] = ['pglite', 'postgres'];
const town = (ground: Ground, mail: number, families: number): TownShape =>
  ground.long
    ? { mail, families, silent: 5 }
    : { mail: Math.ceil(mail / 3), families: Math.ceil(families / 3), silent: 2 };
/** The program's loop, and a little: the short form is for a machine that is not busy. */
const SHORT_QUIET_MS = 1_200;
const where = ({ engine, server, long }: Ground, helpers = 0) => ({
  engine,
  helpers: engine === 'postgres' ? helpers : 0,
  ...(server === undefined ? {} : { server }),
  ...(long ? {} : { quietMs: SHORT_QUIET_MS }),
});

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'receipts inside the mail host’s RCPT',
    engines: BOTH,
    short: ['pglite'],
    run: (ground) => receiptsInsideRcpt({ ...where(ground, 1), shape: town(ground, 60, 10) }, 8),
  },
  {
    name: 'providers at their worst, signals early and twice',
    engines: BOTH,
    short: ['pglite'],
    run: (ground) => badProviders({ ...where(ground), shape: town(ground, 120, 24), perSecond: 30 }, ground.long),
  },
  {
    name: 'every provider closed for a while',
    engines: BOTH,
    short: [],
    run: (ground) => closedDoors({ ...where(ground), shape: town(ground, 60, 10) }),
  },
  {
    name: 'the clock set on and back',
    engines: BOTH,
    short: [],
    run: (ground) => clockJumps({ ...where(ground), shape: town(ground, 120, 10), perSecond: 10 }),
  },
  {
    name: 'processes frozen past their leases, families on one phone',
    engines: ['postgres'],
    short: [],
    run: (ground) =>
      severalProcesses({ ...where(ground, 2), shape: town(ground, 90, 24), perSecond: 10 }, ground.seed, 4),
  },
  {
    name: 'the database cut off and back',
    engines: ['postgres'],
    short: ['postgres'],
    run({ server, ...ground }) {
      if (server === undefined) throw new Error('this one needs a server of its own');
      const options = { ...where(ground, ground.long ? 1 : 0), server };
      return databaseOutage(
        { ...options, shape: town(ground, 150, 10), perSecond: 20 },
        ground.seed,
        ground.long ? 12 : 2,
      );
    },
  },
  {
    name: 'the data folder’s disk full',
    engines: ['pglite'],
    short: [],
    missing: noSmallDisk,
    run: () => diskFull({ shape: { mail: 80, families: 5, silent: 4_000 }, perSecond: 10 }),
  },
  {
    name: 'the same without guards, which the checks must see',
    engines: ['pglite'],
    short: [],
    run: () => carelessProgram({ shape: { mail: 60, families: 3, silent: 2 }, perSecond: 10 }),
  },
];

/** Kills of one round: a campaign from its file to its last step. */
export const KILLS_A_ROUND = 20;

export function kills(ground: Ground, round: number, count: number): Promise<KillRound> {
  const shape = ground.long ? { mail: 120, families: 8, silent: 1_500 } : { mail: 30, families: 2, silent: 5 };
  const options = { ...where(ground, ground.long ? 2 : 1), shape, perSecond: ground.long ? 12 : 15 };
  return killRound(options, `${ground.seed}.${round}`, count);
}
