import { setTimeout as sleep } from 'node:timers/promises';
import { finish, type Outcome } from './finish.ts';
import { importFile, pay, runCampaign, untilQuiet } from './user.ts';
import { openWorld, START, type World, type WorldOptions } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The machine's clock is set while messages leave: on past leases, back by minutes (time service) and by hours (somebody),
 * into the night and out of it. What was paid, and who said stop, before a step back stays so after it.
 */
export async function clockJumps(options: WorldOptions): Promise<Outcome> {
  const world = await openWorld(options);
  const { people } = world.town;
  const stopped: { readonly phone: string; readonly at: number }[] = [];
  try {
    await importFile(world);
    await runCampaign(world);
    const paying: Promise<void>[] = [];
    const jumps = [2 * MINUTE_MS, -MINUTE_MS, HOUR_MS, -2 * HOUR_MS, 70_000, 30 * MINUTE_MS, -10 * MINUTE_MS];
    for (const [n, jump] of jumps.entries()) {
      await sleep(500);
      const payer = people.filter(({ email }) => email !== null).at(-1 - n);
      if (payer !== undefined) paying.push(pay(world, payer));
      const phone = people.findLast(({ email, phone: number }) => email === null && number !== null)?.phone ?? null;
      if (n === 0 && phone !== null) stopped.push({ phone, at: await sayStop(world, phone) });
      world.clock.jump(jump);
    }
    // In the night nobody is written to; in the morning it goes on.
    world.clock.jump(13 * HOUR_MS);
    await sleep(1_500);
    await Promise.all(paying);
    world.clock.jump(START + 25 * HOUR_MS - world.clock.now());
    await untilQuiet(world);
    const outcome = await finish(world);
    const late = stopped.flatMap(({ phone, at }) =>
      outcome.evidence.heard
        .filter((one) => one.to === phone && one.at > at + 1_000)
        .map(() => `clock: ${phone} was written to after its STOP`),
    );
    return { ...outcome, checks: outcome.checks + 1, broken: [...outcome.broken, ...late] };
  } finally {
    await world.close();
  }
}

/** Real time at which the program had taken it. */
async function sayStop(world: World, phone: string): Promise<number> {
  await world.hosts.smsc.reply(phone, '+393400000000', 'STOP');
  return Date.now();
}
