import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_TEMPLATES } from '../../src/modules/notices/index.ts';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  openCampaignRuns,
  person,
} from '../support/campaign-run.ts';
import { debtsCsv, validCf } from '../support/ground.ts';
import { type ConsoleUnderTest, consoleOf, type Desk, tokenOf } from './console-app.ts';

let runs: CampaignRuns;
let run: CampaignRun;
let desk: ConsoleUnderTest;
let clerk: Desk;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());
beforeEach(async () => {
  run = await runs.fresh();
  desk = await consoleOf(run);
  clerk = await desk.enrol('Anna Neri', ['see', 'import', 'write']);
  return () => desk.app.close();
});

/** Sends a file as the form does; '' for the page's own token. */
async function upload(file: string, over: { token?: string; session?: string; type?: string } = {}) {
  const session = over.session ?? clerk.session;
  const token = over.token ?? tokenOf((await desk.get('/console/importa', session)).body);
  const parts = [
    `--x\r\nContent-Disposition: form-data; name="gettone"\r\n\r\n${token}\r\n`,
    `--x\r\nContent-Disposition: form-data; name="tipo"\r\n\r\n${over.type ?? 'TARI'}\r\n`,
    `--x\r\nContent-Disposition: form-data; name="file"; filename="tari.csv"\r\nContent-Type: text/csv\r\n\r\n${file}\r\n--x--\r\n`,
  ];
  return desk.app.inject({
    method: 'POST',
    url: '/console/importa',
    payload: Buffer.from(parts.join('')),
    headers: { 'content-type': 'multipart/form-data; boundary=x', 'sec-fetch-site': 'same-origin' },
    cookies: { bonario_console: session },
  });
}

const to = (response: LightMyRequestResponse) => String(response.headers.location ?? '');

/** Sends a form of a page with that page's token. */
async function send(page: string, action: string, form: Record<string, string>, session = clerk.session) {
  const token = tokenOf((await desk.get(page, session)).body);
  return desk.post(action, { gettone: token, ...form }, session);
}

describe('O2 Importa', () => {
  const good = debtsCsv([person(1), person(2)]);

  it('loads a good file in two steps, and says when it comes again', async () => {
    const at = to(await upload(good));
    expect((await desk.get(at, clerk.session)).body).toContain('Carica 2 righe');
    const loaded = to(await send(at, `${at}/carica`, {}));
    expect(loaded).toMatch(/\/console\/importa\/[0-9a-f-]+\?esito=caricato$/);
    expect((await desk.get(loaded, clerk.session)).body).toContain('Il file è stato caricato');
    const again = to(await upload(good));
    const same = to(await send(again, `${again}/carica`, {}));
    expect(same).toBe(loaded.replace('caricato', 'uguale'));
    expect((await desk.get(same, clerk.session)).body).toContain('era già stato caricato');
  });

  it('asks which column is which, and reads again with the answer', async () => {
    const odd = good.replace('importo;', 'quanto;').replace('id_posizione', 'chiave');
    const at = to(await upload(odd));
    const page = await desk.get(at, clerk.session);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('Manca la colonna per il campo obbligatorio «importo».');
    expect(page.body).toContain('<option value="quanto">');
    const columns = {
      externalId: 'chiave',
      codiceFiscale: 'codice_fiscale',
      dueDate: 'scadenza',
      amount: 'quanto',
      surname: 'cognome',
      email: 'email',
      contactSource: 'origine_recapito',
    };
    expect(to(await send(at, `${at}/colonne`, columns))).toBe(at);
    expect((await desk.get(at, clerk.session)).body).toContain('Carica 2 righe');
    await send(at, `${at}/carica`, {});
    // The next file of this kind needs no answer.
    const next = to(await upload(odd.replace('P1;', 'P7;')));
    expect((await desk.get(next, clerk.session)).body).toContain('Carica 2 righe');
  });

  it('shows each bad row by line and column, gives them as a file, and forgets on request', async () => {
    const at = to(await upload(good.replace('100,00', 'cento')));
    const staged = to(await send(at, `${at}/carica`, {}));
    const page = (await desk.get(staged, clerk.session)).body;
    expect(page).toContain('1 riga su 2 da guardare');
    expect(page).toContain('l’importo non è un numero');
    const file = await desk.get(`${staged}/righe/da-correggere`, clerk.session);
    expect(file.headers['content-disposition']).toContain('righe-da-correggere.csv');
    expect(file.body).toContain('cento');
    expect(to(await send(staged, `${staged}/dimentica`, {}))).toContain('esito=dimenticato');
    expect((await send(staged, `${staged}/carica`, {})).statusCode).toBe(409);
    const none = '/console/importa/00000000-0000-4000-8000-000000000000';
    expect((await desk.get(`${none}/righe/da-correggere`, clerk.session)).statusCode).toBe(404);
    expect((await send(staged, `${none}/carica`, {})).statusCode).toBe(404);
  });

  it('takes in nobody’s bytes without the form’s token, the role, or a credit type of the body', async () => {
    expect((await upload(good, { token: 'no' })).statusCode).toBe(403);
    const reader = await desk.enrol('Solo Vedere', ['see']);
    expect((await upload(good, { session: reader.session, token: 'no' })).statusCode).toBe(403);
    expect((await upload(good, { type: 'ALTRO' })).statusCode).toBe(422);
  });

  it('keeps a file for who sent it only', async () => {
    const at = to(await upload(good));
    const other = await desk.enrol('Altra Persona', ['see', 'import']);
    expect(to(await desk.get(at, other.session))).toBe('/console/importa?scaduto=1');
    desk.real.at += 20 * 60_000;
    expect((await desk.get(at, clerk.session)).statusCode).toBe(200);
  });

  it('says what is wrong with a file that cannot be read', async () => {
    const at = to(await upload('%PDF-1.7'));
    const page = await desk.get(at, clerk.session);
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('Il file non è un file di testo');
  });
});

