import { beforeEach, describe, expect, it } from 'vitest';
import { asl, GOOD_CODE, GOOD_ITEM, position } from '../../../test/browser/fake-dialogue.ts';
import { type PortalClient, portalClient } from '../../../test/browser/portal-client.ts';

let portal: PortalClient;

beforeEach(async () => {
  portal = await portalClient();
});

describe('the link', () => {
  it('becomes a cookie and a clean address', async () => {
    const page = await portal.get('/l/t1');
    expect([page.statusCode, page.headers.location]).toEqual([303, '/avviso']);
    const cookie = page.cookies.find((c) => c.name === 'bonario_sessione');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(cookie?.secure).toBeUndefined();
  });

  it('marks cookies Secure when told', async () => {
    portal = await portalClient({ secureCookies: true });
    const page = await portal.app.inject({ method: 'GET', url: '/l/t1' });
    expect(page.cookies.every((cookie) => cookie.secure === true)).toBe(true);
    expect(page.headers['strict-transport-security']).toContain('max-age=');
  });

  it('is answered alike whatever is wrong with it, and HEAD opens nothing', async () => {
    const unknown = await portal.get('/l/unknown');
    expect(unknown.statusCode).toBe(404);
    expect(unknown.cookies).toEqual([]);
    expect((await portal.get('/l/expired')).body).toBe(unknown.body);
    await portal.head('/l/t1');
    expect(portal.calls('openLink')).toHaveLength(2);
  });
});

describe('C1 and the pages below identification', () => {
  const neutral = ['/avviso', '/codice', '/aiuto', '/e/comune-esempio', '/non-sono-io'];

  it('are the same, byte for byte, for a person with a health position and for anybody else', async () => {
    portal.dialogue.link('health', [position({ debtId: 'h', title: 'Ticket sanitario', office: asl.office })]);
    for (const url of neutral) {
      const one = await portal.get(url, 'link');
      expect(one.statusCode).toBe(200);
      expect((await portal.get(url, 'link', 'health')).body).toBe(one.body);
    }
  });

  it('show no name, amount or service', async () => {
    for (const url of [...neutral, '/segnala']) {
      expect((await portal.get(url, 'link')).body).not.toMatch(/Rossi|TARI|1\.248|Garibaldi|3020/);
    }
  });

  it('say when the message was sent and offer the three ways on', async () => {
    const page = (await portal.get('/avviso', 'link')).body;
    expect(page).toContain('24/11/2026 alle 10:05');
    expect(page).toContain('action="/avviso/codice"');
    expect(page).toContain('href="/non-sono-io"');
    expect(page).toContain('href="/segnala"');
  });

  it('offer no code for a body of health credits', async () => {
    portal.dialogue.link('t2', [position()], asl);
    expect((await portal.get('/avviso', 'link', 't2')).body).not.toContain('/avviso/codice');
    expect((await portal.get('/codice', 'link', 't2')).headers.location).toBe('/aiuto');
  });

  it('lead on once identified', async () => {
    expect((await portal.get('/avviso', 'identified')).headers.location).toBe('/posizioni');
  });

  it('keep positions out of reach', async () => {
    for (const url of ['/posizioni', '/posizioni/d1', '/posizioni/d1/paga', '/esito/c1']) {
      expect((await portal.get(url, 'link')).headers.location).toBe('/avviso');
    }
    expect((await portal.get('/segnala/d1', 'link')).headers.location).toBe('/segnala');
    expect(
      (await portal.post('/posizioni/d1/paga', { importo: '1', chiave: 'k-12345678' }, 'link')).headers.location,
    ).toBe('/avviso');
    expect(portal.calls('startPayment')).toEqual([]);
  });
});

describe('C2', () => {
  it('sends each answer to its page', async () => {
    const sent = await portal.post('/avviso/codice', {}, 'link');
    expect([sent.statusCode, sent.headers.location]).toEqual([303, '/codice']);
    expect(sent.cookies.find((c) => c.name === 'bonario_attesa')).toMatchObject({ value: '60', maxAge: 60 });
    portal.dialogue.codeAnswer = { kind: 'officeOnly' };
    expect((await portal.post('/avviso/codice', {}, 'link')).headers.location).toBe('/aiuto');
    portal.dialogue.codeAnswer = { kind: 'sessionExpired' };
    expect((await portal.post('/avviso/codice', {}, 'link')).statusCode).toBe(401);
    for (const [kind, words] of [
      ['tooMany', 'più codici in poco tempo'],
      ['channelDown', 'Ora non riusciamo a inviare il codice'],
    ] as const) {
      portal.dialogue.codeAnswer = { kind };
      const next = await portal.post('/avviso/codice', {}, 'link');
      expect((await portal.get(String(next.headers.location), 'link')).body).toContain(words);
    }
  });

  it('opens the positions with code and item, blanks forgiven', async () => {
    const done = await portal.post('/codice', { codice: ' 123 456', elemento: ` ${GOOD_ITEM} ` }, 'link');
    expect([done.statusCode, done.headers.location]).toEqual([303, '/posizioni']);
    expect(portal.calls('identify')[0]).toMatchObject({ code: GOOD_CODE, item: GOOD_ITEM });
  });

  it('says how many tries are left, keeps what was typed, and prefixes the title', async () => {
    const wrong = await portal.post('/codice', { codice: '000000', elemento: '"><b>' }, 'link');
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('restano 3 tentativi');
    expect(wrong.body).toContain('value="000000"');
    expect(wrong.body).toContain('value="&quot;>&lt;b>"');
    expect(wrong.body).toContain('<title>Errore: ');
    expect(wrong.body).toMatch(/role="alert"[^>]*autofocus|autofocus[^>]*role="alert"/);
    portal.dialogue.identifyAnswer = { kind: 'mismatch', triesLeft: 1 };
    expect((await portal.post('/codice', { codice: '000000', elemento: 'x' }, 'link')).body).toContain(
      'resta 1 tentativo.',
    );
  });

  it('spends no try on an incomplete form', async () => {
    const page = await portal.post('/codice', { codice: '12', elemento: '' }, 'link');
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('href="#codice"');
    expect(page.body).toContain('href="#elemento"');
    expect(portal.calls('identify')).toEqual([]);
  });

  it('tells an expired code, a lock and an expired session apart from a mistake', async () => {
    const ask = () => portal.post('/codice', { codice: '111111', elemento: 'x' }, 'link');
    portal.dialogue.identifyAnswer = { kind: 'codeExpired' };
    expect((await ask()).body).toContain('Il codice è scaduto');
    portal.dialogue.identifyAnswer = { kind: 'officeOnly' };
    expect((await ask()).headers.location).toBe('/aiuto');
    portal.dialogue.identifyAnswer = { kind: 'sessionExpired' };
    expect((await ask()).statusCode).toBe(401);
  });
});
