import { setTimeout as sleep } from 'node:timers/promises';
import { type Dice, makeDice } from '../../sandbox/dice.ts';
import { finish, type Outcome } from './finish.ts';
import { importFile, runCampaign, untilQuiet } from './user.ts';
import { openWorld, PAST_LEASE_MS, type World, type WorldOptions } from './world.ts';

/** A host so slow that the leases of whoever waits for it can pass meanwhile. */
const SLOW_MS = 900;

/**
 * Several processes on one database: they meet at phones that families share, and each in turn is frozen with messages
 * on the wire until its leases have passed and the others have given them up; then it goes on as if nothing had been, and
 * the provider's answers come after the lease.
 */
export async function severalProcesses(options: WorldOptions, seed: string, freezes: number): Promise<Outcome> {
  const dice = makeDice(seed);
  const world = await openWorld(options);
  try {
    world.hosts.weather.mail = (stage) => (stage === 'data' ? { kind: 'slow', ms: SLOW_MS } : null);
    world.hosts.weather.sms = () => ({ kind: 'works', answerAfterMs: SLOW_MS, afterMs: 50 });
    await importFile(world);
    await runCampaign(world);
    for (let n = 0; n < freezes; n += 1) await freezeOne(world, dice, n);
    await untilQuiet(world);
    return await finish(world);
  } finally {
    await world.close();
  }
}

async function freezeOne(world: World, dice: Dice, n: number): Promise<void> {
  const before = world.hosts.heard().length;
  for (let i = 0; i < 100 && world.hosts.heard().length === before; i += 1) await sleep(20);
  const process = world.running.get(dice.pick(world.names, 'frozen', n));
  process?.freeze();
  world.clock.jump(PAST_LEASE_MS);
  // Long enough for the others to look at leases.
  await sleep(2_500);
  process?.thaw();
}