describe('O3–O9', () => {
  async function launched(): Promise<void> {
    await run.addDebts([person(1), person(2)]);
    await run.launch();
    await run.settle();
  }

  it('never lets the document of one campaign be saved as another', async () => {
    await run.addDebts([person(1)]);
    await run.saveTexts();
    const saved = await send('/console/campagne-nuova', '/console/campagne-nuova', { documento: campaignYaml() });
    expect(to(saved)).toBe('/console/campagne/giro/prova');
    const taken = await send('/console/campagne-nuova', '/console/campagne-nuova', { documento: campaignYaml() });
    expect(taken.statusCode).toBe(422);
    const edit = '/console/campagne/giro/modifica';
    const renamed = await send(edit, edit, { documento: campaignYaml({ codice: 'altro' }) });
    expect(renamed.statusCode).toBe(422);
    expect(renamed.body).toContain('non si cambia');
    expect(renamed.body).toContain('codice: altro');
  });

  it('approves the number on the button and no other, and never one’s own', async () => {
    await run.addDebts([person(1), person(2)]);
    await run.saveTexts();
    const both = await desk.enrol('Tutto Fare', ['see', 'write', 'approve']);
    const document = { documento: campaignYaml() };
    await send('/console/campagne-nuova', '/console/campagne-nuova', document, both.session);
    await send('/console/campagne/giro/prova', '/console/campagne/giro/proponi', {}, both.session);
    const page = '/console/campagne/giro/approva';
    const own = await send(page, page, { persone: '2' }, both.session);
    expect(own.statusCode).toBe(409);
    expect(own.body).toContain('serve una seconda persona');
    const head = await desk.enrol('Luca Bruni', ['see', 'approve']);
    expect((await desk.get(page, head.session)).body).toContain('Approva l’invio a 2 persone');
    expect((await send(page, page, { persone: '3' }, head.session)).statusCode).toBe(409);
    expect((await send(page, '/console/campagne/giro/rimanda', { motivo: ' ' }, head.session)).statusCode).toBe(422);
    const back = await send(page, '/console/campagne/giro/rimanda', { motivo: 'Manca un anno.' }, head.session);
    expect((await desk.get(to(back), clerk.session)).body).toContain('Manca un anno.');
    expect((await send(page, page, { persone: '2' }, head.session)).statusCode).toBe(409);
  });

  it('asks for the role before it does anything', async () => {
    await launched();
    const reader = await desk.enrol('Solo Vedere', ['see']);
    for (const path of ['sospendi', 'riprendi', 'ferma', 'avvia', 'approva', 'rimanda', 'proponi', 'prova']) {
      const answer = await send('/console/campagne', `/console/campagne/giro/${path}`, {}, reader.session);
      expect([path, answer.statusCode]).toEqual([path, 403]);
    }
    const shown = await desk.get('/console/campagne/giro/modifica', reader.session);
    expect(shown.statusCode).toBe(200);
    expect(shown.body).not.toContain('Salva');
    expect((await desk.post('/console/campagne/giro/sospendi', { gettone: 'x' }, clerk.session)).statusCode).toBe(403);
    expect((await desk.get('/console/campagne/giro')).statusCode).toBe(303);
  });

  it('gives htmx the piece that moves, and stops asking when nothing moves any more', async () => {
    await launched();
    const url = '/console/campagne/giro/avanzamento';
    const head = await desk.enrol('Luca Bruni', ['see', 'approve']);
    const fragment = () =>
      desk.app.inject({ url, headers: { 'hx-request': 'true' }, cookies: { bonario_console: head.session } });
    const running = (await fragment()).body;
    expect(running).toContain('hx-trigger="every 5s"');
    expect(running).not.toContain('<html');
    await send(url, '/console/campagne/giro/ferma', {}, head.session);
    expect((await fragment()).body).not.toContain('hx-trigger');
  });

  it('hides tax codes in lists, and exports the tables', async () => {
    await launched();
    const list = (await desk.get('/console/campagne/giro/risultati/contacted', clerk.session)).body;
    expect(list).toContain('2 persone');
    expect(list).not.toMatch(/[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]/);
    const csv = await desk.get('/console/campagne/giro/risultati/csv/imbuto', clerk.session);
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.body).toContain('Contattate;2');
    expect((await desk.get('/console/campagne/giro/risultati/csv/altro', clerk.session)).statusCode).toBe(404);
    expect((await desk.get('/console/campagne/giro/risultati/tutti', clerk.session)).statusCode).toBe(404);
    expect((await desk.get('/console/risultati', clerk.session)).body).toContain('Avviso di prova');
  });
});

