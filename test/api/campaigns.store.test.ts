import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { loadPersons } from '../../src/modules/debtors/index.ts';
import { openDispute } from '../../src/modules/disputes/index.ts';
import { type CampaignRuns, campaignYaml, openCampaignRuns, person } from '../support/campaign-run.ts';
import { type ApiWorld, openApi } from './api-world.ts';

let runs: CampaignRuns;
let api: ApiWorld;
let debts: { debtId: string; debtorId: string }[] = [];
let writer: Record<string, string> = {};
let head: Record<string, string> = {};
beforeAll(async () => {
  runs = await openCampaignRuns();
  const run = await runs.fresh();
  api = openApi(run);
  await run.saveTexts();
  debts = await run.addDebts([person(1), person(2), person(3)]);
  writer = { 'bonario-operator-key': await api.person('see', 'write', 'decide') };
  head = { 'bonario-operator-key': await api.person('see', 'approve', 'manage') };
});
afterAll(async () => {
  await api?.app.close();
  await runs?.close();
});

describe('a campaign through the API', () => {
  it('is rehearsed, submitted, approved by a second person and run', async () => {
    const rehearsed = await api.post('/campaigns/rehearse', { document: campaignYaml() }, writer);
    expect(rehearsed).toMatchObject({
      status: 200,
      body: { campaign: { code: 'giro', state: 'draft' }, problems: [], counts: { toContact: 3 } },
    });
    expect((await api.post('/campaigns/giro/run', {}, head)).body).toMatchObject({
      status: 409,
      code: 'CAMPAIGN_STATE',
    });
    expect((await api.post('/campaigns/giro/submit', {}, writer)).body).toMatchObject({ state: 'inApproval' });
    const approve = (people: number, who: Record<string, string>) =>
      api.post('/campaigns/giro/approve', { people }, who);
    expect((await approve(3, writer)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await approve(2, head)).body).toMatchObject({ status: 409, code: 'NUMBER_CHANGED' });
    expect((await approve(3, head)).body).toMatchObject({ state: 'approved', approvedVersion: 1 });
    expect((await api.post('/campaigns/giro/run', {}, head)).body).toMatchObject({ state: 'running' });
    await api.run.settle();
    expect((await api.get('/campaigns')).body).toMatchObject({ items: [{ code: 'giro', state: 'running' }] });
    expect((await api.get('/campaigns/giro')).body).toMatchObject({ rehearsal: { counts: { audience: 3 } } });
  });

  it('never takes the program’s key for a person’s: two programs are not two people', async () => {
    const other = openApi(await runs.fresh());
    const stranger = { 'bonario-operator-key': await other.person('see', 'write', 'approve') };
    for (const headers of [{ 'bonario-operator-key': 'all' }, stranger]) {
      expect((await api.post('/campaigns/giro/pause', {}, headers)).status).toBe(401);
    }
    expect((await api.post('/campaigns/giro/pause', {})).status).toBe(422);
    await other.app.close();
  });

  it('tells what was sent, to whom by id, and what came of it', async () => {
    const told = await api.get('/deliveries?campaign=giro');
    const { items } = told.body as { items: { state: string; personId: string }[] };
    expect(items.map((d) => d.state)).toEqual(['handedOver', 'handedOver', 'handedOver']);
    expect(told.text).not.toContain('posta.example');
    const one = debts[0]?.debtorId ?? '';
    expect((await api.get(`/deliveries?personId=${one}`)).body).toMatchObject({ items: [{ personId: one }] });
    expect((await api.get('/deliveries?campaign=altro')).body).toEqual({ items: [], next: null });
    expect((await api.get('/deliveries?state=failed')).body).toEqual({ items: [], next: null });
    await api.run.pay(debts[1]?.debtId ?? '', 10_000);
    expect((await api.get('/campaigns/giro/results')).body).toMatchObject({
      people: { planned: 3, byState: { active: 2, settled: 1 }, excluded: {} },
      deliveries: [{ channel: 'email', state: 'handedOver', reason: null, count: 3 }],
      money: { debts: 3, dueCents: 30_000, paidCents: 10_000, settled: 1 },
    });
  });

  it('is paused, resumed and stopped', async () => {
    for (const [verb, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['stop', 'stopped'],
    ] as const) {
      expect((await api.post(`/campaigns/giro/${verb}`, {}, head)).body).toMatchObject({ state });
    }
    expect((await api.get('/campaigns/nessuna')).body).toMatchObject({ status: 404, code: 'CAMPAIGN_UNKNOWN' });
  });

  it('tells what is wrong with a document', async () => {
    expect((await api.post('/campaigns/rehearse', { document: 'codice: [' }, writer)).body).toMatchObject({
      status: 422,
      code: 'CAMPAIGN_DOCUMENT',
    });
  });
});

describe('disputes through the API', () => {
  it('are listed without words, read with them, and answered by a person once', async () => {
    const { run } = api;
    const vault = run.store.vaultOf(run.enteId);
    const [first, , third] = debts;
    const notice = (await run.notices()).find((n) => n.debtorId === third?.debtorId);
    const opened = await run.tx(async (tx) => {
      const persons = await loadPersons(tx, vault, [third?.debtorId ?? '']);
      const whose = persons.get(third?.debtorId ?? '');
      if (whose === undefined) throw new Error('nobody');
      return openDispute(tx, vault, {
        person: whose,
        noticeId: notice?.noticeId ?? '',
        debtId: third?.debtId ?? '',
        kind: 'alreadyPaid',
        statement: 'Ho pagato in posta.',
        idempotencyKey: 'una',
        now: run.now(),
      });
    });
    const list = await api.get('/disputes?state=open');
    expect(list.body).toMatchObject({ items: [{ disputeId: opened.disputeId, debtId: third?.debtId, state: 'open' }] });
    expect(list.text).not.toContain('posta');
    expect((await api.get(`/disputes/${opened.disputeId}`)).body).toMatchObject({ statement: 'Ho pagato in posta.' });
    expect((await api.get(`/disputes/${first?.debtId}`)).body).toMatchObject({ code: 'DISPUTE_UNKNOWN' });
    const answer = (who: Record<string, string>) =>
      api.post(`/disputes/${opened.disputeId}/answer`, { accept: true, answer: 'Ha ragione.' }, who);
    expect((await answer(head)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await answer(writer)).body).toEqual({
      disputeId: opened.disputeId,
      state: 'accepted',
      relieved: [third?.debtId],
    });
    expect((await answer(writer)).body).toMatchObject({ status: 409, code: 'DISPUTE_DECIDED' });
    expect((await api.get(`/debts/${third?.debtId}`)).body).toMatchObject({ state: 'cancelled' });
    expect((await run.leaves('dispute.accepted'))[0]?.actor).toMatch(/^operator:/);
  });
});

describe('receipts through the API', () => {
  it('take a key of their own besides, and answer the same under it', async () => {
    const { items } = (await api.get('/debts?externalId=P1')).body as { items: { noticeNumber: string }[] };
    const receipt = {
      receiptId: newId(),
      noticeNumber: items[0]?.noticeNumber,
      amountCents: 10_000,
      paidAt: new Date(api.run.now()).toISOString(),
      psp: 'Banca di prova',
    };
    const key = { 'idempotency-key': 'ricevuta-0001' };
    expect((await api.post('/receipts', receipt, key)).status).toBe(201);
    expect((await api.post('/receipts', receipt, key)).status).toBe(201);
    expect((await api.post('/receipts', receipt, { 'idempotency-key': undefined })).status).toBe(200);
  });
});
