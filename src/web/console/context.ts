import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../kernel/errors.ts';
import type { Seal } from '../../modules/audit/index.ts';
import type { CampaignDeps } from '../../modules/campaigns/index.ts';
import { type Ente, loadEnte } from '../../modules/creditors/index.ts';
import type { ImportService } from '../../modules/debts/index.ts';
import {
  enteOfOperatorSession,
  findOperatorSession,
  type Operator,
  type Role,
  requireRole,
} from '../../modules/operators/index.ts';
import type { HighWater, ReconcileTerms } from '../../modules/payments/index.ts';
import type { PostWebhook } from '../../modules/webhooks/index.ts';
import type { Database, Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { CONSOLE_COOKIE, CSRF_FIELD } from './tokens.ts';

/** What the console is given by compose. */
export interface ConsoleDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  /** Real time, epoch ms: sessions, tries, one-time codes. */
  readonly realNow: () => number;
  readonly imports: ImportService;
  readonly campaigns: CampaignDeps;
  /** Installments have notice numbers of their own. */
  readonly highWater: HighWater;
  /** When money that has not come is late, for this body today. */
  readonly reconcileTerms: (tx: Tx) => Promise<ReconcileTerms>;
  /** Every body's id and slug. */
  readonly tenants: () => Promise<{ enteId: number; slug: string }[]>;
  /** Seals kept outside the database, to verify the register against. */
  readonly exportedSeals: (slug: string) => readonly Seal[];
  /** Sends a trial to an endpoint of the body's. */
  readonly postWebhook: PostWebhook;
  readonly allowPrivateWebhooks: boolean;
  /** Public address, e.g. `https://avvisi.comune.example.it`. */
  readonly baseUrl: string;
  readonly secureCookies: boolean;
  /** An e-mail to an operator in the body's name, outside deliveries; rejects when it was not accepted. */
  readonly sendTest?: (enteId: number, to: string, subject: string, body: string) => Promise<void>;
}

/** Who is at the desk: spread it into `consolePage`. */
export interface Signed {
  readonly enteId: number;
  readonly ente: Ente;
  readonly operator: Operator;
  readonly csrf: string;
}

/** Thrown by `signedIn`; the console's error handler leads to the sign-in page. */
export class NotSignedIn extends Error {}
/** Thrown when a form did not bear the session's token. */
export class FormExpired extends Error {}

/**
 * The operator of this request, with the role it needs, and a form's token checked on POST. Handlers just call it: what
 * it throws (NotSignedIn, FormExpired, FORBIDDEN) the console's error handler answers. `token: 'later'`: the body is not
 * read yet (uploads); the caller checks it with `checkFormToken`.
 */
export async function signedIn(
  request: FastifyRequest,
  deps: ConsoleDeps,
  role: Role,
  options: { readonly token?: 'later' } = {},
): Promise<Signed> {
  const session = sessionOf(request);
  const enteId = session === null ? null : enteOfOperatorSession(session);
  if (session === null || enteId === null) throw new NotSignedIn();
  const vault = deps.vaultOf(enteId);
  const found = await deps.db.tenant(enteId, async (tx) => {
    const operator = await findOperatorSession(tx, vault, session, deps.realNow());
    return operator === null ? null : { operator, ente: await loadEnte(tx) };
  });
  if (found === null) throw new NotSignedIn();
  const signed: Signed = { enteId, ...found, csrf: vault.lookup('token', `form|${session}`).toString('hex') };
  if (request.method === 'POST' && options.token !== 'later') checkFormToken(signed, field(request.body, CSRF_FIELD));
  requireRole(signed.operator, role);
  return signed;
}

/** Error FormExpired. */
export function checkFormToken(signed: Signed, token: string): void {
  const [given, own] = [Buffer.from(token), Buffer.from(signed.csrf)];
  if (given.length !== own.length || !timingSafeEqual(given, own)) throw new FormExpired();
}

export function sessionOf(request: FastifyRequest): string | null {
  const value = request.cookies[CONSOLE_COOKIE];
  return value === undefined || value === '' ? null : value;
}

/** Console pages are personal: never stored by browser or proxy (ui.md §5.3). */
export function sendConsole(reply: FastifyReply, html: string, status = 200) {
  return reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);
}

/** POST → 303 → GET. */
export function seeOther(reply: FastifyReply, to: string) {
  return reply.header('cache-control', 'no-store').redirect(to, 303);
}

/** One text value out of a body, a query or route parameters; '' when missing, repeated or not text. */
export function field(source: unknown, name: string): string {
  if (typeof source !== 'object' || source === null) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(source, name)?.value;
  return typeof value === 'string' ? value : '';
}

/** A route parameter that must be an id; error NOT_FOUND, answered with the 404 page. */
export function idParam(request: FastifyRequest, name: string): string {
  const value = field(request.params, name);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) throw new CodedError('NOT_FOUND', 'no such page');
  return value;
}
