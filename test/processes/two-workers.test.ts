import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npmPostgres, systemPostgres15 } from '../support/postgres-server.ts';
import { inSpans, openWorld, PER_SECOND, type World } from './workers-world.ts';

const binaries = npmPostgres() ?? systemPostgres15();
if (binaries === null) console.warn('skipped: there is no PostgreSQL here for several processes to share');

const PEOPLE = 160;
const KILLED_AFTER = 96;
const BATCH = PER_SECOND / 4;

describe.skipIf(binaries === null)('two workers on one database, one of them killed', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(binaries ?? '', PEOPLE);
  });
  afterAll(() => world?.close());

  it('write to everybody once, within the rate, and the other one leads on', async () => {
    const first = await world.startWorker('a');
    await world.until('a leader', async () => (await world.leader()) !== null);
    const leader = await world.leader();
    const second = await world.startWorker('b');
    await world.send();
    await world.until('the middle of the dispatch', async () => world.mails().length >= KILLED_AFTER);
    await world.until('both at work', async () => (await world.takers()) === 2);
    await first.kill();
    await world.until('an empty queue', async () => (await world.states()).queued === undefined);
    await world.until('another leader', async () => ![null, leader].includes(await world.leader()));
    // What the dead one had taken: its lease, a minute, runs out.
    const left = await world.states();
    expect((left.taken ?? 0) + (left.handingOver ?? 0)).toBeLessThanOrEqual(2 * BATCH);
    await world.endLeases();
    await world.until('the rest', async () => {
      const { queued, taken, handingOver } = await world.states();
      return [queued, taken, handingOver].every((n) => n === undefined);
    });
    expect(await second.end()).toBe(0);
    // A clean end leaves no lease behind.
    expect(await world.leader()).toBeNull();

    const mails = world.mails();
    const states = await world.states();
    expect(new Set(mails.map(({ to }) => to)).size).toBe(mails.length);
    expect(Object.keys(states).every((state) => ['handedOver', 'uncertain'].includes(state))).toBe(true);
    expect((states.handedOver ?? 0) + (states.uncertain ?? 0)).toBe(PEOPLE);
    expect(mails.length).toBeGreaterThanOrEqual(states.handedOver ?? 0);
    expect(mails.length).toBeLessThanOrEqual(PEOPLE);
    // By the mail host’s own clock: what was granted, and of each worker a batch that was late.
    expect(Math.max(...inSpans(mails, 3_000))).toBeLessThanOrEqual(3 * PER_SECOND + 3 * BATCH);
  });
});
