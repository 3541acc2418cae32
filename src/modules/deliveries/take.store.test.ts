import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { systemMonotonic } from '../../kernel/clocks.ts';
import { newId } from '../../kernel/ids.ts';
import { ALL_GUARDS } from './guards.ts';
import { LEASE_MS, reclaimLeases, takeDue } from './take.ts';
import { lockTenantDue, setTenantDue, touchTenant } from './tenant-due.ts';
import { transitionMany } from './transition.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

/** The first step of these people waits in the queue, nothing is taken. */
async function queued(rows: readonly ReturnType<typeof person>[], yaml = campaignYaml()): Promise<CampaignRun> {
  const run = await runs.fresh();
  await run.addDebts(rows);
  await run.launch(yaml);
  expect(await run.queue()).toBe(new Set(rows.map((row) => row.externalId)).size);
  return run;
}

const take = (run: CampaignRun, limit = 100, realNow = 0) =>
  run.tx((tx) => takeDue(tx, 'email', limit, newId(), run.now(), realNow, ALL_GUARDS));

const slots = async (run: CampaignRun) => {
  const { rows } = await run.tx((tx) =>
    sql<{ kind: string; n: number }>`select subject_kind as kind, count(*)::int as n from contact_slot
      where ente_id = ${run.enteId} group by subject_kind`.execute(tx.kysely),
  );
  return Object.fromEntries(rows.map((row) => [row.kind, row.n]));
};

const family = (n: number) => Array.from({ length: n }, (_, i) => person(i, { email: 'famiglia@posta.example' }));
const oneEach = campaignYaml({ limiti: '{ perPersona: 1, perIndirizzo: 1 }' });

describe('taking from the queue', () => {
  it('takes one per address at a time, and reserves both budgets', async () => {
    const run = await queued([...family(3), person(9)]);
    const first = await take(run);
    expect(first.taken).toHaveLength(2);
    expect(first.seen).toBe(4);
    expect(new Set(first.taken.map((d) => d.debtorId)).size).toBe(2);
    expect(await slots(run)).toEqual({ debtor: 2, address: 2 });
    expect((await run.deliveries()).filter((d) => d.state === 'queued')).toHaveLength(2);
  });

  it('takes no more than it was asked for', async () => {
    const run = await queued([person(1), person(2), person(3)]);
    expect((await take(run, 2)).taken).toHaveLength(2);
    expect((await take(run, 2)).taken).toHaveLength(1);
    expect(await take(run, 2)).toEqual({ taken: [], seen: 0 });
  });

  it('leaves what the ceiling turns away in the queue, dated to when it frees, with the reason on it', async () => {
    const run = await queued(family(3), oneEach);
    const { taken } = await take(run);
    expect(taken).toHaveLength(1);
    // Nobody knows yet whether it will count.
    expect(await take(run)).toEqual({ taken: [], seen: 0 });
    const ids = taken.map((d) => d.deliveryId);
    for (const event of ['handOver', 'accept'] as const) {
      await run.tx((tx) => transitionMany(tx, ids, event, { at: run.now() }));
    }
    // The first look tells one of the two, the second the other: one per address at a time.
    for (const _look of ids.concat(ids)) expect((await take(run)).taken).toHaveLength(0);
    const waiting = (await run.deliveries()).filter((d) => d.state === 'queued');
    expect(waiting.map((d) => [d.reason, d.dueAt - run.now()])).toEqual([
      ['ceiling', 7 * DAY + 1_000],
      ['ceiling', 7 * DAY + 1_000],
    ]);
    run.store.clock.advanceTo(run.now() + 7 * DAY + 1_000);
    expect((await take(run)).taken).toHaveLength(1);
    expect((await run.deliveries()).find((d) => d.state === 'taken' && d.reason !== null)).toBeUndefined();
  });

  it('lets what is past its term expire, with the reason', async () => {
    const run = await queued([person(1)]);
    run.store.clock.advanceTo(run.now() + 10 * DAY);
    expect((await take(run)).taken).toHaveLength(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'expired', reason: 'expired' }]);
    expect(await slots(run)).toEqual({});
  });

  it('takes nothing of a campaign that is not running', async () => {
    const run = await queued([person(1)]);
    await run.pauseCampaign();
    expect(await take(run)).toEqual({ taken: [], seen: 0 });
  });

  it('does not take what another worker is taking', async () => {
    const run = await queued([person(1), person(2)]);
    const [a, b] = await Promise.all([take(run), take(run)]);
    const ids = [...a.taken, ...b.taken].map((d) => d.deliveryId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(2);
  });
});

