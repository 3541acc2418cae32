import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, consoleOf, type Desk, tokenOf } from '../../../test/browser/console-app.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns } from '../../../test/support/campaign-run.ts';
import { TARI, TICKET, validCf } from '../../../test/support/ground.ts';

const FINE = { ...TARI, code: 'MULTA', name: 'Multe', nature: 'trafficFine' as const };
let runs: CampaignRuns;
let run: CampaignRun;
let console: ConsoleUnderTest;
let see: Desk;
let manager: Desk;
let debtId = '';

beforeAll(async () => {
  runs = await openCampaignRuns();
  run = await runs.fresh({ creditTypes: [TARI, FINE, TICKET] });
  // Today is 7 September 2026: 115 days to the end of what was due in 2021.
  const debts = await run.addDebts(
    [
      { externalId: 'VICINA', amountCents: 900, dueDate: '2021-06-16' },
      { externalId: 'LONTANA', amountCents: 50_000, dueDate: '2024-06-16' },
      { externalId: 'PAGATA', amountCents: 7_000, dueDate: '2021-06-16' },
      ...Array.from({ length: 60 }, (_, i) => ({ externalId: `N-${i}`, amountCents: 2_000, dueDate: '2022-06-16' })),
    ],
    'TARI',
  );
  await run.addDebts([{ externalId: 'VERBALE', cf: validCf(200), amountCents: 4_200, dueDate: '2025-06-16' }], 'MULTA');
  await run.pay(debts[2]?.debtId ?? '', 7_000);
  debtId = debts[0]?.debtId ?? '';
  console = await consoleOf(run);
  see = await console.enrol('Paola Bianchi', ['see']);
  manager = await console.enrol('Luigi Verdi', ['see', 'manage']);
});
afterAll(async () => {
  await console.app.close();
  await runs.close();
});
const page = async (url: string, desk = see) => (await console.get(url, desk.session)).body;

describe('the deadlines', () => {
  it('stand on the first page by step, with their number and sum', async () => {
    const body = await page('/console');
    expect(body).toMatch(/passo=180">entro 180 giorni<\/a><\/th><td class="c-num">1<\/td><td class="c-num">9,00/);
    expect(body).toMatch(/passo=ignoto">termine non noto<\/a><\/th><td class="c-num">1<\/td><td class="c-num">42,00/);
    // A year and 115 days away, or paid: nobody need hear of it.
    expect(body).not.toContain('passo=365"');
  });

  it('lead to the list of their debts, the person masked, and say when an act could not become a title', async () => {
    const body = await page('/console/scadenze?passo=180');
    expect(body).toContain('VICINA');
    expect(body).not.toContain('PAGATA');
    expect(body).not.toContain('LONTANA');
    expect(body).toContain('31/12/2026');
    expect(body).toContain('in tutto sotto il minimo per l’atto');
    expect(body).not.toMatch(/[A-Z]{6}80A01H501/);
    expect(await page('/console/scadenze?passo=ignoto')).toContain('manca la data della violazione');
    expect(await page('/console/scadenze?passo=ignoto&credito=TARI')).not.toContain('VERBALE');
  });

  it('come by pages of fifty that leave out nothing and say nothing twice', async () => {
    run.store.clock.advanceTo(Date.UTC(2027, 0, 4, 9));
    const first = await page('/console/scadenze?passo=365');
    const next = /href="([^"]*dopo=[^"]+)">Pagina successiva/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await page(next);
    const named = (body: string) => [...body.matchAll(/>(N-\d+)</g)].map((match) => match[1]);
    expect(named(first)).toHaveLength(50);
    expect(new Set([...named(first), ...named(second)]).size).toBe(60);
    expect(await page('/console/scadenze?passo=oltre')).toContain('VICINA');
    const csv = await page('/console/scadenze/csv?passo=365');
    expect(csv.split('\r\n').filter((line) => line.startsWith('N-'))).toHaveLength(60);
    expect(csv).not.toContain('MRA');
  });
});

describe('the rules', () => {
  it('of a debt say how its deadline is made and what would follow', async () => {
    const body = await page(`/console/posizioni/${debtId}/regole`);
    expect(body).toContain('Si conta dalla scadenza del pagamento: 16/06/2021.');
    expect(body).toContain('Termine di decadenza: 31/12/2026.');
    expect(body).toContain('avviso di accertamento esecutivo');
    expect(body).toContain('L’ente deve ancora stabilire');
    expect(
      (await console.get('/console/posizioni/0198f000-0000-7000-8000-000000000000/regole', see.session)).statusCode,
    ).toBe(404);
  });

  it('of a credit are set by who manages, with a deliberation, and written in the register', async () => {
    const at = '/console/regole/TARI/interestDeltaBp';
    expect((await console.get(at, see.session)).statusCode).toBe(403);
    const gettone = tokenOf(await page(at, manager));
    const put = (form: Record<string, string>) => console.post(at, { gettone, ...form }, manager.session);
    const good = { valore: '1,5', dal: '01/01/2020', delibera: 'C.C. n. 12 del 20/12/2019' };
    const bad = await put({ ...good, delibera: '' });
    expect(bad.statusCode).toBe(422);
    expect(bad.body).toContain('Indichi la deliberazione');
    expect((await put({ ...good, valore: '4' })).body).toContain('Questo valore non è ammesso');
    expect((await put(good)).statusCode).toBe(303);
    // The same form sent twice is one rule; another value for that day is none.
    expect((await put(good)).statusCode).toBe(303);
    expect((await put({ ...good, valore: '2' })).body).toContain('vale già un altro valore');
    expect(await page('/console/regole/TARI')).toContain('1,5 punti');
    expect((await run.leaves('rule.set')).map((leaf) => leaf.facts)).toContainEqual({
      key: 'interestDeltaBp',
      creditType: 'TARI',
      validFrom: '2020-01-01',
      basis: 'C.C. n. 12 del 20/12/2019',
    });
  });

  it('of interest are not stretched past the last rate that is known', async () => {
    expect(await page(`/console/posizioni/${debtId}/regole`)).toContain('non sono ancora noti: non si calcolano');
  });
});
