import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  announce,
  makePostWebhook,
  type PostWebhook,
  sendDueWebhooks,
  sweepWebhooks,
} from '../../src/modules/webhooks/index.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { type ApiWorld, openApi } from './api-world.ts';

let runs: CampaignRuns;
let api: ApiWorld;
let debtId = '';
let manager: Record<string, string> = {};
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs?.close());
beforeEach(async () => {
  await api?.app.close();
  api = openApi(await runs.fresh());
  const [debt] = await api.run.addDebts([{ externalId: 'P1', amountCents: 100, dueDate: '2026-06-16' }]);
  debtId = debt?.debtId ?? '';
  manager = { 'bonario-operator-key': await api.person('see', 'manage') };
});

const listen = (events: string[], url = 'http://127.0.0.1:1/fatti', over = {}) =>
  api.post('/webhooks', { url, events }, { ...manager, ...over });
const tell = (kind: 'debt.paid' | 'debt.cancelled' = 'debt.paid') =>
  api.run.tx((tx) => announce(tx, { kind, ids: [debtId], at: api.run.now() }));

interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
/** Sends what is due to a receiver that answers so. */
async function send(answer: (n: number) => number | Error = () => 204): Promise<Post[]> {
  const posts: Post[] = [];
  const post: PostWebhook = async (url, headers, body) => {
    const told = answer(posts.push({ url, headers, body }));
    if (typeof told !== 'number') throw told;
    return told;
  };
  const { db, vaultOf, monotonic } = api.v1;
  await sendDueWebhooks({ db, vaultOf, monotonic, post, tenants: async () => [{ enteId: api.run.enteId }] });
  return posts;
}

