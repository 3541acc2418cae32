import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, codeAt, consoleOf, PASSWORD, tokenOf } from '../../../test/browser/console-app.ts';
import { type CampaignRuns, openCampaignRuns } from '../../../test/support/campaign-run.ts';
import { openVisit, type Visit } from '../../../test/support/visit.ts';
import { inviteOperator, sweepOperatorAccess, withdrawOperator } from '../../modules/operators/index.ts';

const MINUTE = 60_000;
let runs: CampaignRuns;
let visit: Visit;
let console: ConsoleUnderTest;
const slug = () => visit.run.ente.slug;

beforeAll(async () => {
  runs = await openCampaignRuns();
  visit = await openVisit(runs, [
    {
      rows: [
        {
          externalId: 'A1',
          surname: 'Zanetti',
          name: 'Ada',
          email: 'ada@posta.example',
          amountCents: 12_345,
          dueDate: '2026-06-16',
          documentNumber: 'BOLLETTA-1',
        },
        {
          externalId: 'B1',
          surname: 'Quaglia',
          name: 'Bruno',
          email: 'bruno@posta.example',
          amountCents: 5_000,
          dueDate: '2026-06-16',
          documentNumber: 'BOLLETTA-2',
        },
      ],
    },
  ]);
  const session = await visit.identified('ada@posta.example', 'BOLLETTA-1');
  const about = {
    debtId: visit.debts[0]?.debtId ?? '',
    kind: 'alreadyPaid' as const,
    text: 'Ho pagato in posta a giugno.',
  };
  await visit.dialogue.openDispute(session, { ...about, idempotencyKey: 'una-volta' });
  await visit.run.pay(visit.debts[1]?.debtId ?? '', 5_000);
  console = await consoleOf(visit.run);
});
afterAll(async () => {
  await console.app.close();
  await runs.close();
});

const signIn = (login: string, code: string, password = PASSWORD) =>
  console.post('/console/accedi', { nome: `${login}@${slug()}`, password, codice: code });
/** The next code: one opens once. */
const nextCode = (secret: string) => {
  console.real.at += 30_000;
  return codeAt(secret, console.real.at);
};

