import { type CodedError, isCoded } from '../kernel/errors.ts';
import { explainIntakeError } from '../modules/debts/index.ts';

/** Sentences for people; the code stays beside them for machines. Details may be named in braces. */
const SENTENCES: Readonly<Record<string, string>> = {
  CAMPAIGN_PROBLEMS: 'La campagna non si può proporre né approvare: {message}',
  CAMPAIGN_STATE: 'La campagna è nello stato «{state}»: questa azione ora non è possibile.',
  CAMPAIGN_TEMPLATE_UNKNOWN: 'Non c’è nessun modello con il codice «{code}»: li elenca «campaign templates».',
  CAMPAIGN_TEMPLATE_UNSUITABLE: 'L’ente non ha crediti per il modello «{code}».',
  CAMPAIGN_UNKNOWN: 'Non c’è nessuna campagna con questo codice.',
  CREDIT_TYPE_UNKNOWN: 'Questo ente non ha il tipo di credito {code}.',
  DATA_FOLDER_IN_USE:
    'La cartella dei dati è già usata dal processo {pid}, e con la base dati incorporata il processo è uno solo. I comandi passano da lui; per averne altri serve PostgreSQL (DATABASE_URL).',
  DISPUTE_ANSWER: 'Al cittadino si deve una risposta scritta: la indichi con --answer.',
  DELIVERY_NOT_UNCERTAIN: 'Questo invio non è incerto: il suo esito si conosce già.',
  DISPUTE_DEBT: 'La posizione non è di questa persona.',
  DISPUTE_DECIDED: 'A questa segnalazione è già stata data risposta ({state}).',
  DISPUTE_UNKNOWN: 'Non c’è nessuna segnalazione con questo identificativo.',
  ENTE_UNKNOWN: 'Non c’è nessun ente con questo identificativo.',
  FORBIDDEN: 'Non ha il ruolo «{role}», che serve per questa azione.',
  IMPORT_BAD_ROWS:
    'Ci sono {rejected} righe con errori e {quarantined} da controllare. Per caricare solo le righe buone aggiunga --skip-bad.',
  IMPORT_STATE: 'Questo caricamento è nello stato «{state}».',
  IMPORT_UNKNOWN: 'Non c’è nessun caricamento con questo identificativo.',
  KEY_MISSING: 'Serve la chiave di un operatore: la metta in BONARIO_KEY o la dia con --key.',
  KEY_UNKNOWN: 'La chiave non è di nessun operatore.',
  LAST_MANAGER: 'È l’unica persona che gestisce gli operatori: prima dia il ruolo «manage» a un’altra.',
  MASTER_KEY: 'La chiave principale non si può usare: {message}',
  MIGRATIONS_MISSING: 'Mancano {missing} aggiornamenti dello schema: esegua prima «bonario migrate».',
  NOTICE_COUNTER_BEHIND:
    'La base dati è più vecchia dei numeri avviso già dati: dopo un ripristino esegua «bonario notice-counter advance».',
  NUMBER_CHANGED:
    'Il numero indicato ({given}) non è quello della prova ({rehearsed}) o di oggi ({now}): ripeta la prova.',
  REHEARSAL_MISSING: 'Prima di chiedere l’approvazione serve una prova (campaign rehearse).',
  LOGIN_INVALID: 'Il nome per entrare può avere solo lettere, cifre, punti e trattini.',
  LOGIN_TAKEN: 'Questo nome per entrare è già di un altro operatore.',
  OPERATOR_UNKNOWN: 'Nessun operatore attivo con questo identificativo.',
  OPTION_MISSING: 'Manca l’opzione {option}.',
  OPTION_VALUE: 'L’opzione {option} non ha un valore ammesso ({allowed}).',
  RECALL_DEBTS_UNKNOWN: 'Posizioni di questo elenco che non ci sono, o sono di un altro tipo di credito: {unknown}.',
  RECALL_NOBODY: 'Nessuno ha ricevuto, né aspetta, qualcosa che venga da qui.',
  RECALL_NOTE: 'Scriva che cosa era sbagliato: chi approva deve saperlo (--note).',
  RECALL_OPEN: 'Una rettifica per questa causa è già stata chiesta o è in corso.',
  RECALL_STATE: 'La rettifica è nello stato «{state}»: questa azione ora non è possibile.',
  RECALL_TEXT_MISSING: 'Manca un testo di rettifica per il canale {channel}: lo salvi, poi lo indichi.',
  RECALL_UNKNOWN: 'Non c’è nessuna rettifica con questo codice.',
  ROLE_BYPASSES_RLS: 'Il ruolo {role} della base dati può aggirare la separazione tra enti: ne usi un altro.',
  RULE_SAME_DAY: 'Da quel giorno vale già un altro valore: indichi un giorno diverso.',
  RULE_UNKNOWN: 'Manca la regola «{key}» in vigore il {on}.',
  SAME_PERSON: 'Chi l’ha scritta, proposta o chiesta non può approvarla: serve una seconda persona.',
  START_NOT_FUTURE: 'L’ora di avvio deve ancora venire.',
  TEMPLATE_CHANGED: 'Un testo è cambiato dopo la prova: ripeta la prova.',
  WEBHOOK_LIMIT: 'Ci sono già troppi indirizzi: ne tolga uno.',
  WEBHOOK_UNKNOWN: 'Non c’è nessun indirizzo con questo identificativo.',
  WORK_NEEDS_POSTGRES:
    'Con la base dati incorporata il processo è uno solo: «serve» fa anche il lavoro di fondo. Per processi a parte serve PostgreSQL (DATABASE_URL).',
  WEBHOOK_URL: 'L’indirizzo deve essere https, pubblico, e senza utente né password.',
};

/** The Italian sentence for an error; the English one where nobody but an engineer meets it. */
export function explain(error: unknown): { code: string; message: string } {
  if (!isCoded(error)) {
    return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  }
  return { code: error.code, message: sentence(error) };
}

function sentence(error: CodedError): string {
  if (error.code.startsWith('INTAKE_')) return explainIntakeError(error);
  const found = SENTENCES[error.code];
  if (found === undefined) return error.message;
  const details: Readonly<Record<string, string | number>> = { message: error.message, ...error.details };
  return found.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));
}
