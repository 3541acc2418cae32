import { parseEuro } from '../../kernel/money.ts';
import { field } from './context.ts';

/** How a body writes one of its choices: the control of the form, and what its text becomes. */
export type RuleField =
  | { readonly kind: 'choice'; readonly options: readonly { readonly value: string; readonly label: string }[] }
  | { readonly kind: 'integer' | 'euro' | 'percent' | 'text'; readonly hint: string }
  | { readonly kind: 'appointment'; readonly hint: string };

/** The keys that a page can set: what a first campaign waits for, and the rest of what the law leaves to the body. */
export const RULE_FIELDS: Readonly<Record<string, RuleField>> = {
  ticketLimitationYears: {
    kind: 'choice',
    options: [
      { value: '5', label: '5 anni' },
      { value: '10', label: '10 anni' },
    ],
  },
  waterIssueTermDays: { kind: 'integer', hint: 'Giorni, da 1 a 365.' },
  taxMinimumCents: {
    kind: 'euro',
    hint: 'Sotto questo importo, per tributo e anno, non è dovuto nulla. Esempio: 12,00',
  },
  sendingFloorCents: { kind: 'euro', hint: 'Sotto questo importo non si scrive. Esempio: 12,00' },
  interestDeltaBp: { kind: 'percent', hint: 'Punti in più o in meno del tasso legale, da -3 a 3. Esempio: 1,5' },
  ecbReferenceRateBp: { kind: 'percent', hint: 'Il tasso di riferimento BCE in vigore. Esempio: 2,15' },
  collector: {
    kind: 'choice',
    options: [
      { value: 'self', label: 'L’ente stesso' },
      { value: 'concession', label: 'Un concessionario' },
      { value: 'AdER', label: 'Agenzia delle entrate-Riscossione' },
    ],
  },
  healthGeneralAct: { kind: 'text', hint: 'Il regolamento o l’atto generale: numero, data, articolo.' },
  missedAppointmentTerms: { kind: 'appointment', hint: 'Il preavviso, con le parole della legge regionale.' },
  fineWithoutDate: {
    kind: 'choice',
    options: [
      { value: 'hold', label: 'Non si scrive finché il file non dice la data' },
      { value: 'write', label: 'Si scrive lo stesso' },
    ],
  },
};

export interface RuleText {
  readonly value: string;
  readonly cap: string;
  readonly from: string;
  readonly basis: string;
}

export function ruleTextOf(body: unknown): RuleText {
  const text = (name: string, most: number) => field(body, name).trim().slice(0, most);
  return { value: text('valore', 500), cap: text('tetto', 20), from: text('dal', 20), basis: text('delibera', 300) };
}

/** The value that the form means; null when its text means none. Whether the law allows it is for `setEnteRule`. */
export function ruleValueOf(spec: RuleField, typed: RuleText): unknown {
  switch (spec.kind) {
    case 'choice': {
      const chosen = spec.options.find((option) => option.value === typed.value)?.value;
      if (chosen === undefined) return null;
      return /^\d+$/.test(chosen) ? Number(chosen) : chosen;
    }
    case 'integer':
      return /^\d{1,4}$/.test(typed.value) ? Number(typed.value) : null;
    case 'euro':
      return centsOf(typed.value);
    case 'percent': {
      if (!/^-?\d{1,2}([.,]\d{1,2})?$/.test(typed.value)) return null;
      return Math.round(Number(typed.value.replace(',', '.')) * 100);
    }
    case 'text':
      return typed.value === '' ? null : typed.value;
    case 'appointment': {
      const capCents = centsOf(typed.cap);
      return typed.value === '' || capCents === null ? null : { noticeText: typed.value, capCents };
    }
  }
}

function centsOf(text: string): number | null {
  const parsed = parseEuro(text);
  return parsed.ok ? parsed.value : null;
}
