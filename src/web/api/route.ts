import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import { newId } from '../../kernel/ids.ts';
import { type ApiRole, enteOfKey, type Operator, operatorByKey } from '../../modules/operators/index.ts';
import type { ApiDeps, Caller, EndpointRole, V1Deps } from './api-deps.ts';
import { once } from './idempotency.ts';
import { ApiProblem } from './problem.ts';
import { IDEMPOTENCY_KEY, OPERATOR_KEY } from './schemas.ts';

export interface Call<B, Q, P> {
  readonly caller: Caller;
  readonly body: B;
  readonly query: Q;
  readonly params: P;
  /** The same when a request cut short by a crash is sent again under its key. */
  readonly workId: string;
  readonly request: FastifyRequest;
  /** The person in whose name it is done; error 401 without a key of this body. */
  operator(): Promise<Operator>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One endpoint: what it takes, what it answers, which role its key needs. */
export interface ApiRoute<B extends TSchema = TSchema, Q extends TSchema = TSchema, P extends TSchema = TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly role: EndpointRole;
  readonly id: string;
  readonly tag: string;
  /** Italian, one line. */
  readonly summary: string;
  readonly description?: string;
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  readonly answers: Readonly<Record<number, TSchema>>;
  /** True where a person answers for it and gives his key as well. */
  readonly person?: boolean;
  readonly bodyLimit?: number;
  handle(call: Call<Static<B>, Static<Q>, Static<P>>, deps: V1Deps): Promise<Answer>;
}

/** Keeps the types of one route while its handler is written. */
export function defineRoute<B extends TSchema, Q extends TSchema, P extends TSchema>(
  route: ApiRoute<B, Q, P>,
): ApiRoute<B, Q, P> {
  return route;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who called; set before anything of the request was read. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new ApiProblem(401, 'KEY_UNKNOWN', 'La chiave non è valida.');
  return caller;
}

/** The key is looked at before the body is read: a stranger costs nothing and learns nothing of the format. */
export function authenticateAs(deps: ApiDeps, role: EndpointRole) {
  return async (request: FastifyRequest): Promise<void> => {
    const caller = await deps.authenticate(request, role as ApiRole);
    // A receipt refused is a person who has paid and is written to: payments are never told to come later.
    if (role !== 'receipts') deps.rateLimit?.take(caller.apiKeyId);
    callers.set(request, caller);
  };
}

/** Answers that any endpoint may give besides its own. */
export function problems(...statuses: readonly number[]): Record<number, unknown> {
  const one = {
    description: 'Richiesta non eseguita: `code` è stabile, `detail` è una frase per le persone.',
    content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  };
  return Object.fromEntries(statuses.map((status) => [status, one]));
}

const described = (answers: Readonly<Record<number, TSchema>>) =>
  Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [status, { description: 'Eseguito.', ...schema }]),
  );

export function addRoute(app: FastifyInstance, deps: ApiDeps, v1: V1Deps, route: ApiRoute): void {
  const posts = route.method === 'POST';
  const person = route.person === true;
  const headers = {
    ...(posts ? { 'idempotency-key': IDEMPOTENCY_KEY } : {}),
    ...(person ? { 'bonario-operator-key': OPERATOR_KEY } : {}),
  };
  app.route({
    method: route.method,
    url: route.url,
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
    schema: {
      operationId: route.id,
      tags: [route.tag],
      summary: route.summary,
      description: [route.description, `Ruolo della chiave: \`${route.role}\`.`].filter(Boolean).join(' '),
      ...(posts || person ? { headers: Type.Object(headers) } : {}),
      ...(route.body === undefined ? {} : { body: route.body }),
      ...(route.query === undefined ? {} : { querystring: route.query }),
      ...(route.params === undefined ? {} : { params: route.params }),
      response: { ...described(route.answers), ...problems(401, 403, 404, 409, 422, 429, 500, 503) },
    },
    onRequest: authenticateAs(deps, route.role),
    async handler(request, reply) {
      const caller = callerOf(request);
      const call = (workId: string): Call<unknown, unknown, unknown> => ({
        caller,
        body: request.body,
        query: request.query,
        params: request.params,
        workId,
        request,
        operator: () => actingPerson(v1, caller, request),
      });
      if (!posts) return send(reply, await route.handle(call(newId()), v1));
      return once(v1, caller, request, reply, (workId) => route.handle(call(workId), v1));
    },
  });
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return answer.status === 204 ? reply.status(204).send() : reply.status(answer.status).send(answer.body);
}

/**
 * What the law asks of a person (a second one approves, R67: a person decides and is named) is done in the name of an
 * operator, with his own key beside the program's: two programs are not two people.
 */
async function actingPerson(deps: V1Deps, caller: Caller, request: FastifyRequest): Promise<Operator> {
  const key = request.headers['bonario-operator-key'];
  if (typeof key !== 'string' || enteOfKey(key) !== caller.enteId) {
    throw new ApiProblem(401, 'OPERATOR_KEY', 'La chiave della persona non è di nessun operatore di questo ente.');
  }
  return deps.db.tenant(caller.enteId, (tx) => operatorByKey(tx, deps.vaultOf(caller.enteId), key));
}
