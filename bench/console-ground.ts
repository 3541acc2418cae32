import { FEMALE_NAMES, SURNAMES } from '../sandbox/town/names.ts';
import type { Bonario } from '../src/compose.ts';
import type { SimulatedClock } from '../src/kernel/clocks.ts';
import { computeCfCheck, computeLuhn11 } from '../src/kernel/codice-fiscale.ts';
import { type CreditType, createEnte } from '../src/modules/creditors/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../src/modules/notices/index.ts';
import { createOperator, openOperatorSession, ROLES } from '../src/modules/operators/index.ts';
import type { Tx } from '../src/platform/db/index.ts';
import { say, seconds } from './line.ts';

export const ENTE = 1;
const FILES = 10;
/** Beside every so many rows stands one that is refused, so that there are rows to correct. */
const BAD_EVERY = 100;
export const DAY = 86_400_000;

export interface Ground {
  readonly operatorId: string;
  /** The console's cookie of an operator who may do everything. */
  readonly session: string;
  readonly importIds: readonly string[];
  /** A codice fiscale and a surname that are found. */
  readonly cf: string;
  readonly surname: string;
}

/** The comune of the benchmarks, with its one office and two credits. */
export function createBody(tx: Tx): Promise<unknown> {
  return createEnte(tx, {
    enteId: ENTE,
    slug: 'borgo-grande',
    name: 'Comune di Borgo Grande',
    kind: 'comune',
    codiceFiscale: `8000000000${computeLuhn11('8000000000')}`,
    codiceIpa: 'c_bench',
    website: 'www.borgo-grande.example',
    senderAddress: 'avvisi@borgo-grande.example',
    accent: null,
    patronDay: '09-29',
    segregationCode: '02',
    generatesNoticeNumbers: true,
    offices: [OFFICE],
    creditTypes: [TARI, IMU],
  });
}

/** A comune of 100,000 with its texts and one operator who may do everything. */
export function openOffice(program: Bonario, now: number): Promise<Pick<Ground, 'operatorId' | 'session'>> {
  const vault = program.vaultOf(ENTE);
  return program.db.tenant(ENTE, async (tx) => {
    await createBody(tx);
    const { operatorId } = await createOperator(tx, vault, { name: 'Paola Bianchi', roles: [...ROLES] });
    for (const text of DEFAULT_TEMPLATES) await saveTemplate(tx, { ...text, authorId: operatorId, now });
    return { operatorId, session: await openOperatorSession(tx, vault, operatorId, program.realNow()) };
  });
}

/** That office, and `debts` positions of three fifths as many people, in ten files. */
export async function loadGround(program: Bonario, clock: SimulatedClock, debts: number): Promise<Ground> {
  const desk = await openOffice(program, clock.now());
  const importIds: string[] = [];
  const perFile = Math.ceil(debts / FILES);
  for (let file = 0; file < FILES; file += 1) {
    const began = performance.now();
    const text = rowsOf(file, perFile, Math.ceil((debts * 3) / 5));
    const outcome = await program.imports.load(
      {
        enteId: ENTE,
        creditType: file % 2 === 0 ? TARI.code : IMU.code,
        fileName: `ruolo-${file + 1}.csv`,
        open: async function* () {
          for (let at = 0; at < text.length; at += 65_536) yield text.subarray(at, at + 65_536);
        },
        profile: null,
      },
      { skipBad: true, releaseQuarantined: false },
      `operator:${desk.operatorId}`,
    );
    if (outcome.kind !== 'committed') throw new Error(`file ${file + 1}: ${outcome.kind}`);
    importIds.push(outcome.counts.importId);
    say(`  file ${file + 1} of ${FILES}: ${outcome.counts.accepted} rows, ${seconds(began)} s`);
    clock.advanceTo(clock.now() + 40 * DAY);
  }
  return { ...desk, importIds, cf: codeOf(5), surname: SURNAMES[5] ?? '' };
}

const OFFICE = {
  officeId: 1,
  name: 'Sportello del cittadino',
  phone: '055 0100200',
  email: 'sportello@borgo-grande.example',
  hours: 'dal lunedì al venerdì, 9:00-13:00',
  address: 'Piazza della Fonte 1, Borgo Grande',
  procedureOfficer: 'Laura Verdi',
  selfReviewBody: 'Sportello del cittadino',
};
export const TARI: CreditType = {
  code: 'TARI',
  name: 'TARI',
  nature: 'tari',
  health: false,
  purposeGroup: 'entrate',
  officeId: 1,
  explanation: 'La TARI paga la raccolta dei rifiuti.',
};
const IMU: CreditType = { ...TARI, code: 'IMU', name: 'IMU', nature: 'imu', explanation: '' };

export const HEADER =
  'id_posizione;codice_fiscale;cognome;nome;email;origine_recapito;telefono;descrizione;anno;scadenza;importo;numero_documento;codice_utente';

/** File `file` of the office: one position a row, the same person again in later files, and some rows that are refused. */
function rowsOf(file: number, rows: number, people: number): Uint8Array {
  const lines = [HEADER];
  for (let i = 0; i < rows; i += 1) {
    const row = file * rows + i;
    lines.push(rowOf(row, row % people, codeOf(row % people)));
    if (i % BAD_EVERY === 0) lines.push(rowOf(1_000_000_000 + row, row % people, 'NON-UN-CODICE'));
  }
  return new TextEncoder().encode(lines.join('\r\n'));
}

export function rowOf(row: number, who: number, code: string): string {
  const year = 2021 + ((row + Math.floor(row / 1_000)) % 5);
  return [
    `P${row}`,
    code,
    SURNAMES[who % SURNAMES.length],
    FEMALE_NAMES[(who * 7) % FEMALE_NAMES.length],
    who % 10 < 7 ? `persona${who}@posta.example` : '',
    'dichiarazione del cittadino',
    who % 10 > 4 ? `+39333${1_000_000 + who}` : '',
    `Utenza di via ${who % 900}, n. ${who % 90}`,
    year,
    `${year}-12-16`,
    `${20 + ((row * 7) % 480)},${10 + (row % 90)}`,
    `AVV-${row}`,
    `U${who}`,
  ].join(';');
}

/** The `i`-th of as many well-formed codes of adults, all different. */
export function codeOf(i: number): string {
  let letters = '';
  for (let rest = i, k = 0; k < 6; k += 1, rest = Math.floor(rest / 26)) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
  }
  const body = `${letters}80A01H501`;
  return body + computeCfCheck(body);
}
