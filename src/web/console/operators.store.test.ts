import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsoleUnderTest,
  codeAt,
  consoleOf,
  type Desk,
  PASSWORD,
  tokenOf,
} from '../../../test/browser/console-app.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns } from '../../../test/support/campaign-run.ts';
import { apiKeyByKey, createOperator, listPeople, operatorByKey } from '../../modules/operators/index.ts';
import { announce } from '../../modules/webhooks/index.ts';

let runs: CampaignRuns;
let run: CampaignRun;
let console: ConsoleUnderTest;
let chief: Desk;
let token = '';
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());
beforeEach(async () => {
  await console?.app.close();
  run = await runs.fresh();
  console = await consoleOf(run);
  chief = await console.enrol('Carla Capo', ['see', 'manage']);
  token = tokenOf((await console.get('/console/permessi', chief.session)).body);
});

const act = (path: string, form: Record<string, string> = {}, session = chief.session) =>
  console.post(`/console/permessi${path}`, { gettone: token, ...form }, session);
const people = () => run.tx(listPeople);
const named = async (name: string) => {
  const found = (await people()).find((person) => person.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};
const leaves = async (kind: string) => (await run.leaves(kind)).filter((leaf) => leaf.actor.includes(chief.operatorId));
const add = (over: Record<string, string> = {}) =>
  act('', { modulo: randomUUID(), nome: 'Nico Nuovo', 'ruolo-write': 'si', ...over });
const secretOf = (html: string) => /class="c-secret">([^<]+)</.exec(html)?.[1] ?? '';

describe('adding an operator', () => {
  it('shows the invitation once, and it opens the console with the roles that were ticked', async () => {
    const made = await add();
    expect(made.statusCode).toBe(200);
    expect(made.headers['cache-control']).toBe('no-store');
    const code = secretOf(made.body);
    expect(code).toMatch(/^bi_/);
    expect(await named('Nico Nuovo')).toMatchObject({ roles: ['see', 'write'], login: 'nico.nuovo', enrolled: false });
    expect((await console.get('/console/permessi', chief.session)).body).not.toContain(code);
    expect((await console.post('/console/invito', { invito: code })).statusCode).toBe(200);
    expect(await leaves('operator.added')).toMatchObject([{ facts: { roles: ['see', 'write'] } }]);
    expect(await leaves('operator.invited')).toHaveLength(1);
  });

  it('happens once for a form that is sent twice', async () => {
    const modulo = randomUUID();
    await add({ modulo });
    expect(await add({ modulo })).toMatchObject({
      statusCode: 303,
      headers: { location: `/console/permessi/${modulo}` },
    });
    expect((await people()).filter((person) => person.name === 'Nico Nuovo')).toHaveLength(1);
  });

  it('asks for a name and keeps what was ticked', async () => {
    const back = await add({ nome: '  ' });
    expect(back.statusCode).toBe(422);
    expect(back.body).toMatch(/name="ruolo-write" value="si" checked/);
    expect((await add({ nome: 'x'.repeat(101) })).statusCode).toBe(422);
    expect((await add({ gettone: 'falso' })).statusCode).toBe(403);
  });

  it('is for who manages the operators, and for nobody else', async () => {
    const clerk = await console.enrol('Ugo Altro', ['see', 'import', 'write', 'approve', 'decide']);
    const mine = tokenOf((await console.get('/console', clerk.session)).body);
    expect((await console.get('/console/permessi', clerk.session)).statusCode).toBe(403);
    expect((await add({ gettone: mine })).statusCode).toBe(403);
    expect((await console.post('/console/permessi', { gettone: mine, nome: 'X' }, clerk.session)).statusCode).toBe(403);
    expect((await console.get('/console', clerk.session)).body).not.toContain('href="/console/permessi"');
    expect((await console.get('/console', chief.session)).body).toContain('href="/console/permessi"');
  });
});

describe('one operator', () => {
  it('has other roles from his next request on', async () => {
    const clerk = await console.enrol('Ugo Altro', ['see']);
    expect((await console.get('/console/permessi', clerk.session)).statusCode).toBe(403);
    await act(`/${clerk.operatorId}/ruoli`, { 'ruolo-manage': 'si' });
    expect((await console.get('/console/permessi', clerk.session)).statusCode).toBe(200);
    expect(await leaves('operator.rolesChanged')).toMatchObject([
      { facts: { operatorId: clerk.operatorId, roles: ['see', 'manage'] } },
    ]);
  });

  it('is suspended after a question, and comes back without the key of the command line', async () => {
    const { operatorId, key } = await run.tx((tx) =>
      createOperator(tx, run.store.vaultOf(run.enteId), { name: 'Ugo Altro', roles: ['see'] }),
    );
    const byKey = () => run.tx((tx) => operatorByKey(tx, run.store.vaultOf(run.enteId), key));
    expect(await byKey()).toMatchObject({ operatorId });
    expect((await act(`/${operatorId}/sospendi`)).body).toContain('Sospendi Ugo Altro');
    expect(await named('Ugo Altro')).toMatchObject({ active: true });
    await act(`/${operatorId}/sospendi`, { passo: '2' });
    expect(await named('Ugo Altro')).toMatchObject({ active: false });
    expect((await act(`/${operatorId}/invito`, { passo: '2' })).statusCode).toBe(404);
    await act(`/${operatorId}/riattiva`);
    expect(await named('Ugo Altro')).toMatchObject({ active: true });
    await expect(byKey()).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(await leaves('operator.suspended')).toHaveLength(1);
    expect(await leaves('operator.reactivated')).toHaveLength(1);
  });

  it('loses his open sessions when he is suspended, for good', async () => {
    const clerk = await console.enrol('Ugo Altro', ['see']);
    await act(`/${clerk.operatorId}/sospendi`, { passo: '2' });
    await act(`/${clerk.operatorId}/riattiva`);
    expect((await console.get('/console', clerk.session)).statusCode).toBe(303);
  });

  it('gets a new invitation, and what opened before opens no more', async () => {
    const clerk = await console.enrol('Ugo Altro', ['see']);
    expect((await act(`/${clerk.operatorId}/invito`)).body).not.toContain('bi_');
    const code = secretOf((await act(`/${clerk.operatorId}/invito`, { passo: '2' })).body);
    expect(code).toMatch(/^bi_/);
    expect((await console.get('/console', clerk.session)).statusCode).toBe(303);
    const form = { nome: `${clerk.login}@${run.ente.slug}`, password: PASSWORD };
    console.real.at += 30_000;
    const signIn = await console.post('/console/accedi', { ...form, codice: codeAt(clerk.secret, console.real.at) });
    expect(signIn.statusCode).toBe(401);
  });
});

describe('the last who manages the operators', () => {
  const onlyChief = async () => {
    for (const one of await people()) {
      if (one.active && one.roles.includes('manage') && one.operatorId !== chief.operatorId) {
        await act(`/${one.operatorId}/ruoli`);
      }
    }
  };

  it('cannot remove himself, in any way', async () => {
    await onlyChief();
    for (const [path, form] of [
      ['ruoli', {}],
      ['sospendi', { passo: '2' }],
    ] as const) {
      const answer = await act(`/${chief.operatorId}/${path}`, form);
      expect(answer.headers.location).toBe(`/console/permessi/${chief.operatorId}?fatto=ultimo`);
    }
    expect(await named('Carla Capo')).toMatchObject({ active: true, roles: ['see', 'manage'] });
  });

  it('can when there is another; two at once cannot remove each other', async () => {
    await onlyChief();
    const other = await console.enrol('Vice Capo', ['see', 'manage']);
    const mine = tokenOf((await console.get('/console/permessi', other.session)).body);
    await Promise.all([
      act(`/${other.operatorId}/ruoli`),
      console.post(`/console/permessi/${chief.operatorId}/ruoli`, { gettone: mine }, other.session),
    ]);
    const managers = (await people()).filter((person) => person.active && person.roles.includes('manage'));
    expect(managers).toHaveLength(1);
  });
});

describe('programs', () => {
  it('get a key that is shown once, and lose it after a question', async () => {
    const modulo = randomUUID();
    const form = { modulo, programma: 'Gestionale', 'puo-debts': 'si' };
    const made = await act('/programmi/chiavi', form);
    const key = secretOf(made.body);
    const opens = () => run.tx((tx) => apiKeyByKey(tx, run.store.vaultOf(run.enteId), key));
    expect(await opens()).toEqual({ apiKeyId: modulo, roles: ['debts'] });
    expect((await act('/programmi/chiavi', form)).headers.location).toMatch(/fatto=gia$/);
    const page = (await console.get('/console/permessi/programmi', chief.session)).body;
    expect(page).toContain('Gestionale');
    expect(page).not.toContain(key);
    expect((await act(`/programmi/chiavi/${modulo}/togli`)).statusCode).toBe(200);
    expect(await opens()).not.toBeNull();
    expect((await act(`/programmi/chiavi/${modulo}/togli`, { passo: '2' })).headers.location).toMatch(/fatto=tolta$/);
    expect(await opens()).toBeNull();
    expect(await leaves('apiKey.added')).toHaveLength(1);
    expect(await leaves('apiKey.withdrawn')).toHaveLength(1);
  });

  it('need a name and something that they may do', async () => {
    const back = await act('/programmi/chiavi', { programma: '' });
    expect(back.statusCode).toBe(422);
    expect(back.body).toContain('Scriva il nome del programma.');
    expect(back.body).toContain('Scelga almeno una cosa che può fare.');
  });

  it('are told at an address that is tried, shows its outcomes, and is taken away', async () => {
    const posts: string[] = [];
    const server = createServer((request, response) => {
      posts.push(String(request.headers['bonario-event-type']));
      response.writeHead(posts.length === 1 ? 204 : 500).end();
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fatti`;
    const modulo = randomUUID();
    const path = `/programmi/indirizzi/${modulo}`;
    expect(
      (await act('/programmi/indirizzi', { modulo, indirizzo: 'ftp://x', 'fatto-debt.paid': 'si' })).statusCode,
    ).toBe(422);
    expect((await act('/programmi/indirizzi', { modulo, indirizzo: url })).statusCode).toBe(422);
    const made = await act('/programmi/indirizzi', { modulo, indirizzo: url, 'fatto-debt.paid': 'si' });
    expect(secretOf(made.body)).toMatch(/^whsec_/);
    expect((await act(`${path}/prova`)).headers.location).toMatch(/risposta=204$/);
    expect((await act(`${path}/prova`)).headers.location).toMatch(/risposta=500$/);
    expect(posts).toEqual(['prova', 'prova']);
    await new Promise((closed) => server.close(closed));
    expect((await act(`${path}/prova`)).headers.location).toMatch(/risposta=nessuna$/);
    expect((await leaves('webhook.tried')).map((leaf) => leaf.facts.status)).toEqual([204, 500, 0]);
    const [debt] = await run.addDebts([{ externalId: 'P1', amountCents: 100, dueDate: '2026-06-16' }]);
    await run.tx((tx) => announce(tx, { kind: 'debt.paid', ids: [debt?.debtId ?? ''], at: run.now() }));
    const shown = (await console.get('/console/permessi/programmi', chief.session)).body;
    expect(shown).toContain(new URL(url).origin);
    expect((await act(`${path}/togli`)).body).toContain('Quello che aspetta (1) non sarà raccontato');
    await act(`${path}/togli`, { passo: '2' });
    expect((await console.get('/console/permessi/programmi', chief.session)).body).not.toContain(new URL(url).origin);
    expect((await act(`${path}/prova`)).statusCode).toBe(404);
  });
});

describe('recovery codes', () => {
  const signIn = (desk: Desk, codice: string) =>
    console.post('/console/accedi', { nome: `${desk.login}@${run.ente.slug}`, password: PASSWORD, codice });
  const codesIn = (html: string) => [...html.matchAll(/<li>(\d{4}-\d{4}-\d{4})<\/li>/g)].map((match) => match[1] ?? '');
  const renew = async (desk: Desk, codice: string) => {
    const gettone = tokenOf((await console.get('/console/accesso', desk.session)).body);
    return console.post('/console/accesso', { gettone, codice }, desk.session);
  };
  const next = (desk: Desk) => {
    console.real.at += 30_000;
    return codeAt(desk.secret, console.real.at);
  };

  it('open the console once each, in the place of the app, and the register says so', async () => {
    const codes = codesIn((await renew(chief, next(chief))).body);
    expect(new Set(codes).size).toBe(10);
    expect((await console.get('/console/accesso', chief.session)).body).toContain('Ne restano 10');
    const [first = '', second = ''] = codes;
    expect((await signIn(chief, first.replaceAll('-', ' '))).statusCode).toBe(303);
    expect((await signIn(chief, first)).statusCode).toBe(401);
    expect((await signIn(chief, second)).statusCode).toBe(303);
    expect((await console.get('/console/accesso', chief.session)).body).toContain('Ne restano 8');
    expect(await leaves('operator.recoveryUsed')).toHaveLength(2);
  });

  it('are made anew for who has the app at hand, and the old ones end', async () => {
    const [old = ''] = codesIn((await renew(chief, next(chief))).body);
    const wrong = await renew(chief, '000000');
    expect(wrong.statusCode).toBe(422);
    expect(codesIn(wrong.body)).toEqual([]);
    await renew(chief, next(chief));
    expect((await signIn(chief, old)).statusCode).toBe(401);
  });

  it('are one’s own: another’s open nothing, nor does a right one with a wrong password', async () => {
    const other = await console.enrol('Ugo Altro', ['see']);
    const [code = ''] = codesIn((await renew(chief, next(chief))).body);
    expect((await signIn(other, code)).statusCode).toBe(401);
    const wrong = { nome: `${chief.login}@${run.ente.slug}`, password: 'non è questa frase', codice: code };
    expect((await console.post('/console/accedi', wrong)).statusCode).toBe(401);
    expect((await signIn(chief, code)).statusCode).toBe(303);
  });

  it('come with the first sign-in, and cannot be guessed with the console left open', async () => {
    const { code } = await console.invite('Nico Nuovo', ['see']);
    const html = (await console.post('/console/invito', { invito: code })).body;
    const secret = secretOf(html).replaceAll(' ', '');
    const form = { invito: code, passo: '2', password: PASSWORD, ripeti: PASSWORD };
    const done = await console.post('/console/invito', { ...form, codice: codeAt(secret, console.real.at) });
    expect(codesIn(done.body)).toHaveLength(10);
    for (let n = 0; n < 10; n += 1) await renew(chief, '000000');
    expect((await renew(chief, next(chief))).statusCode).toBe(422);
  });
});
