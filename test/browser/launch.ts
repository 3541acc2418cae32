import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

// Our own list: the packaged browser's defaults include --disable-web-security and --single-process.
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Launched =
  | { readonly browser: Browser; readonly reason: null }
  /** No browser here; `reason` is for the skipped suite's name. */
  | { readonly browser: null; readonly reason: string };

/** A browser of this machine, else the one in the npm package with the libraries it brings, else why there is none. */
export async function launchBrowser(): Promise<Launched> {
  const found = browserOnPath();
  if (found !== null) return { browser: await chromium.launch({ executablePath: found, args: ARGS }), reason: null };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return unavailable(
      `no chromium on the PATH, and the packaged one is for Linux x64, not ${process.platform} ${process.arch}`,
    );
  }
  try {
    const folder = await unpackedBrowser();
    const browser = await chromium.launch({
      executablePath: join(folder, 'chromium'),
      args: ARGS,
      env: {
        ...definedEnvironment(),
        LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
        FONTCONFIG_PATH: join(folder, 'fonts'),
      },
    });
    return { browser, reason: null };
  } catch (error) {
    return unavailable(`the packaged chromium does not start: ${String(error).split('\n')[0]}`);
  }
}

function unavailable(reason: string): Launched {
  console.warn(`browser tests skipped: ${reason}`);
  return { browser: null, reason };
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
}

function browserOnPath(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // not here
      }
    }
  }
  return null;
}

/** The package's own file names fixed folders elsewhere; with no font at all Chromium stops at the first odd character. */
function fontsConf(folder: string): string {
  const body = `<dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir>`;
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${body}</fontconfig>\n`;
}

/**
 * Unpacks once per user and version. Into a folder of its own that is then renamed, so that two test processes starting
 * together, or one killed half-way, never leave a half-written browser to the next.
 */
async function unpackedBrowser(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packageFolder = join(dirname(entry), '..');
  const { version } = createRequire(import.meta.url)(join(packageFolder, 'package.json')) as { version: string };
  const { uid } = userInfo();
  const final = join(tmpdir(), `bonario-browser-${uid}-${version}`);
  if (existsSync(final)) {
    // In a shared temp folder only our own folder is to be trusted with a program we start.
    if (statSync(final).uid !== uid) throw new Error(`${final} belongs to somebody else`);
    return final;
  }
  const work = mkdtempSync(join(tmpdir(), 'bonario-browser-'));
  const usual = process.env.TMPDIR;
  process.env.TMPDIR = work; // where `inflate` writes
  try {
    for (const file of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br']) {
      await inflate(join(packageFolder, 'bin', file));
    }
  } finally {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
  }
  writeFileSync(join(work, 'fonts', 'fonts.conf'), fontsConf(final));
  chmodSync(work, 0o700);
  try {
    renameSync(work, final);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
  return final;
}
