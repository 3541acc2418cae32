import { stringify } from 'yaml';
import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import type { CampaignDocument, CampaignPace } from '../../modules/campaigns/index.ts';
import { field } from './context.ts';

export interface StepForm {
  /** Each text is of one channel; a step takes both from the choice. */
  readonly channel: string;
  readonly text: string;
  readonly waitDays: string;
  readonly onlyIf: string;
}

/** A campaign's document as fields of a form: what a person typed, right or wrong. */
export interface CampaignForm {
  readonly code: string;
  readonly name: string;
  readonly types: readonly string[];
  readonly dueBy: string;
  readonly years: string;
  readonly minimum: string;
  readonly steps: readonly StepForm[];
  readonly perPerson: string;
  readonly perAddress: string;
  readonly pace: PaceForm;
  readonly formalAct: boolean;
}

export interface PaceForm {
  readonly perDay: string;
  readonly perHour: string;
  readonly answers: string;
  readonly share: string;
  readonly finishBy: string;
}

const NO_PACE: PaceForm = { perDay: '', perHour: '', answers: '', share: '', finishBy: '' };

export const ONLY_IF = [
  ['sempre', 'in ogni caso'],
  ['nonRaggiunto', 'se nessun messaggio prima è stato accettato'],
  ['nonLetto', 'se nessun messaggio prima è stato letto'],
] as const;
const ONLY_IF_WORD = { always: 'sempre', notReached: 'nonRaggiunto', unread: 'nonLetto' } as const;
const MOST_STEPS = 10;

export interface TextChoice {
  readonly channel: string;
  readonly code: string;
  /** Length and cost, in words. */
  readonly note?: string;
}

export function emptyForm(types: readonly string[], texts: readonly TextChoice[], today: string): CampaignForm {
  const start = texts.find(({ code }) => code === 'primo-avviso') ?? texts[0];
  const first = { channel: start?.channel ?? 'email', text: start?.code ?? '', waitDays: '0', onlyIf: 'sempre' };
  const only = types.length === 1 ? types : [];
  return {
    code: '',
    name: '',
    types: only,
    dueBy: today,
    years: '',
    minimum: '',
    steps: [first],
    perPerson: '',
    perAddress: '',
    pace: NO_PACE,
    formalAct: false,
  };
}

export function formOf(doc: CampaignDocument): CampaignForm {
  return {
    code: doc.code,
    name: doc.name,
    types: doc.creditTypes,
    dueBy: formatDate(doc.dueBy),
    years: (doc.taxYears ?? []).join(', '),
    minimum: doc.minimumCents === null ? '' : formatEuro(doc.minimumCents).replace(/\s*€$/, ''),
    steps: doc.steps.map((step) => ({
      channel: step.channel,
      text: step.templateCode,
      waitDays: String(step.waitDays),
      onlyIf: ONLY_IF_WORD[step.onlyIf],
    })),
    perPerson: doc.maxPerPerson === null ? '' : String(doc.maxPerPerson),
    perAddress: doc.maxPerAddress === null ? '' : String(doc.maxPerAddress),
    pace: doc.pace === undefined ? NO_PACE : paceFormOf(doc.pace),
    formalAct: doc.formalActScheduled,
  };
}

function paceFormOf({ perDay, perHour, office, finishBy }: CampaignPace): PaceForm {
  const some = (n: number | null) => (n === null ? '' : String(n));
  return {
    perDay: some(perDay),
    perHour: some(perHour),
    answers: some(office?.answersPerDay ?? null),
    share: office === null ? '' : String(office.sharePerTenThousand / 100).replace('.', ','),
    finishBy: finishBy === null ? '' : formatDate(finishBy),
  };
}

/** Boxes that are ticked come once or several times. */
function list(body: unknown, name: string): string[] {
  const value: unknown = (body as Record<string, unknown> | null)?.[name];
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}

