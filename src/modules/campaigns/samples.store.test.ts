import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  openCampaignRuns,
  PORTAL_URL,
  person,
} from '../../../test/support/campaign-run.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { setEnteRule } from '../creditors/index.ts';
import { rehearse } from './campaign-actions.ts';
import { openSample, samplePeople } from './samples.ts';
import { makeTestMessage } from './test-message.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const cascata = '[{ canale: email, testo: primo-avviso }, { canale: sms, testo: sms-avviso, attesaGiorni: 5 }]';

async function rehearsed(people = 7) {
  const run = await runs.fresh();
  await run.saveTexts();
  await run.addDebts(Array.from({ length: people }, (_, i) => person(i, { surname: `Rossi${i}` })));
  const deps = { ...run.campaigns, vaultOf: run.store.vaultOf, portalUrl: PORTAL_URL };
  const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml({ cascata }), run.clerk);
  return { run, deps, counts };
}

const price = (run: CampaignRun, channel: string, milliCents: number, per: string) =>
  run.tx((tx) =>
    setEnteRule(tx, {
      key: `channelPrice.${channel}`,
      creditType: '*',
      validFrom: civilDate('2020-01-01'),
      value: { milliCents, per },
      legalBasis: 'Contratto di prova',
    }),
  );

describe('the examples of a rehearsal', () => {
  it('are a few who would be contacted, the same at every look', async () => {
    const { run, deps } = await rehearsed();
    const first = await samplePeople(deps, run.enteId, 'giro');
    expect(first).toHaveLength(5);
    expect(await samplePeople(deps, run.enteId, 'giro')).toEqual(first);
  });

  it('are found behind any number of persons who would not be contacted', async () => {
    const run = await runs.fresh();
    await run.saveTexts();
    const silent = Array.from({ length: 210 }, (_, i) => ({
      externalId: `S${i}`,
      amountCents: 10_000,
      dueDate: '2026-06-16',
    }));
    await run.addDebts([...silent, person(1), person(2)]);
    const deps = { ...run.campaigns, vaultOf: run.store.vaultOf, portalUrl: PORTAL_URL };
    const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml({ cascata }), run.clerk);
    expect(counts.toContact).toBe(2);
    expect(await samplePeople(deps, run.enteId, 'giro')).toHaveLength(2);
  });

  it('show the words as that person would read them, open no door, and are on record', async () => {
    const { run, deps } = await rehearsed();
    const [one] = await samplePeople(deps, run.enteId, 'giro');
    if (one === undefined) throw new Error('nobody');
    const opened = await openSample(deps, run.enteId, 'giro', one.debtorId, run.clerk.operatorId);
    const [mail, sms] = opened.texts;
    expect([mail?.code, sms?.code]).toEqual(['primo-avviso', 'sms-avviso']);
    expect(mail?.text).toMatchObject({ kind: 'text', body: expect.stringContaining(`${one.personal.surname}`) });
    expect(JSON.stringify(mail?.text)).toContain(`${PORTAL_URL}/l/1-xxxx`);
    expect(await run.leaves('campaign.sampleOpened')).toEqual([
      {
        actor: `operator:${run.clerk.operatorId}`,
        rowCount: 1,
        facts: { campaign: 'giro', debtorId: one.debtorId },
      },
    ]);
    expect(await run.deliveries()).toEqual([]);
  });

  it('are nobody else: not one who is not among them, nor one of another body', async () => {
    const { run, deps } = await rehearsed();
    const other = await rehearsed(1);
    const [stranger] = await samplePeople(other.deps, other.run.enteId, 'giro');
    const asked = openSample(deps, run.enteId, 'giro', stranger?.debtorId ?? '', run.clerk.operatorId);
    await expect(asked).rejects.toMatchObject({ code: 'SAMPLE_UNKNOWN' });
    expect(await run.leaves('campaign.sampleOpened')).toEqual([]);
  });
});

describe('a try to oneself', () => {
  const test = (one: Awaited<ReturnType<typeof rehearsed>>, to: string, step = 1) =>
    makeTestMessage(one.deps, one.run.enteId, 'giro', step, to, one.run.clerk);
  const own = (run: CampaignRun) => `paola@${run.ente.senderAddress.split('@')[1]}`;

  it('is marked, has invented values, and leaves no delivery', async () => {
    const one = await rehearsed();
    const message = await test(one, ` ${own(one.run).toUpperCase()} `, 2);
    expect(message.to).toBe(own(one.run));
    expect(message.subject).toBe('[prova] SMS sms-avviso');
    expect(message.body).toContain('dati inventati');
    expect((await test(one, own(one.run))).body).toContain('Gentile Maria Rossi');
    expect(await one.run.leaves('campaign.testSent')).toMatchObject([
      { facts: { campaign: 'giro', step: 2, template: 'sms-avviso' } },
      { facts: { step: 1 } },
    ]);
    expect(await one.run.deliveries()).toEqual([]);
    expect(one.run.channel.sent).toEqual([]);
  });

  it('goes to the body’s own domain alone, and never to a citizen’s address', async () => {
    const one = await rehearsed();
    const domain = one.run.ente.senderAddress.split('@')[1] ?? '';
    for (const to of ['p1@posta.example', `a@x.${domain}`, `a@b@${domain}`, `a, b@${domain}`, '', `a@${domain}.it`]) {
      await expect(test(one, to)).rejects.toMatchObject({ code: 'TEST_ADDRESS' });
    }
    await one.run.addDebts([person(50, { email: own(one.run) })]);
    await expect(test(one, own(one.run))).rejects.toMatchObject({ code: 'TEST_CITIZEN' });
    expect(await one.run.leaves('campaign.testSent')).toEqual([]);
  });

  it('is for who writes, for a step that is there, and ten times an hour', async () => {
    const one = await rehearsed();
    const { run, deps } = one;
    expect(() => makeTestMessage(deps, run.enteId, 'giro', 1, own(run), run.head)).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
    await expect(test(one, own(run), 3)).rejects.toMatchObject({ code: 'TEST_STEP' });
    for (let i = 0; i < 10; i += 1) await test(one, own(run));
    await expect(test(one, own(run))).rejects.toMatchObject({ code: 'TEST_TOO_MANY' });
    run.store.clock.advanceTo(run.now() + 3_600_001);
    await test(one, own(run));
  });
});

describe('what a rehearsal costs', () => {
  it('is not told where nobody told a price', async () => {
    const { counts } = await rehearsed();
    expect(counts.steps.map((step) => [step.channel, step.costCents])).toEqual([
      ['email', null],
      ['sms', null],
    ]);
  });

  it('is people times segments times price, rounded once', async () => {
    const { run } = await rehearsed();
    await price(run, 'email', 0, 'message');
    await price(run, 'sms', 3_333, 'segment');
    const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml({ cascata }), run.clerk);
    const [mail, sms] = counts.steps;
    expect([mail?.costCents, mail?.segments]).toEqual([0, 1]);
    expect(sms?.segments).toBe(2);
    // 7 × 2 × 3,333 cents = 46,662
    expect(sms?.costCents).toBe(47);
  });
});
