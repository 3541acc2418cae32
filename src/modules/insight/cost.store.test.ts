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
import { romeDate } from '../../kernel/rome-time.ts';
import { setEnteRule } from '../creditors/index.ts';
import { campaignDetail, campaignResults } from './index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const costOf = async (run: CampaignRun) =>
  (await run.tx(async (tx) => campaignResults(tx, (await campaignDetail(tx, 'giro'))?.campaignId ?? '', run.now())))
    .cost;
const setPrice = (run: CampaignRun, channel: string, milliCents: number, per: string, from = run.now()) =>
  run.tx((tx) =>
    setEnteRule(tx, {
      key: `channelPrice.${channel}`,
      creditType: '*',
      validFrom: romeDate(from),
      value: { milliCents, per },
      legalBasis: 'contratto n. 12 del 3 marzo 2026',
    }),
  );
/** The messages of the run as text messages of so many segments each. */
const asSms = (run: CampaignRun, units: number | null) =>
  run.tx((tx) =>
    sql`update delivery set channel = 'sms', units = ${units} where ente_id = ${run.enteId}`.execute(tx.kysely),
  );

async function launched(people: number) {
  const run = await runs.fresh();
  const debts = await run.addDebts(Array.from({ length: people }, (_, n) => person(n)));
  return { run, debts };
}

describe('what a campaign costs', () => {
  it('is not said where no price was told, and nothing is free for that', async () => {
    const { run } = await launched(2);
    await run.launch();
    expect(await costOf(run)).toEqual({ byChannel: [], cents: null, collectedCents: 0, perEuro: null });
    await run.settle();
    expect(await costOf(run)).toEqual({
      byChannel: [{ channel: 'email', messages: 2, units: 2, unpriced: 2, cents: null }],
      cents: null,
      collectedCents: 0,
      perEuro: null,
    });
  });

  it('counts each message at the price of the day on which it was handed over, rounded once', async () => {
    const { run } = await launched(3);
    // Half a cent each until the second step, a cent and a half from then on.
    await setPrice(run, 'email', 500, 'message');
    await setPrice(run, 'email', 1_500, 'message', run.now() + 3 * DAY);
    await run.launch();
    await run.live(run.now() + 10 * DAY);
    expect(await costOf(run)).toMatchObject({
      byChannel: [{ channel: 'email', messages: 6, units: 6, unpriced: 0, cents: 6 }],
      cents: 6,
    });
  });

  it('counts segments where the contract does, and says which messages it cannot count', async () => {
    const { run } = await launched(2);
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.settle();
    await asSms(run, 3);
    await setPrice(run, 'sms', 4_500, 'segment');
    expect(await costOf(run)).toMatchObject({
      byChannel: [{ messages: 2, units: 6, unpriced: 0, cents: 27 }],
      cents: 27,
    });
    // Sent before segments were kept.
    await asSms(run, null);
    expect(await costOf(run)).toMatchObject({
      byChannel: [{ messages: 2, units: 0, unpriced: 2, cents: null }],
      cents: null,
    });
  });

  it('is set against what was paid after the first message about a debt, and nothing else', async () => {
    const { run, debts } = await launched(3);
    await setPrice(run, 'email', 10_000, 'message');
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.plan();
    // After the start, before any message: nobody was written to.
    await run.pay(debts[0]?.debtId ?? '', 10_000);
    run.store.clock.advanceTo(run.now() + 60_000);
    await run.settle();
    run.store.clock.advanceTo(run.now() + DAY);
    await run.pay(debts[1]?.debtId ?? '', 4_000);
    expect(await costOf(run)).toMatchObject({ cents: 20, collectedCents: 4_000, perEuro: 0.005 });
  });
});
