import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { writeLeaf } from '../audit/index.ts';
import { dueFigures } from '../campaigns/index.ts';
import { campaignDetail, campaignOutcomes, campaignResults, refreshFigures } from './index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const MINUTE = 60_000;

/** A campaign that told three people, whose figures were kept then; a day after the start. */
async function told() {
  const run = await runs.fresh();
  const debts = await run.addDebts([person(1), person(2), person(3)]);
  await run.launch();
  await run.settle();
  run.store.clock.advanceTo(run.now() + 24 * 60 * MINUTE);
  const id = (await run.tx((tx) => campaignDetail(tx, 'giro')))?.campaignId ?? '';
  const keptAt = run.now();
  await run.tx((tx) => refreshFigures(tx, id, keptAt));
  const later = (minutes: number) => run.store.clock.advanceTo(keptAt + minutes * MINUTE);
  return { run, debts, id, keptAt, later };
}

it('shows a large campaign as it was some minutes ago, and says so', async () => {
  const { run, debts, id, keptAt, later } = await told();
  const live = await run.tx((tx) => campaignResults(tx, id, keptAt - 1));
  later(3);
  await run.pay(debts[0]?.debtId ?? '', 10_000);
  const shown = await run.tx((tx) => campaignResults(tx, id, run.now()));
  // Kept figures are the figures: all of them, in their types.
  expect(shown).toEqual({ ...live, asOf: keptAt });
  expect(shown.funnel).toMatchObject({ contacted: 3, paid: 0 });
  const { asOf, outcomes } = await run.tx((tx) => campaignOutcomes(tx, [id], run.now()));
  expect([asOf, outcomes.get(id)?.paid]).toEqual([keptAt, 0]);
});

it('looks for itself when nobody refreshed them for ten minutes', async () => {
  const { run, debts, id, later } = await told();
  await run.pay(debts[0]?.debtId ?? '', 10_000);
  later(11);
  const shown = await run.tx((tx) => campaignResults(tx, id, run.now()));
  expect([shown.asOf, shown.funnel.paid, shown.money.paidCents]).toEqual([run.now(), 1, 10_000]);
  expect((await run.tx((tx) => campaignOutcomes(tx, [id], run.now()))).asOf).toBe(run.now());
});

it('shows old ones of a body where nothing happened since: nobody refreshes them there', async () => {
  const { run, id, keptAt, later } = await told();
  later(24 * 60);
  expect((await run.tx((tx) => campaignResults(tx, id, run.now()))).asOf).toBe(keptAt);
});

it('reads anew what may have changed, and only dates what did not', async () => {
  const { run, debts, id, later } = await told();
  const due = () => run.tx((tx) => dueFigures(tx, run.now(), 2));
  later(4);
  expect(await due()).toEqual([]);
  later(6);
  // The last fact is a day old.
  expect(await due()).toEqual([]);
  expect((await run.tx((tx) => campaignResults(tx, id, run.now()))).asOf).toBe(run.now());
  later(9);
  await run.pay(debts[0]?.debtId ?? '', 10_000);
  await run.tx((tx) =>
    writeLeaf(tx, { at: run.now(), kind: 'receipt.booked', actor: 'system', rowCount: 1, facts: {} }),
  );
  later(12);
  expect(await due()).toEqual([id]);
  await run.tx((tx) => refreshFigures(tx, id, run.now()));
  expect((await run.tx((tx) => campaignResults(tx, id, run.now()))).funnel.paid).toBe(1);
});

it('keeps nothing of a campaign that is read in a few milliseconds, nor of one that has not begun', async () => {
  const { run, later } = await told();
  later(60);
  expect(await run.tx((tx) => dueFigures(tx, run.now()))).toEqual([]);
  expect(await run.tx((tx) => dueFigures(tx, run.now(), 3))).toEqual([]);
});

it('keeps the figures of one body from another', async () => {
  const { id, keptAt } = await told();
  const other = await runs.fresh();
  const { outcomes, asOf } = await other.tx((tx) => campaignOutcomes(tx, [id], keptAt + MINUTE));
  expect([outcomes.get(id)?.contacted, asOf]).toEqual([0, keptAt + MINUTE]);
});
