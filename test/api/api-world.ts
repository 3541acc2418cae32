import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { newId } from '../../src/kernel/ids.ts';
import { takeReceipt } from '../../src/modules/campaigns/index.ts';
import { createOperator, type Role } from '../../src/modules/operators/index.ts';
import {
  ApiProblem,
  ENDPOINT_ROLES,
  type EndpointRole,
  makeRateLimit,
  registerApi,
  type V1Deps,
} from '../../src/web/api/index.ts';
import type { CampaignRun } from '../support/campaign-run.ts';
import { importsOf, validCf } from '../support/ground.ts';

/** Real time, under the hand of the test. */
export interface Watch {
  at: number;
}

export interface ApiWorld {
  readonly app: FastifyInstance;
  readonly run: CampaignRun;
  readonly v1: V1Deps;
  readonly watch: Watch;
  /** Whose key every request comes with. */
  readonly apiKeyId: string;
  /** The key of a person with these roles. */
  person(...roles: Role[]): Promise<string>;
  get(url: string, over?: Headers): Promise<Told>;
  post(url: string, body?: unknown, over?: Headers): Promise<Told>;
  delete(url: string, over?: Headers): Promise<Told>;
}

type Headers = Readonly<Record<string, string | undefined>>;
export interface Told {
  readonly status: number;
  readonly body: never;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Keys of the test: `Bearer <role>[+<role>…]`, `Bearer all`. */
/** `perSecond` 0: no limit. */
export function openApi(run: CampaignRun, perSecond = 0): ApiWorld {
  const watch = { at: Date.UTC(2030, 0, 1) };
  const apiKeyId = newId();
  const v1: V1Deps = {
    db: run.store.db,
    vaultOf: run.store.vaultOf,
    now: run.now,
    monotonic: { now: () => watch.at },
    imports: importsOf(run.store),
    campaigns: run.campaigns,
    allowPrivateWebhooks: true,
  };
  // Bodies as they are, like the real server (web/server.ts).
  const app = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
  registerApi(app, {
    now: run.now,
    async authenticate(request, role: EndpointRole) {
      const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
      const roles = key === 'all' ? ENDPOINT_ROLES : key?.split('+');
      if (roles === undefined || !roles.every((r) => (ENDPOINT_ROLES as readonly string[]).includes(r)))
        throw new ApiProblem(401, 'KEY_UNKNOWN', 'La chiave non è valida.');
      if (!roles.includes(role)) throw new ApiProblem(403, 'FORBIDDEN', `Questa chiave non ha il ruolo ${role}.`);
      return { enteId: run.enteId, apiKeyId };
    },
    rateLimit: makeRateLimit(perSecond, v1.monotonic),
    takeReceipt: (enteId, input, actor) => takeReceipt({ db: run.store.db, now: run.now }, enteId, input, actor),
    v1,
  });
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload: unknown,
    over: Headers,
  ): Promise<Told> => {
    const all: Headers = {
      authorization: 'Bearer all',
      ...(method === 'POST' ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      ...over,
    };
    const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const answer = await app.inject({
      method,
      url: url.startsWith('/api') ? url : `/api/v1${url}`,
      headers,
      ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    });
    const json = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      body: (json ? answer.json() : null) as never,
      headers: answer.headers,
      text: answer.body,
    };
  };
  return {
    app,
    run,
    v1,
    watch,
    apiKeyId,
    person: (...roles) =>
      run.tx(async (tx) => (await createOperator(tx, run.store.vaultOf(run.enteId), { name: 'Ida Neri', roles })).key),
    get: (url, over = {}) => ask('GET', url, undefined, over),
    post: (url, body = {}, over = {}) => ask('POST', url, body, over),
    delete: (url, over = {}) => ask('DELETE', url, undefined, over),
  };
}

/** A debt as a program sends it. */
export const debtRow = (n: number, over: Record<string, unknown> = {}) => ({
  externalId: `A${n}`,
  codiceFiscale: validCf(n),
  surname: 'Rossi "il Rosso"; e C.',
  name: 'Mario',
  email: `a${n}@posta.example`,
  contactSource: 'dichiarazione del cittadino',
  dueDate: '2026-06-16',
  amountCents: 12_345,
  taxYear: 2026,
  ...over,
});
