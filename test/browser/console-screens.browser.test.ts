import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { requestRecall } from '../../src/modules/campaigns/index.ts';
import { setEnteRule } from '../../src/modules/creditors/index.ts';
import { askPlan } from '../../src/modules/payments/index.ts';
import { type CampaignRuns, openCampaignRuns } from '../support/campaign-run.ts';
import { highWaterOf } from '../support/ground.ts';
import { openVisit, type Visit } from '../support/visit.ts';
import { type ConsoleUnderTest, codeAt, consoleOf, type Desk, PASSWORD, secretIn } from './console-app.ts';
import { launchBrowser } from './launch.ts';

const SCREENS = 'test-results/screens/console';
const TIMEOUT = 60_000;
const { browser, reason } = await launchBrowser();
/** A status that is meant, which Chromium notes in the console. */
const MEANT = /Failed to load resource: the server responded with a status of (401|403|404|422)/;

const INSTALLMENTS = {
  bands: [{ max: 12 }],
  minInstallmentCents: 1_000,
  everyMonths: 1,
  due: 'monthEnd',
  interest: 'none',
  automatic: false,
  forfeiture: { missed: 1, withinMonths: 6 },
};

describe.skipIf(browser === null)(`console screens${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let runs: CampaignRuns;
  let visit: Visit;
  let desk: ConsoleUnderTest;
  let chief: Desk;
  let url = '';
  const paths = { dispute: '', person: '', text: '', plan: '' };

  beforeAll(async () => {
    mkdirSync(SCREENS, { recursive: true });
    runs = await openCampaignRuns();
    const row = (n: number, name: string, surname: string) => ({
      externalId: `R${n}`,
      name,
      surname,
      email: `p${n}@posta.example`,
      amountCents: 123_456 * n,
      dueDate: '2026-06-16',
      documentNumber: `BOLLETTA-${n}`,
    });
    const rows = [row(1, 'Ada', 'Zanetti'), row(2, 'Bruno', 'Quaglia'), row(3, 'Carla', 'Zanetti')];
    visit = await openVisit(runs, [{ rows }], { name: 'Comune di Borgo Sereno sul Fiume Lungo' });
    const session = await visit.identified('p1@posta.example', 'BOLLETTA-1');
    const about = { debtId: visit.debts[0]?.debtId ?? '', kind: 'alreadyPaid' as const, idempotencyKey: 'una-volta' };
    await visit.dialogue.openDispute(session, {
      ...about,
      text: 'Ho pagato in posta a giugno, ho ancora la ricevuta.',
    });
    await visit.run.pay(visit.debts[1]?.debtId ?? '', 50_000);
    // Paid twice: a refund to decide.
    await visit.run.pay(visit.debts[1]?.debtId ?? '', 246_912);
    await visit.run.tx((tx) =>
      setEnteRule(tx, {
        key: 'installmentPlan',
        creditType: '*',
        validFrom: civilDate('2020-01-01'),
        value: INSTALLMENTS,
        legalBasis: 'Regolamento delle entrate, art. 12',
      }),
    );
    const { debtId = '', debtorId = '' } = visit.debts[2] ?? {};
    const plan = await visit.run.tx((tx) =>
      askPlan(
        tx,
        { vault: visit.run.store.vaultOf(visit.run.enteId), highWater: highWaterOf(visit.run.store) },
        { debtId, debtorId, count: 3, idempotencyKey: 'k', now: visit.run.now() },
      ),
    );
    if (!('planId' in plan)) throw new Error(plan.kind);
    paths.plan = `/console/pagamenti/rate/${plan.planId}`;
    const cause = { kind: 'campaign', code: 'giro' } as const;
    const note = 'Gli importi del file erano sbagliati: c’era una rata in più.';
    const { campaigns, enteId, clerk } = visit.run;
    await requestRecall(campaigns, enteId, { cause, note, texts: {} }, clerk);
    desk = await consoleOf(visit.run);
    chief = await desk.enrol('Massimiliano Degli Esposti', ['see', 'import', 'write', 'approve', 'decide', 'manage']);
    url = await desk.app.listen({ port: 0, host: '127.0.0.1' });
    paths.person = `/console/persone/${visit.debts[0]?.debtorId}`;
    const list = (await desk.get('/console/segnalazioni', chief.session)).body;
    paths.dispute = /\/console\/segnalazioni\/[0-9a-f-]{36}/.exec(list)?.[0] ?? '';
    const person = (await desk.get(paths.person, chief.session)).body;
    paths.text = paths.person + (/\?testo=[0-9a-f-]{36}/.exec(person)?.[0] ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await desk.app.close();
    await runs.close();
  });

  async function contextFor(width: number, session: string | null, javaScriptEnabled = true): Promise<BrowserContext> {
    if (browser === null) throw new Error('no browser');
    const context = await browser.newContext({
      viewport: { width, height: width === 390 ? 844 : 900 },
      javaScriptEnabled,
    });
    if (session !== null) {
      await context.addCookies([{ name: 'bonario_console', value: session, domain: '127.0.0.1', path: '/console' }]);
    }
    return context;
  }

  const overflow = (page: Page) =>
    page.evaluate(`document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > window.innerWidth && !e.closest('.c-scroll *'))
      .map((e) => e.outerHTML.slice(0, 80))`) as Promise<string[]>;
  const smallTargets = (page: Page) =>
    page.evaluate(`[...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary, textarea')]
      .filter((e) => !e.closest('.skiplinks, .b-callout-error') && !['radio', 'checkbox'].includes(e.type))
      .filter((e) => e.getClientRects().length > 0 && e.getBoundingClientRect().height < 43.5)
      .map((e) => e.outerHTML.slice(0, 80))`) as Promise<string[]>;

  interface Screen {
    readonly name: string;
    readonly path: () => string;
    readonly out?: true;
    readonly act?: (page: Page) => Promise<void>;
  }
  const submit = async (page: Page, selector: string) => {
    const loaded = page.waitForEvent('load');
    await page.click(selector);
    await loaded;
  };
  const screens: readonly Screen[] = [
    { name: 'accesso', path: () => '/console/accedi', out: true },
    {
      name: 'accesso-errore',
      path: () => '/console/accedi',
      out: true,
      act: async (page) => {
        await page.fill('#nome', 'nessuno');
        await page.fill('#password', 'sbagliata');
        await page.fill('#codice', '000000');
        await submit(page, 'main button');
      },
    },
    { name: 'invito', path: () => '/console/invito', out: true },
    {
      name: 'invito-aperto',
      path: () => '/console/invito',
      out: true,
      act: async (page) => {
        const { code } = await desk.invite('Nuova Persona', ['see']);
        await page.fill('#invito', code);
        await submit(page, 'main button');
      },
    },
    { name: 'oggi', path: () => '/console' },
    { name: 'incerti', path: () => '/console/invii-incerti' },
    { name: 'ricevute', path: () => '/console/ricevute' },
    { name: 'persone', path: () => '/console/persone' },
    {
      name: 'persone-trovate',
      path: () => '/console/persone',
      act: async (page) => {
        await page.fill('#cerca', 'zanetti');
        await submit(page, 'main button');
      },
    },
    { name: 'persona', path: () => paths.person },
    { name: 'persona-testo', path: () => paths.text },
    { name: 'pagamenti', path: () => '/console/pagamenti' },
    { name: 'rate', path: () => '/console/pagamenti/rate' },
    { name: 'rate-richiesta', path: () => paths.plan },
    {
      name: 'rate-errore',
      path: () => paths.plan,
      act: (page) => submit(page, 'button:near(#motivo)'),
    },
    { name: 'rimborsi', path: () => '/console/pagamenti/rimborsi' },
    { name: 'riconciliazione', path: () => '/console/pagamenti/riconciliazione' },
    { name: 'segnalazioni', path: () => '/console/segnalazioni' },
    { name: 'segnalazioni-nessuna', path: () => '/console/segnalazioni?stato=scadute' },
    { name: 'segnalazione', path: () => paths.dispute },
    {
      name: 'segnalazione-errore',
      path: () => paths.dispute,
      act: (page) => submit(page, 'main form button'),
    },
    {
      name: 'segnalazione-conferma',
      path: () => paths.dispute,
      act: async (page) => {
        await page.check('#decisione');
        await page.selectOption('#modello', 'pagato');
        await submit(page, 'main form button');
      },
    },
    {
      name: 'rettifica-nuova',
      path: () => '/console/rettifiche-nuova?causa=campagna&campagna=giro',
      act: async (page) => {
        await page.fill('#nota', 'Gli importi del file erano sbagliati.');
        await submit(page, 'button[value="mostra"]');
        await page.click('main summary >> nth=0');
      },
    },
    { name: 'rettifica', path: () => '/console/rettifiche/rettifica-1' },
    {
      name: 'rettifica-approvata',
      path: () => '/console/rettifiche/rettifica-1',
      act: async (page) => {
        // At the first width it still waits for the second person.
        const approve = 'form[action$="/approva"] button';
        if ((await page.locator(approve).count()) > 0) await submit(page, approve);
        await visit.run.settle();
        await page.reload();
      },
    },
    { name: 'rettifica-persone', path: () => '/console/rettifiche/rettifica-1/persone' },
    { name: 'registro', path: () => '/console/registro' },
    { name: 'registro-verifica', path: () => '/console/registro', act: (page) => submit(page, 'main form button') },
    { name: 'accesso-mio', path: () => '/console/accesso' },
    {
      name: 'accesso-codici',
      path: () => '/console/invito',
      out: true,
      act: async (page) => {
        const { code } = await desk.invite('Nuova Persona', ['see']);
        await page.fill('#invito', code);
        await submit(page, 'main button');
        const secret = secretIn(await page.content());
        await page.fill('#password', PASSWORD);
        await page.fill('#ripeti', PASSWORD);
        await page.fill('#codice', codeAt(secret, desk.real.at));
        await submit(page, 'main button');
      },
    },
    { name: 'permessi', path: () => '/console/permessi' },
    { name: 'permessi-errore', path: () => '/console/permessi', act: (page) => submit(page, 'main form button') },
    {
      name: 'permessi-invito',
      path: () => '/console/permessi',
      act: async (page) => {
        await page.fill('#nome', 'Annamaria Della Valle Santacroce');
        await page.check('#ruolo-write');
        await page.check('#ruolo-approve');
        await submit(page, 'main form button');
      },
    },
    { name: 'permessi-uno', path: () => `/console/permessi/${chief.operatorId}` },
    {
      name: 'permessi-conferma',
      path: () => `/console/permessi/${chief.operatorId}`,
      act: (page) => submit(page, 'form[action$="/sospendi"] button'),
    },
    { name: 'permessi-ultimo', path: () => `/console/permessi/${chief.operatorId}?fatto=ultimo` },
    { name: 'programmi-vuoti', path: () => '/console/permessi/programmi' },
    {
      name: 'programmi-chiave',
      path: () => '/console/permessi/programmi',
      act: async (page) => {
        await page.fill('#programma', 'Gestionale dei tributi e delle entrate patrimoniali');
        await page.check('#puo');
        await submit(page, 'form[action$="/chiavi"] button');
      },
    },
    {
      name: 'programmi-segreto',
      path: () => '/console/permessi/programmi',
      act: async (page) => {
        await page.fill('#indirizzo', 'http://127.0.0.1:9/fatti/da/bonario/con/un/percorso/molto/lungo/davvero');
        await page.check('#fatto');
        await submit(page, 'form[action$="/indirizzi"] button');
      },
    },
    {
      name: 'programmi-provato',
      path: () => '/console/permessi/programmi',
      act: (page) => submit(page, 'form[action$="/prova"] button'),
    },
    {
      name: 'programmi-errore',
      path: () => '/console/permessi/programmi',
      act: (page) => submit(page, 'form[action$="/chiavi"] button'),
    },
    {
      name: 'programmi-togli',
      path: () => '/console/permessi/programmi',
      act: (page) => submit(page, 'table form[action$="/togli"] button'),
    },
    { name: 'non-trovata', path: () => '/console/niente' },
  ];

  for (const screen of screens) {
    for (const width of [390, 1280]) {
      it(
        `${screen.name} at ${width}`,
        async () => {
          const context = await contextFor(width, screen.out ? null : chief.session);
          const page = await context.newPage();
          const noise: string[] = [];
          page.on('console', (line) => {
            if (line.type() === 'error' && !MEANT.test(line.text())) noise.push(line.text());
          });
          page.on('pageerror', (error) => noise.push(String(error)));
          await page.goto(url + screen.path());
          await screen.act?.(page);
          const shot = () => page.screenshot({ path: `${SCREENS}/${screen.name}-${width}.png`, fullPage: true });
          await shot().catch(shot);
          const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
          expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
          expect(await overflow(page)).toEqual([]);
          expect(await smallTargets(page)).toEqual([]);
          expect(await page.locator('h1').count()).toBe(1);
          if (width === 390) {
            await page.setViewportSize({ width: 320, height: 640 });
            expect(await overflow(page)).toEqual([]);
          }
          expect(noise).toEqual([]);
          await context.close();
        },
        TIMEOUT,
      );
    }
  }

  it(
    'signs in, answers a dispute and leaves, without JavaScript',
    async () => {
      const clerk = await desk.enrol('Giulia Sportello', ['see', 'decide']);
      desk.real.at += 30_000;
      const context = await contextFor(390, null, false);
      const page = await context.newPage();
      await page.goto(`${url}/console/segnalazioni`);
      await page.fill('#nome', `${clerk.login}@${visit.run.ente.slug}`);
      await page.fill('#password', PASSWORD);
      await page.fill('#codice', codeAt(clerk.secret, desk.real.at));
      await page.click('main button');
      expect(new URL(page.url()).pathname).toBe('/console/segnalazioni');
      await page.click('main table a');
      await page.check('#decisione-respinta');
      await page.fill('#testo', 'Abbiamo controllato: il pagamento non risulta.');
      await page.click('main form button');
      expect(await page.textContent('h1')).toBe('Conferma: non accolgo');
      await page.click('main form button');
      expect(await page.textContent('main')).toContain('Decisa da Giulia Sportello');
      await page.click('header button');
      expect(new URL(page.url()).pathname).toBe('/console/accedi');
      await page.goto(`${url}/console`);
      expect(new URL(page.url()).pathname).toBe('/console/accedi');
      await context.close();
    },
    TIMEOUT,
  );
});
