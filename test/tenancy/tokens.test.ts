import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run-command.ts';
import { createApiKey, createOperator, openOperatorSession, ROLES } from '../../src/modules/operators/index.ts';
import { openTwoBodies, sessionOf, type TwoBodies } from './two-bodies.ts';

let world: TwoBodies;
beforeAll(async () => {
  world = await openTwoBodies();
});
afterAll(() => world.stop());

const receipt = (receiptId: string) => ({
  receiptId,
  noticeNumber: world.ada1.noticeNumbers[0],
  amountCents: 12_345,
  paidAt: new Date(world.app.now()).toISOString(),
  psp: 'PSP di prova',
});

describe('what one body gave out', () => {
  const get = (url: string, headers: Record<string, string> = {}) => world.app.http.inject({ url, headers });
  const post = (url: string, headers: Record<string, string>, payload: object) =>
    world.app.http.inject({ method: 'POST', url, headers, payload });

  it('opens its own page and nothing under the name of another body, nor for another purpose', async () => {
    const { ada1 } = world;
    expect((await get(`/l/${ada1.link}`)).statusCode).toBe(303);
    expect((await get(`/l/2${ada1.link.slice(1)}`)).statusCode).toBe(404);
    expect((await get(`/l/${ada1.optOut}`)).statusCode).toBe(404);
    for (const token of [ada1.link, `2${ada1.optOut.slice(1)}`]) {
      expect((await post(`/o/${token}`, {}, {})).statusCode).toBe(404);
    }
  });

  it('is a session at that body alone', async () => {
    const session = await sessionOf(world.app, world.ada1, 'identified');
    expect((await get('/posizioni', { cookie: `bonario_sessione=${session}` })).statusCode).toBe(200);
    expect((await get('/posizioni', { cookie: `bonario_sessione=2${session.slice(1)}` })).statusCode).toBe(401);
  });

  it('is a key at that body alone', async () => {
    const key = world.bodies[0].apiKey;
    const answer = await post('/api/v1/receipts', { authorization: `Bearer bk_2${key.slice(4)}` }, receipt('nessuno'));
    expect(answer.statusCode).toBe(401);
  });

  it('is a desk at that body alone', async () => {
    const { app } = world;
    const session = await app.db.tenant(1, async (tx) => {
      const desk = await createOperator(tx, app.vaultOf(1), { name: 'Carla Tutto', roles: ROLES });
      return openOperatorSession(tx, app.vaultOf(1), desk.operatorId, app.realNow());
    });
    expect((await get('/console', { cookie: `bonario_console=${session}` })).statusCode).toBe(200);
    const elsewhere = await get('/console', { cookie: `bonario_console=2${session.slice(1)}` });
    expect([elsewhere.statusCode, elsewhere.headers.location]).toEqual([303, '/console/accedi?poi=%2Fconsole']);
    // Neither session is the other kind of session.
    const citizen = await sessionOf(app, world.ada1, 'identified');
    expect((await get('/console', { cookie: `bonario_console=${citizen}` })).statusCode).toBe(303);
    expect((await get('/posizioni', { cookie: `bonario_sessione=${session}` })).statusCode).toBe(401);
  });

  it('lets a person of another body sign nothing that a program does here', async () => {
    const { app, bodies } = world;
    const { key } = await app.db.tenant(1, (tx) =>
      createApiKey(tx, app.vaultOf(1), { label: 'campagne', roles: ['campaigns'] }),
    );
    const submit = (person: string) =>
      post(
        '/api/v1/campaigns/primo-giro/submit',
        { authorization: `Bearer ${key}`, 'bonario-operator-key': person, 'idempotency-key': randomUUID() },
        {},
      );
    const stranger = await submit(bodies[1].operatorKey);
    expect([stranger.statusCode, stranger.json()]).toEqual([401, expect.objectContaining({ code: 'OPERATOR_KEY' })]);
    expect((await submit(`bo_1${bodies[1].operatorKey.slice(4)}`)).statusCode).toBe(401);
    // Her own: the campaign runs already.
    expect((await submit(bodies[0].operatorKey)).statusCode).toBe(409);
  });

  it('lets the partner of another body book nothing here', async () => {
    const { ada1, bodies, app } = world;
    const outstanding = () =>
      app.db.tenant(1, (tx) =>
        sql`select paid_cents from debt_now where ente_id = 1 and debt_id = any(${ada1.debtIds}::uuid[]) order by debt_id`.execute(
          tx.kysely,
        ),
      );
    const before = await outstanding();
    const answer = await post(
      '/api/v1/receipts',
      { authorization: `Bearer ${bodies[1].apiKey}` },
      receipt('di-un-altro'),
    );
    expect([answer.statusCode, answer.json()]).toEqual([
      201,
      { receiptId: 'di-un-altro', status: 'quarantined', excessCents: 0 },
    ]);
    expect((await outstanding()).rows).toEqual(before.rows);
  });

  it('shows reports of its citizens to its own office alone', async () => {
    const { app, bodies, carla2 } = world;
    const session = await sessionOf(world.app, carla2, 'link');
    const dispute = { debtId: null, kind: 'exempt', text: '', idempotencyKey: randomUUID() } as const;
    expect(await app.dialogue.openDispute(session, dispute)).not.toBeNull();
    const give = (body: 0 | 1, ...argv: string[]) => runCommand({ app, key: bodies[body].operatorKey, cwd: '/' }, argv);
    const listed = (await give(1, 'dispute', 'list')).output as { disputes: { id: string; debtorName: string }[] };
    const mine = listed.disputes.find(({ debtorName }) => debtorName.includes('Wieser'));
    expect(mine).toBeDefined();
    expect(JSON.stringify((await give(0, 'dispute', 'list')).output)).not.toContain('Wieser');
    const answer = await give(0, 'dispute', 'accept', mine?.id ?? '', '--answer', 'Ha ragione.');
    expect([answer.exit, answer.output]).toEqual([1, expect.objectContaining({ error: 'DISPUTE_UNKNOWN' })]);
  });
});
