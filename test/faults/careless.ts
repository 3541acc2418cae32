import { setTimeout as sleep } from 'node:timers/promises';
import { finish, type Outcome } from './finish.ts';
import { importFile, pay, runCampaign, untilQuiet } from './user.ts';
import { openWorld, type WorldOptions } from './world.ts';

const HOUR_MS = 3_600_000;
/** What the guards that are off would have prevented, and the check that must see each. */
const SEEN_BY = ['once', 'holds', 'ceiling', 'hours'];
/** Less than is owed: then only the hold keeps the next message back. */
const PART_CENTS = 500;

/** The program without its guards, in a story where each of them is needed: whole only if the checks are not. */
export async function carelessProgram(options: Omit<WorldOptions, 'engine' | 'server'>): Promise<Outcome> {
  const world = await openWorld({ ...options, engine: 'pglite', careless: true });
  try {
    const cut = new Set<string>();
    world.hosts.weather.mail = (stage, to) => {
      if (stage !== 'data' || cut.has(to) || cut.size >= 5) return null;
      cut.add(to);
      return { kind: 'cut' };
    };
    await importFile(world);
    await runCampaign(world);
    while (world.hosts.heard().length === 0) await sleep(50);
    const late = world.town.people.filter(({ email }) => email !== null).slice(-10);
    await Promise.all(late.map((person) => pay(world, person, PART_CENTS)));
    world.clock.jump(13 * HOUR_MS);
    await untilQuiet(world);
    const { broken, evidence } = await finish(world);
    const unseen = SEEN_BY.filter((check) => !broken.some((what) => what.startsWith(`${check}: `)));
    return { checks: SEEN_BY.length, broken: unseen.map((check) => `careless: ${check} sees nothing`), evidence };
  } finally {
    await world.close();
  }
}
