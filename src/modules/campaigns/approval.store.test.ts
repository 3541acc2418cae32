import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { IMU, OFFICE, TARI, TICKET, validCf } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { setEnteRule } from '../creditors/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../notices/index.ts';
import { approve, checkDocument, pause, rehearse, sendBack, stop, submit } from './campaign-actions.ts';
import { findCampaign, rehearsalOf } from './campaigns.store.ts';
import { run as start } from './start-campaign.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const problems = async (run: CampaignRun, yaml: string) =>
  (await checkDocument(run.campaigns, run.enteId, yaml)).map((p) => (p.rule === null ? p.code : `${p.rule} ${p.code}`));

const tickets = campaignYaml({ crediti: '[TICKET]' });

/** A body with people to write to and a rehearsed document. */
async function rehearsed(yaml = campaignYaml(), people = 2) {
  const run = await runs.fresh();
  await run.saveTexts();
  await run.addDebts(Array.from({ length: people }, (_, i) => person(i)));
  const { counts } = await rehearse(run.campaigns, run.enteId, yaml, run.clerk);
  return { run, counts };
}

const saveFirst = (run: CampaignRun, instead: string) => {
  const [first] = DEFAULT_TEMPLATES;
  const body = first.body.replace('Se preferisce', instead);
  return run.tx((tx) => saveTemplate(tx, { ...first, body, authorId: run.clerk.operatorId, now: run.now() }));
};

