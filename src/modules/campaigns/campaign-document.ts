import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { parseDocument } from 'yaml';
import { type CivilDate, parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { type Cents, parseEuro } from '../../kernel/money.ts';

/** Channels that a step of a campaign may take, in this version of the program. */
export const CAMPAIGN_CHANNELS = ['email', 'sms'] as const;

/**
 * A campaign as the office writes it: a YAML document with Italian keys, kept in versions. This file turns it into the
 * program's terms; what it means is decided elsewhere (check-campaign.ts).
 */
const StepSchema = Type.Object(
  {
    canale: Type.Union(CAMPAIGN_CHANNELS.map((channel) => Type.Literal(channel))),
    testo: Type.String({ pattern: '^[a-z0-9-]{2,60}$' }),
    /** Days after the step before; of the first step, after the start. */
    attesaGiorni: Type.Optional(Type.Integer({ minimum: 0, maximum: 365 })),
    /** `nonRaggiunto`: only if no earlier message was accepted; `nonLetto`: only if nobody acted on one. */
    soloSe: Type.Optional(Type.Union([Type.Literal('sempre'), Type.Literal('nonRaggiunto'), Type.Literal('nonLetto')])),
  },
  { additionalProperties: false },
);

const AtMost = Type.Integer({ minimum: 1, maximum: 10_000_000 });

const PaceSchema = Type.Object(
  {
    alGiorno: Type.Optional(AtMost),
    allOra: Type.Optional(AtMost),
    ufficio: Type.Optional(
      Type.Object(
        {
          /** Calls and visits that the office can answer in a day. */
          risposteAlGiorno: AtMost,
          /** Of a hundred people written to, how many call or come. */
          quotaCheChiama: Type.String({ pattern: String.raw`^\d{1,3}(?:[.,]\d{1,2})? ?%$` }),
        },
        { additionalProperties: false },
      ),
    ),
    /** By when the body wants it over; the rehearsal warns when it will not be. */
    finireEntro: Type.Optional(Type.String()),
  },
  { additionalProperties: false, minProperties: 1 },
);

const DocumentSchema = Type.Object(
  {
    versione: Type.Literal(1),
    codice: Type.String({ pattern: '^[a-z0-9-]{2,60}$' }),
    nome: Type.String({ minLength: 3, maxLength: 120 }),
    crediti: Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { minItems: 1, maxItems: 20 }),
    pubblico: Type.Object(
      {
        /** Only what fell due on or before this day. */
        scadenzaEntro: Type.String(),
        anni: Type.Optional(Type.Array(Type.Integer({ minimum: 1990, maximum: 2100 }), { minItems: 1, maxItems: 30 })),
        /** Per person over all the lines of the message; the body's floor when absent. */
        importoMinimo: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
    cascata: Type.Array(StepSchema, { minItems: 1, maxItems: 10 }),
    limiti: Type.Optional(
      Type.Object(
        {
          perPersona: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
          perIndirizzo: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
        },
        { additionalProperties: false },
      ),
    ),
    /** How fast it may go, on all channels and steps together; as fast as the channels do when absent. */
    ritmo: Type.Optional(PaceSchema),
    /** The formal act is scheduled, so a friendly message may go out although decadence is near (R04). */
    attoFormaleProgrammato: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export interface CampaignStep {
  readonly channel: (typeof CAMPAIGN_CHANNELS)[number];
  readonly templateCode: string;
  readonly waitDays: number;
  readonly onlyIf: 'always' | 'notReached' | 'unread';
}

export interface CampaignPace {
  readonly perDay: number | null;
  readonly perHour: number | null;
  /** `sharePerTenThousand`: contacts out of ten thousand that make somebody call or come. */
  readonly office: { readonly answersPerDay: number; readonly sharePerTenThousand: number } | null;
  readonly finishBy: CivilDate | null;
}

export interface CampaignDocument {
  readonly code: string;
  readonly name: string;
  readonly creditTypes: readonly string[];
  readonly dueBy: CivilDate;
  readonly taxYears: readonly number[] | null;
  readonly minimumCents: Cents | null;
  readonly steps: readonly CampaignStep[];
  readonly maxPerPerson: number | null;
  readonly maxPerAddress: number | null;
  /** Absent: as fast as the channels go. */
  readonly pace?: CampaignPace;
  readonly formalActScheduled: boolean;
}

const ONLY_IF = { sempre: 'always', nonRaggiunto: 'notReached', nonLetto: 'unread' } as const;

/** Error CAMPAIGN_DOCUMENT with an Italian sentence that names the place in the document. */
export function parseCampaign(yaml: string): CampaignDocument {
  if (yaml.length > 100_000) throw bad('il documento è troppo lungo');
  const parsed = parseDocument(yaml, { schema: 'core', maxAliasCount: 0 } as never);
  const syntax = parsed.errors[0];
  if (syntax !== undefined) throw bad(`riga ${syntax.linePos?.[0].line ?? '?'}: il documento non si legge come YAML`);
  const value = plainValue(parsed);
  const first = Value.Errors(DocumentSchema, value)[0];
  if (first !== undefined) {
    const where = first.instancePath.split('/').filter(Boolean).join(' › ') || 'documento';
    throw bad(`${where}: ${explain(first)}`);
  }
  return understand(value as Static<typeof DocumentSchema>);
}

/** The document as plain values; aliases, with which a few lines become millions, are refused. */
function plainValue(parsed: ReturnType<typeof parseDocument>): unknown {
  try {
    return parsed.toJS({ maxAliasCount: 0 });
  } catch {
    throw bad('il documento usa rimandi (&, *), che qui non sono ammessi');
  }
}

function explain(error: { keyword: string; message: string; params: object }): string {
  const params = error.params as { requiredProperties?: string[] };
  // A key nobody knows: its own place is named.
  if (error.keyword === 'boolean') return 'voce non prevista';
  if (error.keyword === 'required') return `manca ${params.requiredProperties?.join(', ') ?? 'una voce'}`;
  return 'valore non ammesso';
}

function understand(raw: Static<typeof DocumentSchema>): CampaignDocument {
  const dueBy = parseCivilDate(raw.pubblico.scadenzaEntro);
  if (!dueBy.ok) throw bad('pubblico › scadenzaEntro: non è una data');
  const minimum = raw.pubblico.importoMinimo === undefined ? null : parseEuro(raw.pubblico.importoMinimo);
  if (minimum !== null && !minimum.ok) throw bad('pubblico › importoMinimo: non è un importo');
  return {
    code: raw.codice,
    name: raw.nome,
    creditTypes: raw.crediti,
    dueBy: dueBy.value,
    taxYears: raw.pubblico.anni ?? null,
    minimumCents: minimum === null ? null : minimum.value,
    steps: raw.cascata.map((step, i) => ({
      channel: step.canale,
      templateCode: step.testo,
      waitDays: step.attesaGiorni ?? (i === 0 ? 0 : 14),
      onlyIf: ONLY_IF[step.soloSe ?? 'sempre'],
    })),
    maxPerPerson: raw.limiti?.perPersona ?? null,
    maxPerAddress: raw.limiti?.perIndirizzo ?? null,
    formalActScheduled: raw.attoFormaleProgrammato ?? false,
    ...(raw.ritmo === undefined ? {} : { pace: understandPace(raw.ritmo) }),
  };
}

function understandPace(raw: Static<typeof PaceSchema>): CampaignPace {
  const finishBy = raw.finireEntro === undefined ? null : parseCivilDate(raw.finireEntro);
  if (finishBy !== null && !finishBy.ok) throw bad('ritmo › finireEntro: non è una data');
  const share = raw.ufficio === undefined ? null : perTenThousand(raw.ufficio.quotaCheChiama);
  if (share !== null && (share < 1 || share > 10_000)) throw bad('ritmo › ufficio › quotaCheChiama: da 0,01% a 100%');
  return {
    perDay: raw.alGiorno ?? null,
    perHour: raw.allOra ?? null,
    office:
      raw.ufficio === undefined || share === null
        ? null
        : { answersPerDay: raw.ufficio.risposteAlGiorno, sharePerTenThousand: share },
    finishBy: finishBy === null ? null : finishBy.value,
  };
}

/** `3%` is 300, `0,25 %` is 25: whole numbers, so that nothing is lost on the way. */
function perTenThousand(percent: string): number {
  const [whole = '0', part = ''] = percent.replace(/ ?%$/, '').split(/[.,]/);
  return Number(whole) * 100 + Number(part.padEnd(2, '0'));
}

function bad(sentence: string): CodedError {
  return new CodedError('CAMPAIGN_DOCUMENT', sentence);
}
