import { type CodedError, isCoded } from '../../kernel/errors.ts';
import { formatEuro } from '../../kernel/money.ts';
import type { RehearsalCounts, StartRefusal } from '../../modules/campaigns/index.ts';
import { explainIntakeError } from '../../modules/debts/index.ts';
import type { BadgeLook } from '../ui/parts.tsx';

export { reasonWords } from '../../modules/campaigns/index.ts';

const CAMPAIGN_STATES: Readonly<Record<string, readonly [words: string, look: BadgeLook]>> = {
  draft: ['bozza', 'off'],
  inApproval: ['in approvazione', 'wait'],
  approved: ['approvata', 'due'],
  scheduled: ['programmata', 'due'],
  running: ['in corso', 'ok'],
  paused: ['sospesa', 'wait'],
  completed: ['conclusa', 'ok'],
  recalled: ['richiamata', 'off'],
  stopped: ['fermata', 'late'],
};

export function campaignState(state: string): readonly [words: string, look: BadgeLook] {
  return CAMPAIGN_STATES[state] ?? [state, 'off'];
}

const IMPORT_STATES: Readonly<Record<string, readonly [words: string, look: BadgeLook]>> = {
  staging: ['in lettura', 'wait'],
  staged: ['letto, da caricare', 'due'],
  committing: ['in caricamento', 'wait'],
  committed: ['caricato', 'ok'],
  discarded: ['scartato', 'off'],
};

/** Of a file whose process died: what became of it since. */
const INTERRUPTED: typeof IMPORT_STATES = {
  committing: ['interrotto, in ripresa', 'late'],
  committed: ['caricato, dopo un’interruzione', 'ok'],
  discarded: ['interrotto: lo carichi di nuovo', 'late'],
};

export function importState(one: {
  readonly state: string;
  readonly interruptedAt: number | null;
}): readonly [words: string, look: BadgeLook] {
  const interrupted = one.interruptedAt === null ? undefined : INTERRUPTED[one.state];
  return interrupted ?? IMPORT_STATES[one.state] ?? [one.state, 'off'];
}

const FACTS: Readonly<Record<string, string>> = {
  'campaign.submitted': 'proposta per l’approvazione',
  'campaign.approved': 'approvata',
  'campaign.sentBack': 'rimandata a chi l’ha scritta',
  'campaign.scheduled': 'programmato l’avvio',
  'campaign.calledOff': 'avvio programmato annullato',
  'campaign.startRefused': 'non avviata, rimandata a chi l’ha scritta',
  'campaign.sampleOpened': 'aperto un esempio',
  'campaign.testSent': 'mandata una prova all’ente',
  'campaign.started': 'avviata',
  'campaign.planned': 'avvisi preparati',
  'campaign.paused': 'sospesa',
  'campaign.resumed': 'ripresa',
  'campaign.stopped': 'fermata',
  'campaign.recalled': 'richiamata',
  'campaign.completed': 'conclusa',
};

export function factWords(kind: string): string {
  return FACTS[kind] ?? kind;
}

const ROW_CODES: Readonly<Record<string, string>> = {
  WIDTH: 'numero di colonne diverso dall’intestazione',
  TRUNCATED_ROW: 'riga troncata',
  CELL_TOO_LONG: 'testo troppo lungo',
  CONTROL_CHARACTER: 'carattere non ammesso',
  FORMULA_CELL: 'contiene una formula',
  MISSING_VALUE: 'manca un valore obbligatorio',
  VALUE_TOO_LONG: 'valore troppo lungo',
  CF_FORMAT: 'il codice fiscale non ha la forma giusta',
  CF_CHECK: 'il codice fiscale ha un carattere sbagliato',
  AMOUNT_NOT_A_NUMBER: 'l’importo non è un numero',
  AMOUNT_AMBIGUOUS: 'l’importo si può leggere in due modi',
  AMOUNT_TOO_MANY_DECIMALS: 'l’importo ha più di due decimali',
  AMOUNT_NEGATIVE: 'l’importo è negativo',
  AMOUNT_TOO_LARGE: 'l’importo è troppo grande',
  DATE_NOT_A_DATE: 'la data non è una data',
  DATE_NO_SUCH_DAY: 'il giorno non esiste',
  DATE_OUT_OF_RANGE: 'la data è fuori dal possibile',
  YEAR_FORMAT: 'l’anno non ha quattro cifre',
  NOTICE_NUMBER_FORMAT: 'il numero di avviso non ha la forma giusta',
  DUPLICATE_IN_FILE: 'la stessa posizione compare due volte nel file',
  OTHER_DEBTOR: 'la posizione è già di un’altra persona',
  DECEASED: 'persona deceduta',
  MINOR: 'persona minorenne',
  AMOUNT_ZERO: 'importo zero',
  DECADENCE_PAST: 'termine di decadenza passato',
  DUE_FAR_FUTURE: 'scadenza molto lontana',
  DECEASED_SANCTION: 'sanzione di una persona deceduta',
  FACTS_MISSING: 'mancano i dati del termine',
};

/** What is wrong with a row of a file. */
export function rowCodeWords(code: string | null): string {
  return code === null ? 'da controllare' : (ROW_CODES[code] ?? code);
}

