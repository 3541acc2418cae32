import { renderTemplate } from './liquid.ts';
import { type MessageValues, markedValues, sampleValues } from './message-values.ts';

/** Something a text may not say, or must say. `rule` is its number in docs/legal-rules.md. */
export interface TextProblem {
  readonly code: string;
  readonly rule: string;
  readonly where: 'subject' | 'body';
  /** Italian, for who writes the text. */
  readonly message: string;
}

interface WordRule {
  readonly code: string;
  readonly rule: string;
  readonly pattern: RegExp;
  readonly why: string;
}

/**
 * Words that no message may carry before identity, in the subject or in a neutral body (R51, Garante 30/11/2005;
 * channels §0): whoever opens the mailbox would know of a debt, or of care received.
 */
const DISCLOSURE: readonly WordRule[] = [
  {
    code: 'DISCLOSURE_AMOUNT',
    rule: 'R51',
    pattern: /€|\beuro\b|\d{1,3}(?:\.\d{3})*,\d{2}(?!\d)/i,
    why: 'un importo può comparire solo dopo l’identificazione',
  },
  {
    code: 'DISCLOSURE_DEBT',
    rule: 'R51',
    pattern:
      /\b(?:debit\w*|credit[oi]|importo|importi|arretrat\w*|insolut\w*|moros\w*|scadut\w*|scadenz\w*|rat[ae]\b|pagament\w*|pagare|da pagare|versament\w*|recupero|riscossion\w*|dovut\w*)/i,
    why: 'nessuna parola che faccia capire che si tratta di un debito',
  },
  {
    code: 'DISCLOSURE_SERVICE',
    rule: 'R51',
    pattern:
      /\b(?:tari|imu|tasi|tosap|cosap|tribut\w*|tass[ae]|rifiuti|mensa|scolastic\w*|asilo|mult[ae]|verbal[ei]|ticket|sanitari\w*|visit[ae]|esam[ei]|prestazion\w*|ospedal\w*|ambulatori\w*|cur[ae])\b/i,
    why: 'il servizio si dice solo dopo l’identificazione',
  },
];

const WORDING: readonly WordRule[] = [
  {
    code: 'FALSE_TITLE',
    rule: 'R50',
    pattern: /\b(?:diffid\w*|cartell[ae]|accertament\w*|ingiunzion\w*|sollecit\w*|messa in mora|intim\w*|preavviso)\b/i,
    why: 'un avviso bonario non porta il nome di un atto che non è',
  },
  {
    code: 'COURT',
    rule: 'R50',
    pattern:
      /\b(?:tribunal\w*|giudic\w*|ricors\w*|corte|giustizia|ufficiale giudiziario|pignorament\w*|ipotec\w*|fermo amministrativo)\b/i,
    why: 'nessun giudice e nessun termine di ricorso in un avviso che non si impugna',
  },
  {
    code: 'SANCTION_OR_COST',
    rule: 'R24',
    pattern: /\b(?:sanzion\w*|interess[ei]|mora|maggiorazion\w*|spese di notifica|oneri)\b/i,
    why: 'sanzioni, interessi e spese non entrano in un avviso bonario senza una deliberazione dell’ente',
  },
  {
    code: 'LEGAL_CITATION',
    rule: 'R18',
    pattern:
      /\b(?:art(?:icol[oi]|t?\.)\s*\d|l\.\s*\d|legge\s+(?:n\.\s*)?\d|d\.?\s?lgs|d\.?\s?l\.\s*\d|d\.?p\.?r\.?\s*\d|comma\s+\d|c\.\s*\d{2,})/i,
    why: 'le norme si citano con una variabile, perché cambiano: mai scritte nel testo',
  },
  {
    code: 'IBAN',
    rule: 'R68',
    pattern: /\b[A-Z]{2}\d{2}\s?(?:[A-Z0-9]{4}\s?){3,7}[A-Z0-9]{1,4}\b|\biban\b/i,
    why: 'si paga con pagoPA: nessun IBAN, da nessuna parte',
  },
  {
    code: 'ROUTE_MISSING',
    rule: 'R55',
    pattern: /\b(?:spid|cie|rateizz\w*|a rate|autocertific\w*|dichiarazione sostitutiva|allegat\w*|pdf|app io)\b/i,
    why: 'questa strada non esiste ancora: indichi i contatti dell’ufficio',
  },
  {
    code: 'DISRESPECT',
    rule: 'R52',
    pattern: /!|\b(?:evasor\w*|colpevol\w*|ultimo avviso|ultima possibilit|immediatamente|entro oggi)/i,
    why: 'il tono è rispettoso: niente punti esclamativi, minacce o fretta',
  },
];

/** What every notice must name (R49, L. 212/2000 art. 7; §9.3 of the law sheet), as variables that the body keeps true. */
interface Element {
  readonly path: string;
  readonly rule: string;
  readonly what: string;
}

