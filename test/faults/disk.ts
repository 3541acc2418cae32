import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finish, type Outcome } from './finish.ts';
import { importFile, runCampaign, untilQuiet } from './user.ts';
import { MAIN, openWorld, type World, type WorldOptions } from './world.ts';

const DISK_MB = 160;
/** What is left free: not enough for the next segment of the log. */
const LEFT_BYTES = 64 * 1024;

const SQUEEZED_MS = 3_500;

/** Why no small disk of our own can be had here; null: it can. */
export function noSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'only Linux has tmpfs';
  if (process.getuid?.() !== 0) return 'mounting a tmpfs needs root';
  const probe = join('/tmp', `bonario-disk-${process.pid}`);
  mkdirSync(probe);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { encoding: 'utf8' });
  if (mounted.status === 0) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true, force: true });
  return mounted.status === 0 ? null : `mount: ${mounted.stderr.trim() || 'refused'}`;
}

/**
 * The disk of the data folder fills up while messages leave; after a while somebody makes room. What could not be written
 * down was not sent, or is told to be uncertain.
 */
export async function diskFull(options: Omit<WorldOptions, 'engine' | 'server'>): Promise<Outcome> {
  let disk = '';
  const world = await openWorld({
    ...options,
    engine: 'pglite',
    prepare(folder) {
      disk = join(folder, MAIN);
      mkdirSync(disk, { mode: 0o700 });
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk], {
        encoding: 'utf8',
      });
      if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`);
    },
    unprepare: () => void spawnSync('umount', [disk]),
  });
  const felt: boolean[] = [];
  /** Takes all the room for a while, and gives it back. */
  const squeeze = async (): Promise<void> => {
    const ballast = join(disk, 'ballast');
    fill(ballast, disk);
    await sleep(SQUEEZED_MS);
    felt.push(
      world.running
        .get(MAIN)
        ?.said()
        .some((line) => /no space|ENOSPC|53100/i.test(line)) === true,
    );
    rmSync(ballast);
    await revive(world);
  };
  try {
    const importing = importFile(world);
    await squeeze();
    await importing;
    await runCampaign(world);
    await squeeze();
    await untilQuiet(world);
    const outcome = await finish(world);
    const broken = felt.includes(true) ? [] : ['disk: nothing was felt of it'];
    return { ...outcome, checks: outcome.checks + 1, broken: [...outcome.broken, ...broken] };
  } finally {
    await world.close();
  }
}

function fill(file: string, disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - LEFT_BYTES)));
  } catch (error) {
    // The program took the room meanwhile: it is full all the same.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** An embedded database that could not write may have ended its process: somebody starts it again. */
async function revive(world: World): Promise<void> {
  const process = world.running.get(MAIN);
  if (process?.alive() === true && (await answers(world))) return;
  await process?.kill();
  await world.start(MAIN);
}

async function answers(world: World): Promise<boolean> {
  return Promise.race([
    world.say('manager', 'summary').then(
      ({ exit }) => exit === 0,
      () => false,
    ),
    sleep(5_000).then(() => false),
  ]);
}
