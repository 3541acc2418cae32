import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeDialogue, GOOD_CODE, GOOD_ITEM, position } from './fake-dialogue.ts';
import { launchBrowser } from './launch.ts';
import { portalServer } from './portal-server.ts';

const { browser, reason } = await launchBrowser();
const TIMEOUT = 30_000;

/** A stand-in for the payment rail: one page with one button that leads back to where it is told. */
async function railServer(): Promise<{ url: string; backTo: (url: string) => void; close: () => void }> {
  let back = '';
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(303, { location: back }).end();
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>Cassa</title><h1>Cassa</h1><form method="post"><button>Paga</button></form>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    backTo: (to) => {
      back = to;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.skipIf(browser === null)(`portal journeys${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let dialogue: FakeDialogue;
  let rail: Awaited<ReturnType<typeof railServer>>;
  let portal: Awaited<ReturnType<typeof portalServer>>;

  beforeEach(async () => {
    dialogue = new FakeDialogue();
    dialogue.link('t1', [position()]);
    rail = await railServer();
    portal = await portalServer(dialogue, [rail.url]);
  });

  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    rail.close();
    await portal.close();
  });

  afterAll(async () => {
    await browser?.close();
  });

  async function newPage(javaScriptEnabled: boolean): Promise<Page> {
    if (browser === null) throw new Error('no browser');
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 390, height: 844 } });
    return context.newPage();
  }

  const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
  const follow = (page: Page, name: RegExp) => page.getByRole('main').getByRole('link', { name }).click();
  const arriveAt = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

  async function identify(page: Page): Promise<void> {
    await page.goto(`${portal.url}/l/t1`);
    expect(page.url()).toBe(`${portal.url}/avviso`);
    await press(page, 'Ricevi un codice');
    await page.getByLabel('Codice di sei cifre').fill('999999');
    await page.getByLabel('Un dato che Lei ha già').fill(GOOD_ITEM);
    await press(page, 'Continua');
    expect(await page.getByRole('alert').textContent()).toContain('restano 3 tentativi');
    // What was typed is kept; only the wrong field is corrected.
    await page.getByLabel('Codice di sei cifre').fill(GOOD_CODE);
    await press(page, 'Continua');
    await arriveAt(page, 'TARI 2026, seconda rata');
  }

  for (const javaScript of [false, true]) {
    it(
      `from the link to the payment, JavaScript ${javaScript ? 'on' : 'off'}`,
      async () => {
        const page = await newPage(javaScript);
        await identify(page);
        dialogue.paymentAnswer = { kind: 'redirect', url: `${rail.url}/pay/1`, checkoutId: 'c1' };
        dialogue.checkouts.set('c1', { checkoutId: 'c1', state: 'verifying', position: position() });
        rail.backTo(`${portal.url}/esito/c1?esito=ok`);

        await follow(page, /^Paga$/);
        await press(page, 'Continua su pagoPA');
        await arriveAt(page, 'Cassa');
        await press(page, 'Paga');
        await arriveAt(page, 'Stiamo aspettando la conferma');

        const paid = position({ state: 'paid', paidCents: 124_850, outstandingCents: 0 });
        dialogue.checkouts.set('c1', { checkoutId: 'c1', state: 'paid', position: paid });
        await follow(page, /^Aggiorna$/);
        await arriveAt(page, 'Grazie, il pagamento è registrato');
        expect(page.url()).toBe(`${portal.url}/esito/c1`);
      },
      TIMEOUT,
    );

    it(
      `from the link to a report, JavaScript ${javaScript ? 'on' : 'off'}`,
      async () => {
        const page = await newPage(javaScript);
        await page.goto(`${portal.url}/l/t1`);
        await follow(page, /^Ho già pagato o non devo pagare/);
        await press(page, 'Invia la segnalazione');
        await page.getByRole('alert').waitFor();
        expect(await page.title()).toMatch(/^Errore: /);
        await page.getByRole('radio', { name: 'Ho già pagato' }).check();
        await page.getByLabel('Che cosa vuole dirci?').fill('In banca, il 3 novembre');
        await press(page, 'Invia la segnalazione');
        await arriveAt(page, 'Segnalazione inviata');
        expect(await page.getByRole('main').textContent()).toContain('n. 1042');
        expect(dialogue.calls.filter((call) => call.what === 'openDispute')).toHaveLength(1);
      },
      TIMEOUT,
    );
  }

  it(
    'goes to no address that is not on the list, whatever a redirect says',
    async () => {
      const page = await newPage(false);
      await identify(page);
      const other = await railServer();
      dialogue.paymentAnswer = { kind: 'redirect', url: `${other.url}/pay/1`, checkoutId: 'c1' };
      await follow(page, /^Paga$/);
      const refused = page.waitForEvent('console', (line) => line.text().includes('form-action'));
      await press(page, 'Continua su pagoPA');
      await refused;
      expect(page.url()).toBe(`${portal.url}/posizioni/d1/paga`);
      other.close();
    },
    TIMEOUT,
  );

  it(
    'is usable from the keyboard: skip link first, focus on the mistakes after an error',
    async () => {
      const page = await newPage(true);
      await page.goto(`${portal.url}/l/t1`);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Vai al contenuto');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('contenuto');
      await page.goto(`${portal.url}/codice`);
      await press(page, 'Continua');
      await page.getByRole('alert').waitFor();
      expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
    },
    TIMEOUT,
  );

  it(
    'prints a position with what was folded, without buttons',
    async () => {
      const page = await newPage(true);
      await identify(page);
      await page.emulateMedia({ media: 'print' });
      await page.screenshot({ path: 'test-results/screens/c4-print.png', fullPage: true });
      expect(await page.getByText('3020 0000 0012 3456 78').isVisible()).toBe(true);
      expect(await page.getByText('Tributo provinciale (TEFA)').isVisible()).toBe(true);
      expect(await page.locator('.btn, .b-rows, .b-slim-actions').filter({ visible: true }).count()).toBe(0);
    },
    TIMEOUT,
  );
});
