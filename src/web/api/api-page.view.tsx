import { renderDocument } from '../ui/layout.tsx';

/** As much of an OpenAPI document as the page shows. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks?: Readonly<Record<string, { readonly post: Operation }>>;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: { readonly description?: string };
  }[];
  readonly requestBody?: Body;
  readonly responses?: Readonly<Record<string, Body>>;
}

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

const PLACES: Readonly<Record<string, string>> = { header: 'intestazione', query: 'parametro', path: 'indirizzo' };

/** The document as a page: everything in it is text, nothing runs. */
export function apiPage(doc: ApiDocument): string {
  const operations = Object.entries(doc.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? ''))];
  return renderDocument({
    title: 'API',
    brand: { name: 'Bonario', tagline: 'API per i programmi dell’ente', href: '/api', accentUrl: null },
    slim: { label: 'Bonario', href: '/' },
    labels: { skipToContent: 'Vai al contenuto', skipToContacts: 'Vai al piè di pagina', actions: 'Servizi' },
    actions: (
      <a class="b-slim-action" href="/api/openapi.json">
        OpenAPI 3.1
      </a>
    ),
    footer: (
      <ul>
        <li>
          <a href="/api/openapi.json">Il documento OpenAPI</a>
        </li>
      </ul>
    ),
    aside: null,
    children: (
      <>
        <h1>API</h1>
        {(doc.info.description ?? '').split('\n\n').map((paragraph) => (
          <p key={paragraph}>{withCode(paragraph)}</p>
        ))}
        {tags.map((tag) => (
          <section key={tag}>
            <h2>{tag}</h2>
            {operations
              .filter(({ operation }) => operation.tags?.[0] === tag)
              .map(({ name, operation }) => (
                <Endpoint key={name} name={name} operation={operation} />
              ))}
          </section>
        ))}
        <section>
          <h2>Eventi inviati agli indirizzi registrati</h2>
          {Object.entries(doc.webhooks ?? {}).map(([name, { post }]) => (
            <Endpoint key={name} name={name} operation={post} />
          ))}
        </section>
      </>
    ),
  });
}

function Endpoint({ name, operation }: { readonly name: string; readonly operation: Operation }) {
  const schema = schemaOf(operation.requestBody);
  return (
    <article id={operation.operationId ?? name}>
      <h3>
        <code>{name}</code>
      </h3>
      <p>
        {operation.summary === name ? null : <strong>{operation.summary}. </strong>}
        {withCode(operation.description ?? '')}
      </p>
      {operation.parameters === undefined || operation.parameters.length === 0 ? null : (
        <ul>
          {operation.parameters.map((parameter) => (
            <li key={parameter.name}>
              <code>{parameter.name}</code> ({PLACES[parameter.in] ?? parameter.in}
              {parameter.required === true ? ', obbligatorio' : ''})
              {withDescription(parameter.description ?? parameter.schema?.description)}
            </li>
          ))}
        </ul>
      )}
      {schema === undefined ? null : <Fields label={`Corpo di ${name}`} schema={schema} />}
      {Object.entries(operation.responses ?? {}).map(([status, response]) => {
        const answer = status.startsWith('2') ? schemaOf(response) : undefined;
        return answer === undefined ? null : (
          <Fields key={status} label={`Risposta ${status} di ${name}`} schema={answer} />
        );
      })}
    </article>
  );
}

const schemaOf = (body: Body | undefined) => Object.values(body?.content ?? {})[0]?.schema;

/** What the page tells of a JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
}

function Fields({ label, schema }: { readonly label: string; readonly schema: Schema }) {
  return (
    <details>
      <summary>{label}</summary>
      <Inside schema={schema} />
    </details>
  );
}

/** The fields of an object, of the objects in a list, or of what may be null. */
function Inside({ schema }: { readonly schema: Schema }) {
  const held = [schema, schema.items, ...(schema.anyOf ?? [])].find((one) => one?.properties !== undefined);
  if (held?.properties === undefined) return schema.items === undefined ? null : <Inside schema={schema.items} />;
  return (
    <ul>
      {Object.entries(held.properties).map(([name, field]) => (
        <li key={name}>
          <code>{name}</code> ({kindOf(field)}
          {held.required?.includes(name) === true ? '' : ', facoltativo'}){withDescription(field.description)}
          <Inside schema={field} />
        </li>
      ))}
    </ul>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'testo',
  integer: 'intero',
  boolean: 'vero o falso',
  object: 'oggetto',
  null: 'null',
};

function kindOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindOf).join(' o ');
  if (schema.items !== undefined) return `elenco di: ${kindOf(schema.items)}`;
  if (schema.patternProperties !== undefined) return 'oggetto, un numero per chiave';
  return KINDS[schema.type ?? ''] ?? 'valore';
}

const withDescription = (text: string | undefined) => (text === undefined ? null : <>: {withCode(text)}</>);

/** Between back-quotes is code. */
function withCode(text: string) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part));
}
