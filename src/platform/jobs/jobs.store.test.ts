import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOwner } from '../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { openJobs } from './index.ts';

let store: TestStore;
let jobs: Awaited<ReturnType<typeof openJobs>>;
const errors: unknown[] = [];
beforeAll(async () => {
  store = await openTestStore();
  jobs = await openJobs(store.engine, (error) => errors.push(error));
});
afterAll(async () => {
  await jobs.close();
  await store.close();
});

describe('coarse jobs', () => {
  it('run once the transaction that enqueued them is committed, and never when it rolled back', async () => {
    const seen: string[] = [];
    jobs.handle('planCampaign', async ({ campaignId }) => {
      seen.push(campaignId);
    });
    await store.db.tenant(1, (tx) => jobs.enqueue(tx, 'planCampaign', { enteId: 1, campaignId: 'kept' }));
    const failing = store.db.tenant(1, async (tx) => {
      await jobs.enqueue(tx, 'planCampaign', { enteId: 1, campaignId: 'undone' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await jobs.drain()).toBe(1);
    expect(seen).toEqual(['kept']);
    expect(await jobs.drain()).toBe(0);
  });

  it('are tried again when they fail, each time later, and the failures are told', async () => {
    let tries = 0;
    errors.length = 0;
    jobs.handle('planCampaign', async () => {
      tries += 1;
      throw new Error('broken');
    });
    await store.db.tenant(1, (tx) => jobs.enqueue(tx, 'planCampaign', { enteId: 1, campaignId: 'breaks' }));
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await jobs.drain();
      const [job] = await asOwner(
        store,
        `select extract(epoch from start_after - started_on)::float8 as wait from pgboss.job where state = 'retry'`,
      );
      waits.push(Number(job?.wait));
      await asOwner(store, `update pgboss.job set start_after = now() where state = 'retry'`);
    }
    expect(waits.every((wait) => wait >= 0.5)).toBe(true);
    expect(waits[3]).toBeGreaterThan(waits[0] ?? 0);
    expect(tries).toBe(4);
    expect(errors).toHaveLength(4);
  });

  it('give the queue library instants as it can send them back', async () => {
    const { connection, release } = await store.engine.acquire();
    const plain = await connection.query('select now() as at', [], 'plain');
    const again = await connection.query('select $1::timestamptz as at', [plain.rows[0]?.at], 'plain');
    const ours = await connection.query('select now() as at', []);
    release(false);
    expect(plain.rows[0]?.at).toBeInstanceOf(Date);
    expect(again.rows[0]?.at).toEqual(plain.rows[0]?.at);
    expect(typeof ours.rows[0]?.at).toBe('number');
  });
});

it('gives what a dead process had begun to another, once it has been silent for half a minute', async () => {
  const seen: string[] = [];
  const dying = await openJobs(store.engine, (error) => errors.push(error));
  // It never comes back from its job.
  dying.handle('planCampaign', () => new Promise(() => {}));
  await store.db.tenant(1, (tx) => jobs.enqueue(tx, 'planCampaign', { enteId: 1, campaignId: 'begun' }));
  void dying.drain();
  const owner = (statement: string) => asOwner(store, statement);
  const active = `select 1 from pgboss.job where state = 'active' and data->>'campaignId' = 'begun'`;
  while ((await owner(active)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  jobs.handle('planCampaign', async ({ campaignId }) => {
    seen.push(campaignId);
  });
  await jobs.recover();
  await jobs.drain();
  expect(seen).toEqual([]);
  await owner(`update pgboss.job set heartbeat_on = heartbeat_on - interval '40 seconds' where state = 'active'`);
  await owner(`update pgboss.queue set monitor_claim_on = null, monitor_on = null`);
  await jobs.recover();
  await owner(`update pgboss.job set start_after = now() where data->>'campaignId' = 'begun'`);
  await jobs.drain();
  expect(seen).toEqual(['begun']);
});
