import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRateLimit } from '../../src/web/api/index.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { type ApiWorld, openApi } from './api-world.ts';

let runs: CampaignRuns;
let api: ApiWorld;
beforeAll(async () => {
  runs = await openCampaignRuns();
  api = openApi(await runs.fresh(), 2);
});
afterAll(async () => {
  await api?.app.close();
  await runs?.close();
});

describe('requests of one key', () => {
  it('are taken at its rate, with five seconds saved up, then told when to come again', async () => {
    const ask = () => api.get('/debts');
    for (let n = 0; n < 10; n += 1) expect((await ask()).status).toBe(200);
    const told = await ask();
    expect(told).toMatchObject({
      status: 429,
      body: { code: 'TOO_MANY_REQUESTS', detail: expect.stringMatching(/\.$/) },
      headers: { 'retry-after': '1' },
    });
    expect(told.headers['content-type']).toContain('application/problem+json');
    // A payment is always taken: else who has paid would be written to.
    expect((await api.post('/receipts', {})).status).toBe(422);
    api.watch.at += 499;
    expect((await ask()).status).toBe(429);
    api.watch.at += 1;
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
  });

  it('are not those of another key', () => {
    const limit = makeRateLimit(1, { now: () => 0 });
    for (let n = 0; n < 5; n += 1) limit.take('a');
    expect(() => limit.take('a')).toThrow('TOO_MANY_REQUESTS');
    expect(() => limit.take('b')).not.toThrow();
  });

  it('have no limit when it is 0, and a clock that goes back takes nothing away', () => {
    let at = 0;
    const none = makeRateLimit(0, { now: () => at });
    for (let n = 0; n < 1000; n += 1) none.take('a');
    const limit = makeRateLimit(1, { now: () => at });
    limit.take('a');
    at = -60_000;
    for (let n = 0; n < 4; n += 1) expect(() => limit.take('a')).not.toThrow();
  });
});
