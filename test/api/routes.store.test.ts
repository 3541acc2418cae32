import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINT_ROLES } from '../../src/web/api/index.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { type ApiWorld, openApi } from './api-world.ts';
import { operationsOf } from './operations.ts';

const ID = '018f0000-0000-7000-8000-000000000000';

/** The one role that opens each endpoint; the others get 403, a stranger 401. */
const ROLE_OF: Readonly<Record<string, string>> = {
  'POST /receipts': 'receipts',
  'GET /debts': 'debts',
  'POST /debts': 'debts',
  'GET /debts/{debtId}': 'debts',
  'POST /debts/{debtId}/cancel': 'debts',
  'POST /imports/{importId}/release': 'debts',
  'GET /campaigns': 'campaigns',
  'GET /campaigns/{code}': 'campaigns',
  'GET /campaigns/{code}/results': 'campaigns',
  'POST /campaigns/rehearse': 'campaigns',
  'POST /campaigns/{code}/submit': 'campaigns',
  'POST /campaigns/{code}/approve': 'campaigns',
  'POST /campaigns/{code}/run': 'campaigns',
  'POST /campaigns/{code}/pause': 'campaigns',
  'POST /campaigns/{code}/resume': 'campaigns',
  'POST /campaigns/{code}/stop': 'campaigns',
  'GET /deliveries': 'deliveries',
  'GET /disputes': 'disputes',
  'GET /disputes/{disputeId}': 'disputes',
  'POST /disputes/{disputeId}/answer': 'disputes',
  'GET /webhooks': 'debts',
  'POST /webhooks': 'debts',
  'DELETE /webhooks/{endpointId}': 'debts',
};

let runs: CampaignRuns;
let api: ApiWorld;
let person: Record<string, string> = {};
beforeAll(async () => {
  runs = await openCampaignRuns();
  api = openApi(await runs.fresh());
  await api.run.addDebts([{ externalId: 'P1', amountCents: 100, dueDate: '2026-06-16' }]);
  person = { 'bonario-operator-key': await api.person('see', 'write', 'approve', 'decide', 'manage', 'import') };
});
afterAll(async () => {
  await api?.app.close();
  await runs?.close();
});

function ask(route: string, payload: unknown, headers: Record<string, string | undefined>) {
  const [method, pattern = ''] = route.split(' ');
  const url = pattern.replace('{code}', 'giro').replaceAll(/\{\w+Id\}/g, ID);
  if (method === 'GET') return api.get(url, headers);
  return method === 'POST' ? api.post(url, payload, headers) : api.delete(url, headers);
}

describe('every endpoint', () => {
  it('has its line in the table', async () => {
    expect((await operationsOf(api)).map((o) => o.name).sort()).toEqual(Object.keys(ROLE_OF).sort());
  });

  it.each(Object.entries(ROLE_OF))('%s opens for %s alone', async (route, role) => {
    expect((await ask(route, {}, { authorization: undefined })).status).toBe(401);
    expect((await ask(route, '{', { authorization: 'Bearer nobody' })).status).toBe(401);
    for (const one of ENDPOINT_ROLES) {
      const told = await ask(route, {}, { authorization: `Bearer ${one}` });
      if (one === role) expect([200, 404, 409, 422]).toContain(told.status);
      else expect([one, told.status, told.body]).toMatchObject([one, 403, { code: 'FORBIDDEN' }]);
    }
  });

  it('answers every refusal with a problem: a stable code and an Italian sentence', async () => {
    for (const route of Object.keys(ROLE_OF)) {
      const told = await ask(route, '{"x', { authorization: 'Bearer all' });
      if (told.status < 400) continue;
      expect([route, told.headers['content-type']]).toEqual([
        route,
        expect.stringContaining('application/problem+json'),
      ]);
      expect(told.body).toMatchObject({
        code: expect.stringMatching(/^[A-Z_]+$/),
        detail: expect.stringMatching(/\.$/),
      });
    }
  });
});

describe('whatever is sent', () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('\u0000', '\ud800', '=1+1', '"', ';', 'a\nb', '9'.repeat(30), '2026-02-30', '<script>'),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const rows = fc.array(
    fc.record(
      {
        externalId: fc.string({ unit: 'binary', maxLength: 30 }),
        codiceFiscale: fc.oneof(fc.constant('RSSMRA80A01H501U'), fc.string({ unit: 'binary', maxLength: 20 })),
        surname: junk,
        email: junk,
        phone: junk,
        description: junk,
        dueDate: fc.oneof(fc.constant('2026-06-16'), junk),
        amountCents: fc.oneof(fc.integer({ min: -10, max: 1_000_000 }), junk),
        noticeNumber: junk,
        taxYear: junk,
        serviceDate: junk,
        deceased: fc.oneof(fc.boolean(), junk),
      },
      { requiredKeys: ['externalId', 'codiceFiscale', 'dueDate', 'amountCents'] },
    ),
    { maxLength: 4 },
  );
  const body = fc.oneof(
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 4,
      arbitrary: fc.record({ creditType: fc.constantFrom('TARI', 'X'), debts: rows }).map((b) => JSON.stringify(b)),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ document: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('versione: "\\0"')) })
        .map((b) => JSON.stringify(b)),
    },
    { weight: 2, arbitrary: fc.record({ accept: junk, answer: junk }).map((b) => JSON.stringify(b)) },
    { weight: 1, arbitrary: fc.record({ people: junk }).map((b) => JSON.stringify(b)) },
    {
      weight: 2,
      arbitrary: fc
        .record({ url: fc.oneof(fc.webUrl(), junk), events: fc.array(fc.oneof(fc.constant('debt.paid'), junk)) })
        .map((b) => JSON.stringify(b)),
    },
  );

  it('never breaks a POST', async () => {
    const posts = Object.keys(ROLE_OF).filter((route) => route.startsWith('POST'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...posts), body, async (route, payload) => {
        const { status } = await ask(route, payload, person);
        expect([200, 201, 400, 404, 409, 413, 422]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });

  it('takes rows whose texts are odd as it takes those of a file', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (debts) => {
        const told = await api.post('/debts', { creditType: 'TARI', debts });
        expect([200, 422]).toContain(told.status);
        if (told.status === 200) expect((told.body as { verdicts: unknown[] }).verdicts).toHaveLength(debts.length);
      }),
      { numRuns: 40 },
    );
  });

  it('never breaks a list', async () => {
    const lists = ['/debts', '/deliveries', '/disputes', '/webhooks', '/campaigns'];
    const names = ['limit', 'after', 'state', 'creditType', 'externalId', 'personId', 'campaign'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lists),
        fc.constantFrom(...names),
        fc.string({ unit: 'binary-ascii' }),
        async (list, name, value) => {
          const { status } = await api.get(`${list}?${name}=${encodeURIComponent(value)}`, person);
          expect([200, 422]).toContain(status);
        },
      ),
      { numRuns: 100 },
    );
  });
});
