import { beforeEach, describe, expect, it } from 'vitest';
import { everyMessage, position, report } from '../../../test/browser/fake-dialogue.ts';
import { type PortalClient, portalClient } from '../../../test/browser/portal-client.ts';

let portal: PortalClient;

beforeEach(async () => {
  portal = await portalClient();
});

const page = async (url: string) => (await portal.get(url, 'identified')).body;

describe('the answer to a report', () => {
  it('is awaited with number and date', async () => {
    portal.dialogue.link('t1', [position({ state: 'disputed', report: report('open') })]);
    expect(await page('/posizioni/d1')).toMatch(/segnalazione n\. 2026\/1042.*entro il 12 gennaio 2027/s);
  });

  it('is shown with its date, the office’s words line by line, and what happens now', async () => {
    portal.dialogue.link('t1', [position({ report: report('rejected') })]);
    for (const url of ['/posizioni/d1', '/segnala/d1']) {
      const body = await page(url);
      expect(body).toContain('Segnalazione non accolta');
      expect(body).toContain('Il 3 dicembre 2026 l’ufficio ha risposto alla Sua segnalazione n. 2026/1042');
      expect(body).toContain('<p>Buongiorno,<br/>abbiamo controllato i versamenti.</p><p>Cordiali saluti</p>');
      expect(body).toContain('L’importo risulta ancora da pagare e può ricevere altri promemoria');
    }
  });

  it('accepted asks for nothing more, unless something is still due', async () => {
    const cancelled = { state: 'cancelled', outstandingCents: 0, report: report('accepted') } as const;
    portal.dialogue.link('t1', [position(cancelled)]);
    expect(await page('/posizioni/d1')).toMatch(/Segnalazione accolta.*Non deve fare altro/s);
    portal.dialogue.link('t1', [position({ report: report('accepted') })]);
    expect(await page('/posizioni/d1')).not.toContain('Non deve fare altro');
  });

  it('is announced among many, and only where there is one', async () => {
    const reported = position({ debtId: 'd2', report: report('rejected') });
    portal.dialogue.link('t1', [position(), reported, position({ debtId: 'd3', report: report('open') })]);
    expect((await page('/posizioni')).match(/C’è una risposta alla Sua segnalazione/g)).toHaveLength(1);
  });

  it('has its words escaped', async () => {
    portal.dialogue.link('t1', [position({ report: { ...report('rejected'), answer: '<b>no</b>' } })]);
    expect(await page('/posizioni/d1')).toContain('&lt;b>no&lt;/b>');
  });
});

describe('C10', () => {
  it('lists every message with date, channel, masked address, purpose, outcome and words', async () => {
    portal.dialogue.sent = everyMessage();
    const body = await page('/messaggi');
    expect(body.match(/<h2>(E-mail|SMS), \d\d\/11\/2026 alle 10:05<\/h2>/g)).toHaveLength(5);
    for (const words of [
      'm•••@posta',
      '•••••4567',
      'Promemoria: TARI',
      'Arrivato e aperto',
      'Non arrivato',
      '/l/•••',
    ]) {
      expect(body).toContain(words);
    }
    expect(body.match(/Leggi il testo/g)).toHaveLength(4);
  });

  it('says when there is none', async () => {
    expect(await page('/messaggi')).toContain('Non Le abbiamo inviato messaggi.');
  });

  it('is for the person alone, is never stored, and one gets there from C3 and C4', async () => {
    expect((await portal.get('/messaggi')).statusCode).toBe(401);
    expect((await portal.get('/messaggi', 'link')).headers.location).toBe('/avviso');
    expect((await portal.get('/messaggi', 'identified')).headers['cache-control']).toBe('no-store');
    expect(await page('/posizioni/d1')).toContain('href="/messaggi"');
    portal.dialogue.link('t1', []);
    expect(await page('/posizioni')).toContain('href="/messaggi"');
  });
});
