import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRun, type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { validCf } from '../support/ground.ts';
import { type ApiWorld, openApi, debtRow as row } from './api-world.ts';

let runs: CampaignRuns;
let run: CampaignRun;
let api: ApiWorld;
beforeAll(async () => {
  runs = await openCampaignRuns();
  run = await runs.fresh();
  api = openApi(run);
});
afterAll(async () => {
  await api?.app.close();
  await runs?.close();
});

const load = (debts: unknown[], over = {}) => api.post('/debts', { creditType: 'TARI', debts }, over);
const verdicts = (told: { body: { verdicts: { verdict: string }[] } }) => told.body.verdicts.map((v) => v.verdict);

describe('POST /debts', () => {
  it('says of every row what became of it, by the rules of any file', async () => {
    expect(verdicts(await load([row(1), row(2)]))).toEqual(['created', 'created']);
    const told = await load([
      row(1),
      row(2, { amountCents: 5 }),
      row(3),
      row(4, { codiceFiscale: 'RSSMRA' }),
      row(5, { amountCents: 0 }),
      row(6, { deceased: true }),
      row(3, { amountCents: 1 }),
      row(2, { codiceFiscale: validCf(9), externalId: 'A1' }),
    ]);
    expect(told.status).toBe(200);
    expect(verdicts(told).slice(0, 3)).toEqual(['unchanged', 'updated', 'created']);
    expect((told.body as { verdicts: unknown[] }).verdicts.slice(3)).toMatchObject([
      { externalId: 'A4', verdict: 'rejected', debtId: null, code: expect.any(String), message: expect.any(String) },
      { externalId: 'A5', verdict: 'quarantined', message: expect.any(String) },
      { externalId: 'A6', verdict: 'quarantined', code: 'DECEASED', message: expect.any(String) },
      { externalId: 'A3', verdict: 'rejected' },
      { externalId: 'A1', verdict: 'rejected' },
    ]);
  });

  it('keeps a position that is another person’s as it was', async () => {
    await load([row(20)]);
    expect((await load([row(20, { codiceFiscale: validCf(21) })])).body).toMatchObject({
      verdicts: [{ verdict: 'quarantined', code: 'OTHER_DEBTOR' }],
    });
  });

  it('goes back to an earlier amount: the same rows again are no "same file"', async () => {
    await load([row(30, { amountCents: 100 })]);
    await load([row(30, { amountCents: 200 })]);
    expect(verdicts(await load([row(30, { amountCents: 100 })]))).toEqual(['updated']);
    const found = await api.get('/debts?externalId=A30');
    expect(found.body).toMatchObject({ items: [{ dueCents: 100, outstandingCents: 100, state: 'open' }], next: null });
  });

  it('gives the same answer to the same key, and 422 to another body under it', async () => {
    const key = { 'idempotency-key': 'lotto-2026-0001' };
    const first = await load([row(40)], key);
    const again = await load([row(40)], key);
    expect(again).toMatchObject({ status: 200, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    expect(verdicts(again)).toEqual(['created']);
    expect(await load([row(41)], key)).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY' } });
    api.watch.at += 86_400_001;
    expect(verdicts(await load([row(41)], key))).toEqual(['created']);
  });

  it('frees the key of what failed, and asks for one', async () => {
    const key = { 'idempotency-key': 'lotto-2026-0002' };
    const bad = await api.post('/debts', { creditType: 'NIENTE', debts: [row(50)] }, key);
    expect(bad).toMatchObject({ status: 422, body: { code: 'CREDIT_TYPE_UNKNOWN' } });
    expect((await load([row(50)], key)).status).toBe(200);
    expect((await load([row(50)], { 'idempotency-key': undefined })).status).toBe(422);
  });

  it('does a request once that is sent twice at the same time', async () => {
    const key = { 'idempotency-key': 'lotto-2026-0003' };
    const told = await Promise.all([load([row(60)], key), load([row(60)], key), load([row(60)], key)]);
    const done = told.filter((t) => t.status === 200);
    expect(done.length).toBeGreaterThan(0);
    for (const one of done) expect(verdicts(one)).toEqual(['created']);
    for (const one of told)
      if (one.status !== 200) expect(one.body).toMatchObject({ status: 409, code: 'IN_PROGRESS' });
    expect(verdicts(await load([row(60)], key))).toEqual(['created']);
  });

  it('takes up what a crash cut short, as the same file, once its time is over', async () => {
    const key = { 'idempotency-key': 'lotto-2026-0004' };
    const first = await load([row(70)], key);
    // The answer was never written: as if the machine had stopped after the import.
    await run.tx((tx) =>
      sql`update api_request set status = null, answer = null where ente_id = ${run.enteId}
        and idempotency_key = 'lotto-2026-0004'`.execute(tx.kysely),
    );
    expect((await load([row(70)], key)).body).toMatchObject({ code: 'IN_PROGRESS' });
    api.watch.at += 60_001;
    const again = await load([row(70)], key);
    const idOf = (t: { body: { importId: string } }) => t.body.importId;
    expect(idOf(again)).toBe(idOf(first));
    expect(verdicts(again)).toEqual(['unchanged']);
  });

  it('takes the facts of the law’s terms, in the words of a file', async () => {
    const facts = { violationKind: 'omessa confermata', component: 'sanzione', violationDate: '2026-01-31' };
    const told = await load([row(80, facts), row(81, { violationKind: 'chissà' })]);
    expect(verdicts(told)).toEqual(['created', 'created']);
    const { rows } = await run.tx((tx) =>
      sql<{ kind: string | null; part: string | null }>`select violation_kind as kind, component as part from debt
        where ente_id = ${run.enteId} and external_id in ('A80', 'A81') order by external_id`.execute(tx.kysely),
    );
    expect(rows).toEqual([
      { kind: 'omittedConfirmed', part: 'sanction' },
      { kind: null, part: 'principal' },
    ]);
  });

  it('takes 500 rows and no more', async () => {
    const many = Array.from({ length: 501 }, (_, i) => row(1000 + i));
    expect((await load(many)).status).toBe(422);
    const told = await load(many.slice(1));
    expect(new Set(verdicts(told))).toEqual(new Set(['created']));
    expect(verdicts(told)).toHaveLength(500);
  });
});

describe('GET /debts', () => {
  it('gives every position once, page by page, without saying whose it is', async () => {
    const seen: string[] = [];
    let text = '';
    for (let after = ''; ; ) {
      const told = await api.get(`/debts?limit=150${after}`);
      const { items, next } = told.body as { items: { externalId: string }[]; next: string | null };
      expect(items.length).toBeLessThanOrEqual(150);
      seen.push(...items.map((d) => d.externalId));
      text += told.text;
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(500);
    expect(text).not.toContain('Rosso');
    expect(text).not.toContain(validCf(1));
    expect(text).not.toContain('posta.example');
  });

  it('refuses pages beyond the bound, unknown filters and what is no id', async () => {
    for (const query of ['limit=201', 'limit=0', 'limit=x', 'after=x', 'nome=Rossi', 'state=boh', 'externalId=%00']) {
      expect([query, (await api.get(`/debts?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('knows a position by its id, and nothing of another body', async () => {
    const { items } = (await api.get('/debts?limit=1')).body as { items: { debtId: string }[] };
    const id = items[0]?.debtId ?? '';
    expect((await api.get(`/debts/${id}`)).body).toMatchObject({
      debtId: id,
      noticeNumber: expect.stringMatching(/^\d{18}$/),
    });
    const other = openApi(await runs.fresh());
    expect((await other.get(`/debts/${id}`)).body).toMatchObject({ status: 404, code: 'DEBT_UNKNOWN' });
    expect((await other.get('/debts')).body).toEqual({ items: [], next: null });
    await other.app.close();
  });
});
