import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, importsOf, TARI, TICKET, validCf } from '../../../test/support/ground.ts';
import { committed, fileOf, OPERATOR, RELEASE, SKIP } from '../../../test/support/imports.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { addDays, civilDate } from '../../kernel/civil-date.ts';
import type { CreditType } from '../creditors/index.ts';
import type { DebtNow, ImportService } from './index.ts';
import { debtCase, followDeadlineRules, ledgerMismatches, refreshDeadlines, setRule } from './index.ts';

const FINE: CreditType = { ...TARI, code: 'MULTA', name: 'Multe', nature: 'trafficFine' };
const WATER: CreditType = { ...TARI, code: 'ACQUA', name: 'Acqua', nature: 'water' };
const TODAY = civilDate('2026-09-07');

let store: TestStore;
let imports: ImportService;
beforeAll(async () => {
  store = await openTestStore();
  imports = importsOf(store);
});
afterAll(() => store.close());

let lastEnte = 0;
async function nextEnte(): Promise<number> {
  lastEnte += 1;
  await addEnte(store, lastEnte, { creditTypes: [TARI, FINE, WATER, TICKET] });
  return lastEnte;
}

/** A file with these columns beside the usual ones; each row its values, in order. */
const fileWith = (columns: string, ...rows: readonly string[]) =>
  [`id_posizione;codice_fiscale;cognome;nome;scadenza;importo;${columns}`, ...rows].join('\r\n');
const row = (n: number, values: string, due = '2025-06-16') =>
  `P-${n};${validCf(n)};Rossi;Mario;${due};100,00;${values}`;
const load = async (ente: number, type: string, text: string, consent = SKIP) =>
  committed(imports.load(fileOf(ente, text, type), consent, OPERATOR));
const debtOf = (ente: number, externalId: string) =>
  store.db.tenant(ente, async (tx) => {
    const { rows } =
      await sql<DebtNow>`select * from debt_now where ente_id = ${ente} and external_id = ${externalId}`.execute(
        tx.kysely,
      );
    return rows[0];
  });

describe('the facts of a file', () => {
  it('give a fine its five years from the violation (R07)', async () => {
    const ente = await nextEnte();
    await load(ente, 'MULTA', fileWith('data_violazione;data_notifica', row(1, '01/03/2024;20/04/2024')));
    expect(await debtOf(ente, 'P-1')).toMatchObject({
      violation_date: '2024-03-01',
      notified_on: '2024-04-20',
      deadline_kind: 'limitation',
      deadline_on: '2029-03-01',
      deadline_fact: 'violationDate',
      deadline_missing: null,
      decadence_deadline: null,
    });
  });

  it('that are missing leave the row in, with a warning that stays to be seen', async () => {
    const ente = await nextEnte();
    const { analysis } = await load(ente, 'MULTA', fileWith('data_violazione', row(1, ''), row(2, '31/02/2024')));
    expect(analysis.verdicts.accepted).toBe(2);
    expect(analysis.warnings).toMatchObject({ DEADLINE_UNKNOWN: 2, FACT_DROPPED: 1 });
    expect(analysis.examples.DEADLINE_UNKNOWN?.[0]?.message).toContain(
      'termine non noto: manca la data della violazione',
    );
    expect(await debtOf(ente, 'P-1')).toMatchObject({ deadline_on: null, deadline_missing: 'violationDate' });
  });

  it('of a later file complete a debt, and one that leaves them out takes nothing away', async () => {
    const ente = await nextEnte();
    await load(ente, 'MULTA', fileWith('descrizione', row(1, 'verbale')));
    const second = await load(ente, 'MULTA', fileWith('data_violazione', row(1, '01/03/2024')));
    expect(second.counts).toMatchObject({ changed: 1, unchanged: 0 });
    const third = await load(ente, 'MULTA', fileWith('descrizione', row(1, 'verbale ancora')));
    expect(third.counts).toMatchObject({ changed: 0, unchanged: 1 });
    expect(await debtOf(ente, 'P-1')).toMatchObject({ violation_date: '2024-03-01', deadline_on: '2029-03-01' });
  });

  it('hold a water bill until its user and consumption are known (R10)', async () => {
    const ente = await nextEnte();
    const rule = { creditType: 'ACQUA', validFrom: civilDate('2020-01-01'), legalBasis: 'Delibera di prova n. 1' };
    await store.db.tenant(ente, (tx) =>
      setRule(tx, store.vaultOf(ente), { ...rule, key: 'waterIssueTermDays', value: 45 }, TODAY),
    );
    const text = fileWith(
      'classe_utente;consumi_dal;consumi_al',
      row(1, ';;'),
      row(2, 'domestico;01/01/2025;31/03/2025'),
      row(3, 'altro;01/01/2025;31/03/2025'),
    );
    const { analysis } = await load(ente, 'ACQUA', text);
    expect(analysis.codes).toEqual({ FACTS_MISSING: 1 });
    expect(analysis.examples.FACTS_MISSING?.[0]?.message).toContain('la classe dell’utente e il periodo dei consumi');
    // 45 days after 31 March 2025 is before the due date.
    expect(await debtOf(ente, 'P-2')).toMatchObject({ deadline_on: '2027-05-15', deadline_fact: 'issueTerm' });
    expect(await debtOf(ente, 'P-3')).toMatchObject({ deadline_on: '2030-05-15' });
  });

  it('give a year more to an omission that the office has confirmed, and only then (R02)', async () => {
    const ente = await nextEnte();
    const imu = { ...TARI, code: 'IMU', name: 'IMU', nature: 'imu' as const };
    lastEnte += 1;
    await addEnte(store, lastEnte, { creditTypes: [imu] });
    const text = fileWith(
      'anno;tipo_violazione',
      row(1, '2021;omessa confermata', '2021-12-16'),
      row(2, '2021;omessa dichiarazione', '2021-12-16'),
    );
    await load(lastEnte, 'IMU', text);
    expect((await debtOf(lastEnte, 'P-1'))?.decadence_deadline).toBe('2027-12-31');
    expect((await debtOf(lastEnte, 'P-2'))?.decadence_deadline).toBe('2026-12-31');
    expect(ente).toBeGreaterThan(0);
  });

  it('book a sanction as one, and never load a dead person’s, whoever releases the file (R45)', async () => {
    const ente = await nextEnte();
    const text = fileWith(
      'voce;deceduto',
      row(1, 'sanzione;'),
      row(2, 'sanzione;sì'),
      row(3, 'tributo;sì'),
      row(4, 'sanzione;forse'),
    );
    await load(ente, 'TARI', text, RELEASE);
    expect(await debtOf(ente, 'P-1')).toMatchObject({ component: 'sanction' });
    expect(await debtOf(ente, 'P-2')).toBeUndefined();
    expect(await debtOf(ente, 'P-3')).toBeDefined();
    expect(await debtOf(ente, 'P-4')).toBeDefined();
    const told = await store.db.tenant(ente, async (tx) => {
      const { rows } = await sql<{ component: string }>`select component from debt_entry where ente_id = ${ente}
        order by component`.execute(tx.kysely);
      return { components: rows.map((r) => r.component), mismatches: await ledgerMismatches(tx) };
    });
    expect(told).toEqual({ components: ['principal', 'sanction', 'sanction'], mismatches: [] });
  });
});

