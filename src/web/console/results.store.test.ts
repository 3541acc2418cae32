import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleUnderTest, consoleOf, type Desk, tokenOf } from '../../../test/browser/console-app.ts';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { validCf } from '../../../test/support/ground.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { setEnteRule } from '../../modules/creditors/index.ts';
import { campaignDetail } from '../../modules/insight/index.ts';
import type { Database } from '../../platform/db/index.ts';
import { peopleCsv } from './results-export.ts';

const AT = '/console/campagne/giro/risultati';
const PEOPLE = 5;
let runs: CampaignRuns;
let run: CampaignRun;
let desk: ConsoleUnderTest;
let clerk: Desk;
beforeAll(async () => {
  runs = await openCampaignRuns();
  run = await runs.fresh();
  const debts = await run.addDebts(
    Array.from({ length: PEOPLE }, (_, n) =>
      person(n, { surname: `Rossi${'abcde'[n]}`, name: 'Ada', cf: validCf(n + 1) }),
    ),
  );
  await run.launch();
  await run.settle();
  run.store.clock.advanceTo(run.now() + 60_000);
  await run.pay(debts[0]?.debtId ?? '', 10_000);
  desk = await consoleOf(run);
  clerk = await desk.enrol('Anna Neri', ['see']);
});
afterAll(async () => {
  await desk.app.close();
  await runs.close();
});

const open = async (url: string) => (await desk.get(url, clerk.session)).body;

describe('what a campaign cost, on O9', () => {
  it('is not told as nothing while no price was told', async () => {
    const page = await open(AT);
    expect(page).toContain('costo non indicato');
    expect(page).toContain('manca il prezzo');
    expect(await open(`${AT}/csv/resa`)).toContain('Costo per ogni euro incassato;non si può dire');
  });

  it('is told by channel and for each euro that came in after contact, with its files', async () => {
    await run.tx((tx) =>
      setEnteRule(tx, {
        key: 'channelPrice.email',
        creditType: '*',
        validFrom: romeDate(run.now()),
        value: { milliCents: 50_000, per: 'message' },
        legalBasis: 'contratto n. 12',
      }),
    );
    const page = await open(AT);
    expect(page).toContain('i messaggi sono costati 2,5 centesimi');
    expect(page).toContain('Si conta solo quanto è stato pagato dopo');
    expect(await open(`${AT}/csv/costi`)).toContain(`e-mail;${PEOPLE};${PEOPLE};0;2,5`);
    const file = await open(`${AT}/csv/resa`);
    expect(file).toContain('Incassato dopo il primo messaggio;100\r\n');
    expect(file).toContain('Costo per ogni euro incassato;0,0250');
    expect(await open('/console/risultati')).toContain('2,5 centesimi');
  });

  it('leads from the numbers of a step to its people', async () => {
    expect(await open(AT)).toContain(`href="${AT}/contacted?passo=1"`);
    expect(await open(`${AT}/contacted?passo=1`)).toContain('5 persone, passo 1.');
    expect(await open(`${AT}/contacted?passo=2`)).toContain('Nessuno.');
  });
});

