import { beforeEach, describe, expect, it } from 'vitest';
import { payment, plan, position } from '../../../test/browser/fake-dialogue.ts';
import { type PortalClient, portalClient } from '../../../test/browser/portal-client.ts';

let portal: PortalClient;
beforeEach(async () => {
  portal = await portalClient();
});

const keyIn = (html: string) => /name="chiave" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('C7', () => {
  it('shows as many installments as were chosen, their sum, interest and the rule', async () => {
    const page = (await portal.get('/posizioni/d1/rate?rate=3', 'identified')).body;
    expect(page).toContain('da 2 a 6');
    expect(page.match(/28\/0\d\/2027/g)).toEqual(['28/01/2027', '28/02/2027', '28/03/2027']);
    expect(page).toContain('1.248,50\u00a0€');
    expect(page).toContain('1,6% l’anno');
    expect(page).toContain('art. 21 (delibera C.C. n. 5/2020)');
    expect(page).toContain('Conferma: 3 rate');
  });

  it('asks once, and leads back to the position', async () => {
    const key = keyIn((await portal.get('/posizioni/d1/rate?rate=3', 'identified')).body);
    const answer = await portal.post('/posizioni/d1/rate', { rate: '3', chiave: key }, 'identified');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/posizioni/d1']);
    const asked = portal.dialogue.calls.filter((call) => call.what === 'askPlan');
    expect(asked.map((call) => call.input)).toMatchObject([{ debtId: 'd1', count: 3, idempotencyKey: key }]);
  });

  it('says so when it is more than may be, and asks nothing of a form that is not ours', async () => {
    portal.dialogue.planAnswer = { kind: 'tooMany', most: 6 };
    const key = keyIn((await portal.get('/posizioni/d1/rate', 'identified')).body);
    const many = await portal.post('/posizioni/d1/rate', { rate: '9', chiave: key }, 'identified');
    expect([many.statusCode, many.body.includes('6 rate al massimo')]).toEqual([409, true]);
    const strange = await portal.post('/posizioni/d1/rate', { rate: 'x', chiave: key }, 'identified');
    expect(strange.headers.location).toBe('/posizioni/d1/rate');
  });

  it.each([
    ['notOffered', 'le rate non sono previste'],
    ['forfeited', 'non se ne può avere un altro'],
    ['inDoubt', 'Per ora non deve pagare'],
    ['alreadyPaid', 'risulta già pagato'],
  ] as const)('where it is %s says why, and whom to talk to', async (kind, words) => {
    portal.dialogue.offerAnswer = { kind };
    const page = (await portal.get('/posizioni/d1/rate', 'identified')).body;
    expect(page).toContain(words);
    expect(page).toContain('Ufficio Tributi');
    expect(page).not.toContain('method="post" action="/posizioni/d1/rate"');
  });

  it('is for who was identified, and for his own positions', async () => {
    expect((await portal.get('/posizioni/d1/rate', 'link')).headers.location).toBe('/avviso');
    expect((await portal.get('/posizioni/altro/rate', 'identified')).statusCode).toBe(404);
  });
});

describe('C4 in installments', () => {
  it('asks for the next one, with all of them below', async () => {
    portal.dialogue.link('t1', [position({ state: 'inPlan', plan: plan('accepted'), toPayCents: 41_700 })]);
    const page = (await portal.get('/posizioni/d1', 'identified')).body;
    expect(page).toContain('Rata 2 di 3');
    expect(page).toContain('Paga la rata 2');
    expect(page).toContain('Una rata è scaduta e non risulta pagata');
    expect(page.match(/Pagata|Scaduta|Da pagare/g)?.length).toBeGreaterThanOrEqual(3);
    expect(page).not.toContain('href="/posizioni/d1/rate"');
  });

  it('says that a request was received, or why it was refused', async () => {
    portal.dialogue.link('t1', [position({ plan: plan('requested') })]);
    expect((await portal.get('/posizioni/d1', 'identified')).body).toContain('l’ufficio Le risponderà');
    portal.dialogue.link('t1', [position({ plan: plan('refused') })]);
    const refused = (await portal.get('/posizioni/d1', 'identified')).body;
    expect(refused).toContain('«Il regolamento chiede una difficoltà documentata.»');
    expect(refused).toContain('href="/posizioni/d1/rate"');
  });
});

describe('a receipt', () => {
  it('shows all that it must, and only of a payment of his', async () => {
    portal.dialogue.link('t1', [position({ state: 'paid', payments: [payment()] })]);
    expect((await portal.get('/posizioni/d1', 'identified')).body).toContain('/posizioni/d1/ricevute/7f3d2c9a1b');
    const page = (await portal.get('/posizioni/d1/ricevute/7f3d2c9a1b', 'identified')).body;
    for (const fact of [
      'Comune di Esempio',
      '00123456789',
      '1.248,50',
      '1,20',
      'Banca di Prova',
      '02000000012345678',
      '7f3d2c9a1b',
    ]) {
      expect(page).toContain(fact);
    }
    expect((await portal.get('/posizioni/d1/ricevute/altra', 'identified')).statusCode).toBe(404);
    expect((await portal.get('/posizioni/d1/ricevute/7f3d2c9a1b', 'link')).headers.location).toBe('/avviso');
  });
});

describe('C5', () => {
  it('of a local tax asks for the sum as the law rounds it, and says so', async () => {
    portal.dialogue.link('t1', [position({ outstandingCents: 124_850, toPayCents: 124_900 })]);
    const page = (await portal.get('/posizioni/d1/paga', 'identified')).body;
    expect(page).toContain('1.249,00\u00a0€');
    expect(page).toContain('arrotondato all’euro');
    expect(page).toContain('name="importo" value="124900"');
  });
});
