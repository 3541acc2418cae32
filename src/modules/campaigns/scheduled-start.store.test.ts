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
import { validCf } from '../../../test/support/ground.ts';
import { approve, rehearse, submit } from './campaign-actions.ts';
import { findCampaign } from './campaigns.store.ts';
import { callOffStart, refusedStarts, runScheduled, scheduleStart } from './scheduled-start.ts';
import { run as startNow } from './start-campaign.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const oneStep = campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' });

async function approved(yaml = oneStep) {
  const run = await runs.fresh();
  await run.saveTexts();
  const debts = await run.addDebts([person(1), person(2)]);
  const { counts } = await rehearse(run.campaigns, run.enteId, yaml, run.clerk);
  await submit(run.campaigns, run.enteId, 'giro', run.clerk);
  await approve(run.campaigns, run.enteId, 'giro', counts.toContact, run.head);
  return { run, debts };
}

const campaign = (run: CampaignRun) => run.tx((tx) => findCampaign(tx, 'giro'));
const inDays = (run: CampaignRun, days: number) => run.now() + days * DAY;

describe('a start that is set for later', () => {
  it('happens by itself at that instant of legal time, and not before', async () => {
    const { run } = await approved();
    const at = inDays(run, 3);
    await scheduleStart(run.campaigns, run.enteId, 'giro', at, run.head);
    expect(await campaign(run)).toMatchObject({ state: 'scheduled', startAt: at });
    expect(await run.settle()).toBe(at);
    run.store.clock.advanceTo(at - 1);
    await run.settle();
    expect(await campaign(run)).toMatchObject({ state: 'scheduled' });
    expect(await run.notices()).toEqual([]);
    await run.live(at + DAY);
    expect(run.channel.sent).toHaveLength(2);
    expect(await campaign(run)).toMatchObject({ state: 'completed', startedAt: at, startAt: null });
    expect(await run.leaves('campaign.started')).toMatchObject([{ actor: 'system', facts: { version: 1 } }]);
    expect(await run.leaves('campaign.completed')).toMatchObject([{ actor: 'system', facts: { campaign: 'giro' } }]);
  });

  it('can be called off, set anew and taken over by hand', async () => {
    const { run } = await approved();
    const at = inDays(run, 2);
    await scheduleStart(run.campaigns, run.enteId, 'giro', at, run.head);
    await callOffStart(run.campaigns, run.enteId, 'giro', run.head);
    expect(await campaign(run)).toMatchObject({ state: 'approved', startAt: null });
    await run.live(at + DAY);
    expect(run.channel.sent).toEqual([]);
    await scheduleStart(run.campaigns, run.enteId, 'giro', inDays(run, 2), run.head);
    await startNow(run.campaigns, run.enteId, 'giro', run.head);
    await run.settle();
    expect(run.channel.sent).toHaveLength(2);
    expect((await campaign(run)).startAt).toBeNull();
  });

  it('is only for who approves, for an approved campaign, and for the future', async () => {
    const { run } = await approved();
    const at = inDays(run, 1);
    expect(() => scheduleStart(run.campaigns, run.enteId, 'giro', at, run.clerk)).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
    const past = scheduleStart(run.campaigns, run.enteId, 'giro', run.now(), run.head);
    await expect(past).rejects.toMatchObject({ code: 'START_NOT_FUTURE' });
    await rehearse(run.campaigns, run.enteId, campaignYaml({ codice: 'altra' }), run.clerk);
    const draft = scheduleStart(run.campaigns, run.enteId, 'altra', at, run.head);
    await expect(draft).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
    const never = callOffStart(run.campaigns, run.enteId, 'giro', run.head);
    await expect(never).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
  });

  it('does not happen for more people than were approved: it goes back, with the numbers', async () => {
    const { run } = await approved();
    const at = inDays(run, 1);
    await scheduleStart(run.campaigns, run.enteId, 'giro', at, run.head);
    await run.addDebts([person(9, { cf: validCf(90) })]);
    await run.live(at + DAY);
    const refused = { reason: 'NUMBER_CHANGED', approved: 2, now: 3 };
    expect(run.channel.sent).toEqual([]);
    expect(await campaign(run)).toMatchObject({
      state: 'draft',
      startAt: null,
      submittedBy: null,
      startRefused: refused,
    });
    expect(await run.leaves('campaign.startRefused')).toMatchObject([{ actor: 'system', facts: refused }]);
    expect(await run.tx((tx) => refusedStarts(tx))).toEqual([{ code: 'giro', refusal: refused }]);
    // Proposed and approved anew, nothing is left of it.
    const { counts } = await rehearse(run.campaigns, run.enteId, oneStep, run.clerk);
    await submit(run.campaigns, run.enteId, 'giro', run.clerk);
    await approve(run.campaigns, run.enteId, 'giro', counts.toContact, run.head);
    expect(await run.tx((tx) => refusedStarts(tx))).toEqual([]);
  });

  it('leaves out who has paid by then, and happens all the same', async () => {
    const { run, debts } = await approved();
    const at = inDays(run, 1);
    await scheduleStart(run.campaigns, run.enteId, 'giro', at, run.head);
    await run.pay(debts[0]?.debtId ?? '', 10_000);
    await run.live(at + DAY);
    expect(run.channel.sent).toHaveLength(1);
    expect((await campaign(run)).startRefused).toBeNull();
  });

  it('does not happen when the document has a problem by then', async () => {
    const { run } = await approved();
    await scheduleStart(run.campaigns, run.enteId, 'giro', inDays(run, 1), run.head);
    await run.tx((tx) => sql`delete from template_version where ente_id = ${run.enteId}`.execute(tx.kysely));
    await run.live(inDays(run, 2));
    expect((await campaign(run)).startRefused).toEqual({ reason: 'CAMPAIGN_PROBLEMS', problem: 'TEMPLATE_UNKNOWN' });
  });

  it('is planned by the next round when the first one died after starting it', async () => {
    const { run } = await approved();
    const at = inDays(run, 1);
    await scheduleStart(run.campaigns, run.enteId, 'giro', at, run.head);
    run.store.clock.advanceTo(at);
    let transactions = 0;
    const dying = {
      now: run.now,
      db: Object.assign(Object.create(run.store.db), {
        tenant: (enteId: number, work: never) => {
          transactions += 1;
          // The third would plan.
          if (transactions === 3) throw new Error('the process died');
          return run.store.db.tenant(enteId, work);
        },
      }),
    };
    await expect(runScheduled(dying, run.enteId)).rejects.toThrow('died');
    expect(await campaign(run)).toMatchObject({ state: 'running', startAt: at });
    expect(await run.notices()).toEqual([]);
    await run.live(at + DAY);
    expect(run.channel.sent).toHaveLength(2);
    expect((await campaign(run)).startAt).toBeNull();
    expect(await run.leaves('campaign.planned')).toHaveLength(1);
  });
});
