import { beforeEach, describe, expect, it } from 'vitest';
import { everyState, position } from '../../../test/browser/fake-dialogue.ts';
import { type PortalClient, portalClient } from '../../../test/browser/portal-client.ts';

let portal: PortalClient;

beforeEach(async () => {
  portal = await portalClient();
});

describe('C3', () => {
  it('goes straight to the only position', async () => {
    expect((await portal.get('/posizioni', 'identified')).headers.location).toBe('/posizioni/d1');
  });

  it('says when there is none', async () => {
    portal.dialogue.link('t1', []);
    expect((await portal.get('/posizioni', 'identified')).body).toContain(
      'Non risultano importi da pagare a Suo nome presso questo ente.',
    );
  });

  it('lists many, to pay first, with states in words', async () => {
    portal.dialogue.link('t1', everyState());
    const page = (await portal.get('/posizioni', 'identified')).body;
    expect(page).toContain('2 importi risultano ancora da pagare');
    expect(page).toContain('In tutto: 2.248,50');
    expect(page).toContain('Già versati 248,50');
    for (const word of ['Da pagare', 'Scaduto', 'In verifica', 'Pagato', 'Annullato', 'Segnalazione', 'Sospeso']) {
      expect(page).toContain(`>${word}`);
    }
  });
});

describe('C4', () => {
  it('shows each state with its own sentence and only the ways that are open', async () => {
    portal.dialogue.link('t1', everyState());
    const expected = {
      toPay: ['risulta ancora da pagare', true],
      overdue: ['La scadenza era il 2 dicembre 2026', true],
      verifying: ['Non paghi di nuovo', false],
      paid: ['il pagamento è registrato', false],
      cancelled: ['Non deve pagare nulla', false],
      disputed: ['Voglio comunque pagare', true],
      inPlan: ['Paga la rata 2', true],
      suspended: ['Per ora non deve fare nulla', false],
    } as const;
    for (const [state, [words, payable]] of Object.entries(expected)) {
      const page = (await portal.get(`/posizioni/${state}`, 'identified')).body;
      expect(page).toContain(words);
      expect([state, page.includes(`href="/posizioni/${state}/paga"`)]).toEqual([state, payable]);
      expect(page).toContain('href="/posizioni"');
    }
  });

  it('gives sum, notice number in groups, breakdown and the way to installments', async () => {
    const page = (await portal.get('/posizioni/d1', 'identified')).body;
    expect(page).toContain('Gentile Maria Rossi, secondo i nostri dati');
    expect(page).toContain('1.248,50\u00a0€');
    expect(page).toContain('3020 0000 0012 3456 78');
    expect(page).toContain('Tributo provinciale (TEFA)');
    expect(page).toContain('href="/posizioni/d1/rate"');
    expect(page).toContain('Non è un avviso di accertamento né una cartella.');
    expect(page).not.toMatch(/moroso|debitore|sollecito|diffida|!</i);
  });

  it('offers no payment without a notice number', async () => {
    portal.dialogue.link('t1', [position({ noticeNumber: null })]);
    const page = (await portal.get('/posizioni/d1', 'identified')).body;
    expect(page).not.toContain('/paga');
    expect(page).toContain('Per pagare questo importo contatti l’ufficio');
  });

  it('asks for nothing that the office doubts: no figure, no way to pay', async () => {
    portal.dialogue.link('t1', [position({ state: 'doubted' }), position({ debtId: 'd3', state: 'paid' })]);
    for (const path of ['/posizioni', '/posizioni/d1']) {
      const page = (await portal.get(path, 'identified')).body;
      expect(page).toContain('In verifica dall’ufficio');
      expect(page).not.toContain('d1/paga');
      expect(page).not.toContain('Totale da pagare');
    }
    const page = (await portal.get('/posizioni/d1', 'identified')).body;
    expect(page).toContain('Per ora non deve pagare');
    expect(page).not.toMatch(/\d,\d\d/);
    expect((await portal.get('/posizioni/d1/paga', 'identified')).headers.location).toBe('/posizioni/d1');
  });

  it('knows no position of somebody else', async () => {
    expect((await portal.get('/posizioni/d2', 'identified')).statusCode).toBe(404);
    expect((await portal.get('/posizioni/d2/paga', 'identified')).statusCode).toBe(404);
    expect((await portal.get('/segnala/d2', 'identified')).statusCode).toBe(404);
  });
});

