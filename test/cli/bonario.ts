import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/bonario.mjs', import.meta.url));
/** Longest time a command may take on a busy machine before the test gives it up. */
const LIMIT_MS = 20_000;

export interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Serving {
  readonly pid: number;
  /** Ends it as a person does (SIGTERM) and tells how it ended. */
  end(): Promise<Ended>;
}

/** A folder of an installation, and `bonario` run in it as a person runs it: a process a command. */
export interface Installation {
  readonly folder: string;
  readonly dataDir: string;
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `--json`: the exit code and the one JSON value on standard output. */
  json(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<{ exit: number | null; said: Said }>;
  /** `serve`, once it says that it serves. */
  serve(env?: Readonly<Record<string, string>>): Promise<Serving>;
  remove(): Promise<void>;
}

/** What commands answer: the parts that the tests look at. */
export type Said = Record<string, unknown> & { readonly error?: string };

export function makeInstallation(smtpPort: number): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-cli-'));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const dataDir = join(folder, 'data');
  const settings = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    BONARIO_DATA_DIR: dataDir,
    BONARIO_MASTER_KEY_FILE: join(folder, 'keys', 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_SMTP_PORT: String(smtpPort),
  };
  const alive = new Set<ChildProcess>();

  function start(argv: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [BIN, ...argv], {
      cwd: folder,
      env: { ...settings, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    alive.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (exit) => {
        alive.delete(child);
        resolve({ exit, out, err });
      });
    });
    return { child, ended };
  }

  /** A command that does not come back is a failure of its own: it is killed and its exit is null. */
  async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const { child, ended } = start(argv, env);
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const result = await ended;
    clearTimeout(timer);
    return result;
  }

  return {
    folder,
    dataDir,
    run,
    async json(argv, env = {}) {
      const { exit, out, err } = await run([...argv, '--json'], env);
      const lines = out.trimEnd().split('\n');
      if (lines.length !== 1) throw new Error(`not one line of JSON: ${out}${err}`);
      return { exit, said: JSON.parse(lines[0] ?? '') as Said };
    },
    async serve(env = {}) {
      const { child, ended } = start(['serve'], env);
      const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      await new Promise<void>((resolve, reject) => {
        createInterface({ input: child.stderr }).on('line', (line) => {
          if (line.includes('bonario serves')) resolve();
        });
        void ended.then(({ exit, err }) => reject(new Error(`serve ended with ${exit}: ${err}`)));
      });
      clearTimeout(timer);
      return {
        pid: child.pid ?? 0,
        end() {
          child.kill('SIGTERM');
          return ended;
        },
      };
    },
    async remove() {
      for (const child of alive) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