export function formFromBody(body: unknown): CampaignForm {
  const steps: StepForm[] = [];
  for (let i = 0; i < MOST_STEPS; i += 1) {
    if (field(body, `soloSe-${i}`) === '') break;
    const [channel = '', text = ''] = field(body, `testo-${i}`).split('|');
    steps.push({
      channel,
      text,
      waitDays: field(body, `attesa-${i}`),
      onlyIf: field(body, `soloSe-${i}`),
    });
  }
  return {
    code: field(body, 'codice').trim(),
    name: field(body, 'nome').trim(),
    types: list(body, 'crediti'),
    dueBy: field(body, 'scadenzaEntro').trim(),
    years: field(body, 'anni').trim(),
    minimum: field(body, 'importoMinimo').trim(),
    steps,
    perPerson: field(body, 'perPersona').trim(),
    perAddress: field(body, 'perIndirizzo').trim(),
    pace: {
      perDay: field(body, 'alGiorno').trim(),
      perHour: field(body, 'allOra').trim(),
      answers: field(body, 'risposteAlGiorno').trim(),
      share: field(body, 'quotaCheChiama').trim(),
      finishBy: field(body, 'finireEntro').trim(),
    },
    formalAct: field(body, 'attoFormale') === 'si',
  };
}

/** What a button of the cascade asks for (`su-1`, `giu-0`, `togli-2`, `aggiungi`); null when it is another button. */
export function rearranged(form: CampaignForm, button: string): CampaignForm | null {
  const match = /^(su|giu|togli|aggiungi)(?:-(\d))?$/.exec(button);
  if (match === null) return null;
  const steps = [...form.steps];
  const i = Number(match[2] ?? 0);
  const swap = (a: number, b: number) => {
    const [first, second] = [steps[a], steps[b]];
    if (first === undefined || second === undefined) return;
    steps[a] = second;
    steps[b] = first;
  };
  if (match[1] === 'su') swap(i - 1, i);
  if (match[1] === 'giu') swap(i, i + 1);
  if (match[1] === 'togli' && steps.length > 1) steps.splice(i, 1);
  if (match[1] === 'aggiungi' && steps.length < MOST_STEPS) {
    const { channel, text } = steps.at(-1) ?? { channel: 'email', text: '' };
    steps.push({ channel, text, waitDays: '14', onlyIf: 'nonLetto' });
  }
  return { ...form, steps };
}

const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
const some = (text: string, key: string) => (text === '' ? {} : { [key]: number(text) });

/** The document that the form says; what is no number stays as typed, so that the check names it. */
export function toYaml(form: CampaignForm): string {
  const limits = { ...some(form.perPerson, 'perPersona'), ...some(form.perAddress, 'perIndirizzo') };
  return stringify({
    versione: 1,
    codice: form.code,
    nome: form.name,
    crediti: [...form.types],
    pubblico: {
      scadenzaEntro: form.dueBy,
      ...(form.years === ''
        ? {}
        : {
            anni: form.years
              .split(/[\s,;]+/)
              .filter(Boolean)
              .map(number),
          }),
      ...(form.minimum === '' ? {} : { importoMinimo: form.minimum }),
    },
    cascata: form.steps.map((step) => ({
      canale: step.channel,
      testo: step.text,
      attesaGiorni: number(step.waitDays === '' ? '0' : step.waitDays),
      soloSe: step.onlyIf,
    })),
    ...(Object.keys(limits).length === 0 ? {} : { limiti: limits }),
    ...paceDocument(form.pace),
    ...(form.formalAct ? { attoFormaleProgrammato: true } : {}),
  });
}

/** A share may be typed without its sign; one without the answers it belongs to stays, so that the check says what is missing. */
function paceDocument({ perDay, perHour, answers, share, finishBy }: PaceForm): object {
  const percent = share === '' ? {} : { quotaCheChiama: /^[\d.,]+$/.test(share) ? `${share}%` : share };
  const office = { ...some(answers, 'risposteAlGiorno'), ...percent };
  const ritmo = {
    ...some(perDay, 'alGiorno'),
    ...some(perHour, 'allOra'),
    ...(Object.keys(office).length === 0 ? {} : { ufficio: office }),
    ...(finishBy === '' ? {} : { finireEntro: finishBy }),
  };
  return Object.keys(ritmo).length === 0 ? {} : { ritmo };
}