describe('C5', () => {
  const key = 'k-12345678';

  it('hands over to the rail with the amount seen and the key of the form', async () => {
    const recap = (await portal.get('/posizioni/d1/paga', 'identified')).body;
    const formKey = /name="chiave" value="([\w-]+)"/.exec(recap)?.[1] ?? '';
    expect(recap).toContain('name="importo" value="124850"');
    const paid = await portal.post('/posizioni/d1/paga', { importo: '124850', chiave: formKey }, 'identified');
    expect([paid.statusCode, paid.headers.location]).toEqual([303, 'http://127.0.0.1:9/pay/1']);
    expect(portal.calls('startPayment')[0]).toMatchObject({
      debtId: 'd1',
      seenCents: 124_850,
      idempotencyKey: formKey,
    });
  });

  it('shows a changed amount for a second consent', async () => {
    portal.dialogue.paymentAnswer = { kind: 'amountChanged', outstandingCents: 9_900 };
    const page = await portal.post('/posizioni/d1/paga', { importo: '124850', chiave: key }, 'identified');
    expect(page.statusCode).toBe(409);
    expect(page.body).toContain('name="importo" value="9900"');
    expect(page.body).not.toContain(key);
  });

  it('has a page for each other answer', async () => {
    const ask = () => portal.post('/posizioni/d1/paga', { importo: '124850', chiave: key }, 'identified');
    const expected = [
      [{ kind: 'alreadyPaid' }, 409, 'risulta già pagato'],
      [{ kind: 'inDoubt' }, 409, 'Per ora non deve pagare'],
      [{ kind: 'inProgress', checkoutId: 'c7' }, 409, 'href="/esito/c7"'],
      [{ kind: 'unavailable' }, 503, 'Non è stato avviato nessun pagamento'],
      [{ kind: 'notFound' }, 404, 'Pagina non trovata'],
      [{ kind: 'sessionExpired' }, 401, 'Se ha appena pagato, non paghi di nuovo'],
    ] as const;
    for (const [answer, status, words] of expected) {
      portal.dialogue.paymentAnswer = answer;
      const page = await ask();
      expect(page.statusCode).toBe(status);
      expect(page.body).toContain(words);
      expect(page.body).not.toContain('name="importo"');
    }
  });

  it('shows the recap again for a damaged form, and C4 for what cannot be paid', async () => {
    for (const form of [{ importo: '-1', chiave: key }, { importo: '1,00', chiave: key }, { importo: '124850' }]) {
      const page = await portal.post('/posizioni/d1/paga', form as Record<string, string>, 'identified');
      expect(page.headers.location).toBe('/posizioni/d1/paga');
    }
    expect(portal.calls('startPayment')).toEqual([]);
    portal.dialogue.link('t1', [position({ state: 'paid' })]);
    expect((await portal.get('/posizioni/d1/paga', 'identified')).headers.location).toBe('/posizioni/d1');
  });
});

describe('C6', () => {
  const outcomes = [
    ['verifying', 'Non paghi di nuovo'],
    ['paid', 'Grazie, il pagamento è registrato'],
    ['cancelled', 'Il pagamento è stato annullato'],
    ['failed', 'Il pagamento non è riuscito'],
  ] as const;

  it('tells what is known, whatever the browser brought back', async () => {
    for (const [state, words] of outcomes) {
      portal.dialogue.checkouts.set('c1', { checkoutId: 'c1', state, position: position() });
      const page = await portal.get('/esito/c1?esito=ok', 'identified');
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain(words);
      expect(page.body.includes('pagamento è registrato')).toBe(state === 'paid');
    }
    expect(portal.calls('checkoutReturned')).toHaveLength(4);
  });

  it('records how the browser came back, and looks again without recording', async () => {
    portal.dialogue.checkouts.set('c1', { checkoutId: 'c1', state: 'verifying', position: position() });
    await portal.get('/esito/c1?esito=annullato', 'identified');
    await portal.get('/esito/c1?esito=errore', 'identified');
    const again = await portal.get('/esito/c1?esito=qualcosa', 'identified');
    expect(portal.calls('checkoutReturned')).toMatchObject([{ outcome: 'cancelled' }, { outcome: 'failed' }]);
    expect(again.body).toContain('href="/esito/c1"');
    expect(again.body).toContain('Ultimo controllo: 24/11/2026 alle 10:30');
  });

  it('knows no checkout of somebody else, and warns who comes back too late', async () => {
    expect((await portal.get('/esito/altro', 'identified')).statusCode).toBe(404);
    expect((await portal.get('/esito/c1?esito=ok')).body).toContain('Se ha appena pagato, non paghi di nuovo');
  });
});

describe('C8', () => {
  it('opens a report on a position or, from the link, on the whole notice', async () => {
    const form = { motivo: 'alreadyPaid', testo: ' Pagato il 3 ', chiave: 'k-12345678' };
    const whole = await portal.post('/segnala', form, 'link');
    expect([whole.statusCode, whole.headers.location]).toEqual([303, '/segnala/fatto?n=1042&entro=2027-01-12']);
    await portal.post('/segnala/d1', form, 'identified');
    expect(portal.calls('openDispute')).toMatchObject([
      { debtId: null, kind: 'alreadyPaid', text: 'Pagato il 3', idempotencyKey: 'k-12345678' },
      { debtId: 'd1' },
    ]);
    const done = await portal.get(String(whole.headers.location), 'link');
    expect(done.body).toContain('segnalazione n. 1042. Risponderemo entro il 12 gennaio 2027.');
  });

  it('keeps text and key when the reason is missing or the text too long', async () => {
    const page = await portal.post('/segnala', { motivo: 'x', testo: 'a</textarea>', chiave: 'k-12345678' }, 'link');
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('a&lt;/textarea>');
    expect(page.body).toContain('value="k-12345678"');
    expect(page.body).toContain('href="#motivo"');
    const long = await portal.post(
      '/segnala',
      { motivo: 'other', testo: 'è'.repeat(2001), chiave: 'k-12345678' },
      'link',
    );
    expect(long.body).toContain('al massimo 2000 caratteri');
    expect(portal.calls('openDispute')).toEqual([]);
  });

  it('gives the text back when the session has expired', async () => {
    const page = await portal.post('/segnala', { motivo: 'other', testo: 'Parole mie' });
    expect(page.statusCode).toBe(401);
    expect(page.body).toContain('Parole mie');
  });

  it('shows no number that is none', async () => {
    expect((await portal.get('/segnala/fatto?n=%3Cb%3E&entro=2027-01-12', 'link')).statusCode).toBe(404);
    expect((await portal.get('/segnala/fatto?n=1&entro=domani', 'link')).statusCode).toBe(404);
    expect((await portal.get('/segnala/fatto?n=1&n=2&entro=2027-01-12', 'link')).statusCode).toBe(404);
  });
});
