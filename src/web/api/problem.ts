import type { FastifyError } from 'fastify';
import { isCoded } from '../../kernel/errors.ts';
import { explainIntakeError } from '../../modules/debts/index.ts';
import { DatabaseError } from '../../platform/db/index.ts';

/** An answer of the API that is not what was asked for (RFC 9457). `detail` is Italian and may be shown to people. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(code);
    this.headers = headers;
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

export function problemBody(status: number, code: string, detail: string) {
  return { type: `urn:bonario:${code}`, title: code, status, code, detail };
}

/** Codes of the modules and what they are over HTTP; details of the error may be named in braces. */
const KNOWN: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  CAMPAIGN_DOCUMENT: [422, 'Il documento della campagna non è valido: {message}'],
  CAMPAIGN_PROBLEMS: [422, 'La campagna non si può proporre né approvare: {message}'],
  CAMPAIGN_STATE: [409, 'La campagna è nello stato «{state}»: questa azione ora non è possibile.'],
  CAMPAIGN_UNKNOWN: [404, 'Non c’è nessuna campagna con questo codice.'],
  CREDIT_TYPE_UNKNOWN: [422, 'Questo ente non ha questo tipo di credito.'],
  DEBT_UNKNOWN: [404, 'Non c’è nessuna posizione con questo identificativo.'],
  DISPUTE_ANSWER: [422, 'Al cittadino si deve una risposta scritta.'],
  DISPUTE_DECIDED: [409, 'A questa segnalazione è già stata data risposta.'],
  DISPUTE_UNKNOWN: [404, 'Non c’è nessuna segnalazione con questo identificativo.'],
  FORBIDDEN: [403, 'La persona indicata non ha il ruolo «{role}», che serve per questa azione.'],
  KEY_UNKNOWN: [401, 'La chiave non è valida.'],
  NOTICE_COUNTER_BEHIND: [
    503,
    'I numeri avviso non si possono assegnare: serve un intervento di chi gestisce il programma.',
  ],
  NUMBER_CHANGED: [409, 'Il numero di persone non è quello della prova o di oggi ({now}): ripeta la prova.'],
  RECEIPT_CONFLICT: [409, 'Con questo identificativo è già stata ricevuta un’altra ricevuta.'],
  REHEARSAL_MISSING: [409, 'Prima di chiedere l’approvazione serve una prova.'],
  RULE_UNKNOWN: [422, 'Manca una regola in vigore per questo credito: {key}.'],
  SAME_PERSON: [409, 'Chi ha scritto o proposto la campagna non può approvarla: serve una seconda persona.'],
  TEMPLATE_CHANGED: [409, 'Un testo è cambiato dopo la prova: ripeta la prova.'],
  WEBHOOK_LIMIT: [409, 'Ci sono già troppi indirizzi: ne tolga uno.'],
  WEBHOOK_UNKNOWN: [404, 'Non c’è nessun indirizzo con questo identificativo.'],
  WEBHOOK_URL: [422, 'L’indirizzo deve essere https, pubblico, e senza utente né password.'],
};

const WHERE: Readonly<Record<string, string>> = {
  headers: 'intestazioni',
  querystring: 'parametri',
  params: 'indirizzo',
  body: 'corpo della richiesta',
};

/** SQLSTATEs of transactions that lost to another one: the same request may be sent again. */
const TRY_AGAIN = new Set(['40001', '40P01', '55P03']);

/** What a thrown thing is over HTTP. Nothing of an unknown error is told. */
export function explain(error: unknown): { status: number; code: string; detail: string } {
  if (error instanceof ApiProblem) return error;
  if (isCoded(error)) {
    if (error.code.startsWith('INTAKE_')) return { status: 422, code: error.code, detail: explainIntakeError(error) };
    const [status, text] = KNOWN[error.code] ?? [];
    if (status !== undefined && text !== undefined) {
      const details: Readonly<Record<string, string | number>> = { message: error.message, ...error.details };
      const detail = text.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));
      return { status, code: error.code, detail };
    }
  }
  if (error instanceof DatabaseError) {
    // Class 22: a value that no column can hold, for instance a NUL character in a text.
    if (error.code.startsWith('22'))
      return {
        status: 422,
        code: 'VALIDATION',
        detail: 'Un valore non è ammesso: contiene caratteri che non si possono salvare.',
      };
    if (TRY_AGAIN.has(error.code))
      return { status: 503, code: 'BUSY', detail: 'Un’altra richiesta era in corso: riprovi.' };
  }
  const { validation, validationContext, statusCode } = error as Partial<FastifyError>;
  const first = validation?.[0];
  if (first !== undefined) {
    const named = (first.instancePath || `/${String(first.params.missingProperty ?? '')}`).slice(1);
    const where = named || WHERE[validationContext ?? 'body'] || 'richiesta';
    return { status: 422, code: 'VALIDATION', detail: `${where}: valore mancante o non ammesso.` };
  }
  const status = statusCode ?? 500;
  if (status < 500) return { status, code: 'BAD_REQUEST', detail: 'La richiesta non si può leggere.' };
  return { status: 500, code: 'INTERNAL', detail: 'Errore interno: riprovi, e citi il riferimento se si ripete.' };
}
