import { beforeEach, describe, expect, it } from 'vitest';
import { comune } from '../../../test/browser/fake-dialogue.ts';
import { type PortalClient, portalClient } from '../../../test/browser/portal-client.ts';

let portal: PortalClient;

beforeEach(async () => {
  portal = await portalClient();
});

describe('public pages', () => {
  it('lists the bodies', async () => {
    const page = await portal.get('/');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('href="/e/comune-esempio"');
    expect(page.body).toContain('Azienda sanitaria locale della Valle');
  });

  it('shows the true sender address of a body, and 404 for none', async () => {
    const page = await portal.get('/e/comune-esempio');
    expect(page.body).toContain('<strong>tributi@comune.esempio.example</strong>');
    expect(page.body).toContain('0123 456 789');
    expect((await portal.get('/e/altro')).statusCode).toBe(404);
  });

  it('serves a colour only for a body that has one', async () => {
    const css = await portal.get('/e/asl-valle/colore.css');
    expect(css.headers['content-type']).toContain('text/css');
    expect(css.body).toBe(':root{--b-accent:#7a1f3d;--b-accent-dark:#621931}');
    expect((await portal.get('/e/comune-esempio/colore.css')).statusCode).toBe(404);
    portal.dialogue.enti = [{ ...comune, accent: 'red}body{display:none' }];
    expect((await portal.get('/e/comune-esempio/colore.css')).statusCode).toBe(404);
  });

  it('answers healthz', async () => {
    expect((await portal.get('/healthz')).json()).toEqual({ ok: true });
  });
});

describe('headers', () => {
  it('forbid scripts of others, frames, referrers and storage on personal pages', async () => {
    portal = await portalClient({ extraFormActions: ['https://pay.example'] });
    const page = await portal.get('/avviso', 'link');
    const csp = String(page.headers['content-security-policy']);
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("form-action 'self' https://pay.example");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toContain('unsafe');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).toContain('<meta name="robots" content="noindex, nofollow"');
    expect(page.body).not.toMatch(/ style=|<script|<style| on\w+=/);
  });

  it('hold for the 404 page too', async () => {
    const page = await portal.get('/nessuna/pagina');
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body).toContain('Pagina non trovata');
  });

  it('let static files be kept for ever, under hashed names', async () => {
    const css = /href="(\/assets\/portal\.[0-9a-f]+\.css)"/.exec((await portal.get('/')).body)?.[1] ?? '';
    const file = await portal.get(css);
    expect(file.statusCode).toBe(200);
    expect(file.headers['cache-control']).toContain('immutable');
    expect((await portal.get('/assets/../index.ts')).statusCode).toBe(404);
  });
});

describe('stopping', () => {
  it('asks before "non sono io", then forgets the session', async () => {
    expect((await portal.get('/non-sono-io', 'link')).body).toContain('action="/non-sono-io"');
    expect(portal.calls('notMe')).toEqual([]);
    const done = await portal.post('/non-sono-io', {}, 'link');
    expect(done.headers.location).toBe('/non-sono-io/fatto');
    expect(done.cookies.find((cookie) => cookie.name === 'bonario_sessione')?.value).toBe('');
    expect(portal.calls('close')).toHaveLength(1);
    expect((await portal.get('/non-sono-io/fatto')).body).toContain('Non scriveremo più a questo indirizzo');
  });

  it('opts out on POST only, without cookie, from anywhere, in any encoding', async () => {
    expect((await portal.app.inject({ method: 'GET', url: '/o/o-known' })).body).toContain('action="/o/o-known"');
    expect(portal.calls('optOut')).toEqual([]);
    const bodies = [
      ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
      [
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      ],
    ] as const;
    for (const [type, payload] of bodies) {
      const headers = { 'content-type': type, origin: 'https://mail.example', 'sec-fetch-site': 'cross-site' };
      const page = await portal.app.inject({ method: 'POST', url: '/o/o-known', headers, payload });
      expect(page.statusCode).toBe(200);
    }
    expect((await portal.app.inject({ method: 'POST', url: '/o/o-known' })).statusCode).toBe(200);
    expect(portal.calls('optOut')).toHaveLength(3);
    expect((await portal.app.inject({ method: 'POST', url: '/o/unknown' })).statusCode).toBe(404);
  });

  it('signs out', async () => {
    const page = await portal.post('/esci', {}, 'identified');
    expect([page.statusCode, page.headers.location]).toEqual([303, '/e/comune-esempio']);
    expect(portal.calls('close')).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it('a form of another site, on every POST route but the opt-out', async () => {
    for (const url of ['/avviso/codice', '/codice', '/posizioni/d1/paga', '/segnala', '/segnala/d1', '/non-sono-io']) {
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
        expect((await portal.post(url, {}, 'identified', headers)).statusCode).toBe(403);
      }
    }
    expect(portal.dialogue.calls).toEqual([]);
    for (const headers of [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, { origin: 'http://portal.example' }]) {
      expect((await portal.post('/avviso/codice', {}, 'link', headers)).statusCode).toBe(303);
    }
  });

  it('bodies too large or of a kind no form sends', async () => {
    const large = await portal.post('/segnala', { motivo: 'other', testo: 'x'.repeat(40_000) }, 'link');
    expect(large.statusCode).toBe(413);
    expect(large.body).toContain('Richiesta non accettata');
    const odd = await portal.post('/segnala', {}, 'link', { 'content-type': 'application/x-odd' });
    expect(odd.statusCode).toBe(415);
  });
});

describe('without a session', () => {
  it('every personal page says so and leads back to the body', async () => {
    const pages = ['/avviso', '/codice', '/posizioni', '/posizioni/d1', '/posizioni/d1/paga', '/esito/c1', '/segnala'];
    for (const url of [...pages, '/segnala/d1', '/segnala/fatto?n=1&entro=2027-01-12', '/non-sono-io']) {
      const page = await portal.get(url);
      expect([url, page.statusCode]).toEqual([url, 401]);
      expect(page.body).toContain('La sessione è scaduta');
      expect(page.body).toContain('href="/e/comune-esempio"');
    }
    expect((await portal.app.inject({ method: 'GET', url: '/aiuto' })).statusCode).toBe(200);
  });
});

describe('a failure of ours', () => {
  it('shows a reference and no detail', async () => {
    portal.dialogue.failWith = new Error('secret detail');
    const page = await portal.post('/avviso/codice', {}, 'link');
    expect(page.statusCode).toBe(500);
    expect(page.body).toMatch(/indichi questo codice: <strong class="b-nowrap">[0-9A-F]{8}</);
    expect(page.body).not.toMatch(/secret|Error|at \//);
  });
});
