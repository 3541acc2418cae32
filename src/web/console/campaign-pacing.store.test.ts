import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleUnderTest, consoleOf, tokenOf } from '../../../test/browser/console-app.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';

let runs: CampaignRuns;
let run: CampaignRun;
let desk: ConsoleUnderTest;
beforeAll(async () => {
  runs = await openCampaignRuns();
  run = await runs.fresh();
  await run.saveTexts();
  await run.addDebts(Array.from({ length: 9 }, (_, i) => person(i)));
  desk = await consoleOf(run);
});
afterAll(async () => {
  await desk.app.close();
  await runs.close();
});

it('a pace is typed, shown as a calendar with its warnings, and seen in use', async () => {
  const { session: writer } = await desk.enrol('Paola Neri', ['see', 'write']);
  const { session: head } = await desk.enrol('Luigi Neri', ['see', 'approve']);
  const gettone = tokenOf((await desk.get('/console/campagne-nuova?modello=zero', writer)).body);
  const form = {
    gettone,
    nome: 'Avviso con ritmo',
    codice: 'ritmo',
    crediti: 'TARI',
    scadenzaEntro: '01/08/2026',
    'testo-0': 'email|primo-avviso',
    'attesa-0': '0',
    'soloSe-0': 'sempre',
    allOra: '2',
    risposteAlGiorno: '1',
    quotaCheChiama: '25',
    finireEntro: '08/09/2026',
  };
  // One answer of two that belong together: the document says which is missing.
  const refused = await desk.post('/console/campagne-nuova', { ...form, quotaCheChiama: '' }, writer);
  expect([refused.statusCode, refused.body.includes('ritmo › ufficio: manca quotaCheChiama')]).toEqual([422, true]);
  const saved = await desk.post('/console/campagne-nuova', form, writer);
  expect(saved.headers.location).toBe('/console/campagne/ritmo/prova');
  const page = (await desk.get('/console/campagne/ritmo/prova', writer)).body;
  expect(page).toContain('Al massimo 4 al giorno e 2 all’ora.');
  expect(page).toContain('l’ultimo messaggio parte il 09/09/2026');
  expect(page).toContain('La campagna doveva finire entro il 08/09/2026');
  expect(page).toMatch(/mar 08\/09\/2026<\/th><td[^>]*>4<\/td><td[^>]*>4<\/td><td[^>]*>1</);

  const post = async (action: string, session: string, fields = {}) => {
    const token = tokenOf((await desk.get('/console/campagne/ritmo/approva', session)).body) || gettone;
    return (await desk.post(`/console/campagne/ritmo/${action}`, { gettone: token, ...fields }, session)).statusCode;
  };
  expect(await post('proponi', writer)).toBe(303);
  expect(await post('approva', head, { persone: '9' })).toBe(303);
  const start = tokenOf((await desk.get('/console/campagne/ritmo', head)).body);
  expect((await desk.post('/console/campagne/ritmo/avvia', { gettone: start }, head)).statusCode).toBe(303);
  await run.settle();
  const progress = (await desk.get('/console/campagne/ritmo/avanzamento', head)).body;
  for (const words of ['2 su 4', '2 su 2', '7 persone', '2 su 9 messaggi', '09/09/2026 alle 8:00']) {
    expect(progress).toContain(words);
  }
});