const SENTENCES: Readonly<Record<string, string>> = {
  CAMPAIGN_DOCUMENT: 'Il documento non va bene: {message}.',
  CAMPAIGN_PROBLEMS: 'La campagna non si può ancora proporre né approvare: {message}',
  CAMPAIGN_STATE: 'Nel frattempo la campagna è cambiata: questa azione ora non è possibile.',
  CREDIT_TYPE_UNKNOWN: 'Questo ente non ha questo tipo di credito.',
  FORBIDDEN: 'Per questa azione serve un’altra autorizzazione ({role}).',
  IMPORT_UNKNOWN: 'Questo file non c’è.',
  IMPORT_STATE: 'Nel frattempo questo file è cambiato di stato: questa azione ora non è possibile.',
  NUMBER_CHANGED:
    'Il numero di persone è cambiato dopo la prova: erano {rehearsed}, oggi sono {now}. Chi l’ha scritta ripeta la prova.',
  START_NOT_FUTURE: 'Scelga un momento che deve ancora venire.',
  TEST_ADDRESS: 'Una prova va solo a un indirizzo dell’ente, che finisce con «@{domain}».',
  TEST_CITIZEN: 'Questo indirizzo è il recapito di un cittadino: la prova non si manda lì.',
  TEST_TOO_MANY: 'Ha già mandato {most} prove nell’ultima ora. Riprovi più tardi.',
  SAMPLE_UNKNOWN: 'Questo esempio non c’è più: nel frattempo le persone da contattare sono cambiate.',
  TEST_STEP: 'Questo passo non c’è, o il suo testo non esiste ancora.',
  TEST_FAILED: 'La prova non è partita: il servizio di posta non l’ha accettata. Riprovi fra qualche minuto.',
  CAMPAIGN_TEMPLATE_UNSUITABLE: 'Questo ente non ha crediti per questo modello.',
  TEMPLATE_CODE: 'Il codice ha solo lettere minuscole, cifre e trattini, da 2 a 60.',
  TEMPLATE_TAKEN: 'C’è già un testo con il codice «{code}».',
  TEMPLATE_UNKNOWN: 'Il testo da cui partire non c’è.',
  RECALL_DEBTS_UNKNOWN: 'Posizioni di questo elenco che non ci sono, o sono di un altro tipo di credito: {unknown}.',
  RECALL_NOBODY: 'Nessuno ha ricevuto, né aspetta, qualcosa che venga da qui.',
  RECALL_NOTE: 'Scriva che cosa era sbagliato: chi approva deve saperlo.',
  RECALL_OPEN: 'Una rettifica per questa causa è già stata chiesta o è in corso.',
  RECALL_STATE: 'Nel frattempo la rettifica è cambiata: questa azione ora non è possibile.',
  RECALL_TEXT_MISSING:
    'Manca il testo della correzione per il canale {channel}. Lo salvi in «Testi dei messaggi», poi torni qui.',
  CAMPAIGN_UNKNOWN: 'Scelga una campagna già avviata.',
  REHEARSAL_MISSING: 'Prima di chiedere l’approvazione serve una prova.',
  SAME_PERSON: 'Chi l’ha scritta, proposta o chiesta non può approvarla: serve una seconda persona.',
  TEMPLATE_CHANGED: 'Un testo è cambiato dopo la prova: chi ha scritto la campagna la ripeta.',
  TEMPLATE_REFUSED: 'Il testo non si può usare: {message}',
  TEMPLATE_SYNTAX: 'Il testo ha un segnaposto scritto male: {message}',
  TEMPLATE_VALUE: 'Il testo usa un segnaposto che non esiste: {message}',
  NOTICE_COUNTER_BEHIND:
    'I numeri di avviso non si possono ancora dare dopo il ripristino: avvisi chi gestisce il programma.',
  UPLOAD_FORM: 'Il file non è arrivato per intero. Lo scelga di nuovo e riprovi.',
  UPLOAD_TOO_LARGE: 'Il file è troppo grande. Lo divida in più file.',
  UPLOAD_BUSY: 'In questo momento si stanno leggendo troppi file. Riprovi fra qualche minuto.',
};

/** The sentence for an error that a person can do something about; any other is thrown on. */
export function sayError(error: unknown): string {
  if (!isCoded(error)) throw error;
  if (error.code.startsWith('INTAKE_')) return explainIntakeError(error);
  const sentence = SENTENCES[error.code];
  if (sentence === undefined) throw error;
  return fill(sentence, error);
}

function fill(sentence: string, error: CodedError): string {
  const details: Readonly<Record<string, string | number>> = { message: error.message, ...error.details };
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));
}

/** What messages cost; nothing is said to be free because nobody has written a price. */
export function costWords(cents: number | null): string {
  return cents === null ? 'non indicato' : formatEuro(cents);
}

type PricedStep = RehearsalCounts['steps'][number];

/** Null: not told. A rehearsal from before prices has no segments, and its nought was no price. */
export function costOfStep({ costCents, segments }: PricedStep): number | null {
  return segments === undefined ? null : costCents;
}

/** The sum of what is known, and whether something is not: a sum that leaves a step out must say so. */
export function costOfSteps(steps: readonly PricedStep[]): string {
  const known = steps.map(costOfStep).filter((cents) => cents !== null);
  if (known.length === 0) return costWords(null);
  const total = formatEuro(known.reduce((a, b) => a + b, 0));
  return known.length === steps.length ? total : `${total}, più i passi senza prezzo`;
}

/** Why a start that was set for later did not happen. */
export function startRefusedWords(refusal: StartRefusal): string {
  if (refusal.reason === 'NUMBER_CHANGED') {
    const [approved, now] = [count(Number(refusal.approved)), count(Number(refusal.now))];
    return `All’ora fissata le persone da contattare erano ${now}, ne erano state approvate ${approved}. Serve una nuova prova e una nuova approvazione.`;
  }
  return 'All’ora fissata qualcosa non andava più bene: guardi che cosa correggere, poi serve una nuova approvazione.';
}

/** A channel as people call it. */
export function channelWords(channel: string): string {
  return channel === 'email' ? 'e-mail' : channel.toUpperCase();
}

/** `48.210`: whole numbers as people read them. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, '.');
}

/** `1 persona`, `2 persone`. */
export function counted(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
