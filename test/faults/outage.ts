import { setTimeout as sleep } from 'node:timers/promises';
import { makeDice } from '../../sandbox/dice.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { finish, type Outcome } from './finish.ts';
import { importFile, insist, pay, runCampaign, untilQuiet } from './user.ts';
import { openWorld, PAST_LEASE_MS, type WorldOptions } from './world.ts';

/** What a process said before it died. */
const LINES = 12;

/**
 * The database is cut off (immediate shutdown) and comes back, several times, while messages leave, receipts come in and
 * bounces return. The program's processes live through it.
 */
export async function databaseOutage(
  options: WorldOptions & { readonly server: PostgresServer },
  seed: string,
  crashes: number,
): Promise<Outcome> {
  const dice = makeDice(seed);
  const world = await openWorld(options);
  try {
    await importFile(world);
    await runCampaign(world);
    const { people } = world.town;
    const payers = people.filter(({ no, email }) => email !== null && dice.chance(0.3, 'pays', no));
    for (const { no, email } of people) {
      if (email !== null && dice.chance(0.1, 'bounce', no)) world.hosts.weather.bouncing.add(email);
    }
    const paying = (async () => {
      for (const person of payers) await pay(world, person);
    })();
    const broken: string[] = [];
    let over = false;
    // Whoever restarts what died (systemd, a container) does so, and it is told.
    const watching = (async () => {
      while (!over) {
        for (const name of world.names) {
          const process = world.running.get(name);
          if (process === undefined || process.alive()) continue;
          world.running.delete(name);
          broken.push(`outage: ${name} did not live through it: ${process.said().slice(-LINES).join(' / ')}`);
          await insist('restart', () => world.start(name));
        }
        await sleep(100);
      }
    })();
    for (let n = 0; n < crashes; n += 1) {
      await sleep(dice.int(300, 1_500, 'when', n));
      await options.server.crash(dice.int(50, 1_500, 'down', n));
      if (dice.chance(0.5, 'lease', n)) world.clock.jump(PAST_LEASE_MS);
    }
    await paying;
    await untilQuiet(world);
    over = true;
    await watching;
    const outcome = await finish(world);
    return { ...outcome, checks: outcome.checks + 1, broken: [...broken, ...outcome.broken] };
  } finally {
    await world.close();
  }
}
