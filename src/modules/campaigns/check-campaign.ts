import { compareDates } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import type { Tx } from '../../platform/db/index.ts';
import {
  type CreditType,
  creditTypeOf,
  type Ente,
  type MissingRule,
  missingRules,
  type Office,
  officeOf,
  type RuleBook,
} from '../creditors/index.ts';
import { checkTemplate, latestTemplate, previewValues, type TemplateText } from '../notices/index.ts';
import type { CampaignDocument } from './campaign-document.ts';

export interface CampaignProblem {
  readonly code: string;
  readonly rule: string | null;
  /** Italian, for who wrote the campaign. */
  readonly message: string;
}

/** What must be chosen before anybody is written to, and the choices that have a sentence of their own below. */
export const isBlocking = (blocks: string) => blocks === 'campaign' || blocks === 'deadline';
const SAID_APART = new Set(['healthGeneralAct', 'ticketLimitationYears']);

/** What this credit cannot be written about without, and the body has not chosen yet. */
export function blockingRules(rules: RuleBook, type: Pick<CreditType, 'code' | 'nature'>): MissingRule[] {
  return missingRules(rules, type).filter(({ blocks }) => isBlocking(blocks));
}

/** Everything that stands between this document and an approval; empty when nothing does. */
export async function checkCampaign(
  tx: Tx,
  ente: Ente,
  rules: RuleBook,
  doc: CampaignDocument,
): Promise<CampaignProblem[]> {
  const problems: CampaignProblem[] = [];
  const add = (code: string, rule: string | null, message: string) => problems.push({ code, rule, message });
  const offices = new Map<number, Office>();
  for (const code of doc.creditTypes) {
    let type: ReturnType<typeof creditTypeOf>;
    try {
      type = creditTypeOf(ente, code);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      add('CREDIT_TYPE_UNKNOWN', null, `${ente.name} non ha il tipo di credito ${code}.`);
      continue;
    }
    offices.set(type.officeId, officeOf(ente, type.officeId));
    for (const missing of blockingRules(rules, type)) {
      if (SAID_APART.has(missing.key)) continue;
      add('RULE_MISSING', missing.rule, `Per ${type.name} l’ente deve prima stabilire: ${missing.label}.`);
    }
    // R74: where the law counts only some channels, the others may accompany one of them, never stand alone.
    const counting = rules.get<{ countingChannels: string[] | null }>('contactRule', type).value.countingChannels;
    if (counting !== null && !doc.steps.some((step) => counting.includes(step.channel))) {
      add(
        'CHANNEL_NOT_COUNTING',
        'R74',
        `Per ${type.name} serve un passo con uno di questi canali: ${counting.join(', ')}.`,
      );
    }
    if (!type.health) continue;
    // R65: no general act on record, no health campaign. R12: the limitation of tickets is a declared choice.
    if (rules.find('healthGeneralAct', type) === null) {
      add(
        'HEALTH_ACT_MISSING',
        'R65',
        `Per ${type.name} serve l’atto generale che autorizza il trattamento dei dati di salute.`,
      );
    }
    if (rules.find('ticketLimitationYears', type) === null) {
      add(
        'TICKET_LIMITATION_MISSING',
        'R12',
        `Per ${type.name} l’ente deve dichiarare se la prescrizione è di 5 o 10 anni.`,
      );
    }
  }
  // R64: settings may only tighten the ceiling.
  const ceilings = ceilingsOf(rules, doc);
  if (doc.maxPerPerson !== null && doc.maxPerPerson > ceilings.lawPerPerson) {
    add(
      'CEILING_WIDER',
      'R64',
      `Il limite per persona non può superare ${ceilings.lawPerPerson} messaggi in sette giorni.`,
    );
  }
  if (doc.maxPerAddress !== null && doc.maxPerAddress > ceilings.lawPerAddress) {
    add(
      'CEILING_WIDER',
      'R64',
      `Il limite per indirizzo non può superare ${ceilings.lawPerAddress} messaggi in sette giorni.`,
    );
  }
  if (compareDates(doc.dueBy, rules.on) >= 0) {
    add('NOT_YET_DUE', null, 'Si scrive solo per ciò che è già scaduto: indichi una data di scadenza passata.');
  }
  if (doc.steps[0]?.onlyIf !== 'always') {
    add('FIRST_STEP', null, 'Il primo passo non può dipendere da un passo precedente.');
  }
  for (const [index, step] of doc.steps.entries()) {
    const template = await latestTemplate(tx, step.templateCode);
    if (template === null || template.channel !== step.channel) {
      add(
        'TEMPLATE_UNKNOWN',
        null,
        `Passo ${index + 1}: il testo «${step.templateCode}» per ${step.channel} non esiste.`,
      );
      continue;
    }
    for (const problem of problemsOf(template, ente, [...offices.values()])) {
      add(problem.code, problem.rule, `Passo ${index + 1}, testo «${template.code}»: ${problem.message}`);
    }
  }
  return problems;
}

/**
 * The text with the names of the body and of each of its offices in it: «Ufficio tributi» in a message says what it is
 * about, and at hand-over every single one would be refused.
 */
function problemsOf(template: TemplateText, ente: Ente, offices: readonly Office[]) {
  const found = offices.length === 0 ? checkTemplate(template) : [];
  for (const office of offices) found.push(...checkTemplate(template, previewValues(ente, office)));
  return [...new Map(found.map((problem) => [`${problem.where}|${problem.message}`, problem])).values()];
}

/** What a campaign really applies: the body's rule, tightened by the document. */
export function ceilingsOf(rules: RuleBook, doc: CampaignDocument) {
  const lawPerPerson = rules.get<number>('weeklyCeilingPerPerson', null).value;
  const lawPerAddress = rules.get<number>('weeklyCeilingPerAddress', null).value;
  return {
    lawPerPerson,
    lawPerAddress,
    perPerson: Math.min(doc.maxPerPerson ?? lawPerPerson, lawPerPerson),
    perAddress: Math.min(doc.maxPerAddress ?? lawPerAddress, lawPerAddress),
  };
}

/** Per person, over the lines of one notice. */
export function minimumOf(rules: RuleBook, doc: CampaignDocument): number {
  return doc.minimumCents ?? rules.get<number>('sendingFloorCents', null).value;
}
