import { sql } from 'kysely';
import pg from 'pg';
import { inject } from 'vitest';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { computeCfCheck, computeLuhn11 } from '../../src/kernel/codice-fiscale.ts';
import { CodedError } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/ids.ts';
import { type CreditType, createEnte, type Ente, type Office, setEnteRule } from '../../src/modules/creditors/index.ts';
import { type ImportService, makeImports } from '../../src/modules/debts/index.ts';
import { createApiKey, createOperator } from '../../src/modules/operators/index.ts';
import { type HighWater, type HighWaterMarks, openNumbering } from '../../src/modules/payments/index.ts';
import type { Database } from '../../src/platform/db/index.ts';
import type { TestStore } from './store.ts';

/** A body with people who may act in it. */
export interface GroundBody {
  readonly enteId: number;
  readonly ente: Ente;
  /** Everything but approving and managing. */
  readonly clerk: { readonly operatorId: string; readonly key: string };
  /** Sees, approves, manages. */
  readonly head: { readonly operatorId: string; readonly key: string };
  readonly apiKey: { readonly apiKeyId: string; readonly key: string };
}

/** Body 1 is a comune with TARI, 2 an ASL with TICKET, 3 an unione with TARI, IMU and TICKET; the fields on top are body 1's. */
export interface Ground extends GroundBody {
  readonly comune: GroundBody;
  readonly asl: GroundBody;
  readonly mixed: GroundBody;
}

export const TARI: CreditType = {
  code: 'TARI',
  name: 'TARI',
  nature: 'tax',
  health: false,
  purposeGroup: 'entrate',
  officeId: 1,
  explanation: 'La TARI paga la raccolta dei rifiuti.',
};
export const IMU: CreditType = { ...TARI, code: 'IMU', name: 'IMU', officeId: 2, explanation: '' };
export const TICKET: CreditType = {
  ...TARI,
  code: 'TICKET',
  name: 'Ticket sanitario',
  nature: 'healthCopay',
  health: true,
  purposeGroup: 'salute',
  explanation: '',
};

export const OFFICE: Office = {
  officeId: 1,
  name: 'Sportello del cittadino',
  phone: '055 0100200',
  email: 'sportello@ente.example',
  hours: 'dal lunedì al venerdì, 9:00-13:00',
  address: 'Piazza della Fonte 1, Borgo Sereno',
  procedureOfficer: 'Laura Verdi',
  selfReviewBody: 'Sportello del cittadino',
};

/** The `i`-th of as many well-formed codes of adults, all different. */
export function validCf(i: number): string {
  let letters = '';
  for (let rest = i, k = 0; k < 6; k += 1, rest = Math.floor(rest / 26)) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
  }
  const body = `${letters}80A01H501`;
  return body + computeCfCheck(body);
}

/** A well-formed code of 11 digits for body `enteId`. */
export function enteCf(enteId: number): string {
  const first10 = String(8_000_000_000 + enteId);
  return first10 + computeLuhn11(first10);
}

/** Creates body `enteId` (a comune with TARI unless told otherwise), with the acts that health credits need. */
export async function addEnte(store: TestStore, enteId: number, over: Partial<Ente> = {}): Promise<Ente> {
  const ente: Ente = {
    enteId,
    slug: `ente-${enteId}`,
    name: `Comune di Prova ${enteId}`,
    kind: 'comune',
    codiceFiscale: enteCf(enteId),
    codiceIpa: `c_x${enteId}`,
    website: `www.ente-${enteId}.example`,
    senderAddress: `avvisi@ente-${enteId}.example`,
    accent: null,
    patronDay: '09-29',
    segregationCode: '02',
    generatesNoticeNumbers: true,
    offices: [OFFICE],
    creditTypes: [TARI],
    ...over,
  };
  await store.db.tenant(enteId, async (tx) => {
    await createEnte(tx, ente);
    for (const type of ente.creditTypes.filter((t) => t.health)) {
      const rule = {
        creditType: type.code,
        validFrom: civilDate('2020-01-01'),
        legalBasis: 'Delibera D.G. n. 10/2020 (di prova)',
      };
      await setEnteRule(tx, { ...rule, key: 'healthGeneralAct', value: 'Regolamento di prova n. 3/2020' });
      await setEnteRule(tx, { ...rule, key: 'ticketLimitationYears', value: 10 });
    }
  });
  return ente;
}