describe('templates, later starts, examples and texts', () => {
  const NEW = '/console/campagne-nuova';

  it('offers the templates that the body has credits for, and fills the editor from one', async () => {
    const page = (await desk.get(NEW, clerk.session)).body;
    expect(page).toContain('TARI, prima dell’accertamento');
    expect(page).toContain('?modello=zero');
    expect(page).not.toContain('?modello=multe');
    expect(page).toContain('Prima servono i testi');
    await run.saveTexts();
    expect((await desk.get(NEW, clerk.session)).body).not.toContain('Prima servono i testi');
    const editor = (await desk.get(`${NEW}?modello=tari`, clerk.session)).body;
    expect(editor).toContain('lettera (passo 4 del modello)');
    expect(editor).toContain('value="tari-2026"');
    expect(editor).toContain('2 segmenti');
    expect((await desk.get(`${NEW}?modello=multe`, clerk.session)).statusCode).toBe(404);
    expect((await desk.get(`${NEW}?modello=acqua`, clerk.session)).statusCode).toBe(404);
  });

  it('sets a start for later, shows it, calls it off, and refuses the past', async () => {
    await run.addDebts([person(1)]);
    await run.saveTexts();
    await send(NEW, NEW, { documento: campaignYaml() });
    await send('/console/campagne/giro/prova', '/console/campagne/giro/proponi', {});
    const head = await desk.enrol('Luca Bruni', ['see', 'approve']);
    const page = '/console/campagne/giro';
    await send(`${page}/approva`, `${page}/approva`, { persone: '1' }, head.session);
    for (const form of [
      { giorno: '2026-09-01', ora: '9:00' },
      { giorno: 'domani', ora: '9:00' },
      { giorno: '2026-12-01', ora: '25:00' },
    ]) {
      expect((await send(page, `${page}/programma`, form, head.session)).statusCode).toBe(409);
    }
    const set = await send(page, `${page}/programma`, { giorno: '2026-12-01', ora: '9:30' }, head.session);
    expect(to(set)).toBe(`${page}?esito=programmata`);
    const shown = (await desk.get(page, head.session)).body;
    expect(shown).toContain('Programmata: si avvia il 01/12/2026 alle 9:30');
    expect((await desk.get(page, clerk.session)).body).not.toContain('Annulla l’avvio');
    expect(to(await send(page, `${page}/disdici`, {}, head.session))).toBe(`${page}?esito=annullata`);
    expect((await send(page, `${page}/disdici`, {}, head.session)).statusCode).toBe(409);
  });

  it('says on the first page and on its own why a campaign did not start', async () => {
    await run.addDebts([person(1), person(2)]);
    await run.saveTexts();
    await send(NEW, NEW, { documento: campaignYaml() });
    await send('/console/campagne/giro/prova', '/console/campagne/giro/proponi', {});
    const head = await desk.enrol('Luca Bruni', ['see', 'approve']);
    const page = '/console/campagne/giro';
    await send(`${page}/approva`, `${page}/approva`, { persone: '2' }, head.session);
    await send(page, `${page}/programma`, { giorno: '2026-09-08', ora: '9:30' }, head.session);
    await run.addDebts([person(9, { cf: validCf(90) })]);
    await run.live(run.now() + 3 * 86_400_000);
    const why = 'le persone da contattare erano 3, ne erano state approvate 2';
    expect((await desk.get(page, clerk.session)).body).toContain(why);
    const today = (await desk.get('/console', clerk.session)).body;
    expect(today).toContain('Campagna «giro» non partita');
    expect(today).toContain(why);
  });

  it('shows examples without a name until one is opened, and sends a try to the body alone', async () => {
    await run.addDebts([person(1, { surname: 'Fontana', name: 'Ada' })]);
    await run.saveTexts();
    await send(NEW, NEW, { documento: campaignYaml() });
    const page = '/console/campagne/giro/prova/esempi';
    const list = (await desk.get(page, clerk.session)).body;
    expect(list).toContain('F••• A•••');
    expect(list).not.toMatch(/Fontana|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]/);
    expect(list).toContain('la posta non è collegata');
    const persona = /name="persona" value="([0-9a-f-]+)"/.exec(list)?.[1] ?? '';
    const opened = await send(page, page, { persona });
    expect(opened.body).toContain('Gentile Ada Fontana');
    expect(await run.leaves('campaign.sampleOpened')).toHaveLength(1);
    expect((await send(page, page, { persona: 'x' })).statusCode).toBe(409);

    const sent: unknown[] = [];
    const mailing = await consoleOf(run, {
      async sendTest(enteId, address, subject, body) {
        if (sent.length > 0) throw new Error('the server does not answer');
        sent.push({ enteId, address, subject, body });
      },
    });
    const token = tokenOf((await mailing.get(page, clerk.session)).body);
    const tryIt = (indirizzo: string) =>
      mailing.post('/console/campagne/giro/prova/invia', { gettone: token, passo: '1', indirizzo }, clerk.session);
    const own = `anna@${run.ente.senderAddress.split('@')[1]}`;
    expect((await tryIt('p1@posta.example')).statusCode).toBe(422);
    expect(to(await tryIt(own))).toBe(`${page}?esito=mandata`);
    expect(sent).toMatchObject([{ enteId: run.enteId, address: own, subject: expect.stringMatching(/^\[prova\] /) }]);
    const failed = await tryIt(own);
    expect(failed.statusCode).toBe(422);
    expect(failed.body).toContain('La prova non è partita');
    await mailing.app.close();
  });

  it('makes a new text out of another, keeps its history, and never writes over what the body changed', async () => {
    await run.saveTexts();
    const page = '/console/testi-nuovo';
    expect((await desk.get(page, clerk.session)).body).toContain('<optgroup label="SMS">');
    const made = await send(page, page, { codice: 'sms-estate', da: 'sms-avviso' });
    expect(to(made)).toBe('/console/testi/sms-estate?esito=salvato');
    expect((await desk.get('/console/testi/sms-estate', clerk.session)).body).toContain('2 segmenti');
    expect((await send(page, page, { codice: 'sms-estate', da: 'sms-avviso' })).body).toContain('C’è già un testo');
    expect((await send(page, page, { codice: 'Sms Estate', da: 'sms-avviso' })).statusCode).toBe(422);
    expect((await send(page, page, { codice: 'altro', da: 'mai-scritto' })).statusCode).toBe(422);
    const long = `{{ ente.nome }}: c’è una comunicazione per Lei. {{ collegamento }} Tel. {{ ufficio.telefono }}. {{ rinuncia }}`;
    const saved = await send('/console/testi/sms-estate', '/console/testi/sms-estate', {
      oggetto: '',
      testo: long,
      azione: 'salva',
    });
    expect(to(saved)).toBe('/console/testi/sms-estate?esito=salvato');
    const shown = (await desk.get('/console/testi/sms-estate', clerk.session)).body;
    expect(shown).toContain('UCS-2, per questi caratteri: ’');
    expect(shown).toContain('versione=1');
    await send('/console/testi', '/console/testi-di-partenza', {});
    expect(await run.leaves('template.saved')).toHaveLength(2 + DEFAULT_TEMPLATES.length);
  });
});
