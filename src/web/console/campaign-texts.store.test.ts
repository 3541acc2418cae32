import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, consoleOf, type Desk, tokenOf } from '../../../test/browser/console-app.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns } from '../../../test/support/campaign-run.ts';
import { latestTemplate } from '../../modules/notices/index.ts';

let runs: CampaignRuns;
let run: CampaignRun;
let console: ConsoleUnderTest;
let desk: Desk;

beforeAll(async () => {
  runs = await openCampaignRuns();
  run = await runs.fresh();
  await run.saveTexts();
  console = await consoleOf(run);
  desk = await console.enrol('Paola Bianchi', ['see', 'write']);
});
afterAll(async () => {
  await console.app.close();
  await runs.close();
});

describe('the page of a text', () => {
  it('asks no subject of an SMS, and saves one as the browser sends it', async () => {
    const at = '/console/testi/sms-avviso';
    const page = (await console.get(at, desk.session)).body;
    expect(page).not.toContain('name="oggetto"');
    const testo = `{{ ente.nome }}: la legga qui: {{ collegamento }} Telefono {{ ufficio.telefono }}. No SMS? {{ rinuncia }}`;
    const saved = await console.post(at, { gettone: tokenOf(page), testo, azione: 'salva' }, desk.session);
    expect(saved.headers.location).toBe(`${at}?esito=salvato`);
    expect(await run.tx((tx) => latestTemplate(tx, 'sms-avviso'))).toMatchObject({
      version: 2,
      subject: '',
      body: testo,
    });
  });

  it('does not let an e-mail go without one', async () => {
    const page = (await console.get('/console/testi/primo-avviso', desk.session)).body;
    expect(page).toMatch(/<input[^>]*name="oggetto"[^>]*required/);
  });
});