const REQUIRED: readonly Element[] = [
  { path: 'persona.nome', rule: 'R51', what: 'il destinatario' },
  { path: 'ente.nome', rule: 'R49', what: 'l’ente' },
  { path: 'ufficio.nome', rule: 'R49', what: 'l’ufficio che dà informazioni' },
  { path: 'ufficio.telefono', rule: 'R49', what: 'un telefono dell’ufficio' },
  { path: 'ufficio.responsabile', rule: 'R49', what: 'il responsabile del procedimento' },
  { path: 'ufficio.riesame', rule: 'R49', what: 'l’organo per il riesame' },
  { path: 'collegamento', rule: 'R52', what: 'la pagina dove guardare' },
  { path: 'rinuncia', rule: 'R51', what: 'il modo per non ricevere altri messaggi' },
];

/** An SMS has room for who writes, where to look, whom to call and how to stop; the rest is on the page it leads to. */
const REQUIRED_IN_SMS: readonly Element[] = REQUIRED.filter(({ path }) =>
  ['ente.nome', 'ufficio.telefono', 'collegamento', 'rinuncia'].includes(path),
);
/** Two parts of GSM text with the links of a real domain in them: each further part costs, and is read less. */
const SMS_LONGEST = 306;

/**
 * Everything wrong with a template; empty when it may be approved. `values`: the body's own where they are known, since an
 * office's name may bring in a word that the template does not have. Syntax errors throw TEMPLATE_SYNTAX.
 */
export function checkTemplate(
  template: { readonly subject: string; readonly body: string; readonly channel?: string },
  values: MessageValues = sampleValues(),
): TextProblem[] {
  const { values: marks, mark } = markedValues();
  // What is printed counts, not what is named: a variable inside a condition or a comment tells nobody anything.
  const printed = renderTemplate(`${template.subject}\n${template.body}`, marks).toLowerCase();
  const sms = template.channel === 'sms';
  const problems: TextProblem[] = (sms ? REQUIRED_IN_SMS : REQUIRED)
    .filter(({ path }) => !printed.includes(mark(path)))
    .map(({ path, rule, what }) => ({
      code: 'MISSING_ELEMENT',
      rule,
      where: 'body',
      message: `Manca ${what}: inserisca {{ ${path} }}.`,
    }));
  const subject = renderTemplate(template.subject, values);
  const body = renderTemplate(template.body, values);
  problems.push(...checkText(subject, body));
  if (sms && subject !== '') {
    const message = 'Un SMS non ha oggetto: lo lasci vuoto.';
    problems.push({ code: 'SUBJECT_IN_SMS', rule: 'R51', where: 'subject', message });
  }
  if (sms && body.length > SMS_LONGEST) {
    const message = `Il testo con i collegamenti è lungo ${body.length} caratteri: per un SMS al massimo ${SMS_LONGEST}.`;
    problems.push({ code: 'SMS_LENGTH', rule: 'R52', where: 'body', message });
  }
  if (subject.length > 120 || /[\r\n]/.test(subject)) {
    const message = 'L’oggetto deve stare su una riga di non più di 120 caratteri.';
    problems.push({ code: 'SUBJECT_LENGTH', rule: 'R51', where: 'subject', message });
  }
  const ease = gulpease(body);
  if (!sms && ease < GULPEASE_MINIMUM) {
    const message = `Il testo è difficile da leggere: indice Gulpease ${ease}, ne serve almeno ${GULPEASE_MINIMUM}. Accorci le frasi.`;
    problems.push({ code: 'READABILITY', rule: 'R52', where: 'body', message });
  }
  return problems;
}

/** The words alone: asked again of every rendered message, since a name or an office may bring in what a template did not. */
export function checkText(subject: string, body: string): TextProblem[] {
  const problems: TextProblem[] = [];
  for (const [where, text] of [
    ['subject', subject],
    ['body', body],
  ] as const) {
    const plain = text.replace(/https?:\/\/\S+/g, ' ');
    for (const rule of [...DISCLOSURE, ...WORDING]) {
      const found = rule.pattern.exec(plain);
      if (found === null) continue;
      const message = `«${found[0].trim()}»: ${rule.why}.`;
      problems.push({ code: rule.code, rule: rule.rule, where, message });
    }
  }
  return problems;
}

/** R52: a design choice of ours, over the main text. */
const GULPEASE_MINIMUM = 60;

/** Readability of Italian, 0 to 100: 89 + (300 × sentences − 10 × letters) / words. */
export function gulpease(text: string): number {
  const plain = text.replace(/https?:\/\/\S+/g, ' ');
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = plain.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const sentences = plain.split(/[.;:?!]+|\n{2,}/).filter((part) => /\p{L}/u.test(part)).length;
  if (words.length === 0) return 0;
  return Math.max(0, Math.min(100, Math.round(89 + (300 * sentences - 10 * letters) / words.length)));
}