async function staff(store: TestStore, ente: Ente): Promise<GroundBody> {
  const vault = store.vaultOf(ente.enteId);
  return store.db.tenant(ente.enteId, async (tx) => ({
    enteId: ente.enteId,
    ente,
    clerk: await createOperator(tx, vault, { name: 'Paola Bianchi', roles: ['see', 'import', 'write', 'decide'] }),
    head: await createOperator(tx, vault, { name: 'Luigi Verdi', roles: ['see', 'approve', 'manage'] }),
    apiKey: await createApiKey(tx, vault, { label: 'partner di prova', roles: ['receipts'] }),
  }));
}

/** Three bodies with their people, in a store that is still empty. */
export async function makeGround(store: TestStore): Promise<Ground> {
  const comune = await staff(store, await addEnte(store, 1));
  const asl = await staff(
    store,
    await addEnte(store, 2, {
      name: 'ASL di Prova',
      kind: 'asl',
      patronDay: null,
      segregationCode: '03',
      creditTypes: [TICKET],
    }),
  );
  const mixed = await staff(
    store,
    await addEnte(store, 3, {
      name: 'Unione di Prova',
      kind: 'unione',
      segregationCode: '04',
      offices: [OFFICE, { ...OFFICE, officeId: 2, name: 'Ufficio IMU', email: 'imu@ente.example' }],
      creditTypes: [IMU, TARI, TICKET],
    }),
  );
  return { ...comune, comune, asl, mixed };
}

export interface DebtRowInput {
  readonly externalId: string;
  readonly cf?: string;
  readonly name?: string;
  readonly surname?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly amountCents: number;
  /** `YYYY-MM-DD` */
  readonly dueDate: string;
  readonly taxYear?: number;
  readonly noticeNumber?: string;
  readonly documentNumber?: string;
  readonly customerCode?: string;
}

export interface AddedDebt {
  readonly externalId: string;
  readonly codiceFiscale: string;
  readonly debtId: string;
  readonly debtorId: string;
}

/** The head of the files that `debtsCsv` makes. */
export const CSV_HEADER =
  'id_posizione;codice_fiscale;cognome;nome;email;origine_recapito;telefono;descrizione;anno;scadenza;importo;numero_documento;codice_utente;numero_avviso';

/** The file that an office would have loaded; persons without a code get one of their own by their place in the file. */
export function debtsCsv(rows: readonly DebtRowInput[]): string {
  const lines = rows.map((row, i) =>
    [
      row.externalId,
      row.cf ?? validCf(i),
      row.surname ?? 'Rossi',
      row.name ?? 'Mario',
      row.email ?? '',
      row.email === undefined && row.phone === undefined ? '' : 'dichiarazione del cittadino',
      row.phone ?? '',
      '',
      row.taxYear === undefined ? '' : String(row.taxYear),
      row.dueDate,
      (row.amountCents / 100).toFixed(2).replace('.', ','),
      row.documentNumber ?? '',
      row.customerCode ?? '',
      row.noticeNumber ?? '',
    ].join(';'),
  );
  return [CSV_HEADER, ...lines].map((line) => `${line}\r\n`).join('');
}

/** An opener as the import service takes it. */
export function openText(text: string | Uint8Array): () => AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
}

/**
 * The real import service over this store; new debts get their notice numbers as in the program. A test may put another
 * database in between, or do something before the numbers are given.
 */