describe('what stands between a document and its approval', () => {
  it('is nothing, for a good one', async () => {
    const { run } = await rehearsed();
    expect(await problems(run, campaignYaml())).toEqual([]);
  });

  it('R65, R12: health without its general act or its declared limitation', async () => {
    const run = await runs.fresh({ creditTypes: [TICKET] });
    await run.saveTexts();
    expect(await problems(run, tickets)).toEqual([]);
    await run.tx((tx) => sql`delete from ente_rule where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(await problems(run, tickets)).toEqual(['R65 HEALTH_ACT_MISSING', 'R12 TICKET_LIMITATION_MISSING']);
  });

  it('R64: a ceiling wider than the rule, also than the body’s own', async () => {
    const { run } = await rehearsed();
    const wide = campaignYaml({ limiti: '{ perPersona: 3, perIndirizzo: 4 }' });
    expect(await problems(run, wide)).toEqual(['R64 CEILING_WIDER', 'R64 CEILING_WIDER']);
    const rule = { creditType: '*', validFrom: civilDate('2020-01-01'), legalBasis: 'Delibera di prova' };
    await run.tx((tx) => setEnteRule(tx, { ...rule, key: 'weeklyCeilingPerPerson', value: 1 }));
    expect(await problems(run, campaignYaml({ limiti: '{ perPersona: 2 }' }))).toEqual(['R64 CEILING_WIDER']);
  });

  it('a credit the body does not have, a text that is not there, a first step with a condition', async () => {
    const { run } = await rehearsed();
    expect(await problems(run, campaignYaml({ crediti: '[TARI, MULTE]' }))).toEqual(['CREDIT_TYPE_UNKNOWN']);
    const cascata = '[{ canale: email, testo: mai-scritto, soloSe: nonLetto }]';
    expect(await problems(run, campaignYaml({ cascata }))).toEqual(['FIRST_STEP', 'TEMPLATE_UNKNOWN']);
  });

  it('what is not due yet', async () => {
    const { run } = await rehearsed();
    expect(await problems(run, campaignYaml({ pubblico: '{ scadenzaEntro: 2026-09-06 }' }))).toEqual([]);
    expect(await problems(run, campaignYaml({ pubblico: '{ scadenzaEntro: 2026-09-07 }' }))).toEqual(['NOT_YET_DUE']);
  });

  it('a word that an office’s name would bring into every message', async () => {
    const offices = [OFFICE, { ...OFFICE, officeId: 2, name: 'Ufficio IMU' }];
    const run = await runs.fresh({ creditTypes: [TARI, IMU], offices });
    await run.saveTexts();
    expect(await problems(run, campaignYaml())).toEqual([]);
    const found = await problems(run, campaignYaml({ crediti: '[TARI, IMU]' }));
    expect(new Set(found)).toEqual(new Set(['R51 DISCLOSURE_SERVICE']));
  });

  it('is asked again at submission', async () => {
    const { run } = await rehearsed(campaignYaml({ limiti: '{ perPersona: 9 }' }));
    const submitted = submit(run.campaigns, run.enteId, 'giro', run.clerk);
    await expect(submitted).rejects.toMatchObject({ code: 'CAMPAIGN_PROBLEMS', details: { problem: 'CEILING_WIDER' } });
  });
});

describe('a rehearsal', () => {
  it('stores no contact and says the same twice', async () => {
    const { run, counts } = await rehearsed();
    expect(counts).toMatchObject({ audience: 2, toContact: 2, excluded: {}, dueCents: 20_000 });
    expect((await rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk)).counts).toEqual(counts);
    expect(await run.notices()).toEqual([]);
    expect(run.channel.sent).toEqual([]);
  });

  it('is not rewritten once it was approved', async () => {
    const { run } = await rehearsed();
    await run.launch();
    await run.addDebts([person(7, { cf: validCf(70) })]);
    await rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk);
    const kept = await run.tx(async (tx) => rehearsalOf(tx, await findCampaign(tx, 'giro')));
    expect(kept?.counts.toContact).toBe(2);
  });

  it('of a document that changed is a new version, and a running one cannot be rewritten', async () => {
    const { run } = await rehearsed();
    const other = campaignYaml({ nome: 'Altro nome' });
    expect((await rehearse(run.campaigns, run.enteId, other, run.clerk)).campaign.version).toBe(2);
    await run.launch(other);
    const rewritten = rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk);
    await expect(rewritten).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
  });
});

describe('approval', () => {
  const ready = async () => {
    const made = await rehearsed();
    await submit(made.run.campaigns, made.run.enteId, 'giro', made.run.clerk);
    return { ...made, code: 'giro' };
  };
  const yes = (run: CampaignRun, people: number, who = run.head) =>
    approve(run.campaigns, run.enteId, 'giro', people, who);
  const state = (run: CampaignRun) => run.tx(async (tx) => (await findCampaign(tx, 'giro')).state);

  it('is given by a second person for the exact number, and is on record', async () => {
    const { run } = await ready();
    await yes(run, 2);
    expect(await state(run)).toBe('approved');
    expect(await run.leaves('campaign.approved')).toMatchObject([
      { actor: `operator:${run.head.operatorId}`, facts: { campaign: 'giro', version: 1, toContact: 2 } },
    ]);
  });

  it('is refused to who wrote any version or submitted it, whatever the roles', async () => {
    const { run } = await ready();
    const author = { ...run.clerk, roles: [...run.clerk.roles, 'approve'] as const };
    await expect(yes(run, 2, author)).rejects.toMatchObject({ code: 'SAME_PERSON' });

    const other = await rehearsed();
    const head = { ...other.run.head, roles: ['write', 'approve'] as const };
    await submit(other.run.campaigns, other.run.enteId, 'giro', head);
    await expect(yes(other.run, 2, head)).rejects.toMatchObject({ code: 'SAME_PERSON' });
  });

  it('is refused without the role', async () => {
    const { run } = await ready();
    expect(() => yes(run, 2, { ...run.head, roles: ['see'] })).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    expect(await state(run)).toBe('inApproval');
  });

  it('is refused for another number, and when the audience is another by now', async () => {
    const { run } = await ready();
    await expect(yes(run, 3)).rejects.toMatchObject({
      code: 'NUMBER_CHANGED',
      details: { given: 3, rehearsed: 2, now: 2 },
    });
    await run.addDebts([person(9, { cf: validCf(90) })]);
    await expect(yes(run, 2)).rejects.toMatchObject({ code: 'NUMBER_CHANGED', details: { now: 3 } });
    await expect(yes(run, 3)).rejects.toMatchObject({ code: 'NUMBER_CHANGED' });
    await rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk);
    await yes(run, 3);
    expect(await state(run)).toBe('approved');
  });

  it('is refused for words that nobody rehearsed, and what was approved is what is sent', async () => {
    const { run } = await ready();
    await saveFirst(run, 'Oppure');
    await expect(yes(run, 2)).rejects.toMatchObject({ code: 'TEMPLATE_CHANGED' });
    await rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk);
    await yes(run, 2);
    await saveFirst(run, 'Altrimenti');
    await start(run.campaigns, run.enteId, 'giro', run.head);
    await run.settle();
    expect(run.channel.sent).toHaveLength(2);
    expect(run.channel.sent[0]?.message.text).toContain('Oppure, ci chiami');
  });

  it('is needed: neither a draft nor a campaign sent back can run', async () => {
    const { run } = await ready();
    await expect(start(run.campaigns, run.enteId, 'giro', run.head)).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
    await sendBack(run.campaigns, run.enteId, 'giro', 'manca un ufficio', run.head);
    expect(await state(run)).toBe('draft');
    await expect(yes(run, 2)).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
    await expect(pause(run.campaigns, run.enteId, 'giro', run.head)).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
    await expect(stop(run.campaigns, run.enteId, 'mai', run.head)).rejects.toMatchObject({ code: 'CAMPAIGN_UNKNOWN' });
  });

  it('needs a rehearsal first', async () => {
    const { run } = await rehearsed();
    await run.tx((tx) => sql`delete from rehearsal where ente_id = ${run.enteId}`.execute(tx.kysely));
    await expect(submit(run.campaigns, run.enteId, 'giro', run.clerk)).rejects.toMatchObject({
      code: 'REHEARSAL_MISSING',
    });
  });
});
