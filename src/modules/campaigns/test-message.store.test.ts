import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { rehearse } from './campaign-actions.ts';
import { makeTestMessage } from './test-message.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const CODES = ['giro', 'altro'];

/** A body with two campaigns and one person, and its own domain. */
async function body() {
  const run = await runs.fresh();
  await run.saveTexts();
  await run.addDebts([person(1)]);
  for (const codice of CODES) await rehearse(run.campaigns, run.enteId, campaignYaml({ codice }), run.clerk);
  return { run, to: `paola@${run.ente.senderAddress.split('@')[1]}` };
}

const test = (run: CampaignRun, to: string, code = 'giro', who = run.clerk) =>
  makeTestMessage({ ...run.campaigns, vaultOf: run.store.vaultOf }, run.enteId, code, 1, to, who);

describe('the limit of tries to oneself', () => {
  it('counts an operator over all the campaigns, and each operator alone', async () => {
    const { run, to } = await body();
    for (let i = 0; i < 10; i += 1) await test(run, to, CODES[i % 2]);
    await expect(test(run, to, 'altro')).rejects.toMatchObject({ code: 'TEST_TOO_MANY', details: { most: 10 } });
    expect((await test(run, to, 'giro', { ...run.head, roles: ['write'] })).to).toBe(to);
    expect(await run.leaves('campaign.testSent')).toHaveLength(11);
  });

  it('is no wider for tries at the same moment, one campaign or more', async () => {
    const { run, to } = await body();
    for (let i = 0; i < 9; i += 1) await test(run, to);
    const together = await Promise.allSettled([...CODES, ...CODES, ...CODES].map((code) => test(run, to, code)));
    expect(together.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(await run.leaves('campaign.testSent')).toHaveLength(10);
  });
});

describe('a try to oneself', () => {
  it('carries nothing of the people of the campaign, and the record nothing of the address', async () => {
    const { run, to } = await body();
    const message = await test(run, to);
    expect(`${message.subject} ${message.body}`).not.toMatch(/Mario|p1@posta/);
    const [leaf] = await run.leaves('campaign.testSent');
    expect(leaf).toMatchObject({ actor: `operator:${run.clerk.operatorId}` });
    expect(JSON.stringify(leaf)).not.toContain('@');
  });

  it('never goes where a citizen of the body is reached, however it is written', async () => {
    const { run, to } = await body();
    await run.addDebts([{ ...person(1), externalId: 'P2', email: to.replace('paola', 'Paola') }]);
    await expect(test(run, to)).rejects.toMatchObject({ code: 'TEST_CITIZEN' });
    await expect(test(run, ` ${to.toUpperCase()} `)).rejects.toMatchObject({ code: 'TEST_CITIZEN' });
    expect(await run.leaves('campaign.testSent')).toEqual([]);
  });
});
