import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validCf } from '../support/ground.ts';
import { launchBrowser } from './launch.ts';
import { MARIO, openSignInWorld, type SignInWorld } from './oidc-world.ts';

const { browser, reason } = await launchBrowser();
const TIMEOUT = 60_000;

describe.skipIf(browser === null)(`sign-in journeys${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let world: SignInWorld;
  let portalUrl = '';
  beforeAll(async () => {
    world = await openSignInWorld();
    portalUrl = world.portalUrl;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  async function enter(codiceFiscale: string, level: string, from: string) {
    if (browser === null) throw new Error('no browser');
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await page.goto(`${portalUrl}/l/${world.visit.token(from)}`);
    expect(await page.getByRole('main').textContent()).not.toContain('Ticket');
    await page.getByRole('link', { name: 'Entra con SPID o CIE' }).click();
    await page.getByRole('link', { name: 'Entra con CIE' }).click();
    await page.getByLabel('Codice fiscale').fill(codiceFiscale);
    await page.getByLabel('Livello').selectOption(level);
    await page.getByRole('button', { name: 'Entra' }).click();
    await page.waitForURL(/\/posizioni|\/entra\//);
    return page;
  }

  it(
    'health is seen and can be paid after SPID or CIE at level 2',
    async () => {
      const page = await enter(MARIO, '2', 'p1@posta.example');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Ticket');
      await page
        .getByRole('main')
        .getByRole('link', { name: /^Paga$/ })
        .click();
      expect(await page.getByRole('button', { name: 'Continua su pagoPA' }).count()).toBe(1);
      // The way back does not lead into the session a second time.
      await page.getByRole('button', { name: 'Esci' }).click();
      await page.goto(`${portalUrl}/posizioni`);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('La sessione è scaduta');
    },
    TIMEOUT,
  );

  it(
    'the link of another leads to nothing of his, and level 1 to nothing at all',
    async () => {
      const nobody = await enter(validCf(77), '2', 'p1@posta.example');
      expect(await nobody.getByRole('main').textContent()).not.toMatch(/Ticket|€|Rossi/);
      const low = await enter(MARIO, '1', 'p1@posta.example');
      expect(await low.getByRole('heading', { level: 1 }).textContent()).toBe('Serve un accesso di livello 2');
      await low.goto(`${portalUrl}/posizioni`);
      expect(low.url()).toBe(`${portalUrl}/avviso`);
    },
    TIMEOUT,
  );
});
