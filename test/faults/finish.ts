import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Verdict } from './checks.ts';
import { askVerify, type Evidence, gather } from './evidence.ts';
import { fairWeather } from './hosts.ts';
import { untilQuiet } from './user.ts';
import { PAST_LEASE_MS, type World } from './world.ts';

const DAY_MS = 86_400_000;

/** What one scenario says when it is over. */
export interface Outcome extends Verdict {
  readonly evidence: Evidence;
}

/**
 * What a dead process had in hand is given to another once its heartbeat has been missed, real time, by a process that
 * has lived so long. Only what stays where it is beyond it is stuck.
 */
const RECOVERS_MS = 65_000;
const PATIENCE_MS = 2 * RECOVERS_MS;

/**
 * The end of every scenario: the fault is over, all processes run, leases pass, the days that the cascade waits pass, and
 * everything that can still move has moved. Then the program is asked to end, and what is there is judged.
 */
export async function finish(world: World, days = 1): Promise<Outcome> {
  fairWeather(world.hosts.weather);
  await startMissing(world);
  world.clock.jump(PAST_LEASE_MS);
  await untilQuiet(world);
  for (let day = 0; day < days; day += 1) {
    world.clock.jump(DAY_MS);
    await untilQuiet(world);
  }
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await endAndJudge(world);
    const moves = outcome.broken.some((what) => what.startsWith('stuck: ')) && Date.now() < until;
    if (!moves) return outcome;
    await startMissing(world);
    await sleep(RECOVERS_MS);
    await untilQuiet(world);
  }
}

async function startMissing(world: World): Promise<void> {
  for (const name of world.names) if (world.running.get(name)?.alive() !== true) await world.start(name);
}

async function endAndJudge(world: World): Promise<Outcome> {
  const verify = await askVerify(world);
  const broken: string[] = [];
  for (const process of world.running.values()) {
    const code = await process.end();
    if (code !== 0) broken.push(`${process.name} ended with ${code}: ${process.said().slice(-3).join(' / ')}`);
  }
  const evidence = await gather(world, verify);
  const verdict = judge(evidence);
  return { checks: verdict.checks + 1, broken: [...broken, ...verdict.broken], evidence };
}
