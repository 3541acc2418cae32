import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProgramControl } from '../../sandbox/program-control.ts';
import { controlPath } from '../../src/cli/control-server.ts';
import { freePort } from '../../src/cli/demo/demo-config.ts';
import { ENTE, ENTE_CF } from '../cli/documents.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { type EngineName, pgliteStore, postgresStore, type Store } from './database.ts';
import { type Hosts, SMSC_ACCOUNT, startHosts } from './hosts.ts';
import {
  type MachineClock,
  makeMachineClock,
  type Process,
  type ProgramPlace,
  startCommand,
  startProcess,
  type Verb,
} from './program.ts';
import { CAMPAIGN, makeTown, type Town, type TownShape } from './town.ts';

/** Tuesday 8 September 2026, 9:30 in Rome: every channel is open for hours to come. */
export const START = Date.UTC(2026, 8, 8, 7, 30);
/** Longer than the program's loop and a slow answer. */
const QUIET_MS = 1_500;
/** Longer than a lease. */
export const PAST_LEASE_MS = 61_000;
/** The process whose folder holds the embedded database. */
export const MAIN = 'main';
/** A command that is being given, on a server: it does its work itself, and can die of it. */
export const COMMAND = 'command';

export interface WorldOptions {
  readonly engine: EngineName;
  /** For `postgres`. */
  readonly server?: PostgresServer;
  readonly shape: TownShape;
  /** Messages a second of each channel: a micro-batch is so many. */
  readonly perSecond?: number;
  /** Processes beside the main one; PostgreSQL only. */
  readonly helpers?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The main process is the mutant without guards. */
  readonly careless?: boolean;
  /** How long nothing may have moved before it is quiet. */
  readonly quietMs?: number;
  /** Something to be done with the world's folder before it is used, and after. */
  readonly prepare?: (folder: string) => void;
  readonly unprepare?: () => void;
}

/** A payment that the program has confirmed. */
export interface Paid {
  readonly personNo: number;
  readonly amountCents: number;
  /** Real time of the 2xx. */
  readonly confirmedAt: number;
}

/** One installation with everything around it: providers that survive, a clock that can be set, processes that can die. */
export interface World {
  readonly engine: EngineName;
  readonly folder: string;
  readonly quietMs: number;
  readonly town: Town;
  readonly clock: MachineClock;
  readonly hosts: Hosts;
  readonly store: Store;
  readonly portalUrl: string;
  readonly keys: { readonly manager: string; readonly head: string; readonly api: string };
  readonly paid: Paid[];
  /** The processes there should be, and those there are. */
  readonly names: readonly string[];
  readonly running: Map<string, Process>;
  start(name: string): Promise<Process>;
  startAll(): Promise<void>;
  /** Gives a command; rejects when whoever carries it out is not there, or dies meanwhile. */
  say(who: 'manager' | 'head', ...argv: string[]): Promise<Said>;
  close(): Promise<void>;
}

export type Said = { readonly exit: number; readonly output: Record<string, unknown> };

