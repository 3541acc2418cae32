import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../kernel/errors.ts';

/**
 * Our own lock on the data folder: PGlite accepts a second opener and then corrupts (data-engine §7).
 * A lock whose process is alive is never taken; pid reuse is told apart by the process's start time where the system
 * shows it. Error: DATA_FOLDER_IN_USE with the holder's pid.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'bonario.lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const fd = openSync(path, 'wx', 0o600);
      writeSync(fd, JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
      closeSync(fd);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(path);
      if (holder !== null && isAlive(holder)) {
        throw new CodedError('DATA_FOLDER_IN_USE', `the data folder is used by process ${holder.pid}`, {
          pid: holder.pid,
        });
      }
      rmSync(path, { force: true });
    }
  }
  throw new CodedError('DATA_FOLDER_IN_USE', 'the data folder is being taken by another process', {});
}

/** The pid that holds the folder now, or null. */
export function folderHolder(folder: string): number | null {
  const holder = readHolder(join(folder, 'bonario.lock'));
  return holder !== null && isAlive(holder) ? holder.pid : null;
}

type Holder = { pid: number; started: string | null };

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startTime(pid);
  return started === null || now === null || started === now;
}

/** Field 22 of /proc/PID/stat (start time in ticks); null where there is no /proc. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
