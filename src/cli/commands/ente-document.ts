import Type from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { CodedError } from '../../kernel/errors.ts';
import type { Ente } from '../../modules/creditors/index.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const EnteDocument = Type.Object(
  {
    enteId: Type.Integer({ minimum: 1, maximum: 99_999_999 }),
    slug: Type.String({ pattern: '^[a-z0-9-]{2,60}$' }),
    name: text(120),
    kind: Type.Union(['comune', 'unione', 'provincia', 'asl'].map((kind) => Type.Literal(kind))),
    codiceFiscale: Type.String({ pattern: '^\\d{11}$' }),
    codiceIpa: text(20),
    website: text(200),
    senderAddress: Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 254 }),
    accent: orNull(Type.String({ pattern: '^#[0-9a-fA-F]{6}$' })),
    patronDay: orNull(Type.String({ pattern: '^\\d\\d-\\d\\d$' })),
    segregationCode: orNull(Type.String({ pattern: '^\\d\\d$' })),
    generatesNoticeNumbers: Type.Boolean(),
    offices: Type.Array(
      Type.Object(
        {
          officeId: Type.Integer({ minimum: 1 }),
          name: text(120),
          phone: text(40),
          email: text(254),
          hours: text(200),
          address: text(200),
          procedureOfficer: text(120),
          selfReviewBody: text(120),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 100 },
    ),
    creditTypes: Type.Array(
      Type.Object(
        {
          code: Type.String({ pattern: '^[A-Z0-9_-]{2,40}$' }),
          name: text(80),
          nature: text(40),
          health: Type.Boolean(),
          purposeGroup: text(40),
          officeId: Type.Integer({ minimum: 1 }),
          explanation: Type.String({ maxLength: 1000 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  { additionalProperties: false },
);

/** A body as YAML. Error ENTE_DOCUMENT names the place that is missing or not allowed, in Italian. */
export function parseEnte(yaml: string): Ente {
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 0 });
  } catch {
    throw new CodedError('ENTE_DOCUMENT', 'il documento non si legge come YAML');
  }
  const problem = Value.Errors(EnteDocument, value)[0];
  if (problem !== undefined) {
    const params = problem.params as { additionalProperties?: string[]; requiredProperties?: string[] };
    const names = params.requiredProperties ?? params.additionalProperties ?? [];
    const where = [problem.instancePath.slice(1).replaceAll('/', ' › '), names.join(', ')]
      .filter((part) => part !== '')
      .join(' › ');
    throw new CodedError('ENTE_DOCUMENT', `${where || 'documento'}: voce mancante, non prevista o non ammessa`);
  }
  return value as Ente;
}
