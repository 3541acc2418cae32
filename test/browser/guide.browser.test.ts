import { mkdirSync } from 'node:fs';
import { generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDemo, runDemo } from '../../src/cli/demo/run-demo.ts';
import { addDays, civilDate } from '../../src/kernel/civil-date.ts';
import { romeInstant } from '../../src/kernel/rome-time.ts';
import { createOperator, inviteOperator, type Role } from '../../src/modules/operators/index.ts';
import { debtsCsv, validCf } from '../support/ground.ts';
import { PASSWORD, secretIn } from './console-app.ts';
import { launchBrowser } from './launch.ts';

const { browser, reason } = await launchBrowser();
/** With BONARIO_PICTURES=1 the pictures of the guide and of the README are taken anew, where they are kept. */
const PICTURES = process.env.BONARIO_PICTURES === '1' ? 'docs/screens' : 'test-results/guide';
const TIMEOUT = 300_000;
const STORY = { start: civilDate('2026-09-07'), days: 12 };

/** Five rows of a second file, one of them with an amount that is none. */
const FILE = debtsCsv(
  ['Fontana', 'Rovere', 'Salice', 'Tiglio', 'Ulivo'].map((surname, i) => ({
    externalId: `G${i + 1}`,
    cf: validCf(900 + i),
    surname,
    name: 'Ada',
    email: `${surname.toLowerCase()}@posta.example`,
    amountCents: 9_000 + 1_000 * i,
    dueDate: '2026-06-16',
  })),
).replace(/(G5;.*)130,00/, '$1cento');

/**
 * The way of docs/guida-operatore.md on the whole composed program, after a campaign that the sandbox's citizens have
 * answered: a newcomer opens the invitation, loads a file, writes to people, finds one of them, takes the results away.
 */
