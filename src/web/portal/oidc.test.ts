import { beforeEach, describe, expect, it } from 'vitest';
import { asl, comune, FakeDialogue, position } from '../../../test/browser/fake-dialogue.ts';
import { portalApp } from '../../../test/browser/portal-server.ts';
import type { EntePublic, SignIn, SignInFinished, SignInStarted } from '../../modules/conversations/index.ts';

const AT_PROVIDER = 'https://idp.example/auth?state=s';
const withSignIn: EntePublic = { ...comune, signIn: ['spid', 'cie'] };
const aslWithSignIn: EntePublic = { ...asl, signIn: ['spid'] };

/** A portal whose bodies have set up SPID and CIE. */
class SignInDialogue extends FakeDialogue {
  started: SignInStarted = { kind: 'redirect', url: AT_PROVIDER, browser: 'di-questo-browser' };
  finished: SignInFinished = { kind: 'refused', reason: 'invalid', ente: withSignIn };
  override enti = [withSignIn, aslWithSignIn];
  readonly signIn: SignIn = {
    start: async (enteId, way) => {
      this.calls.push({ what: 'start', input: { enteId, way } });
      return this.started;
    },
    finish: async (callback, browser, session) => {
      this.calls.push({ what: 'finish', input: { callback, browser, session } });
      return this.finished;
    },
  };
}

let dialogue: SignInDialogue;
let app: Awaited<ReturnType<typeof portalApp>>['app'];
const get = (url: string, cookies: Record<string, string> = {}) => app.inject({ method: 'GET', url, cookies });
const calls = (what: string) => dialogue.calls.filter((call) => call.what === what).map((call) => call.input);

beforeEach(async () => {
  dialogue = new SignInDialogue();
  dialogue.link('t1', [position()], withSignIn);
  dialogue.link('salute', [position({ title: 'Ticket sanitario' })], aslWithSignIn);
  app = (await portalApp(dialogue)).app;
});

describe('the way in by SPID or CIE', () => {
  it('stands first on C1, before the code, and alone where no code is offered', async () => {
    const page = (await get('/avviso', { bonario_sessione: dialogue.session('t1', 'link') })).body;
    expect(page.indexOf('href="/entra/comune-esempio"')).toBeGreaterThan(0);
    expect(page.indexOf('href="/entra/comune-esempio"')).toBeLessThan(page.indexOf('action="/avviso/codice"'));
    // One primary action a screen.
    expect(page.match(/btn btn-primary/g)).toHaveLength(1);
    const health = (await get('/avviso', { bonario_sessione: dialogue.session('salute', 'link') })).body;
    expect(health).toContain('Entra con SPID</a>');
    expect(health).not.toContain('/avviso/codice');
    expect(health).not.toMatch(/si rivolga all’ufficio: Le darà|Ticket/);
    expect((await get('/aiuto', { bonario_ente: 'asl-valle' })).body).toContain('href="/entra/asl-valle"');
    expect((await get('/e/asl-valle')).body).toContain('Entra con SPID</a>');
    expect((await get('/e/comune-esempio')).body.match(/btn btn-primary/g)).toHaveLength(1);
  });

  it('is nowhere when the body has set up none, nor are its pages', async () => {
    dialogue.enti = [comune];
    dialogue.link('senza', [position()]);
    const page = (await get('/avviso', { bonario_sessione: dialogue.session('senza', 'link') })).body;
    expect(page).not.toMatch(/SPID|CIE|\/entra/);
    expect((await get('/e/comune-esempio')).body).not.toMatch(/SPID|CIE|\/entra/);
    for (const url of ['/entra/comune-esempio', '/entra/comune-esempio/avvia?con=spid', '/entra/nessuno']) {
      expect((await get(url)).statusCode).toBe(404);
    }
    const { app: without } = await portalApp(new FakeDialogue());
    expect((await without.inject('/entra/ritorno?code=x&state=y')).statusCode).toBe(404);
    expect(calls('start')).toEqual([]);
  });

  it('names both, as links, and tells what is received', async () => {
    const page = await get('/entra/comune-esempio');
    expect(page.statusCode).toBe(200);
    expect(page.body).toMatch(/href="\/entra\/comune-esempio\/avvia\?con=spid"[^>]*>\s*Entra con SPID/);
    expect(page.body).toMatch(/href="\/entra\/comune-esempio\/avvia\?con=cie"[^>]*>\s*Entra con CIE/);
    expect(page.body).toContain('Solo il Suo codice fiscale');
    expect(page.body).not.toContain('<img');
  });

  it('leads to the provider and binds this browser', async () => {
    const page = await get('/entra/comune-esempio/avvia?con=cie');
    expect([page.statusCode, page.headers.location]).toEqual([303, AT_PROVIDER]);
    expect(page.cookies).toMatchObject([
      {
        name: 'bonario_accesso',
        value: 'di-questo-browser',
        path: '/entra',
        httpOnly: true,
        sameSite: 'Lax',
        maxAge: 600,
      },
    ]);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(calls('start')).toEqual([{ enteId: 1, way: 'cie' }]);
    for (const url of [
      '/entra/comune-esempio/avvia',
      '/entra/comune-esempio/avvia?con=altro',
      '/entra/asl-valle/avvia?con=cie',
    ]) {
      expect((await get(url)).statusCode).toBe(404);
    }
    await app.inject({ method: 'HEAD', url: '/entra/comune-esempio/avvia?con=spid' });
    expect(calls('start')).toHaveLength(1);
  });

  it('says so when the provider is away', async () => {
    dialogue.started = { kind: 'unavailable' };
    const page = await get('/entra/comune-esempio/avvia?con=spid');
    expect(page.statusCode).toBe(503);
    expect(page.body).toContain('Ora non è possibile entrare');
    expect(page.cookies).toEqual([]);
  });
});

