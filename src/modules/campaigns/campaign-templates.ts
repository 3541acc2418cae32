import { readdirSync, readFileSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { isMap, isSeq, parseAllDocuments, parseDocument, type YAMLMap } from 'yaml';
import { addDays, type CivilDate, formatDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import {
  type CreditType,
  type Ente,
  type MissingRule,
  neededKeys,
  RULE_KEYS,
  type RuleBook,
} from '../creditors/index.ts';
import { CAMPAIGN_CHANNELS } from './campaign-document.ts';
import { blockingRules, isBlocking } from './check-campaign.ts';

/**
 * Campaigns to start from: files of two YAML documents in `templates/`, a card with the reason of each choice and the
 * document of a campaign, in its own language, with what only the body knows left open. Water has none: its reminder is a
 * step of a regulated procedure (R74).
 */
const FOLDER = new URL('./templates/', import.meta.url);

const Card = Type.Object(
  {
    codice: Type.String({ pattern: '^[a-z0-9-]{2,60}$' }),
    titolo: Type.String(),
    perChi: Type.String(),
    enti: Type.Array(Type.String(), { minItems: 1 }),
    nature: Type.Array(Type.String(), { minItems: 1 }),
    codici: Type.Array(Type.String()),
    scelte: Type.Array(Type.Object({ scelta: Type.String(), perche: Type.String(), base: Type.String() })),
  },
  { additionalProperties: false },
);

export interface CampaignTemplate {
  readonly code: string;
  /** Italian, like all that follows. */
  readonly title: string;
  readonly forWhom: string;
  readonly kinds: readonly string[];
  readonly natures: readonly string[];
  /** Credit types that a body declared under the general nature of taxes, by their code. */
  readonly codes: readonly string[];
  readonly choices: readonly { readonly choice: string; readonly why: string; readonly basis: string }[];
  /** The document with its placeholders. */
  readonly yaml: string;
}

let loaded: readonly CampaignTemplate[] | null = null;

/** The shipped templates, by code; read once. Error CAMPAIGN_TEMPLATE: a file that is none. */
export function campaignTemplates(): readonly CampaignTemplate[] {
  loaded ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => templateOf(name, readFileSync(new URL(name, FOLDER), 'utf8')));
  return loaded;
}

function templateOf(name: string, text: string): CampaignTemplate {
  const card: unknown = parseAllDocuments(text)[0]?.toJS();
  const yaml = text.split(/^---$/m)[1];
  if (yaml === undefined || !Value.Check(Card, card)) throw new CodedError('CAMPAIGN_TEMPLATE', name);
  const { codice, titolo, perChi, enti, nature, codici, scelte }: Static<typeof Card> = card;
  return {
    code: codice,
    title: titolo,
    forWhom: perChi,
    kinds: enti,
    natures: nature,
    codes: codici,
    choices: scelte.map((one) => ({ choice: one.scelta, why: one.perche, basis: one.base })),
    yaml: yaml.trimStart(),
  };
}

/** Error CAMPAIGN_TEMPLATE_UNKNOWN. */
export function campaignTemplate(code: string): CampaignTemplate {
  const found = campaignTemplates().find((one) => one.code === code);
  if (found === undefined) throw new CodedError('CAMPAIGN_TEMPLATE_UNKNOWN', `no campaign template ${code}`, { code });
  return found;
}

/** The body's credit types that a template is for. */
export function suitableTypes(template: CampaignTemplate, ente: Ente): CreditType[] {
  return ente.creditTypes.filter(
    ({ nature, code }) => template.natures.includes(nature) || (nature === 'tax' && template.codes.includes(code)),
  );
}

export interface TemplateOffer {
  readonly template: CampaignTemplate;
  /** Empty: the body has no such credit, and the template cannot be chosen. */
  readonly types: readonly CreditType[];
  /** What the body must have set for these credits, all of it, and what of it is missing. */
  readonly needs: readonly { readonly key: string; readonly label: string; readonly rule: string | null }[];
  readonly missing: readonly MissingRule[];
}

/** The templates meant for a body of this kind, with what it still has to decide for each. */
export function offersFor(ente: Ente, rules: RuleBook): TemplateOffer[] {
  return campaignTemplates()
    .filter((template) => template.kinds.includes(ente.kind))
    .map((template) => {
      const types = suitableTypes(template, ente);
      const keys = new Set(
        types.flatMap((type) =>
          neededKeys(type.nature).flatMap(({ key, blocks }) => (isBlocking(blocks) ? [key] : [])),
        ),
      );
      const missing = new Map(types.flatMap((type) => blockingRules(rules, type)).map((one) => [one.key, one]));
      return {
        template,
        types,
        needs: [...keys].map((key) => ({
          key,
          label: RULE_KEYS[key]?.label ?? key,
          rule: RULE_KEYS[key]?.rule ?? null,
        })),
        missing: [...missing.values()],
      };
    });
}

export interface FilledTemplate {
  /** The document of a campaign, ready to be saved, its comments kept. */
  readonly yaml: string;
  /** Steps that were left out, since this program has no such channel yet. */
  readonly leftOut: readonly { readonly step: number; readonly channel: string }[];
}

/**
 * The template as this body would send it: its own credits, what fell due up to yesterday (a campaign speaks only of what
 * is already due), a code that is free, and no step on a channel that is not there; its days go to the step after.
 * Error CAMPAIGN_TEMPLATE_UNSUITABLE: the body has no such credit.
 */
export function fillTemplate(
  template: CampaignTemplate,
  ente: Ente,
  today: CivilDate,
  taken: readonly string[],
): FilledTemplate {
  const types = suitableTypes(template, ente);
  if (types.length === 0 || !template.kinds.includes(ente.kind)) {
    throw new CodedError('CAMPAIGN_TEMPLATE_UNSUITABLE', `${ente.name} has no credit for ${template.code}`, {
      code: template.code,
    });
  }
  const doc = parseDocument(template.yaml);
  doc.set('codice', freeCode(`${template.code}-${today.slice(0, 4)}`, taken));
  doc.set(
    'crediti',
    doc.createNode(
      types.map((type) => type.code),
      { flow: true },
    ),
  );
  doc.setIn(['pubblico', 'scadenzaEntro'], formatDate(addDays(today, -1)));
  const cascade = doc.get('cascata');
  if (!isSeq(cascade)) throw new CodedError('CAMPAIGN_TEMPLATE', template.code);
  const leftOut: { step: number; channel: string }[] = [];
  const kept: YAMLMap[] = [];
  let waited = 0;
  for (const [i, step] of cascade.items.filter(isMap).entries()) {
    const days = Number(step.get('attesaGiorni') ?? 0);
    const channel = String(step.get('canale'));
    if (CAMPAIGN_CHANNELS.some((one) => one === channel)) {
      if (waited > 0) step.set('attesaGiorni', waited + days);
      waited = 0;
      kept.push(step);
    } else {
      waited += days;
      leftOut.push({ step: i + 1, channel });
    }
  }
  cascade.items = kept;
  // The parser gives what is said above the first step to the whole cascade.
  if (leftOut[0]?.step === 1) cascade.commentBefore = null;
  return { yaml: doc.toString(), leftOut };
}

function freeCode(wanted: string, taken: readonly string[]): string {
  let code = wanted;
  for (let n = 2; taken.includes(code); n += 1) code = `${wanted}-${n}`;
  return code;
}

const CHANNELS: Readonly<Record<string, string>> = {
  voice: 'telefonata',
  letter: 'lettera',
  pec: 'PEC',
  appIo: 'App IO',
};

/** What was left out, for who has to know it; null when nothing was. */
export function leftOutSentence(leftOut: FilledTemplate['leftOut']): string | null {
  if (leftOut.length === 0) return null;
  const steps = leftOut.map(({ step, channel }) => `${CHANNELS[channel] ?? channel} (passo ${step} del modello)`);
  return `Il modello prevede anche: ${steps.join(', ')}. Questi canali qui non ci sono ancora: i passi sono rimasti fuori.`;
}