describe('signing in', () => {
  it('takes an invitation once, then name, password and code', async () => {
    const { code, login } = await console.invite('Paola Bianchi', ['see']);
    expect(login).toBe('paola.bianchi');
    expect((await console.post('/console/invito', { invito: `${code.slice(0, -1)}_` })).statusCode).toBe(401);
    const desk = await console.enrol('Paola Bianchi', ['see']);
    expect(desk.login).toBe('paola.bianchi2');
    const page = await console.get('/console', desk.session);
    expect(page.statusCode).toBe(200);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).toContain('Paola Bianchi');
    const again = await signIn(desk.login, nextCode(desk.secret));
    expect(again.statusCode).toBe(303);
    expect(again.headers.location).toBe('/console');
    const cookie = again.cookies.find((one) => one.name === 'bonario_console');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/console' });
  });

  it('says the same whatever is wrong', async () => {
    const desk = await console.enrol('Carlo Neri', ['see']);
    const code = nextCode(desk.secret);
    const answers = [
      await signIn(desk.login, code, 'una frase sbagliata'),
      await signIn(desk.login, code === '000000' ? '000001' : '000000'),
      await signIn('nessuno', code),
      await console.post('/console/accedi', { nome: 'x@ente-ignoto', password: PASSWORD, codice: code }),
    ];
    const plain = (body: string) => body.replace(/value="[^"]*"/g, '').replace(/<option[^>]*>/g, '');
    expect(new Set(answers.map((a) => `${a.statusCode}${plain(a.body)}`)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(401);
    expect((await signIn(desk.login, code)).statusCode).toBe(303);
  });

  it('opens once per code', async () => {
    const desk = await console.enrol('Dario Blu', ['see']);
    const code = nextCode(desk.secret);
    const both = await Promise.all([signIn(desk.login, code), signIn(desk.login, code)]);
    expect(both.map((one) => one.statusCode).sort()).toEqual([303, 401]);
  });

  it('stops after ten wrong answers for a quarter of an hour, right ones too', async () => {
    const desk = await console.enrol('Elena Rossi', ['see']);
    for (let i = 0; i < 10; i += 1) expect((await signIn(desk.login, '123', 'sbagliata')).statusCode).toBe(401);
    expect((await signIn(desk.login, nextCode(desk.secret))).statusCode).toBe(401);
    console.real.at += 16 * MINUTE;
    expect((await signIn(desk.login, nextCode(desk.secret))).statusCode).toBe(303);
  });

  it('refuses weak or unequal passwords and wrong codes before it spends the invitation', async () => {
    const { code } = await console.invite('Franca Viola', ['see']);
    const step = (form: Record<string, string>) =>
      console.post('/console/invito', { invito: code, passo: '2', ...form });
    expect((await step({ password: 'corta', ripeti: 'corta', codice: '1' })).body).toContain('almeno 12');
    expect((await step({ password: PASSWORD, ripeti: 'altra', codice: '1' })).body).toContain('non sono uguali');
    expect((await step({ password: PASSWORD, ripeti: PASSWORD, codice: '1' })).statusCode).toBe(422);
    console.real.at += 73 * 60 * MINUTE;
    expect((await console.post('/console/invito', { invito: code })).statusCode).toBe(401);
  });
});

describe('sessions', () => {
  it('end after half an hour idle, after twelve hours, by sign-out, and with the operator', async () => {
    const idle = await console.enrol('Gino Uno', ['see']);
    console.real.at += 29 * MINUTE;
    expect((await console.get('/console', idle.session)).statusCode).toBe(200);
    console.real.at += 31 * MINUTE;
    const gone = await console.get('/console', idle.session);
    expect([gone.statusCode, gone.headers.location]).toEqual([303, '/console/accedi?poi=%2Fconsole']);

    const long = await console.enrol('Gino Due', ['see']);
    for (let i = 0; i < 29; i += 1) {
      console.real.at += 25 * MINUTE;
      await console.get('/console/persone', long.session);
    }
    expect((await console.get('/console', long.session)).statusCode).toBe(303);

    const out = await console.enrol('Gino Tre', ['see']);
    const token = tokenOf((await console.get('/console', out.session)).body);
    const left = await console.post('/console/esci', { gettone: token }, out.session);
    expect(left.headers['clear-site-data']).toContain('cache');
    expect((await console.get('/console', out.session)).statusCode).toBe(303);

    const fired = await console.enrol('Gino Quattro', ['see']);
    await visit.run.tx((tx) => withdrawOperator(tx, fired.operatorId));
    expect((await console.get('/console', fired.session)).statusCode).toBe(303);

    const reset = await console.enrol('Gino Cinque', ['see']);
    const vault = visit.run.store.vaultOf(visit.run.enteId);
    await visit.run.tx((tx) => inviteOperator(tx, vault, reset.operatorId, console.real.at));
    expect((await console.get('/console', reset.session)).statusCode).toBe(303);
    await visit.run.tx((tx) => sweepOperatorAccess(tx, console.real.at + 13 * 60 * MINUTE));
  });

  it('lead back to a page of the console and nowhere else', async () => {
    const desk = await console.enrol('Ida Serra', ['see']);
    const to = async (poi: string) => {
      const form = { nome: desk.login, ente: slug(), password: PASSWORD, codice: nextCode(desk.secret), poi };
      return (await console.post('/console/accedi', form)).headers.location;
    };
    expect(await to('/console/segnalazioni?stato=scadute')).toBe('/console/segnalazioni?stato=scadute');
    for (const bad of ['https://altrove.example', '//altrove.example', '/console//altrove', '/']) {
      expect(await to(bad)).toBe('/console');
    }
  });
});

describe('forms and roles', () => {
  it('need the token of their session, and our own pages', async () => {
    const desk = await console.enrol('Luca Prova', ['see', 'decide']);
    const other = await console.enrol('Mara Prova', ['see', 'decide']);
    const token = tokenOf((await console.get('/console/persone', desk.session)).body);
    const search = (gettone: string, headers = {}) =>
      console.post('/console/persone', { gettone, cerca: 'Zanetti' }, desk.session, headers);
    expect((await search('')).statusCode).toBe(403);
    expect((await search(tokenOf((await console.get('/console', other.session)).body))).statusCode).toBe(403);
    expect((await search(token, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await search(token)).statusCode).toBe(303);
  });

  it('refuse who has not the role', async () => {
    const desk = await console.enrol('Nino Vede', ['see']);
    const none = await console.enrol('Olga Niente', ['import']);
    expect((await console.get('/console', none.session)).statusCode).toBe(403);
    const list = (await console.get('/console/segnalazioni', desk.session)).body;
    const path = /\/console\/segnalazioni\/[0-9a-f-]{36}/.exec(list)?.[0] ?? '';
    const token = tokenOf(list);
    const form = { gettone: token, decisione: 'accolta', testo: 'sì', passo: '2' };
    expect((await console.post(path, form, desk.session)).statusCode).toBe(403);
    expect((await console.get(path, desk.session)).body).toContain('Decide un’altra persona');
  });
});

describe('the desk', () => {
  it('shows work first, then money', async () => {
    const desk = await console.enrol('Rita Lavoro', ['see']);
    const { body } = await console.get('/console', desk.session);
    expect(body).toContain('1 segnalazione da decidere');
    expect(body.indexOf('Da fare')).toBeLessThan(body.indexOf('Importi'));
    expect(body).toMatch(/173,45\s*€/);
    expect(body).toMatch(/50,00\s*€/);
    expect((await console.get('/console/invii-incerti', desk.session)).body).toContain('Nessun invio incerto');
    expect((await console.get('/console/ricevute', desk.session)).body).toContain('Nessuna ricevuta');
    expect((await console.get('/console/non-esiste', desk.session)).statusCode).toBe(404);
  });

  it('finds a person by code or surname, hides the code, and writes down who asked for it', async () => {
    const desk = await console.enrol('Sara Cerca', ['see']);
    const token = tokenOf((await console.get('/console/persone', desk.session)).body);
    const search = (cerca: string) => console.post('/console/persone', { gettone: token, cerca }, desk.session);
    const ada = visit.debts[0];
    const path = `/console/persone/${ada?.debtorId}`;
    expect((await search('zanetti')).headers.location).toBe(path);
    expect((await search(ada?.codiceFiscale.toLowerCase() ?? '')).headers.location).toBe(path);
    expect((await search('Nessuno')).body).toContain('Nessuna persona corrisponde');
    const page = await console.get(path, desk.session);
    expect(page.body).not.toContain(ada?.codiceFiscale);
    expect(page.body).not.toContain('ada@posta.example');
    expect(page.body).toContain('Ha una segnalazione aperta');
    expect(page.body).toContain('Si è identificata nel portale');
    const revealed = await console.post(`${path}/rivela`, { gettone: token }, desk.session);
    expect(revealed.body).toContain(ada?.codiceFiscale);
    expect(await visit.run.leaves('person.revealed')).toEqual([
      { actor: `operator:${desk.operatorId}`, rowCount: 1, facts: { debtorId: ada?.debtorId } },
    ]);
  });

  it('tells the history in order, and opens the exact text that was sent', async () => {
    const desk = await console.enrol('Tina Legge', ['see']);
    const path = `/console/persone/${visit.debts[1]?.debtorId}`;
    const { body } = await console.get(path, desk.session);
    for (const part of ['Posizione caricata', 'E-mail, campagna «giro»', 'Pagamento di']) expect(body).toContain(part);
    expect(body.indexOf('Pagamento di')).toBeLessThan(body.indexOf('Posizione caricata'));
    const link = /\?testo=[0-9a-f-]{36}/.exec(body)?.[0] ?? '';
    const sent = visit.run.channel.to('bruno@posta.example')[0]?.message.subject ?? 'nothing was sent';
    expect(body).not.toContain('Il testo esatto');
    const shown = (await console.get(path + link, desk.session)).body;
    expect(shown).toContain(sent);
    expect(shown).toContain('/l/•••');
    expect(shown).not.toContain(visit.token('bruno@posta.example'));
    // Only the opening of the words is written down, once.
    const facts = { debtorId: visit.debts[1]?.debtorId, deliveryId: link.slice('?testo='.length) };
    const read = [{ actor: `operator:${desk.operatorId}`, rowCount: 1, facts }];
    expect(await visit.run.leaves('message.read')).toEqual(read);
    const stranger = `/console/persone/${visit.debts[0]?.debtorId}`;
    expect((await console.get(stranger + link, desk.session)).body).not.toContain('Il testo esatto');
    expect((await console.get('/console/persone/0', desk.session)).statusCode).toBe(404);
    expect(await visit.run.leaves('message.read')).toEqual(read);
  });

  it('answers a dispute once, in two steps, with a name', async () => {
    const desk = await console.enrol('Ugo Decide', ['see', 'decide']);
    const list = (await console.get('/console/segnalazioni?stato=aperte&motivo=alreadyPaid', desk.session)).body;
    expect(list).toContain('Zanetti Ada');
    expect((await console.get('/console/segnalazioni?stato=scadute', desk.session)).body).not.toContain('Zanetti');
    expect((await console.get('/console/segnalazioni?motivo=exempt', desk.session)).body).not.toContain('Zanetti');
    const path = /\/console\/segnalazioni\/[0-9a-f-]{36}/.exec(list)?.[0] ?? '';
    expect((await console.get(path, desk.session)).body).toContain('Ho pagato in posta a giugno.');
    const facts = { disputeId: path.split('/').at(-1) };
    const read = { actor: `operator:${desk.operatorId}`, rowCount: 1, facts };
    expect((await visit.run.leaves('dispute.read')).at(-1)).toEqual(read);
    const token = tokenOf(list);
    const send = (form: Record<string, string>) => console.post(path, { gettone: token, ...form }, desk.session);
    expect((await send({ decisione: 'accolta' })).statusCode).toBe(422);
    expect((await send({ decisione: 'respinta', modello: 'pagato' })).body).toContain('il contrario della decisione');
    const form = { decisione: 'accolta', modello: 'pagato', testo: 'Grazie della ricevuta.' };
    const confirm = await send(form);
    expect(confirm.body).toMatch(/123,45\s*€ non saranno più dovuti/);
    expect((await console.get(path, desk.session)).body).toContain('Rispondi');
    expect((await send({ ...form, passo: '2' })).headers.location).toBe(`${path}?fatto=si`);
    expect((await send({ ...form, passo: '2' })).headers.location).toBe(`${path}?fatto=prima`);
    const after = (await console.get(path, desk.session)).body;
    expect(after).toContain('Decisa da Ugo Decide');
    expect(after).toContain('Grazie della ricevuta.');
    expect((await console.get(`/console/persone/${visit.debts[0]?.debtorId}`, desk.session)).body).toContain(
      'non dovuto',
    );
  });

  it('shows the register by pages and recomputes it when asked', async () => {
    const desk = await console.enrol('Vera Registro', ['see']);
    const page = await console.get('/console/registro', desk.session);
    expect(page.body).toContain('Accesso alla console');
    expect(page.body).toContain('Vera Registro');
    const token = tokenOf(page.body);
    expect((await console.post('/console/registro/verifica', { gettone: token }, desk.session)).body).toContain(
      'Il registro è integro',
    );
  });
});