describe('health', () => {
  const text = fileWith('data_prestazione;data_violazione', row(1, '10/05/2023;'), row(2, ';'));

  it('keeps the day of a service sealed, and only the deadline made from it in the clear', async () => {
    const ente = await nextEnte();
    await load(ente, 'TICKET', text);
    const debt = await debtOf(ente, 'P-1');
    expect(debt).toMatchObject({ deadline_on: '2033-05-10', deadline_disputed_on: '2028-05-10', violation_date: null });
    const columns = await store.db.tenant(ente, async (tx) => {
      const { rows } = await sql<{ all: string }>`select to_jsonb(d)::text as all from debt d where ente_id = ${ente}
        and external_id = 'P-1'`.execute(tx.kysely);
      return rows[0]?.all ?? '';
    });
    expect(columns).not.toContain('2023-05-10');
    const found = await store.db.tenant(ente, (tx) => debtCase(tx, store.vaultOf(ente), debt?.debt_id ?? ''));
    expect(found?.facts.serviceDate).toBe('2023-05-10');
  });

  it('is reckoned again when the body declares other years, or a later file says the day', async () => {
    const ente = await nextEnte();
    await load(ente, 'TICKET', text);
    const rule = { key: 'ticketLimitationYears', creditType: 'TICKET', value: 5, legalBasis: 'Delibera di prova n. 2' };
    await store.db.tenant(ente, (tx) =>
      setRule(tx, store.vaultOf(ente), { ...rule, validFrom: civilDate('2026-01-01') }, TODAY),
    );
    expect((await debtOf(ente, 'P-1'))?.deadline_on).toBe('2028-05-10');
    const again = await load(ente, 'TICKET', fileWith('data_prestazione', row(2, '01/02/2024')));
    expect(again.counts.changed).toBe(1);
    expect((await debtOf(ente, 'P-2'))?.deadline_on).toBe('2029-02-01');
  });
});

describe('a rule given ahead', () => {
  it('moves the deadlines on its day and not before', async () => {
    const ente = await nextEnte();
    await load(ente, 'TICKET', fileWith('data_prestazione', row(1, '10/05/2023')));
    const before = (await debtOf(ente, 'P-1'))?.deadline_on;
    const rule = { key: 'ticketLimitationYears', creditType: 'TICKET', value: 5, legalBasis: 'Delibera di prova n. 3' };
    const day = addDays(TODAY, 3);
    const vault = store.vaultOf(ente);
    await store.db.tenant(ente, (tx) => setRule(tx, vault, { ...rule, validFrom: day }, TODAY));
    expect(await store.db.tenant(ente, (tx) => followDeadlineRules(tx, vault, addDays(day, -1)))).toBe(0);
    expect((await debtOf(ente, 'P-1'))?.deadline_on).toBe(before);
    expect(await store.db.tenant(ente, (tx) => followDeadlineRules(tx, vault, day))).toBe(1);
    expect((await debtOf(ente, 'P-1'))?.deadline_on).toBe('2028-05-10');
  });
});

describe('debts of an older version', () => {
  it('get their deadline when the program starts, and no other debt is touched', async () => {
    const ente = await nextEnte();
    await load(ente, 'MULTA', fileWith('data_violazione', row(1, '01/03/2024'), row(2, '01/03/2024')));
    await store.db.tenant(ente, async (tx) => {
      await sql`update debt set deadline_on = null, deadline_kind = null, deadline_missing = 'stale'
        where ente_id = ${ente} and external_id = 'P-1'`.execute(tx.kysely);
    });
    await imports.resume(ente, 0);
    expect(await debtOf(ente, 'P-1')).toMatchObject({ deadline_on: '2029-03-01', deadline_missing: null });
    const looked = await store.db.tenant(ente, (tx) =>
      refreshDeadlines(tx, store.vaultOf(ente), { today: TODAY, only: 'stale' }),
    );
    expect(looked).toBe(0);
  });
});
