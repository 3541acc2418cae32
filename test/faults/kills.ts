import { setTimeout as sleep } from 'node:timers/promises';
import { type Dice, makeDice } from '../../sandbox/dice.ts';
import { finish, type Outcome } from './finish.ts';
import { importFile, pay, runCampaign } from './user.ts';
import { COMMAND, openWorld, PAST_LEASE_MS, type World, type WorldOptions } from './world.ts';

const DAY_MS = 86_400_000;
/** Shares of the kills of a round that fall into each part of the story; the rest falls into dispatch. */
const WHILE_IMPORTING = 0.2;
const WHILE_PLANNING = 0.15;

export type Phase = 'import' | 'plan' | 'dispatch';

export interface KillRound extends Outcome {
  readonly kills: Readonly<Record<Phase, number>>;
}

/**
 * One campaign from the file to its last step, with so many kill -9 of any process at moments that the seed chooses.
 * While messages leave, people pay, some mail comes back, phones send their receipts, and now and then the clock passes
 * the leases of the dead.
 */
export async function killRound(options: WorldOptions, seed: string, kills: number): Promise<KillRound> {
  const dice = makeDice(seed);
  const world = await openWorld(options);
  const done = { import: 0, plan: 0, dispatch: 0 };
  const strike = async (phase: Phase, lowMs: number, highMs: number): Promise<void> => {
    const n = done.import + done.plan + done.dispatch;
    if (phase === 'dispatch' && (done.dispatch === 0 || dice.chance(0.8, 'wire', n))) await nextMessage(world);
    await sleep(dice.int(lowMs, highMs, 'when', n));
    await killOne(world, dice, n);
    done[phase] += 1;
  };
  const { people } = world.town;
  const { weather } = world.hosts;
  // A host that takes its time has more on the wire when the blow falls.
  weather.mail = (stage, to) => (stage === 'data' ? { kind: 'slow', ms: dice.int(10, 150, 'slow', to) } : null);
  for (const { email } of people) if (email !== null && dice.chance(0.1, 'bounce', email)) weather.bouncing.add(email);
  try {
    const importing = watched(importFile(world));
    const importKills = Math.floor(kills * WHILE_IMPORTING);
    while (!importing.over() && done.import < importKills) await strike('import', 50, 800);
    await importing.result;
    const planning = watched(runCampaign(world));
    const planKills = Math.floor(kills * WHILE_PLANNING);
    while (!planning.over() && done.plan < planKills - 1) await strike('plan', 0, 900);
    await planning.result;
    // The plan itself is made within the next second.
    while (done.plan < planKills) await strike('plan', 100, 1_200);

    const left = kills - done.import - done.plan;
    const payers = people.filter(({ no, email, phone }) => (email ?? phone) !== null && dice.chance(0.25, 'pays', no));
    const paying = watched(payAll(world, payers, left));
    for (let i = 0; i < left; i += 1) {
      if (i > 0 && i === Math.ceil(left / 2)) world.clock.jump(DAY_MS);
      await strike('dispatch', 0, 700);
    }
    await paying.result;
    return { ...(await finish(world)), kills: done };
  } finally {
    await world.close();
  }
}

/** Waits until a provider takes the next message, or for a while where none comes: only then something is on the wire. */
async function nextMessage(world: World): Promise<void> {
  const before = world.hosts.heard().length;
  for (let i = 0; i < 150 && world.hosts.heard().length === before; i += 1) await sleep(20);
}

/** Kills one of the processes and starts it again; now and then only after the leases have passed. */
async function killOne(world: World, dice: Dice, n: number): Promise<void> {
  // A command that is under way is as likely to die as what runs all the time.
  const there = world.running.has(COMMAND) ? [...world.names, COMMAND] : world.names;
  const victim = dice.pick(there, 'victim', n);
  const process = world.running.get(victim);
  await process?.kill();
  world.running.delete(victim);
  if (dice.chance(0.6, 'lease', n)) world.clock.jump(PAST_LEASE_MS);
  // Who gave the command gives it again.
  if (victim !== COMMAND) await world.start(victim);
}

async function payAll(world: World, payers: readonly { readonly no: number }[], kills: number): Promise<void> {
  // Spread over the kills, whose number and not whose time is known.
  const pauseMs = (kills * 1_000) / Math.max(1, payers.length);
  for (const { no } of payers) {
    const person = world.town.people[no];
    if (person !== undefined) await pay(world, person);
    await sleep(pauseMs);
  }
}

/** A piece of work that somebody wants to know the end of. */
function watched<T>(work: Promise<T>): { readonly result: Promise<T>; over(): boolean } {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  return { result: work, over: () => over };
}