export function importsOf(
  store: TestStore,
  over: {
    readonly highWater?: HighWater;
    readonly db?: Database;
    readonly beforeNumbers?: () => void;
    readonly watch?: (enteId: number) => Promise<void>;
  } = {},
): ImportService {
  const highWater = over.highWater ?? highWaterOf(store);
  return makeImports({
    db: over.db ?? store.db,
    vaultOf: store.vaultOf,
    now: () => store.clock.now(),
    ...(over.watch === undefined ? {} : { watch: over.watch }),
    numbering: (tx) => {
      const number = openNumbering(tx, store.vaultOf(tx.enteId as number), highWater);
      return async (debts) => {
        over.beforeNumbers?.();
        await number(debts);
      };
    },
  });
}

const marks = new WeakMap<TestStore, HighWater>();

/** The high-water mark of a store's notice numbers, in memory. */
export function highWaterOf(store: TestStore): HighWater {
  const known = marks.get(store);
  if (known !== undefined) return known;
  const bases = new Map<string, HighWaterMarks>();
  const mark: HighWater = {
    read: (enteId, segregation) => bases.get(`${enteId}|${segregation}`) ?? { confirmed: 0, pending: 0 },
    write: (enteId, segregation, marked) => void bases.set(`${enteId}|${segregation}`, marked),
  };
  marks.set(store, mark);
  return mark;
}

/**
 * Loads these rows as a file of `creditType` (default: the body's first) and gives their ids, in the order of the rows.
 * Every row must be good: error GROUND_ROWS otherwise.
 */
export async function addDebts(
  store: TestStore,
  enteId: number,
  rows: readonly DebtRowInput[],
  creditType?: string,
): Promise<AddedDebt[]> {
  const type =
    creditType ??
    (await store.db.tenant(enteId, async (tx) => {
      const found = await sql<{
        code: string;
      }>`select code from credit_type where ente_id = ${enteId} order by code`.execute(tx.kysely);
      return found.rows[0]?.code ?? '';
    }));
  const file = { enteId, creditType: type, fileName: 'prova.csv', open: openText(debtsCsv(rows)), profile: null };
  const outcome = await importsOf(store).load(
    file,
    { skipBad: false, releaseQuarantined: false },
    `operator:${newId()}`,
  );
  if (outcome.kind !== 'committed' || outcome.counts.accepted !== rows.length) {
    const why =
      outcome.kind === 'sameFile' ? 'the same file was loaded before' : JSON.stringify(outcome.analysis.examples);
    throw new CodedError('GROUND_ROWS', `not every row of the test came in: ${why}`);
  }
  return store.db.tenant(enteId, async (tx) => {
    const { rows: found } = await sql<{ external_id: string; debt_id: string; debtor_id: string }>`
      select external_id, debt_id, debtor_id from debt_now where ente_id = ${enteId} and credit_type = ${type}
        and external_id = any(${rows.map((r) => r.externalId)}::text[])`.execute(tx.kysely);
    return rows.map((row, i) => {
      const debt = found.find((f) => f.external_id === row.externalId);
      if (debt === undefined) throw new CodedError('GROUND_ROWS', `${row.externalId} is not there`);
      const { debt_id: debtId, debtor_id: debtorId } = debt;
      return { externalId: row.externalId, codiceFiscale: row.cf ?? validCf(i), debtId, debtorId };
    });
  });
}

/**
 * Runs a statement as the owner of the database, whom no policy and no revoked right binds: what a dishonest
 * administrator could do. Values go in the text; nothing here comes from outside.
 */
export async function asOwner(store: TestStore, statement: string): Promise<Record<string, unknown>[]> {
  const url = inject('postgresUrl');
  if (url === '') {
    const { connection, release } = await store.engine.acquire();
    try {
      return (await connection.exec(statement)).rows;
    } finally {
      release(false);
    }
  }
  const { rows } = await store.db.system((tx) =>
    sql<{ name: string }>`select current_database() as name`.execute(tx.kysely),
  );
  const ownerUrl = new URL(url);
  ownerUrl.pathname = `/${rows[0]?.name ?? ''}`;
  const client = new pg.Client({ connectionString: ownerUrl.href });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
