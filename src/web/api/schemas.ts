import Type, { type TSchema } from 'typebox';
import { MAX_CENTS } from '../../kernel/money.ts';

/** No control characters: neither files nor the database take them. */
const PLAIN = '^[^\\u0000-\\u001f\\u007f]*$';
const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

export const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength, pattern: PLAIN });
export const Uuid = Type.String({ pattern: UUID, description: 'UUID in minuscolo.' });
export const Cents = Type.Integer({ minimum: -MAX_CENTS, maximum: MAX_CENTS, description: 'Centesimi di euro.' });
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Data civile, Europe/Rome.' });
export const Instant = Type.String({ description: 'Istante RFC 3339, UTC.' });
export const CampaignCode = Type.String({ pattern: '^[a-z0-9-]{2,60}$' });
export const CreditTypeCode = text(60, 1);
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const closed = <T extends Record<string, TSchema>>(fields: T) =>
  Type.Object(fields, { additionalProperties: false });
export const oneOf = <const V extends string>(values: readonly V[]) =>
  Type.Unsafe<V>({ type: 'string', enum: [...values] });
export const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

export const IDEMPOTENCY_KEY = Type.String({
  pattern: '^[A-Za-z0-9._:-]{8,100}$',
  description:
    'Scelta da chi chiama, una per operazione: la stessa richiesta ripetuta entro 24 ore riceve la stessa risposta.',
});
export const OPERATOR_KEY = Type.String({
  maxLength: 100,
  description: 'Chiave dell’operatore che risponde dell’azione: un programma non decide da solo.',
});

export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'Stabile: per i programmi.' }),
  detail: Type.String({ description: 'Frase in italiano, da mostrare alle persone.' }),
  reference: Type.Optional(Type.String({ description: 'Da citare quando l’errore è nostro (5xx).' })),
});

const MOST_PER_PAGE = 200;
const USUAL_PAGE = 50;

/** Parameters of every list. */
export const paging = {
  limit: Type.Optional(
    Type.String({
      pattern: '^([1-9]|[1-9]\\d|1\\d\\d|200)$',
      description: `Quanti, da 1 a ${MOST_PER_PAGE}; senza: ${USUAL_PAGE}.`,
    }),
  ),
  after: Type.Optional(Type.String({ pattern: UUID, description: 'Il `next` della pagina precedente.' })),
};

export const page = <T extends TSchema>(item: T) =>
  closed({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Da dare come `after`; null: non c’è altro.' }),
  });

export const limitOf = (query: { readonly limit?: string }): number => Number(query.limit ?? USUAL_PAGE);

/** A page from `limit + 1` rows: the one too many says that there is more. */
export function pageOf<R, T>(rows: readonly R[], limit: number, id: (row: R) => string, show: (row: R) => T) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(show), next: rows.length > limit && last !== undefined ? id(last) : null };
}

export const instantText = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
