import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asl,
  comune,
  everyMessage,
  everyState,
  FakeDialogue,
  offered,
  plan,
  position,
  report,
} from './fake-dialogue.ts';
import { launchBrowser } from './launch.ts';
import { portalServer } from './portal-server.ts';

const { browser, reason } = await launchBrowser();
const SCREENS = 'test-results/screens';
const TIMEOUT = 30_000;

/** One screen in one state: how to get there. `form`: fields to fill, then the main form is sent. */
interface Screen {
  readonly name: string;
  readonly path: string;
  readonly level?: 'link' | 'identified';
  readonly token?: string;
  /** What the Dialogue is to answer here. */
  readonly answers?: Partial<
    Pick<FakeDialogue, 'enti' | 'sent' | 'identifyAnswer' | 'paymentAnswer' | 'offerAnswer' | 'planAnswer' | 'failWith'>
  >;
  readonly form?: { readonly action: string; readonly fields: Readonly<Record<string, string>> };
}

const payForm = { action: '/posizioni/d1/paga', fields: {} };
const codeForm = { action: '/codice', fields: { codice: '000000', elemento: 'UT-1' } };

const screens: readonly Screen[] = [
  { name: 'home', path: '/' },
  { name: 'home-empty', path: '/', answers: { enti: [] } },
  { name: 'ente', path: '/e/comune-esempio' },
  { name: 'ente-accent', path: '/e/asl-valle' },
  { name: 'ente-sign-in', path: '/e/comune-esempio', answers: { enti: [{ ...comune, signIn: ['spid', 'cie'] }] } },
  { name: 'link-unknown', path: '/l/unknown' },
  { name: 'c1', path: '/avviso', level: 'link' },
  { name: 'c1-no-code', path: '/avviso', level: 'link', token: 'health-body' },
  { name: 'c2', path: '/codice', level: 'link' },
  { name: 'c2-sent', path: '/avviso', level: 'link', form: { action: '/avviso/codice', fields: {} } },
  { name: 'c2-too-many', path: '/codice?stato=attesa', level: 'link' },
  { name: 'c2-channel-down', path: '/codice?stato=guasto', level: 'link' },
  { name: 'c2-wrong', path: '/codice', level: 'link', form: codeForm },
  { name: 'c2-empty', path: '/codice', level: 'link', form: { action: '/codice', fields: {} } },
  {
    name: 'c2-expired',
    path: '/codice',
    level: 'link',
    form: codeForm,
    answers: { identifyAnswer: { kind: 'codeExpired' } },
  },
  { name: 'aiuto', path: '/aiuto', level: 'link' },
  { name: 'aiuto-no-body', path: '/aiuto' },
  { name: 'c3', path: '/posizioni', level: 'identified', token: 'many' },
  { name: 'c3-none', path: '/posizioni', level: 'identified', token: 'none' },
  ...everyState().map(
    ({ state }): Screen => ({ name: `c4-${state}`, path: `/posizioni/${state}`, level: 'identified', token: 'many' }),
  ),
  { name: 'c4-only', path: '/posizioni', level: 'identified' },
  ...(['open', 'rejected', 'accepted'] as const).map(
    (state): Screen => ({
      name: `c4-report-${state}`,
      path: `/posizioni/${state}`,
      level: 'identified',
      token: 'reports',
    }),
  ),
  { name: 'c3-answered', path: '/posizioni', level: 'identified', token: 'reports' },
  { name: 'c8-answered', path: '/segnala/rejected', level: 'identified', token: 'reports' },
  { name: 'c10', path: '/messaggi', level: 'identified', answers: { sent: everyMessage() } },
  { name: 'c10-none', path: '/messaggi', level: 'identified' },
  { name: 'c4-no-notice', path: '/posizioni/no-notice', level: 'identified', token: 'no-notice' },
  { name: 'receipt', path: '/posizioni/paid/ricevute/7f3d2c9a1b', level: 'identified', token: 'many' },
  { name: 'c7', path: '/posizioni/d1/rate?rate=4', level: 'identified' },
  {
    name: 'c7-not-offered',
    path: '/posizioni/d1/rate',
    level: 'identified',
    answers: { offerAnswer: { kind: 'notOffered' } },
  },
  {
    name: 'c7-too-many',
    path: '/posizioni/d1/rate',
    level: 'identified',
    form: { action: '/posizioni/d1/rate', fields: {} },
    answers: { planAnswer: { kind: 'tooMany', most: 6 } },
  },
  ...(['requested', 'refused', 'completed', 'forfeited'] as const).map(
    (state): Screen => ({ name: `c4-plan-${state}`, path: `/posizioni/${state}`, level: 'identified', token: 'plans' }),
  ),
  { name: 'c5', path: '/posizioni/d1/paga', level: 'identified' },
  ...(
    [
      ['changed', { kind: 'amountChanged', outstandingCents: 130_000 }],
      ['paid', { kind: 'alreadyPaid' }],
      ['in-progress', { kind: 'inProgress', checkoutId: 'verifying' }],
      ['in-doubt', { kind: 'inDoubt' }],
      ['unavailable', { kind: 'unavailable' }],
    ] as const
  ).map(
    ([name, answer]): Screen => ({
      name: `c5-${name}`,
      path: '/posizioni/d1/paga',
      level: 'identified',
      form: payForm,
      answers: { paymentAnswer: answer },
    }),
  ),
  ...(['verifying', 'paid', 'cancelled', 'failed'] as const).map(
    (state): Screen => ({ name: `c6-${state}`, path: `/esito/${state}`, level: 'identified' }),
  ),
  { name: 'c8', path: '/segnala', level: 'link' },
  { name: 'c8-position', path: '/segnala/d1', level: 'identified' },
  { name: 'c8-error', path: '/segnala', level: 'link', form: { action: '/segnala', fields: { testo: 'Ho pagato' } } },
  { name: 'c8-done', path: '/segnala/fatto?n=1042&entro=2027-01-12', level: 'identified' },
  { name: 'not-me', path: '/non-sono-io', level: 'link' },
  { name: 'not-me-done', path: '/non-sono-io', level: 'link', form: { action: '/non-sono-io', fields: {} } },
  { name: 'opt-out', path: '/o/o-known' },
  { name: 'opt-out-done', path: '/o/o-known', form: { action: '/o/o-known', fields: {} } },
  { name: 'opt-out-unknown', path: '/o/unknown', form: { action: '/o/unknown', fields: {} } },
  { name: 'expired', path: '/posizioni' },
  { name: 'not-found', path: '/non-esiste' },
  { name: 'failure', path: '/', answers: { failWith: new Error('planted') } },
];

