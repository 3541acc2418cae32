import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, consoleOf, type Desk, tokenOf } from '../../../test/browser/console-app.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { highWaterOf } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { setEnteRule } from '../../modules/creditors/index.ts';
import { askPlan, planOfDebt } from '../../modules/payments/index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const RULE = {
  bands: [{ max: 12 }],
  minInstallmentCents: 1_000,
  everyMonths: 1,
  due: 'monthEnd',
  interest: 'none',
  automatic: false,
  forfeiture: { missed: 1, withinMonths: 6 },
};

async function office(): Promise<{
  run: CampaignRun;
  desk: ConsoleUnderTest;
  chief: Desk;
  debtId: string;
  debtorId: string;
}> {
  const run = await runs.fresh();
  const [debt] = await run.addDebts([
    person(1, { name: 'Ada', surname: 'Zanetti', amountCents: 30_000, taxYear: 2024 }),
  ]);
  if (debt === undefined) throw new Error('no debt');
  await run.tx((tx) =>
    setEnteRule(tx, {
      key: 'installmentPlan',
      creditType: '*',
      validFrom: civilDate('2020-01-01'),
      value: RULE,
      legalBasis: 'Reg. 5/2020',
    }),
  );
  const desk = await consoleOf(run);
  const chief = await desk.enrol('Luigi Verdi', ['see', 'decide']);
  return { run, desk, chief, ...debt };
}

async function asked(world: Awaited<ReturnType<typeof office>>): Promise<string> {
  const { run, debtId, debtorId } = world;
  const deps = { vault: run.store.vaultOf(run.enteId), highWater: highWaterOf(run.store) };
  const answer = await run.tx((tx) =>
    askPlan(tx, deps, { debtId, debtorId, count: 3, idempotencyKey: 'k', now: run.now() }),
  );
  if (!('planId' in answer)) throw new Error(answer.kind);
  return `/console/pagamenti/rate/${answer.planId}`;
}

describe('O12', () => {
  it('lists what is to decide, and grants it: three notices in the place of one', async () => {
    const world = await office();
    const { desk, chief, run, debtId } = world;
    expect((await desk.get('/console/pagamenti/rate', chief.session)).body).toContain('Nessuno ha chiesto');
    const path = await asked(world);
    expect((await desk.get('/console/pagamenti', chief.session)).body).toContain('Richieste di rate da decidere');
    const list = (await desk.get('/console/pagamenti/rate', chief.session)).body;
    expect(list).toContain('Ada Zanetti');
    expect(list).toContain('da decidere');
    const page = (await desk.get(path, chief.session)).body;
    expect(page).toContain('Reg. 5/2020');
    const done = await desk.post(path, { gettone: tokenOf(page), azione: 'accogli' }, chief.session);
    expect(done.headers.location).toBe(`${path}?fatto=accolta`);
    const after = (await desk.get(`${path}?fatto=accolta`, chief.session)).body;
    expect(after.match(/100,00\u00a0€/g)?.length).toBeGreaterThanOrEqual(3);
    expect(await run.tx((tx) => planOfDebt(tx, debtId))).toMatchObject({
      state: 'accepted',
      decidedBy: chief.operatorId,
    });
    const again = await desk.post(path, { gettone: tokenOf(page), azione: 'accogli' }, chief.session);
    expect(again.headers.location).toBe(`${path}?fatto=prima`);
  });

  it('refuses with a reason alone', async () => {
    const world = await office();
    const { desk, chief, run, debtId } = world;
    const path = await asked(world);
    const gettone = tokenOf((await desk.get(path, chief.session)).body);
    const without = await desk.post(path, { gettone, azione: 'respingi' }, chief.session);
    expect([without.statusCode, without.body.includes('Scriva perché')]).toEqual([422, true]);
    await desk.post(path, { gettone, azione: 'respingi', motivo: 'Manca la dichiarazione.' }, chief.session);
    expect(await run.tx((tx) => planOfDebt(tx, debtId))).toMatchObject({
      state: 'refused',
      reason: 'Manca la dichiarazione.',
    });
  });

  it('closes a plan in arrears after an express reminder', async () => {
    const world = await office();
    const { desk, chief, run, debtId } = world;
    const path = await asked(world);
    const gettone = tokenOf((await desk.get(path, chief.session)).body);
    const act = (azione: string) => desk.post(path, { gettone, azione }, chief.session);
    await act('accogli');
    expect((await act('chiudi')).headers.location).toBe(`${path}?fatto=prima`);
    run.store.clock.advanceTo(run.now() + 70 * 86_400_000);
    expect((await desk.get(path, chief.session)).body).toContain('Nessun sollecito registrato');
    await act('sollecito');
    expect((await desk.get(path, chief.session)).body).toContain('Si può chiudere il piano');
    await act('chiudi');
    expect(await run.tx((tx) => planOfDebt(tx, debtId))).toMatchObject({ state: 'forfeited' });
  });

  it('is for who may decide; others only look', async () => {
    const world = await office();
    const { desk } = world;
    const path = await asked(world);
    const clerk = await desk.enrol('Paola Bianchi', ['see']);
    const page = (await desk.get(path, clerk.session)).body;
    expect(page).not.toContain('name="azione"');
    const tried = await desk.post(path, { gettone: tokenOf(page), azione: 'accogli' }, clerk.session);
    expect(tried.statusCode).toBe(403);
  });
});

describe('refunds', () => {
  it('are decided by a person, a dismissal with its reason', async () => {
    const { run, desk, chief, debtId } = await office();
    await run.pay(debtId, 30_000);
    await run.pay(debtId, 30_000);
    const page = (await desk.get('/console/pagamenti/rimborsi', chief.session)).body;
    expect(page).toContain('pagato due volte');
    const rimborso = /name="rimborso" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const form = { gettone: tokenOf(page), rimborso };
    const path = '/console/pagamenti/rimborsi';
    const without = await desk.post(path, { ...form, decisione: 'non-dovuto' }, chief.session);
    expect(without.statusCode).toBe(422);
    const done = await desk.post(path, { ...form, decisione: 'disposto', nota: 'Mandato 12' }, chief.session);
    expect(done.headers.location).toBe(`${path}?fatto=si`);
    const again = await desk.post(path, { ...form, decisione: 'disposto' }, chief.session);
    expect(again.headers.location).toBe(`${path}?fatto=prima`);
    expect((await desk.get(path, chief.session)).body).toContain('disposto');
    expect((await run.leaves('refund.ordered')).map((leaf) => leaf.actor)).toEqual([`operator:${chief.operatorId}`]);
  });
});
