import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';

/** The official OpenAPI files are no part of the project: they are looked for in `../shared/specs` beside it. */
const FOLDER = fileURLToPath(new URL('../../../shared/specs/pagopa/', import.meta.url));

const GPD = 'pagopa-debt-position/openapi';
const FDR = 'pagopa-fdr/openapi/org/openapi.json';

/** File and name of each schema that is used. */
const SCHEMAS = {
  cartV1: ['pagopa-api/openapi/checkout_v1.json', 'CartRequest'],
  cartV2: ['pagopa-api/openapi/checkout_v2.json', 'CartRequestV2'],
  gpdV1Position: [`${GPD}/openapi_external_v1.json`, 'PaymentPositionModel'],
  gpdV1Answer: [`${GPD}/openapi_external_v1.json`, 'PaymentPositionModelBaseResponse'],
  gpdV1Option: [`${GPD}/openapi_external_v1.json`, 'PaymentsModelResponse'],
  gpdV3Position: [`${GPD}/openapi_external_v3.json`, 'PaymentPositionModelV3'],
  gpdV3Answer: [`${GPD}/openapi_external_v3.json`, 'PaymentPositionModelResponseV3'],
  fdrList: [FDR, 'PaginatedFlowsResponse'],
  fdrFlow: [FDR, 'SingleFlowResponse'],
  fdrPayments: [FDR, 'PaginatedPaymentsResponse'],
} as const satisfies Record<string, readonly [file: string, name: string]>;

export type OfficialSchema = keyof typeof SCHEMAS;

/** What is wrong with a body by an official schema, each with its place; empty when nothing is. */
export type OpenApiCheck = (schema: OfficialSchema, body: unknown) => string[];

/** Null where the official files are not there. Each is read when it is first needed. */
export function officialOpenApi(folder = FOLDER): OpenApiCheck | null {
  if (!existsSync(folder)) return null;
  const compiled = new Map<OfficialSchema, ValidateFunction>();
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, formats: FORMATS });

  function validator(schema: OfficialSchema): ValidateFunction {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const [file, name] = SCHEMAS[schema];
    const id = `https://specs.invalid/${file}`;
    if (ajv.getSchema(id) === undefined) {
      ajv.addSchema(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')), id, false, false);
    }
    const made = ajv.compile({ $ref: `${id}#/components/schemas/${name}` });
    compiled.set(schema, made);
    return made;
  }

  return (schema, body) => {
    const check = validator(schema);
    if (check(body)) return [];
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? 'is not valid'}`);
  };
}

/** GPD takes and writes instants without a zone, whatever `date-time` means elsewhere. */
const FORMATS = {
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: true,
  int32: true,
  int64: true,
  double: true,
} as const;