/** Statuses that Chromium itself notes in the console, for a page whose status is meant. */
const MEANT = /Failed to load resource: the server responded with a status of (401|404|409|422|500|503)/;

describe.skipIf(browser === null)(`portal screens${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const dialogue = new FakeDialogue();
  let url = '';
  let close = async () => {};

  beforeAll(async () => {
    mkdirSync(SCREENS, { recursive: true });
    dialogue.link('t1', [position()]);
    dialogue.link('many', everyState());
    dialogue.link('none', []);
    dialogue.link('no-notice', [position({ debtId: 'no-notice', noticeNumber: null, reference: null })]);
    dialogue.link('health-body', [position()], asl);
    dialogue.link(
      'plans',
      (['requested', 'refused', 'completed', 'forfeited'] as const).map((state) =>
        position({ debtId: state, state: state === 'completed' ? 'paid' : 'overdue', plan: plan(state) }),
      ),
    );
    dialogue.link('reports', [
      position({ debtId: 'open', state: 'disputed', report: report('open') }),
      position({ debtId: 'rejected', state: 'overdue', report: report('rejected') }),
      position({ debtId: 'accepted', state: 'cancelled', outstandingCents: 0, report: report('accepted') }),
    ]);
    for (const state of ['verifying', 'paid', 'cancelled', 'failed'] as const) {
      const paid = state === 'paid' ? { state, paidCents: 124_850, outstandingCents: 0 } : {};
      dialogue.checkouts.set(state, { checkoutId: state, state, position: position(paid) });
    }
    ({ url, close } = await portalServer(dialogue));
  });

  afterAll(async () => {
    await browser?.close();
    await close();
  });

  function reset(): void {
    dialogue.enti = [comune, asl];
    dialogue.sent = [];
    dialogue.identifyAnswer = null;
    dialogue.paymentAnswer = null;
    dialogue.offerAnswer = offered(4);
    dialogue.planAnswer = { kind: 'accepted' };
    dialogue.failWith = null;
    dialogue.triesLeft = 4;
  }

  async function contextFor(screen: Screen, width: number): Promise<BrowserContext> {
    if (browser === null) throw new Error('no browser');
    const context = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 900 } });
    if (screen.level !== undefined) {
      const value = dialogue.session(screen.token ?? 't1', screen.level);
      await context.addCookies([{ name: 'bonario_sessione', value, url }]);
    }
    return context;
  }

  async function arrive(page: Page, screen: Screen): Promise<void> {
    reset();
    Object.assign(dialogue, screen.answers);
    await page.goto(url + screen.path);
    if (screen.form === undefined) return;
    for (const [name, value] of Object.entries(screen.form.fields)) await page.fill(`[name=${name}]`, value);
    const loaded = page.waitForEvent('load');
    await page.click(`main form[method=post][action="${screen.form.action}"] [type=submit]`);
    await loaded;
  }

  /** What sticks out of the window sideways, if the page can be scrolled that way. */
  const overflow = (page: Page) =>
    page.evaluate(`document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > window.innerWidth)
      .map((e) => e.outerHTML.slice(0, 80))`) as Promise<string[]>;

  /** Chromium without a GPU now and then fails to capture: an artefact is worth a second try, not a red test. */
  async function capture(page: Page, path: string): Promise<void> {
    const shot = () => page.screenshot({ path, fullPage: true });
    await shot()
      .catch(shot)
      .catch((error) => console.warn(`no picture of ${path}: ${String(error).split('\n')[0]}`));
  }

  /** Links and buttons outside running text that are less than 44 px high. */
  const smallTargets = (page: Page) =>
    page.evaluate(`[...document.querySelectorAll('a, button, input:not([type=hidden]), summary, textarea')]
      .filter((e) => !e.closest('p, li.b-inline, .skiplinks, .b-callout-error') && e.type !== 'radio')
      .filter((e) => e.getClientRects().length > 0 && e.getBoundingClientRect().height < 43.5)
      .map((e) => e.outerHTML.slice(0, 80))`) as Promise<string[]>;

  for (const screen of screens) {
    for (const width of [390, 1280]) {
      it(
        `${screen.name} at ${width}`,
        async () => {
          const context = await contextFor(screen, width);
          const page = await context.newPage();
          const noise: string[] = [];
          page.on('console', (line) => {
            if (line.type() === 'error' && !MEANT.test(line.text())) noise.push(line.text());
          });
          page.on('pageerror', (error) => noise.push(String(error)));
          await arrive(page, screen);
          await capture(page, `${SCREENS}/${screen.name}-${width}.png`);

          const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
          expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
          expect(await overflow(page)).toEqual([]);
          expect(await smallTargets(page)).toEqual([]);
          expect(await page.locator('h1').count()).toBe(1);
          if (width === 390) {
            await page.setViewportSize({ width: 320, height: 640 });
            expect(await overflow(page)).toEqual([]);
            // WCAG 1.4.12: nothing may break when readers widen the spacing.
            await page.evaluate(`(() => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
              document.adoptedStyleSheets = [sheet];
            })()`);
            expect(await overflow(page)).toEqual([]);
          }
          expect(noise).toEqual([]);
          await context.close();
        },
        TIMEOUT,
      );
    }
  }
});
