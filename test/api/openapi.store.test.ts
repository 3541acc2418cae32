import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_KINDS } from '../../src/modules/webhooks/index.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { type ApiWorld, openApi } from './api-world.ts';
import { operationsOf } from './operations.ts';

const GOLDEN = new URL('../../openapi/bonario.json', import.meta.url);

let runs: CampaignRuns;
let api: ApiWorld;
beforeAll(async () => {
  runs = await openCampaignRuns();
  api = openApi(await runs.fresh());
});
afterAll(async () => {
  await api?.app.close();
  await runs?.close();
});

describe('the OpenAPI document', () => {
  it('is the one in openapi/bonario.json (UPDATE_GOLDEN=1 writes it)', async () => {
    const doc = `${JSON.stringify((await api.get('/api/openapi.json')).body, null, 2)}\n`;
    // biome formats JSON its own way: the values are compared, not the blanks.
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, doc);
    expect(existsSync(GOLDEN)).toBe(true);
    expect(JSON.parse(readFileSync(GOLDEN, 'utf8'))).toEqual(JSON.parse(doc));
  });

  it('is of version 3.1 and tells the events as webhooks', async () => {
    const doc = (await api.get('/api/openapi.json')).body as { openapi: string; webhooks: object };
    expect(doc.openapi).toBe('3.1.0');
    expect(Object.keys(doc.webhooks)).toEqual(Object.keys(EVENT_KINDS));
  });

  it('types every answer, refusals too, and asks every POST for its key', async () => {
    const ids = new Set<string>();
    for (const { name, operationId, responses, parameters } of await operationsOf(api)) {
      ids.add(operationId);
      for (const [status, { content }] of Object.entries(responses)) {
        const type = Number(status) < 400 ? 'application/json' : 'application/problem+json';
        if (status !== '204') expect([name, status, typeof content?.[type]?.schema]).toEqual([name, status, 'object']);
      }
      expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(['401', '403', '422', '500'])]);
      const key = parameters.find((p) => p.name === 'idempotency-key');
      if (name.startsWith('POST')) expect([name, key?.required]).toEqual([name, name !== 'POST /receipts']);
    }
    expect(ids.size).toBe((await operationsOf(api)).length);
  });
});

describe('the page at /api', () => {
  it('shows every endpoint and event, without a script', async () => {
    const told = await api.get('/api', { authorization: undefined });
    expect(told.status).toBe(200);
    expect(told.headers['content-security-policy']).toContain("default-src 'none'");
    expect(told.text).not.toMatch(/<script|style=| on\w+=/);
    for (const { name } of await operationsOf(api)) expect(told.text).toContain(name.replace(' ', ' /api/v1'));
    for (const kind of Object.keys(EVENT_KINDS)) expect(told.text).toContain(kind);
  });
});
