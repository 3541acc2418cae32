import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealNext } from '../../src/modules/audit/index.ts';
import { touchTenant } from '../../src/modules/deliveries/index.ts';
import { type BodyReading, operationsNow, readOperations } from '../../src/modules/insight/index.ts';
import type { Database } from '../../src/platform/db/index.ts';
import { openJobs } from '../../src/platform/jobs/index.ts';
import { touchChores } from '../../src/platform/leases/index.ts';
import { observeEngine, READING_TASK } from '../../src/platform/telemetry/index.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../support/campaign-run.ts';
import { asOwner } from '../support/ground.ts';

let runs: CampaignRuns;
let busy: CampaignRun;
let paused: CampaignRun;
/** Real time; the transactions that were opened since it was last emptied. */
let realNow = Date.now();
const opened: string[] = [];
let db: Database;

beforeAll(async () => {
  runs = await openCampaignRuns();
  db = {
    ...runs.store.db,
    tenant: (enteId, work) => {
      opened.push(`body ${enteId}`);
      return runs.store.db.tenant(enteId, work);
    },
    system: (work) => {
      opened.push('system');
      return runs.store.db.system(work);
    },
  };
  busy = await runs.fresh();
  busy.channel.answer = (message) => {
    if (message.to.startsWith('p1@')) return { kind: 'uncertain', code: 'EPIPE' };
    return message.to.startsWith('p2@') ? { kind: 'rejected', code: '550', fault: 'permanent' } : null;
  };
  const debts = await busy.addDebts([0, 1, 2, 3].map((n) => person(n)));
  await busy.launch();
  await busy.settle();
  await busy.pay(debts[0]?.debtId ?? '', 10_000);
  paused = await runs.fresh();
  await paused.addDebts([person(7), person(8)]);
  await paused.launch();
  await paused.queue();
  await paused.pauseCampaign();
});
afterAll(() => runs.close());

const deps = () => ({ db, now: () => busy.now(), realNow: () => realNow });
const touch = (...enteIds: number[]) => runs.store.db.system((tx) => touchChores(tx, [READING_TASK], enteIds, realNow));
const readingOf = async (run: CampaignRun): Promise<BodyReading | undefined> =>
  (await operationsNow(deps())).bodies.find((body) => body.enteId === run.enteId)?.reading;

describe('reading the bodies', () => {
  it('tells of each what waits, what is held and what became of its messages, and nothing of another', async () => {
    await touch(busy.enteId, paused.enteId);
    expect(await readOperations(deps())).toBe(2);
    const uncertain = (await busy.deliveries()).find((one) => one.state === 'uncertain');
    expect(await readingOf(busy)).toEqual({
      queues: [{ channel: 'email', state: 'uncertain', n: 1, oldestAt: uncertain?.dueAt }],
      holds: { payment: 1 },
      unsealedAt: expect.any(Number),
      sent: { accepted: 2, refused: 1, uncertain: 1 },
    });
    const waiting = await readingOf(paused);
    expect(waiting).toMatchObject({ queues: [{ channel: 'email', state: 'paused', n: 2 }], holds: {} });
    expect(waiting?.sent).toEqual({ accepted: 0, refused: 0, uncertain: 0 });
  });

  it('reads what moves again after a while, and then no more: an idle body costs no transaction', async () => {
    opened.length = 0;
    expect(await readOperations(deps())).toBe(0);
    expect(opened).toEqual(['system']);
    realNow += 20_000;
    // Both have facts without a seal.
    expect(await readOperations(deps())).toBe(2);
    for (const run of [busy, paused]) await run.tx((tx) => sealNext(tx, run.now()));
    // Ten minutes later no message was sent lately either.
    realNow += 700_000;
    expect(await readOperations(deps())).toBe(2);
    realNow += 86_400_000;
    opened.length = 0;
    expect(await readOperations(deps())).toBe(0);
    expect(opened).toEqual(['system']);
    // What is known of it is still told: one transaction, whoever asks.
    opened.length = 0;
    expect(await readingOf(busy)).toMatchObject({ queues: [{ state: 'uncertain', n: 1 }], holds: { payment: 1 } });
    expect(opened).toEqual(['system']);
  });

  it('reads it again when something happened in it, and tells since when it should have', async () => {
    await touch(paused.enteId);
    const touchedAt = realNow;
    expect((await operationsNow(deps())).readingDueAt).toBe(touchedAt);
    await paused.resumeCampaign();
    realNow += 60_000;
    expect(await readOperations(deps())).toBe(1);
    expect(await readingOf(paused)).toMatchObject({ queues: [{ state: 'due', n: 2 }] });
    expect((await operationsNow(deps())).readingDueAt).toBeGreaterThan(realNow);
  });
});

describe('what stands outside the bodies', () => {
  it('is the earliest work of all, and the jobs that nobody has done', async () => {
    const dueAt = busy.now() - 3_600_000;
    await paused.tx((tx) => touchTenant(tx, dueAt));
    expect((await operationsNow(deps())).nextDueAt).toBe(dueAt);

    const jobs = await openJobs(runs.store.engine, () => {});
    try {
      const before = (await operationsNow(deps())).jobs;
      expect(before).toEqual({ waiting: 0, oldestAt: null, failed: 0 });
      await busy.tx((tx) => jobs.enqueue(tx, 'planCampaign', { enteId: busy.enteId, campaignId: 'none' }));
      const waiting = (await operationsNow({ ...deps(), realNow: Date.now })).jobs;
      expect(waiting).toEqual({ waiting: 1, oldestAt: expect.any(Number), failed: 0 });
      jobs.handle('planCampaign', () => Promise.reject(new Error('broken')));
      await jobs.drain();
      const jobsNow = async () => (await operationsNow({ ...deps(), realNow: Date.now })).jobs;
      // It is tried again, later; and counts as failed once it is tried no more.
      expect(await jobsNow()).toEqual({ ...waiting, oldestAt: expect.any(Number) });
      await asOwner(runs.store, `update pgboss.job set retry_limit = retry_count, start_after = now()`);
      await jobs.drain();
      expect(await jobsNow()).toEqual({ waiting: 0, oldestAt: null, failed: 1 });
    } finally {
      await jobs.close();
    }
  });

  it('is who holds a connection and who waits for one', async () => {
    const { engine, use } = observeEngine(runs.store.engine);
    const held = await engine.acquire();
    expect(use()).toEqual({ inUse: 1, waiting: 0 });
    const next = engine.acquire();
    if (engine.kind === 'pglite') expect(use()).toEqual({ inUse: 1, waiting: 1 });
    held.release(false);
    (await next).release(false);
    expect(use()).toEqual({ inUse: 0, waiting: 0 });
  });
});