describe('a list as a file', () => {
  it('has everybody, names no whole tax code, and is written down', async () => {
    const token = tokenOf(await open(`${AT}/contacted`));
    const answer = await desk.post(`${AT}/contacted/csv`, { gettone: token, passo: '1' }, clerk.session);
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="giro-contacted.csv"');
    expect(answer.headers['cache-control']).toBe('no-store');
    const lines = answer.body.split('\r\n');
    expect(lines).toHaveLength(PEOPLE + 2);
    expect(lines.filter((line) => /Rossi[a-e];[A-Z]{3}\*+/.test(line))).toHaveLength(PEOPLE);
    for (let n = 1; n <= PEOPLE; n += 1) expect(answer.body).not.toContain(validCf(n));
    expect(await run.leaves('people.exported')).toMatchObject([
      {
        actor: `operator:${clerk.operatorId}`,
        rowCount: PEOPLE,
        facts: { campaign: 'giro', list: 'contacted', reason: null, step: 1 },
      },
    ]);
    expect((await desk.post(`${AT}/tutti/csv`, { gettone: token }, clerk.session)).statusCode).toBe(404);
    expect((await desk.post(`${AT}/contacted/csv`, { gettone: 'altro' }, clerk.session)).statusCode).toBe(403);
  });

  it('is read a piece at a time, and no piece before somebody takes it', async () => {
    let read = 0;
    const { db, vaultOf } = run.store;
    const counting: Pick<Database, 'tenant'> = {
      tenant(enteId, work) {
        read += 1;
        return db.tenant(enteId, work);
      },
    };
    const campaignId = (await run.tx((tx) => campaignDetail(tx, 'giro')))?.campaignId ?? '';
    const filter = { list: 'contacted', reason: null, step: null } as const;
    const pieces: number[] = [];
    const reads: number[] = [];
    for await (const piece of peopleCsv({ db: counting, vaultOf }, run.enteId, campaignId, filter, 2)) {
      pieces.push(piece.split('\r\n').length - 1);
      reads.push(read);
    }
    // The heading, then two, two and one; the last reading finds nobody.
    expect(pieces).toEqual([1, 2, 2, 1]);
    expect(reads).toEqual([0, 1, 2, 3]);
    expect(read).toBe(4);
  });
});

describe('a correction', () => {
  const NEW = '/console/rettifiche-nuova';
  const at = '/console/rettifiche/rettifica-1';
  const post = async (who: Desk, url: string, form: Record<string, string>) => {
    const gettone = tokenOf((await desk.get('/console', who.session)).body);
    return desk.post(url, { gettone, ...form }, who.session);
  };

  it('is asked by one, approved by another, and shows what became of each address', async () => {
    const asker = await desk.enrol('Rita Scrive', ['see', 'write', 'approve']);
    const other = await desk.enrol('Sara Approva', ['see', 'approve']);
    const form = { causa: 'campagna', campagna: 'giro', nota: 'Erano sbagliati gli importi.' };
    expect((await post(clerk, NEW, form)).statusCode).toBe(403);
    expect((await post(asker, NEW, { ...form, causa: 'posizioni', tipo: 'TARI', elenco: 'mai' })).body).toContain(
      'sono di un altro tipo di credito: 1.',
    );
    // Who is touched and the words come first, and again when the cause is another than what was shown.
    const shown = await post(asker, NEW, { ...form, azione: 'chiedi' });
    expect(shown.body).toContain('Chiedi l’approvazione');
    expect(shown.body).toContain('Non ne tenga conto');
    const visto = /name="visto" value="([0-9a-f]+)"/.exec(shown.body)?.[1] ?? '';
    expect((await post(asker, NEW, { ...form, azione: 'chiedi', visto })).headers.location).toBe(`${at}?esito=chiesta`);

    expect(await open(at)).toContain('Lei non ha il permesso di approvare.');
    expect((await desk.get('/console', other.session)).body).toContain('Rettifica n. 1 da approvare');
    expect((await desk.get(at, asker.session)).body).toContain('Serve la firma di una seconda persona');
    expect((await post(asker, `${at}/approva`, {})).statusCode).toBe(409);
    expect((await post(other, `${at}/respingi`, {})).statusCode).toBe(422);
    expect((await post(other, `${at}/approva`, {})).headers.location).toBe(`${at}?esito=approvata`);
    expect((await post(other, `${at}/approva`, {})).body).toContain('Nel frattempo la rettifica è cambiata');
    await run.settle();

    expect(await open(at)).toContain('conclusa');
    expect(await open('/console/campagne/giro')).toContain('richiamata');
    expect(await open(`${at}/persone?esito=corrected`)).toContain('5 recapiti: corretto.');
    expect(await open(`${at}/persone?esito=uncertain`)).toContain('Nessuno.');
    const file = await post(clerk, `${at}/persone/csv`, {});
    expect(file.body.match(/Rossi[a-e];[A-Z]{3}\*+\d[A-Z];e-mail;corretto;\r\n/g)).toHaveLength(PEOPLE);
    expect(await run.leaves('people.exported')).toContainEqual(
      expect.objectContaining({ rowCount: PEOPLE, facts: { recall: 'rettifica-1', outcome: null } }),
    );
    expect((await desk.get('/console/rettifiche/altra', clerk.session)).statusCode).toBe(404);
  });
});