describe.skipIf(browser === null)(`the guide of the office${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let demo: RunningDemo;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    const silent = { step: () => {}, day: () => {} };
    demo = await runDemo({ debts: 300, seed: '7', port: 0, ...STORY }, silent);
    // The story's clock stands still: from here on a Monday morning, at an hour when messages may leave.
    const at = romeInstant(addDays(STORY.start, STORY.days + 2), 600);
    demo.app.setClock({ now: () => at });
  }, TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    await demo.stop();
  });

  const follow = (page: Page, name: string | RegExp) =>
    page.getByRole('main').getByRole('link', { name }).first().click();
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).last().click();
  const arrive = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
  const go = (page: Page, path: string) => page.goto(`${demo.app.portalUrl}${path}`);

  async function picture(page: Page, name: string): Promise<void> {
    const shot = () => page.screenshot({ path: `${PICTURES}/console-${name}.png`, fullPage: false });
    // Chromium without a GPU now and then fails to capture: a picture is worth a second try, not a red test.
    await shot()
      .catch(shot)
      .catch((error) => console.warn(`no picture of ${name}: ${String(error).split('\n')[0]}`));
  }

  /** Invited, and then by the newcomer's own hands. */
  async function enrolled(name: string, roles: readonly Role[]): Promise<Page> {
    if (browser === null) throw new Error('no browser');
    const { app } = demo;
    const invitation = await app.db.tenant(1, async (tx) => {
      const { operatorId } = await createOperator(tx, app.vaultOf(1), { name, roles });
      return (await inviteOperator(tx, app.vaultOf(1), operatorId, app.realNow())).code;
    });
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
    page.setDefaultTimeout(15_000);
    await go(page, '/console/invito');
    await page.getByLabel('Codice di invito').fill(invitation);
    await press(page, 'Continua');
    await picture(page, 'invito');
    const secret = secretIn(await page.content());
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Ripeta la password').fill(PASSWORD);
    await page.getByLabel('Codice', { exact: true }).fill(generateSync({ secret }));
    await press(page, 'Entra');
    await go(page, '/console');
    await arrive(page, 'Oggi');
    return page;
  }

  it(
    'leads from the invitation to the results, at the desk alone',
    async () => {
      const page = await enrolled('Anna Neri', ['see', 'import', 'write', 'decide']);
      await picture(page, 'oggi');

      // A file.
      await page.getByRole('link', { name: 'Importa', exact: true }).click();
      await page
        .getByLabel('File CSV')
        .setInputFiles({ name: 'tari-2026.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
      await press(page, 'Leggi il file');
      await arrive(page, /Controlla il file tari-2026.csv/);
      await picture(page, 'importa');
      await press(page, 'Controlla 1 riga che non va');
      await page.getByText('1 riga su 5 da guardare').waitFor();
      await picture(page, 'righe');
      await press(page, 'Carica 4 righe buone');
      await page.getByText('Il file è stato caricato').waitFor();

      // A campaign, from the template.
      await page.getByRole('link', { name: 'Campagne', exact: true }).click();
      await follow(page, 'Nuova campagna');
      await arrive(page, 'Nuova campagna');
      await picture(page, 'modelli');
      await follow(page, 'Usa questo modello');
      await page.getByLabel('Codice').fill('tari-giugno');
      await page.getByLabel('Nome della campagna').fill('TARI di giugno');
      await picture(page, 'editor');
      await press(page, 'Salva e prova');
      await arrive(page, 'Prova di TARI di giugno');
      await picture(page, 'prova');
      await page.locator('a[href$="/prova/esempi"]').click();
      await page.getByLabel('Il Suo indirizzo nell’ente').fill('anna.neri@comune.borgosereno.example');
      await press(page, 'Invia la prova');
      await page.getByText('La prova è partita').waitFor();
      await page.getByRole('button', { name: 'Apri l’esempio 1' }).click();
      await page.getByText('è scritto nel registro').waitFor();
      await go(page, '/console/campagne/tari-giugno/prova');
      await press(page, /Proponi per l’approvazione/);
      await page.getByText('ora serve l’approvazione di una seconda persona').waitFor();
      await go(page, '/console/testi/sms-avviso');
      await page.locator('#anteprima').scrollIntoViewIfNeeded();
      await picture(page, 'testo');

      // Somebody else approves the exact number and starts it.
      const head = await enrolled('Luca Bruni', ['see', 'approve', 'manage']);
      await go(head, '/console/campagne/tari-giugno/approva');
      await picture(head, 'approva');
      await press(head, /Approva l’invio a/);
      await press(head, 'Avvia la campagna');
      await arrive(head, 'Avanzamento di TARI di giugno');
      await demo.app.settle();
      await head.reload();
      await head.getByText(/([1-9]\d*) su \1 messaggi/).waitFor();
      await picture(head, 'avanzamento');

      // What the campaign of the story brought, on the screen and in a file.
      await go(head, '/console/risultati');
      await follow(head, 'Avviso bonario TARI');
      await arrive(head, /Risultati di/);
      await picture(head, 'risultati');
      const [download] = await Promise.all([
        head.waitForEvent('download'),
        head.getByRole('main').getByRole('link', { name: /CSV/ }).first().click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/\.csv$/);

      // One citizen's whole story.
      await page.getByRole('link', { name: 'Persone', exact: true }).click();
      const sample = await demo.sandbox.get<{ codiceFiscale: string }>('/truth/sample');
      await page.getByLabel('Codice fiscale o cognome').fill(sample.codiceFiscale);
      await press(page, 'Cerca');
      await page.getByRole('heading', { name: 'Che cosa è successo' }).waitFor();
      await picture(page, 'persona');

      // An answer to a report.
      await page.getByRole('link', { name: 'Segnalazioni', exact: true }).click();
      await page.locator('a[href^="/console/segnalazioni/"]').first().click();
      await page.getByText('Parole Sue').waitFor();
      await picture(page, 'segnalazione');

      for (const [path, name] of [
        ['/console/scadenze', 'scadenze'],
        ['/console/regole/TARI', 'regole'],
        ['/console/permessi', 'permessi'],
      ] as const) {
        expect((await go(head, path))?.status()).toBe(200);
        await picture(head, name);
      }
    },
    TIMEOUT,
  );
});
