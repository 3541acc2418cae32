import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { debtsCsv, validCf } from '../support/ground.ts';
import { committed, fileOf, OPERATOR, SKIP } from '../support/imports.ts';
import { type ApiWorld, openApi, debtRow as row } from './api-world.ts';

let runs: CampaignRuns;
let api: ApiWorld;
let clerk: Record<string, string> = {};
beforeAll(async () => {
  runs = await openCampaignRuns();
  api = openApi(await runs.fresh());
  clerk = { 'bonario-operator-key': await api.person('see', 'import') };
});
afterAll(async () => {
  await api?.app.close();
  await runs?.close();
});

const load = async (debts: unknown[]) =>
  (await api.post('/debts', { creditType: 'TARI', debts })).body as {
    importId: string;
    verdicts: { verdict: string; code: string }[];
  };
const release = (importId: string, over: Record<string, string | undefined> = clerk) =>
  api.post(`/imports/${importId}/release`, {}, over);
const debt = async (id: string) =>
  ((await api.get(`/debts?externalId=${id}`)).body as { items: { dueCents: number }[] }).items[0];

describe('POST /imports/{importId}/release', () => {
  it('loads what was set aside as it was sent, in the name of the person who looked', async () => {
    const { importId, verdicts } = await load([row(1), row(2, { amountCents: 0 }), row(3, { deceased: true })]);
    expect(verdicts.map((v) => v.verdict)).toEqual(['created', 'quarantined', 'quarantined']);
    expect(await debt('A3')).toBeUndefined();
    expect(await release(importId)).toMatchObject({ status: 200, body: { released: 2, quarantined: 0 } });
    expect(await debt('A3')).toMatchObject({ dueCents: 12_345 });
    expect(await debt('A2')).toMatchObject({ dueCents: 0 });
    const leaves = await api.run.leaves('import.committed');
    expect(leaves.map((l) => [l.actor.split(':')[0], l.rowCount])).toEqual([
      ['apiKey', 1],
      ['operator', 2],
    ]);
    expect(leaves[0]?.actor).toBe(`apiKey:${api.apiKeyId}`);
  });

  it('twice is once', async () => {
    const { importId } = await load([row(11, { amountCents: 0 })]);
    const first = await release(importId);
    expect(first.body).toMatchObject({ released: 1, quarantined: 0 });
    const imports = (await api.run.leaves('import.committed')).length;
    expect((await release(importId)).body).toEqual(first.body);
    expect(await api.run.leaves('import.committed')).toHaveLength(imports);
  });

  it('leaves a position that is another person’s where it was', async () => {
    await load([row(21)]);
    const { importId, verdicts } = await load([row(21, { codiceFiscale: validCf(22) })]);
    expect(verdicts).toMatchObject([{ code: 'OTHER_DEBTOR' }]);
    expect((await release(importId)).body).toMatchObject({ released: 0, quarantined: 1 });
  });

  it('does nothing where nothing was set aside', async () => {
    const { importId } = await load([row(31)]);
    expect((await release(importId)).body).toEqual({ importId, released: 0, quarantined: 0 });
  });

  it('asks for a person with the role, and for a batch of the API', async () => {
    const { importId } = await load([row(41, { amountCents: 0 })]);
    expect((await release(importId, { 'bonario-operator-key': undefined })).status).toBe(422);
    const blind = { 'bonario-operator-key': await api.person('see', 'decide') };
    expect((await release(importId, blind)).status).toBe(403);
    expect(await release(newId())).toMatchObject({ status: 404, body: { code: 'IMPORT_UNKNOWN' } });
    const { enteId } = api.run;
    const text = debtsCsv([{ externalId: 'F1', amountCents: 0, dueDate: '16/06/2026' }]);
    const file = await committed(api.v1.imports.load(fileOf(enteId, text), SKIP, OPERATOR));
    expect(await release(file.counts.importId)).toMatchObject({ status: 409, body: { code: 'IMPORT_STATE' } });
    expect(await debt('A41')).toBeUndefined();
  });
});
