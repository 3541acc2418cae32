import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRuns, openCampaignRuns } from '../../../test/support/campaign-run.ts';
import { OFFICE, TARI, TICKET } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type CreditNature, type CreditType, type EnteKind, loadEnte, loadRules } from '../creditors/index.ts';
import { checkDocument } from './campaign-actions.ts';
import { CAMPAIGN_CHANNELS, parseCampaign } from './campaign-document.ts';
import { campaignTemplate, campaignTemplates, fillTemplate, leftOutSentence, offersFor } from './campaign-templates.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const type = (code: string, nature: CreditNature): CreditType => ({ ...TARI, code, name: code, nature });

/** A body that each template is for. */
const SUITABLE: Readonly<Record<string, { kind: EnteKind; creditTypes: readonly CreditType[] }>> = {
  tari: { kind: 'comune', creditTypes: [type('TARI', 'tari'), type('IMU', 'imu')] },
  multe: { kind: 'comune', creditTypes: [type('CDS', 'trafficFine')] },
  mensa: { kind: 'comune', creditTypes: [type('SERVIZI', 'serviceFee')] },
  ticket: { kind: 'asl', creditTypes: [TICKET] },
  unione: {
    kind: 'unione',
    creditTypes: [type('TARI', 'tari'), type('IMU', 'imu'), type('CUP', 'singlePropertyCanon')],
  },
};

const day = civilDate('2026-09-07');

describe('the templates of campaigns', () => {
  it('are those that are tried here, and none is for water', () => {
    expect(campaignTemplates().map((one) => one.code)).toEqual(Object.keys(SUITABLE).sort());
    expect(campaignTemplates().flatMap((one) => one.natures)).not.toContain('water');
  });

  it.each(Object.entries(SUITABLE))('%s is lawful by construction on a body that it is for', async (code, over) => {
    const run = await runs.fresh(over);
    await run.saveTexts();
    const { yaml } = fillTemplate(campaignTemplate(code), run.ente, romeDate(run.now()), []);
    expect(await checkDocument(run.campaigns, run.enteId, yaml)).toEqual([]);
  });

  it.each(Object.entries(SUITABLE))('%s says what it is about only after identity', (code) => {
    const { title, choices, natures } = campaignTemplate(code);
    expect(title).not.toBe('');
    expect(natures.length).toBeGreaterThan(0);
    for (const { choice, why, basis } of choices) {
      expect([choice, why].join(' ')).not.toMatch(/!|moros|sollecit|debitor/i);
      expect(basis).toMatch(/^R\d\d$/);
    }
  });

  it('names exactly what a body has not decided, and the check refuses the same', async () => {
    const run = await runs.fresh({ kind: 'asl', creditTypes: [{ ...TICKET, health: true, code: 'TK' }] });
    await run.saveTexts();
    const rulesLess = await runs.fresh({ kind: 'asl', creditTypes: [{ ...TICKET, code: 'TK' }] });
    await rulesLess.saveTexts();
    await rulesLess.store.db.tenant(rulesLess.enteId, async (tx) => {
      await sql`delete from ente_rule where ente_id = ${rulesLess.enteId}`.execute(tx.kysely);
    });
    const missingOf = (one: typeof run) =>
      one.tx(async (tx) => {
        const offers = offersFor(await loadEnte(tx), await loadRules(tx, romeDate(one.now())));
        return offers.map(({ template, missing }) => [template.code, missing.map((rule) => rule.key).sort()]);
      });
    expect(await missingOf(run)).toEqual([['ticket', []]]);
    expect(await missingOf(rulesLess)).toEqual([['ticket', ['healthGeneralAct', 'ticketLimitationYears']]]);
    const { yaml } = fillTemplate(campaignTemplate('ticket'), rulesLess.ente, romeDate(run.now()), []);
    const problems = await checkDocument(rulesLess.campaigns, rulesLess.enteId, yaml);
    expect(problems.map((one) => one.code).sort()).toEqual(['HEALTH_ACT_MISSING', 'TICKET_LIMITATION_MISSING']);
  });

  it('takes only the credits it is for, and refuses a body that has none of them or is of another kind', async () => {
    const { ente } = await runs.fresh(SUITABLE.tari);
    const { yaml } = fillTemplate(campaignTemplate('tari'), ente, day, []);
    expect(parseCampaign(yaml)).toMatchObject({ creditTypes: ['TARI'], dueBy: '2026-09-06', code: 'tari-2026' });
    for (const code of ['multe', 'ticket']) {
      const filled = () => fillTemplate(campaignTemplate(code), ente, day, []);
      expect(filled).toThrow(expect.objectContaining({ code: 'CAMPAIGN_TEMPLATE_UNSUITABLE' }));
    }
    expect(() => campaignTemplate('acqua')).toThrow(expect.objectContaining({ code: 'CAMPAIGN_TEMPLATE_UNKNOWN' }));
  });

  it('knows TARI by its code where a body declared it as a tax like others, and no other tax', async () => {
    const { ente } = await runs.fresh({ creditTypes: [TARI, { ...TARI, code: 'IMU' }] });
    expect(parseCampaign(fillTemplate(campaignTemplate('tari'), ente, day, []).yaml).creditTypes).toEqual(['TARI']);
  });

  it('never takes a code that is used', async () => {
    const { ente } = await runs.fresh(SUITABLE.tari);
    const codeOf = (taken: string[]) =>
      parseCampaign(fillTemplate(campaignTemplate('tari'), ente, day, taken).yaml).code;
    expect(codeOf(['tari-2026'])).toBe('tari-2026-2');
    expect(codeOf(['tari-2026', 'tari-2026-2'])).toBe('tari-2026-3');
  });

  it('leaves out the channels that are not there, says so, and gives their days to the step after', async () => {
    const { ente } = await runs.fresh({ ...SUITABLE.multe, offices: [OFFICE] });
    const template = campaignTemplate('multe');
    const waiting = {
      ...template,
      yaml: template.yaml.replace('testo: pec-avviso', 'testo: pec-avviso\n    attesaGiorni: 3'),
    };
    const { yaml, leftOut } = fillTemplate(waiting, ente, day, []);
    expect(leftOut).toEqual([{ step: 1, channel: 'pec' }]);
    expect(leftOutSentence(leftOut)).toContain('PEC (passo 1 del modello)');
    expect(leftOutSentence([])).toBeNull();
    expect(parseCampaign(yaml).steps.map((step) => step.waitDays)).toEqual([3, 7, 21]);
    for (const one of campaignTemplates()) {
      const body = SUITABLE[one.code];
      if (body === undefined) throw new Error(one.code);
      const filled = fillTemplate(one, { ...ente, ...body }, day, []);
      for (const step of parseCampaign(filled.yaml).steps) expect(CAMPAIGN_CHANNELS).toContain(step.channel);
      expect(filled.yaml).toContain('# ');
    }
  });
});