describe('the outbox', () => {
  it('holds nothing where nobody listens', async () => {
    expect(await tell()).toBe(0);
    await listen(['debt.cancelled']);
    expect(await tell()).toBe(0);
    expect(await send()).toEqual([]);
  });

  it('goes back with the transaction of its fact', async () => {
    await listen(['debt.paid']);
    const undone = api.run.tx(async (tx) => {
      expect(await announce(tx, { kind: 'debt.paid', ids: [debtId], at: 0 })).toBe(1);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await send()).toEqual([]);
  });

  it('tells each endpoint once, signed, without a name in it', async () => {
    const { secret } = (await listen(['debt.paid'])).body as { secret: string };
    await listen(['debt.paid', 'debt.cancelled'], 'http://127.0.0.1:2/');
    expect(await tell()).toBe(2);
    const posts = await send();
    expect(posts).toHaveLength(2);
    expect(await send()).toEqual([]);
    const post = posts.find((p) => p.url.includes(':1/')) as Post;
    const { id, ...event } = JSON.parse(post.body);
    expect(event).toEqual({
      type: 'debt.paid',
      at: '2026-09-07T08:00:00.000Z',
      data: {
        debtId,
        creditType: 'TARI',
        externalId: 'P1',
        state: 'open',
        dueCents: 100,
        paidCents: 0,
        outstandingCents: 100,
      },
    });
    const stamp = post.headers['bonario-timestamp'];
    const mac = createHmac('sha256', secret).update(`${stamp}.${post.body}`).digest('hex');
    expect(post.headers).toMatchObject({ 'bonario-event-id': id, 'bonario-signature': `v1=${mac}` });
    expect(Number(stamp)).toBe(api.watch.at / 1000);
    // The same event for both, so that whoever gets it twice can tell.
    expect(new Set(posts.map((p) => p.headers['bonario-event-id'])).size).toBe(1);
  });

  it('tries again later and later with the same event, for three days', async () => {
    await listen(['debt.paid']);
    await tell();
    const ids = new Set<string | undefined>();
    let tries = 0;
    const began = api.watch.at;
    for (; api.watch.at - began < 5 * 86_400_000; api.watch.at += 15_000) {
      if ((api.watch.at - began) % 900_000 !== 0 && api.watch.at - began > 900_000) continue;
      for (const post of await send((n) => (n % 2 === 0 ? 500 : new Error('refused')))) {
        ids.add(post.headers['bonario-event-id']);
        tries += 1;
      }
    }
    expect(ids.size).toBe(1);
    // 30 s doubled ten times is within 6 h of four; then every six hours until the third day is over.
    expect(tries).toBeGreaterThan(15);
    expect(tries).toBeLessThan(30);
    expect((await api.get('/webhooks', manager)).body).toMatchObject({ items: [{ waiting: 0, givenUp: 1 }] });
  });

  it('is delivered by the first 2xx; a redirect is none', async () => {
    await listen(['debt.paid']);
    await tell();
    expect(await send(() => 302)).toHaveLength(1);
    api.watch.at += 30_000;
    expect(await send(() => 200)).toHaveLength(1);
    api.watch.at += 86_400_000;
    expect(await send()).toEqual([]);
  });

  it('is told again when the sender died before it heard the answer', async () => {
    await listen(['debt.paid']);
    await tell();
    const { db, vaultOf, monotonic } = api.v1;
    const dying = { db, vaultOf, tenants: async () => [{ enteId: api.run.enteId }] };
    const post = async () => {
      throw new Error('unreachable');
    };
    // Dies inside the claim's own time: the clock of the second half breaks.
    let calls = 0;
    const breaking = {
      now: () => {
        calls += 1;
        if (calls > 2) throw new Error('died');
        return monotonic.now();
      },
    };
    await expect(sendDueWebhooks({ ...dying, monotonic: breaking, post })).rejects.toThrow('died');
    expect(await send()).toEqual([]);
    api.watch.at += 60_000;
    expect(await send()).toHaveLength(1);
  });

  it('forgets after a month what was told', async () => {
    await listen(['debt.paid']);
    await tell();
    await send();
    const left = async () => {
      await api.run.tx((tx) => sweepWebhooks(tx, api.watch.at));
      const { rows } = await api.run.tx((tx) =>
        sql`select 1 from webhook_event where ente_id = ${api.run.enteId}`.execute(tx.kysely),
      );
      return rows.length;
    };
    expect(await left()).toBe(1);
    api.watch.at += 31 * 86_400_000;
    expect(await left()).toBe(0);
  });

  it('tells of a bounce once, and only of what had been handed over', async () => {
    const { run } = api;
    await run.saveTexts();
    const [other] = await run.addDebts(
      [
        {
          externalId: 'P2',
          email: 'p2@posta.example',
          amountCents: 10_000,
          dueDate: '2026-06-16',
          cf: undefined as never,
        },
      ].map(({ cf: _cf, ...row }) => row),
    );
    await run.launch();
    await run.settle();
    const sent = (await run.deliveries()).find((d) => d.debtorId === other?.debtorId);
    await listen(['delivery.bounced']);
    const bounced = () =>
      run.tx((tx) => announce(tx, { kind: 'delivery.bounced', ids: [sent?.deliveryId ?? ''], at: run.now() }));
    expect(await bounced()).toBe(0);
    await run.tx((tx) =>
      sql`update delivery set state = 6, reason = '5.1.1', fault = 'permanent' where ente_id = ${run.enteId}
        and delivery_id = ${sent?.deliveryId}`.execute(tx.kysely),
    );
    expect(await bounced()).toBe(1);
    expect(await bounced()).toBe(0);
    expect((await send()).map((p) => JSON.parse(p.body).data)).toMatchObject([
      { deliveryId: sent?.deliveryId, campaign: 'giro', channel: 'email', reason: '5.1.1', fault: 'permanent' },
    ]);
  });
});

describe('endpoints', () => {
  it('are managed by a person who may, within the roles of the key', async () => {
    const clerk = { 'bonario-operator-key': await api.person('see', 'write') };
    expect((await listen(['debt.paid'], undefined, clerk)).status).toBe(403);
    expect((await listen(['dispute.opened'], undefined, { authorization: 'Bearer debts' })).status).toBe(403);
    const made = await listen(['dispute.opened', 'debt.paid'], undefined, { authorization: 'Bearer debts+disputes' });
    expect(made).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^whsec_/) } });
    const list = await api.get('/webhooks', manager);
    expect(list.body).toMatchObject({ items: [{ events: ['debt.paid', 'dispute.opened'], waiting: 0, givenUp: 0 }] });
    expect(list.text).not.toContain('whsec_');
  });

  it('that are removed hear nothing more', async () => {
    const { endpointId } = (await listen(['debt.paid'])).body as { endpointId: string };
    await tell();
    expect((await api.delete(`/webhooks/${endpointId}`, manager)).status).toBe(204);
    expect((await api.delete(`/webhooks/${endpointId}`, manager)).body).toMatchObject({ code: 'WEBHOOK_UNKNOWN' });
    expect(await tell()).toBe(0);
    expect(await send()).toEqual([]);
    expect((await api.run.leaves('webhook.removed'))[0]?.facts).toEqual({ endpointId });
  });

  it('are ten at most', async () => {
    for (let n = 0; n < 10; n += 1) expect((await listen(['debt.paid'])).status).toBe(201);
    expect((await listen(['debt.paid'])).body).toMatchObject({ status: 409, code: 'WEBHOOK_LIMIT' });
  });
});

it('reaches a real server with the body that was signed', async () => {
  const heard: { body: string; signature: unknown; stamp: unknown }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'bonario-signature': signature, 'bonario-timestamp': stamp } = request.headers;
      heard.push({ body: Buffer.concat(chunks).toString('utf8'), signature, stamp });
      response.writeHead(heard.length === 1 ? 307 : 200, { location: '/altrove' }).end('x'.repeat(100_000));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    const { secret } = (await listen(['debt.paid'], `http://127.0.0.1:${port}/`)).body as { secret: string };
    await tell();
    const { db, vaultOf, monotonic } = api.v1;
    const tenants = async () => [{ enteId: api.run.enteId }];
    for (let n = 0; n < 2; n += 1) {
      await sendDueWebhooks({ db, vaultOf, monotonic, tenants, post: makePostWebhook(true) });
      api.watch.at += 30_000;
    }
    expect(heard).toHaveLength(2);
    for (const { body, signature, stamp } of heard) {
      expect(signature).toBe(`v1=${createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')}`);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
