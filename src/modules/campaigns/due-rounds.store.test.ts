import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import type { Database } from '../../platform/db/index.ts';
import { databaseRates, makePermits, type Permits } from '../deliveries/index.ts';
import { makeDueRounds } from './due-rounds.ts';
import type { RunDeps } from './run-deps.ts';
import { runTenant } from './run-due.ts';

const never = new AbortController().signal;
let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

/** A body with so many messages due now. */
async function due(people: number): Promise<CampaignRun> {
  const run = await runs.fresh();
  await run.addDebts(Array.from({ length: people }, (_, i) => person(i)));
  await run.launch();
  await run.queue();
  return run;
}

/** Permits for five messages, each time that `may` says so. */
function fives(may: () => boolean = () => true): RunDeps['rates'] {
  const permits: Permits = {
    get: async () => ({ granted: may() ? 5 : 0, waitMs: 0, dayOver: false }),
    use() {},
    rest: async () => {},
  };
  // With a bound on what is on the wire one batch is in flight at a time: their order is the order of the turns.
  return { account: (kind) => ({ id: kind, limits: { perSecond: 20, atOnce: 5, perDay: null } }), permits };
}

/** All over one wire: whose messages, in the order in which they went. */
const whose = (run: CampaignRun) => run.channel.sent.map(({ message }) => message.enteId);

describe('turns', () => {
  it('give every body its first message before the largest has its second batch', async () => {
    const large = await due(12);
    const small = [await due(1), await due(2)];
    const ids = [large, ...small].map((run) => run.enteId);
    const { waiting, failures } = await makeDueRounds({ ...large.deps, rates: fives() }).round(ids, never, 60_000);
    expect([waiting, failures]).toEqual([false, []]);
    const order = whose(large);
    expect(order.slice(0, 8)).toEqual([...Array(5).fill(ids[0]), ids[1], ids[2], ids[2]]);
    expect(order).toHaveLength(15);
  });

  it('go on from round to round where a provider’s rate is scarce', async () => {
    const three = [await due(6), await due(6), await due(6)];
    const ids = three.map((run) => run.enteId);
    const [first] = three as [CampaignRun];
    let left = 0;
    const rounds = makeDueRounds({ ...first.deps, rates: fives(() => left-- > 0) });
    for (let round = 0; round < 3; round += 1) {
      left = 1;
      expect((await rounds.round(ids, never, 0)).waiting).toBe(true);
    }
    expect([...new Set(whose(first))].sort()).toEqual(ids);
    left = 100;
    expect((await rounds.round(ids, never, 60_000)).waiting).toBe(false);
    expect(new Set(first.channel.sent.map(({ message }) => message.deliveryId)).size).toBe(18);
  });
});

describe('the day’s budget of a provider', () => {
  it('is one for all processes and bodies; what is left waits for the next opening, with the reason', async () => {
    const [one, two] = [await due(4), await due(3)];
    const account = { id: 'smtp:prova:25', limits: { perSecond: 8, atOnce: null, perDay: 5 } };
    const process = () => makePermits(databaseRates(one.store.db), () => one.deps.monotonic.now());
    const deps = () => ({ ...one.deps, rates: { account: () => account, permits: process() } });
    await Promise.all([runTenant(deps(), one.enteId, never), runTenant(deps(), two.enteId, never)]);
    // What one process had asked for and did not use comes back too late for another that has dated its messages already.
    const today = one.channel.sent.length;
    expect(today).toBeGreaterThanOrEqual(3);
    expect(today).toBeLessThanOrEqual(5);
    const waiting = [...(await one.deliveries()), ...(await two.deliveries())].filter((d) => d.state === 'queued');
    const tomorrow = Date.UTC(2026, 8, 8, 6, 0);
    expect(waiting.map((d) => [d.reason, d.dueAt])).toEqual(Array(7 - today).fill(['dailyBudget', tomorrow]));
    const { rows } = await one.store.db.system((tx) =>
      sql`select next_at from tenant_due where ente_id in (${one.enteId}, ${two.enteId}) and next_at < ${new Date(
        tomorrow,
      ).toISOString()}`.execute(tx.kysely),
    );
    expect(rows).toEqual([]);
    for (const run of [one, two]) run.store.clock.advanceTo(tomorrow + DAY / 24);
    for (const run of [one, two]) await runTenant(deps(), run.enteId, never);
    expect(new Set(one.channel.sent.map(({ message }) => message.deliveryId)).size).toBe(7);
    expect((await one.leaves('delivery.handedOver')).length).toBeGreaterThan(0);
  });
});

it('plans a campaign whose job was lost, once', async () => {
  const run = await runs.fresh();
  await run.addDebts([person(1), person(2)]);
  await run.launch();
  await runTenant(run.deps, run.enteId, never);
  await run.plan();
  await runTenant(run.deps, run.enteId, never);
  expect(run.channel.sent).toHaveLength(2);
  expect(await run.leaves('campaign.planned')).toHaveLength(1);
});

describe('a stop', () => {
  it('gives back what was taken and is not on the wire, with its place under the ceiling', async () => {
    const run = await due(3);
    const stop = new AbortController();
    const db: Database = {
      ...run.store.db,
      tenant: async (enteId, work) => {
        const done = await run.store.db.tenant(enteId, work);
        if (typeof done === 'object' && done !== null && 'taken' in done) stop.abort();
        return done;
      },
    };
    await runTenant({ ...run.deps, db }, run.enteId, stop.signal);
    expect(run.channel.sent).toEqual([]);
    expect((await run.deliveries()).map((d) => d.state)).toEqual(Array(3).fill('queued'));
    const { rows } = await run.tx((tx) =>
      sql`select 1 from contact_slot where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows).toEqual([]);
    await run.settle();
    expect(run.channel.sent).toHaveLength(3);
  });

  it('waits for the batch that is on the wire, and writes down what became of it', async () => {
    const run = await due(7);
    const stop = new AbortController();
    run.channel.whileSending = async () => stop.abort();
    await runTenant({ ...run.deps, rates: fives() }, run.enteId, stop.signal);
    expect((await run.deliveries()).map((d) => d.state).sort()).toEqual([
      ...Array(5).fill('handedOver'),
      ...Array(2).fill('queued'),
    ]);
  });
});
