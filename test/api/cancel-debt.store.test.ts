import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { ledgerMismatches } from '../../src/modules/debts/index.ts';
import { type CampaignRuns, openCampaignRuns, person } from '../support/campaign-run.ts';
import { type ApiWorld, openApi } from './api-world.ts';

let runs: CampaignRuns;
let api: ApiWorld;
let debts: { debtId: string; debtorId: string }[] = [];
const idOf = (n: number) => debts[n]?.debtId ?? '';
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs?.close());
beforeEach(async () => {
  await api?.app.close();
  api = openApi(await runs.fresh());
  debts = await api.run.addDebts([person(1), person(2)]);
});

const cancel = (debtId: string, reason = 'notDue', over = {}) => api.post(`/debts/${debtId}/cancel`, { reason }, over);

describe('POST /debts/{debtId}/cancel', () => {
  it('writes off what is left, says so in the ledger and in the register, and names the program', async () => {
    const before = (await api.get(`/debts/${idOf(0)}`)).body as { outstandingCents: number };
    const told = await cancel(idOf(0));
    expect(told).toMatchObject({ status: 200, body: { debtId: idOf(0), relievedCents: before.outstandingCents } });
    expect((await api.get(`/debts/${idOf(0)}`)).body).toMatchObject({ state: 'cancelled', outstandingCents: 0 });
    expect((await api.get(`/debts/${idOf(1)}`)).body).toMatchObject({ state: 'open' });
    const { rows } = await api.run.tx((tx) =>
      sql<{ kind: string; cents: number }>`select kind, amount_cents as cents from debt_entry
        where ente_id = ${api.run.enteId} and debt_id = ${idOf(0)} and source = 'cancel'`.execute(tx.kysely),
    );
    expect(rows).toEqual([{ kind: 'relief', cents: -before.outstandingCents }]);
    expect(await api.run.tx(ledgerMismatches)).toEqual([]);
    expect(await api.run.leaves('debt.cancelled')).toEqual([
      {
        actor: `apiKey:${api.apiKeyId}`,
        rowCount: 1,
        facts: { debtId: idOf(0), reason: 'notDue', cents: before.outstandingCents },
      },
    ]);
  });

  it('stops the messages of whom it was about, also those already queued, and nobody else’s', async () => {
    await api.run.launch();
    await api.run.queue();
    const waiting = async () => (await api.run.deliveries()).filter((d) => d.state === 'queued').map((d) => d.debtorId);
    expect((await waiting()).sort()).toEqual(debts.map((d) => d.debtorId).sort());
    await cancel(idOf(0));
    expect(await waiting()).toEqual([debts[1]?.debtorId]);
    await api.run.settle();
    const handed = (await api.run.deliveries()).filter((d) => d.handedOverAt !== null).map((d) => d.debtorId);
    expect(handed).toEqual([debts[1]?.debtorId]);
    const notices = await api.run.notices();
    expect(notices.find((n) => n.debtorId === debts[0]?.debtorId)?.state).toBe('settled');
  });

  it('asked again changes nothing, also of what was paid', async () => {
    await cancel(idOf(0));
    expect((await cancel(idOf(0))).body).toMatchObject({ relievedCents: 0 });
    expect(await api.run.leaves('debt.cancelled')).toHaveLength(1);
    const { outstandingCents } = (await api.get(`/debts/${idOf(1)}`)).body as { outstandingCents: number };
    await api.run.pay(idOf(1), outstandingCents);
    expect((await cancel(idOf(1))).body).toMatchObject({ relievedCents: 0 });
    expect((await api.get(`/debts/${idOf(1)}`)).body).toMatchObject({ state: 'settled' });
  });

  it('knows its own debts and its own reasons', async () => {
    expect(await cancel(newId())).toMatchObject({ status: 404, body: { code: 'DEBT_UNKNOWN' } });
    expect((await cancel(idOf(0), 'la signora ha ragione')).status).toBe(422);
    const other = openApi(await runs.fresh());
    expect((await other.post(`/debts/${idOf(0)}/cancel`, { reason: 'notDue' })).status).toBe(404);
    await other.app.close();
    expect((await api.get(`/debts/${idOf(0)}`)).body).toMatchObject({ state: 'open' });
  });

  it('tells the programs that listen', async () => {
    const manager = { 'bonario-operator-key': await api.person('see', 'manage') };
    await api.post('/webhooks', { url: 'http://127.0.0.1:1/', events: ['debt.cancelled'] }, manager);
    await cancel(idOf(0));
    await cancel(idOf(0));
    expect((await api.get('/webhooks', manager)).body).toMatchObject({ items: [{ waiting: 1 }] });
  });
});