describe('leases that run out', () => {
  it('go back to the queue before the wire was touched, their budget with them', async () => {
    const run = await queued([person(1)]);
    await take(run, 1, 1_000);
    const reclaim = (realNow: number) => run.tx((tx) => reclaimLeases(tx, run.now(), realNow, ALL_GUARDS));
    expect(await reclaim(1_000 + LEASE_MS)).toBe(0);
    expect(await reclaim(1_001 + LEASE_MS)).toBe(1);
    expect(await run.deliveries()).toMatchObject([{ state: 'queued' }]);
    expect(await slots(run)).toEqual({});
    expect((await take(run)).taken).toHaveLength(1);
  });

  it('are uncertain after it was, count against the ceiling and are never sent again', async () => {
    const run = await queued([person(1)]);
    const { taken } = await take(run, 1, 1_000);
    await run.tx((tx) =>
      transitionMany(
        tx,
        taken.map((d) => d.deliveryId),
        'handOver',
        { at: run.now() },
      ),
    );
    await run.tx((tx) => reclaimLeases(tx, run.now(), 1_001 + LEASE_MS, ALL_GUARDS));
    expect(await run.deliveries()).toMatchObject([{ state: 'uncertain', reason: 'leaseExpired', handedOverAt: null }]);
    expect(await slots(run)).toEqual({ debtor: 1, address: 1 });
    await run.live(run.now() + 4 * DAY);
    expect(run.channel.sent).toEqual([]);
    // The next step is not a resend: it comes after its own wait.
    await run.live(run.now() + 2 * DAY);
    expect(run.channel.sent).toHaveLength(1);
    expect((await run.deliveries()).map((d) => [d.stepNo, d.state])).toEqual([
      [1, 'uncertain'],
      [2, 'handedOver'],
    ]);
  });

  it('are looked after even when nothing else is due: somebody must come back for them', async () => {
    const run = await queued([person(1)]);
    await take(run, 1, systemMonotonic.now());
    expect(await run.settle()).toBe(run.now() + LEASE_MS);
    expect(run.channel.sent).toEqual([]);
  });
});

describe('the instant at which a body has work next', () => {
  it('is not overwritten by a round that did not know of newer work', async () => {
    const run = await runs.fresh();
    const due = async () => {
      const { rows } = await run.store.db.system((tx) =>
        sql<{ at: number }>`select next_at as at from tenant_due where ente_id = ${run.enteId}`.execute(tx.kysely),
      );
      return rows[0]?.at ?? null;
    };
    let locked = () => {};
    const first = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const round = run.tx(async (tx) => {
      await lockTenantDue(tx, run.now());
      locked();
      // Long enough for the other to arrive in between.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await setTenantDue(tx, null);
    });
    await first;
    const touch = run.tx((tx) => touchTenant(tx, run.now() + 5));
    await Promise.all([round, touch]);
    expect(await due()).toBe(run.now() + 5);
    await run.tx((tx) => touchTenant(tx, run.now() + 9));
    expect(await due()).toBe(run.now() + 5);
    await run.tx((tx) => touchTenant(tx, run.now() + 1));
    expect(await due()).toBe(run.now() + 1);
  });
});

describe('what could not be taken by the provider', () => {
  it('is tried again as a new row: after an hour, after a day, then the next step', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    run.channel.answer = () => ({ kind: 'rejected', code: '4.7.1', fault: 'temporary' });
    await run.launch();
    const start = run.now();
    await run.live(start + 3 * DAY);
    const rows = await run.deliveries();
    expect(rows.map((d) => [d.stepNo, d.attempt, d.state, d.reason, d.fault])).toEqual([
      [1, 1, 'failed', '4.7.1', 'temporary'],
      [1, 2, 'failed', '4.7.1', 'temporary'],
      [1, 3, 'failed', '4.7.1', 'temporary'],
      [2, 1, 'failed', '4.7.1', 'temporary'],
      [2, 2, 'failed', '4.7.1', 'temporary'],
      [2, 3, 'failed', '4.7.1', 'temporary'],
    ]);
    expect(rows.slice(0, 3).map((d) => (d.dueAt - start) / 3_600_000)).toEqual([0, 1, 25]);
    expect(await slots(run)).toEqual({});
    expect(await run.notices()).toMatchObject([{ state: 'stopped', stopReason: '4.7.1', nextDueAt: null }]);
  });

  it.each([
    ['as long as it asked', 20 * 60_000, [0, 20, 40, 60, 80, 140, 380, 1820, 3260]],
    // Five seconds are the least; the pauses of ours that follow are longer.
    ['not at once when it asked for nothing', 1, [0, 5 / 60, 1 + 5 / 60, 6 + 5 / 60, 21 + 5 / 60]],
    ['a day at most', 90 * DAY, [0, 1440, 2880, 4320]],
  ])('leaves a provider that asks for a pause alone %s', async (_words, afterMs, minutes) => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    run.channel.answer = () => ({ kind: 'retryLater', afterMs, code: 'smpp:88' });
    // Always open, so that only the provider's pause is seen.
    await run.tx((tx) =>
      sql`update calendar_window set closes_at = opens_at + interval '7 days' where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    const start = run.now();
    await run.live(start + 10 * DAY);
    const tries = (await run.deliveries()).map((d) => (d.dueAt - start) / 60_000);
    expect(tries.slice(0, minutes.length)).toEqual(minutes);
    expect(tries).toHaveLength(9);
    expect(await slots(run)).toEqual({});
  });

  it('does not lose a step to a provider that is down over a long week-end', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    const start = run.now();
    run.channel.answer = () =>
      run.now() < start + 4 * DAY ? { kind: 'rejected', code: 'ECONNREFUSED', fault: 'technical' } : null;
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.live(start + 6 * DAY);
    expect(run.channel.reached).toHaveLength(1);
    expect(await run.notices()).toMatchObject([{ state: 'exhausted' }]);
  });

  it('begins an expired term again, so that a long pause loses nobody', async () => {
    const run = await queued([person(1)], campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.pauseCampaign();
    run.store.clock.advanceTo(run.now() + 12 * DAY);
    await run.resumeCampaign();
    await run.live(run.now() + DAY);
    expect((await run.deliveries()).map((d) => [d.attempt, d.state])).toEqual([
      [1, 'expired'],
      [2, 'handedOver'],
    ]);
  });
});
