import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/bonario.mjs', import.meta.url));
const MUTANT = fileURLToPath(new URL('./mutant.ts', import.meta.url));
const REGISTER = fileURLToPath(new URL('../../bin/register.mjs', import.meta.url));
const CLOCK = fileURLToPath(new URL('./shifted-clock.ts', import.meta.url));
const START_MS = 180_000;
/** What a process said last, for whoever looks into a failure. */
const LINES_KEPT = 40;

/** The clock of the machine as the program sees it (`shifted-clock.ts`). */
export interface MachineClock {
  readonly file: string;
  now(): number;
  /** Sets it on, or back. */
  jump(ms: number): void;
}

export function makeMachineClock(folder: string, start: number): MachineClock {
  const file = join(folder, 'clock');
  let shift = start - Date.now();
  const write = () => {
    // Whole at any moment: a reader never sees a half.
    writeFileSync(`${file}.new`, String(shift));
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    file,
    now: () => Date.now() + shift,
    jump(ms) {
      shift += ms;
      write();
    },
  };
}

/** One running process of the program. */
export interface Process {
  readonly name: string;
  readonly pid: number;
  readonly alive: () => boolean;
  /** The last lines it wrote. */
  readonly said: () => readonly string[];
  /** kill -9, and the end of it. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a machine that swaps, a debugger, a snapshot. */
  freeze(): void;
  thaw(): void;
  /** SIGTERM; its exit code. */
  end(): Promise<number | null>;
}

export interface ProgramPlace {
  readonly folder: string;
  readonly clock: MachineClock;
  readonly env: Readonly<Record<string, string>>;
}

/** What says that a process is up; `careless` serves without guards (`mutant.ts`). */
const READY = { serve: 'bonario serves', worker: 'bonario works', careless: 'bonario serves' } as const;
export type Verb = keyof typeof READY;

function launch(place: ProgramPlace, name: string, argv: readonly string[], stdout: 'ignore' | 'pipe'): ChildProcess {
  const dataDir = join(place.folder, name);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const program = argv[0] === 'careless' ? ['--import', REGISTER, MUTANT] : [BIN, ...argv];
  return spawn(process.execPath, ['--import', CLOCK, ...program], {
    cwd: place.folder,
    env: {
      PATH: process.env.PATH ?? '',
      FAULTS_CLOCK: place.clock.file,
      // Hundreds of starts: what was compiled once is not compiled again.
      NODE_COMPILE_CACHE: join(place.folder, 'compiled'),
      BONARIO_DATA_DIR: dataDir,
      ...place.env,
    },
    stdio: ['ignore', stdout, 'pipe'],
  });
}

/** Starts `bonario serve` or `worker`; `name` is its own folder, for its lock and socket. */
export async function startProcess(place: ProgramPlace, verb: Verb, name: string): Promise<Process> {
  const child = launch(place, name, [verb], 'ignore');
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    createInterface({ input: child.stderr as Readable }).on('line', (line) => {
      said.push(line);
      if (said.length > LINES_KEPT) said.shift();
      if (!line.includes(READY[verb])) return;
      clearTimeout(timer);
      resolve();
    });
    void ended.then((code) => reject(new Error(`${verb} ended with ${code} before it was up: ${said.join('\n')}`)));
  });
  return makeHandle(child, ended, name, said);
}

function makeHandle(
  child: ChildProcess,
  ended: Promise<number | null>,
  name: string,
  said: readonly string[],
): Process {
  return {
    name,
    pid: child.pid ?? 0,
    alive: () => child.exitCode === null && child.signalCode === null,
    said: () => said,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    end() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** A command as a person gives it, in a process of its own that may be killed like any other. */
export function startCommand(
  place: ProgramPlace,
  name: string,
  key: string,
  argv: readonly string[],
): { readonly process: Process; readonly answer: Promise<{ exit: number; output: unknown }> } {
  const keyed = { ...place, env: { ...place.env, BONARIO_KEY: key } };
  const child = launch(keyed, name, [...argv, '--json'], 'pipe');
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const answer = ended.then((exit) => {
    if (exit === null || out === '') throw new Error(`${argv.join(' ')} ended with ${exit} and no answer: ${err}`);
    return { exit, output: JSON.parse(out) as unknown };
  });
  return { process: makeHandle(child, ended, name, []), answer };
}