describe('coming back', () => {
  const back = '/entra/ritorno?code=abc&state=1.xyz';

  it('opens a session under a clean address and forgets the rest', async () => {
    const link = dialogue.session('t1', 'link');
    dialogue.finished = { kind: 'signedIn', session: dialogue.session('t1', 'identified'), ente: withSignIn };
    const page = await get(back, { bonario_accesso: 'di-questo-browser', bonario_sessione: link });
    expect([page.statusCode, page.headers.location]).toEqual([303, '/posizioni']);
    expect(calls('finish')).toEqual([{ callback: back, browser: 'di-questo-browser', session: link }]);
    const cookie = (name: string) => page.cookies.find((c) => c.name === name);
    expect(cookie('bonario_sessione')).toMatchObject({
      value: dialogue.finished.session,
      httpOnly: true,
      sameSite: 'Lax',
    });
    expect(cookie('bonario_accesso')).toMatchObject({ value: '', path: '/entra' });
    expect(page.headers['referrer-policy']).toBe('no-referrer');
  });

  it('shows the empty list to who owes nothing', async () => {
    dialogue.link('nulla', [], withSignIn);
    const page = await get('/posizioni', { bonario_sessione: dialogue.session('nulla', 'identified') });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/TARI|€/);
  });

  it('tells each refusal in words, with the way to try again and no session', async () => {
    const expected = { cancelled: 200, invalid: 400, levelTooLow: 403, noFiscalNumber: 403, unavailable: 503 } as const;
    const titles = new Set<string>();
    for (const [reason, status] of Object.entries(expected) as [keyof typeof expected, number][]) {
      dialogue.finished = { kind: 'refused', reason, ente: withSignIn };
      const page = await get(back);
      expect(page.statusCode).toBe(status);
      expect(page.body).toContain('href="/entra/comune-esempio"');
      expect(page.cookies.find((c) => c.name === 'bonario_sessione')).toBeUndefined();
      expect(page.body).not.toContain('abc');
      titles.add(/<h1[^>]*>([^<]+)/.exec(page.body)?.[1] ?? '');
    }
    expect(titles.size).toBe(5);
    dialogue.finished = { kind: 'refused', reason: 'invalid', ente: null };
    expect((await get(back)).body).toContain('href="/"');
  });
});
