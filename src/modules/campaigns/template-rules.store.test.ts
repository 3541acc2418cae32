import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRun, type CampaignRuns, openCampaignRuns } from '../../../test/support/campaign-run.ts';
import { IMU, OFFICE, TARI, TICKET } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type CreditNature, type EnteKind, loadRules, setEnteRule } from '../creditors/index.ts';
import { checkDocument } from './campaign-actions.ts';
import { campaignTemplate, campaignTemplates, fillTemplate, leftOutSentence, offersFor } from './campaign-templates.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const missing = (run: CampaignRun, code: string) =>
  run.tx(async (tx) => {
    const offers = offersFor(run.ente, await loadRules(tx, romeDate(run.now())));
    return offers.find((one) => one.template.code === code)?.missing.map((one) => one.key);
  });
const problems = async (run: CampaignRun, code: string) => {
  const { yaml } = fillTemplate(campaignTemplate(code), run.ente, romeDate(run.now()), []);
  return (await checkDocument(run.campaigns, run.enteId, yaml)).map((one) => `${one.rule} ${one.code}`);
};

describe('a template on a body that lacks a rule', () => {
  it('names the one that is missing and no other', async () => {
    const run = await runs.fresh({ kind: 'asl', creditTypes: [TICKET] });
    await run.saveTexts();
    await run.tx((tx) =>
      sql`delete from ente_rule where ente_id = ${run.enteId} and key = 'healthGeneralAct'`.execute(tx.kysely),
    );
    expect(await missing(run, 'ticket')).toEqual(['healthGeneralAct']);
    expect(await problems(run, 'ticket')).toEqual(['R65 HEALTH_ACT_MISSING']);
  });

  it('asks again when the law ends: the minimum of taxes, from 2027, until the body decides one (R31)', async () => {
    const offices = [OFFICE, { ...OFFICE, officeId: 2, name: 'Ufficio relazioni con il pubblico' }];
    const run = await runs.fresh({ kind: 'unione', creditTypes: [TARI, IMU], offices });
    await run.saveTexts();
    expect([await missing(run, 'unione'), await problems(run, 'unione')]).toEqual([[], []]);
    run.store.clock.advanceTo(Date.UTC(2027, 0, 11, 9));
    expect(await missing(run, 'unione')).toEqual(['taxMinimumCents']);
    expect(await problems(run, 'unione')).toEqual(['R31 RULE_MISSING', 'R31 RULE_MISSING']);
    const rule = { creditType: '*', validFrom: civilDate('2027-01-01'), legalBasis: 'Delibera di prova' };
    await run.tx((tx) => setEnteRule(tx, { ...rule, key: 'taxMinimumCents', value: 1200 }));
    expect([await missing(run, 'unione'), await problems(run, 'unione')]).toEqual([[], []]);
  });
});

describe('a step that is left out', () => {
  it('takes its own comment with it, also when it is the first, and is named', async () => {
    const { ente: plain } = await runs.fresh();
    for (const template of campaignTemplates()) {
      const nature = template.natures[0] as CreditNature;
      const ente = { ...plain, kind: template.kinds[0] as EnteKind, creditTypes: [{ ...TARI, nature }] };
      const { yaml, leftOut } = fillTemplate(template, ente, civilDate('2026-09-07'), []);
      expect(yaml, template.code).not.toContain('Quando il canale esiste');
      for (const { step } of leftOut) expect(leftOutSentence(leftOut)).toContain(`passo ${step} del modello`);
      const channels = (text: string) => text.match(/canale: /g)?.length ?? 0;
      expect(channels(yaml) + leftOut.length).toBe(channels(template.yaml));
    }
  });
});
