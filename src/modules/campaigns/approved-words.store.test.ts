import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  PORTAL_URL,
  person,
} from '../../../test/support/campaign-run.ts';
import { TICKET } from '../../../test/support/ground.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../notices/index.ts';
import { approve, rehearse, submit } from './campaign-actions.ts';
import { findCampaign } from './campaigns.store.ts';
import { openSample, samplePeople } from './samples.ts';
import { refusedStarts, scheduleStart } from './scheduled-start.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const cascata = '[{ canale: email, testo: primo-avviso }]';

async function approved(over: Parameters<CampaignRuns['fresh']>[0] = {}) {
  const run = await runs.fresh(over);
  await run.saveTexts();
  const debts = await run.addDebts([person(1), person(2)]);
  const yaml = campaignYaml({ cascata, crediti: `[${run.ente.creditTypes[0]?.code}]` });
  const { counts } = await rehearse(run.campaigns, run.enteId, yaml, run.clerk);
  await submit(run.campaigns, run.enteId, 'giro', run.clerk);
  await approve(run.campaigns, run.enteId, 'giro', counts.toContact, run.head);
  return { run, debts, yaml };
}

const samplesOf = (run: CampaignRun) => ({ ...run.campaigns, vaultOf: run.store.vaultOf, portalUrl: PORTAL_URL });
/** The secrets of the links are each message's own. */
const withoutLinks = (text = '') => text.replaceAll(/\/([lo])\/\S+/g, '/$1/…');

describe('what an example shows', () => {
  it('is what that person is sent, but for the links', async () => {
    const { run, debts } = await approved();
    const { debtorId } = debts[0] ?? { debtorId: '' };
    const { texts } = await openSample(samplesOf(run), run.enteId, 'giro', debtorId, run.head.operatorId);
    await scheduleStart(run.campaigns, run.enteId, 'giro', run.now() + DAY, run.head);
    await run.live(run.now() + 2 * DAY);
    const delivery = (await run.deliveries()).find((one) => one.debtorId === debtorId);
    const sent = run.channel.sent.find(({ message }) => message.deliveryId === delivery?.deliveryId)?.message;
    const [shown] = texts;
    if (shown?.text.kind !== 'text') throw new Error('no text');
    expect(withoutLinks(shown.text.body)).toBe(withoutLinks(sent?.text));
    expect(shown.text.subject).toBe(sent?.subject);
    expect(shown.text.body).not.toBe(sent?.text);
  });

  it('is not of who has paid meanwhile, and then nothing is on record', async () => {
    const { run, debts } = await approved();
    await run.pay(debts[0]?.debtId ?? '', 10_000);
    const left = await samplePeople(samplesOf(run), run.enteId, 'giro');
    expect(left.map((one) => one.debtorId)).toEqual([debts[1]?.debtorId]);
    const opened = openSample(samplesOf(run), run.enteId, 'giro', debts[0]?.debtorId ?? '', run.head.operatorId);
    await expect(opened).rejects.toMatchObject({ code: 'SAMPLE_UNKNOWN' });
    expect(await run.leaves('campaign.sampleOpened')).toEqual([]);
  });
});

describe('until its instant a campaign that was set for later', () => {
  it('cannot be rewritten, and sends the words that were approved, not those saved since', async () => {
    const { run, yaml } = await approved();
    await scheduleStart(run.campaigns, run.enteId, 'giro', run.now() + 2 * DAY, run.head);
    const other = yaml.replace('Avviso di prova', 'Altro nome');
    await expect(rehearse(run.campaigns, run.enteId, other, run.clerk)).rejects.toMatchObject({
      code: 'CAMPAIGN_STATE',
    });
    const [first] = DEFAULT_TEMPLATES;
    const body = first.body.replace('Se preferisce', 'Altrimenti');
    await run.tx((tx) => saveTemplate(tx, { ...first, body, authorId: run.clerk.operatorId, now: run.now() }));
    await run.live(run.now() + 3 * DAY);
    expect(run.channel.sent).toHaveLength(2);
    for (const { message } of run.channel.sent) expect(message.text).toContain('Se preferisce');
  });

  it('R65: does not start when the health act is no more there', async () => {
    const { run } = await approved({ kind: 'asl', creditTypes: [TICKET] });
    await scheduleStart(run.campaigns, run.enteId, 'giro', run.now() + DAY, run.head);
    await run.tx((tx) =>
      sql`delete from ente_rule where ente_id = ${run.enteId} and key = 'healthGeneralAct'`.execute(tx.kysely),
    );
    await run.live(run.now() + 2 * DAY);
    expect(run.channel.sent).toEqual([]);
    expect((await run.tx((tx) => findCampaign(tx, 'giro'))).state).toBe('draft');
    const refusal = { reason: 'CAMPAIGN_PROBLEMS', problem: 'HEALTH_ACT_MISSING' };
    expect(await run.tx((tx) => refusedStarts(tx))).toEqual([{ code: 'giro', refusal }]);
  });
});
