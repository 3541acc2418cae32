import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { tick } from './tick.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const ticked = (run: CampaignRun) => run.tx((tx) => tick(tx, run.deps));

/** Takes the marks of payments away, as if nobody had written them. */
const unmark = (run: CampaignRun) =>
  run.tx((tx) => sql`delete from debt_moved where ente_id = ${run.enteId}`.execute(tx.kysely));

it('looks at marked notices alone, and at every notice once a legal day', async () => {
  const run = await runs.fresh();
  const [debt] = await run.addDebts([person(1), person(2)]);
  await run.launch();
  await run.settle();
  const other = (await run.notices()).find((n) => n.debtorId !== debt?.debtorId);
  expect(other).toMatchObject({ nextStep: 2, nextDueAt: run.now() + 5 * DAY });

  // Waiting again for a message that moved long ago, and half paid to less than the minimum.
  const wait = sql`update notice set next_step = 1, next_due_at = null where ente_id = ${run.enteId}`;
  await run.tx((tx) => wait.execute(tx.kysely));
  await run.pay(debt?.debtId as string, 9_500);
  await unmark(run);
  await ticked(run);
  for (const notice of await run.notices()) expect(notice).toMatchObject({ state: 'active', nextDueAt: null });

  run.store.clock.advanceTo(run.now() + DAY);
  await ticked(run);
  const after = await run.notices();
  expect(after.find((n) => n.debtorId === debt?.debtorId)).toMatchObject({ state: 'settled', stopReason: 'paid' });
  expect(after.find((n) => n.debtorId !== debt?.debtorId)).toMatchObject({ nextStep: 2, nextDueAt: other?.nextDueAt });
});

it('follows every message that was handed over because of its mark, and leaves none', async () => {
  const run = await runs.fresh();
  await run.addDebts([person(1), person(2), person(3)]);
  await run.launch();
  await run.queue();
  await run.settle();
  for (const notice of await run.notices()) expect(notice).toMatchObject({ nextStep: 2, nextAttempt: 1 });
  const { rows } = await run.tx((tx) =>
    sql`select from delivery_moved where ente_id = ${run.enteId}`.execute(tx.kysely),
  );
  expect(rows).toEqual([]);
});

it('gives messages ids that sort as they were queued, beginning with the legal instant', async () => {
  const run = await runs.fresh();
  await run.addDebts([person(1), person(2), person(3)]);
  await run.launch();
  await run.queue();
  const ids = (await run.deliveries()).map((d) => d.deliveryId).sort();
  expect(ids.map((id) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))).toEqual(Array(3).fill(run.now()));
  expect(ids.map((id) => id.slice(14, 23))).toEqual(['7000-8001', '7000-8002', '7000-8003']);
  expect(new Set(ids.map((id) => id.slice(24))).size).toBe(3);
});
