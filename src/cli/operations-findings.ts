import {
  type Alarm,
  type AlarmCode,
  alarmsOf,
  type OperationsDeps,
  operationsNow,
  readOperations,
} from '../modules/insight/index.ts';
import { somebodyLeads } from '../platform/telemetry/index.ts';
import { type CommandResult, table } from './command.ts';

/** One line of `doctor` and `status`. `ok` false: somebody has to do something. */
export interface Finding {
  readonly code: string;
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** These ring when a process that works does not get on; where none works, what waits for one is no fault. */
const OF_WHO_WORKS: readonly AlarmCode[] = ['QUEUE_STILL', 'SEAL_LAG', 'JOBS_WAITING', 'READING_OVERDUE'];

/**
 * What moves and what stands, in all bodies: read anew, save how late the program's own reading is. `working`: whether
 * a process does the background work; null: the database knows.
 */
export async function operationsFindings(deps: OperationsDeps, working: boolean | null): Promise<Finding[]> {
  const before = await operationsNow(deps);
  await readOperations(deps);
  const seen = { ...(await operationsNow(deps)), readingDueAt: before.readingDueAt };
  const works = working ?? (await deps.db.system((tx) => somebodyLeads(tx, deps.realNow())));
  const worker = works ? 'un processo lo fa' : 'nessun processo lo fa ora';
  return [
    { code: 'WORKER', what: 'lavoro di fondo', ok: true, detail: worker },
    ...alarmsOf(seen, deps.now(), deps.realNow()).map((alarm) => finding(alarm, works)),
  ];
}

function finding(alarm: Alarm, works: boolean): Finding {
  const { code, rings } = alarm;
  const { what, calm, ringing } = WORDS[code];
  if (rings && !works && OF_WHO_WORKS.includes(code)) return { code, what, ok: true, detail: 'attende chi lavori' };
  return { code, what, ok: !rings, detail: (rings ? ringing : calm)(alarm) };
}

/** Exit 1 when something is wrong. */
export function findingsAnswer(findings: readonly Finding[]): CommandResult {
  const ok = findings.every((one) => one.ok);
  const text = table(
    ['che cosa', 'esito', 'dettaglio'],
    findings.map((one) => [one.what, one.ok ? 'bene' : 'MALE', one.detail]),
  );
  return { exit: ok ? 0 : 1, json: { ok, findings }, text };
}

interface Words {
  readonly what: string;
  readonly calm: (alarm: Alarm) => string;
  readonly ringing: (alarm: Alarm) => string;
}

const WORDS: Readonly<Record<AlarmCode, Words>> = {
  WORK_OVERDUE: {
    what: 'lavoro in scadenza',
    calm: () => 'niente in ritardo',
    ringing: ({ seconds }) =>
      `scaduto da ${span(seconds)} e nessuno lo comincia: avvii «bonario serve» o «bonario worker»`,
  },
  QUEUE_STILL: {
    what: 'coda degli invii',
    calm: ({ n }) => (n === 0 ? 'nessun messaggio da inviare ora' : `${n} messaggi da inviare ora, la coda scorre`),
    ringing: ({ n, seconds }) => `${n} messaggi fermi, il primo da ${span(seconds)}: guardi i gestori e il registro`,
  },
  UNCERTAIN: {
    what: 'invii incerti',
    calm: ({ n }) => (n === 0 ? 'nessuno' : `${n}, da poco: il gestore può ancora rispondere`),
    ringing: ({ n, seconds }) => `${n}, il primo da ${span(seconds)}: chieda al gestore («bonario delivery uncertain»)`,
  },
  REFUSED: {
    what: 'rifiuti dei gestori',
    calm: ({ n }) => (n === 0 ? 'nessuno negli ultimi dieci minuti' : `${n} negli ultimi dieci minuti`),
    ringing: ({ n }) => `${n} negli ultimi dieci minuti, troppi: sospenda le campagne e guardi i motivi`,
  },
  SEAL_LAG: {
    what: 'sigilli del registro',
    calm: () => 'in pari',
    ringing: ({ seconds }) => `il fatto più vecchio senza sigillo è di ${span(seconds)} fa: guardi BONARIO_SEALS_DIR`,
  },
  JOBS_WAITING: {
    what: 'lavori in attesa',
    calm: ({ n }) => (n === 0 ? 'nessuno' : `${n}, da poco`),
    ringing: ({ n, seconds }) => `${n}, il primo da ${span(seconds)}: nessun processo li prende`,
  },
  JOBS_FAILED: {
    what: 'lavori falliti',
    calm: () => 'nessuno nell’ultimo giorno',
    ringing: ({ n }) => `${n} nell’ultimo giorno, abbandonati dopo più tentativi: guardi il registro degli errori`,
  },
  READING_OVERDUE: {
    what: 'giri di servizio',
    calm: () => 'puntuali',
    ringing: ({ seconds }) =>
      `fermi da ${span(seconds)}: nessun processo fa sigilli, cifre e avvisi agli altri programmi`,
  },
};

/** A length of time in words, as coarse as people say it. */
function span(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return minutes === 1 ? 'un minuto' : `${minutes} minuti`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} ore` : `${Math.floor(hours / 24)} giorni`;
}