export async function openWorld(options: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-faults-'));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  options.prepare?.(folder);
  const town = makeTown(options.shape);
  writeFileSync(join(folder, 'ente.yaml'), ENTE);
  writeFileSync(join(folder, 'campagna.yaml'), CAMPAIGN);
  writeFileSync(join(folder, 'posizioni.csv'), town.csv);
  writeFileSync(join(folder, 'password'), SMSC_ACCOUNT.password, { mode: 0o600 });
  const clock = makeMachineClock(folder, START);
  const inboundPort = await freePort(0);
  const port = await freePort(0);
  const hosts = await startHosts({ inboundPort, realNow: () => Date.now(), legalNow: clock.now });
  const store =
    options.server === undefined ? pgliteStore(folder, MAIN) : await postgresStore(options.server as PostgresServer);
  const perSecond = String(options.perSecond ?? 40);
  const env = {
    BONARIO_MASTER_KEY_FILE: join(folder, 'keys', 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_SMTP_PORT: String(hosts.smtpPort),
    BONARIO_EMAIL_PER_SECOND: perSecond,
    BONARIO_SMPP_HOST: '127.0.0.1',
    BONARIO_SMPP_PORT: String(hosts.smsc.port),
    BONARIO_SMPP_PASSWORD_FILE: join(folder, 'password'),
    BONARIO_SMPP_SENDER: '+393400000000',
    BONARIO_SMS_PER_SECOND: perSecond,
    BONARIO_API_PER_SECOND: '0',
    ...store.env,
    ...options.env,
  };
  const names = [MAIN, ...Array.from({ length: options.helpers ?? 0 }, (_, i) => `helper-${i + 1}`)];
  const running = new Map<string, Process>();
  const ports = { PORT: String(port), BONARIO_INBOUND_PORT: String(inboundPort) };

  const placeOf = (name: string): ProgramPlace => ({ folder, clock, env: name === MAIN ? { ...env, ...ports } : env });

  async function start(name: string): Promise<Process> {
    const verb: Verb = name !== MAIN ? 'worker' : options.careless === true ? 'careless' : 'serve';
    const process = await startProcess(placeOf(name), verb, name);
    running.set(name, process);
    return process;
  }

  /** On PGlite the main process carries it out, through its socket: no process is started for it. */
  async function give(key: string, argv: readonly string[]): Promise<{ exit: number; output: unknown }> {
    if (store.engine === 'pglite') {
      const control = makeProgramControl(controlPath(join(folder, MAIN)));
      try {
        return await control.command(key, inFolder(folder, argv));
      } finally {
        control.close();
      }
    }
    const { process, answer } = startCommand(placeOf(COMMAND), COMMAND, key, argv);
    running.set(COMMAND, process);
    try {
      return await answer;
    } finally {
      if (running.get(COMMAND) === process) running.delete(COMMAND);
    }
  }
  const world = {
    engine: options.engine,
    folder,
    quietMs: options.quietMs ?? QUIET_MS,
    town,
    clock,
    hosts,
    store,
    portalUrl: `http://127.0.0.1:${port}`,
    paid: [],
    names,
    running,
    start,
    startAll: async () => void (await Promise.all(names.map(start))),
    async say(who: 'manager' | 'head', ...argv: string[]): Promise<Said> {
      const { exit, output } = await give(world.keys[who], argv);
      return { exit, output: output as Said['output'] };
    },
    async close() {
      await Promise.all([...running.values()].map((process) => process.kill()));
      await hosts.close();
      await store.close();
      options.unprepare?.();
      rmSync(folder, { recursive: true, force: true });
    },
    keys: { manager: '', head: '', api: '' },
  } satisfies World;
  try {
    await start(MAIN);
    world.keys.manager = await keyOf(world.say('manager', 'ente', 'create', 'ente.yaml', '--manager', 'Anna Neri'));
    world.keys.head = await keyOf(world.say('manager', 'operator', 'add', 'Luigi Verdi', '--roles', 'see,approve'));
    world.keys.api = await keyOf(world.say('manager', 'api-key', 'add', 'banca', '--roles', 'receipts'));
    await world.say('manager', 'station', 'set', `${ENTE_CF}_01`, '--segregation', '02');
    await world.say('manager', 'template', 'defaults');
    for (const name of names.slice(1)) await start(name);
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}

async function keyOf(answer: Promise<Said>): Promise<string> {
  const { exit, output } = await answer;
  if (exit !== 0 || typeof output.key !== 'string')
    throw new Error(`the world cannot be made: ${JSON.stringify(output)}`);
  return output.key;
}

/** The socket takes commands from anywhere: files are named in full. */
function inFolder(folder: string, argv: readonly string[]): string[] {
  return argv.map((arg) => (/\.(yaml|csv)$/.test(arg) ? join(folder, arg) : arg));
}
