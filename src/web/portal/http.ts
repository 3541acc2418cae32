import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dialogue, DialogueView, EntePublic, PositionView } from './dialogue.ts';
import { expiredPage, noticePage } from './message.view.tsx';

export interface PortalDeps {
  readonly dialogue: Dialogue;
  /** Public address of the portal, e.g. `https://avvisi.comune.example.it`. */
  readonly baseUrl: string;
  /** Origins to which a form may lead after a redirect: the payment rail (CSP `form-action`). */
  readonly extraFormActions: readonly string[];
  /** Legal time, epoch ms. */
  readonly now: () => number;
  readonly secureCookies: boolean;
}

const SESSION_COOKIE = 'bonario_sessione';
// Which body's pages were last open: lets "session expired" lead back there. It says nothing of the person.
const ENTE_COOKIE = 'bonario_ente';
const ENTE_COOKIE_SECONDS = 86_400;

/** Sends a whole page. `personal` pages are never stored by browser or proxy (ui.md §5.3). */
export function sendPage(reply: FastifyReply, html: string, options: { status?: number; personal?: boolean } = {}) {
  return reply
    .code(options.status ?? 200)
    .header('cache-control', options.personal === false ? 'no-cache' : 'no-store')
    .type('text/html; charset=utf-8')
    .send(html);
}

/** POST → 303 → GET. */
export function seeOther(reply: FastifyReply, to: string) {
  return reply.header('cache-control', 'no-store').redirect(to, 303);
}

export function sessionOf(request: FastifyRequest): string | null {
  const value = request.cookies[SESSION_COOKIE];
  return value === undefined || value === '' ? null : value;
}

export function openSession(reply: FastifyReply, deps: PortalDeps, session: string, ente: EntePublic): void {
  const common = { path: '/', httpOnly: true, sameSite: 'lax', secure: deps.secureCookies } as const;
  reply.setCookie(SESSION_COOKIE, session, common);
  reply.setCookie(ENTE_COOKIE, ente.slug, { ...common, maxAge: ENTE_COOKIE_SECONDS });
}

export function forgetSession(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, { path: '/' });
}

/** The body of the last session, for pages shown without one. */
export async function lastEnte(request: FastifyRequest, deps: PortalDeps): Promise<EntePublic | null> {
  const slug = request.cookies[ENTE_COOKIE];
  return slug === undefined ? null : deps.dialogue.enteBySlug(slug);
}

export interface Visit {
  readonly session: string;
  readonly view: DialogueView;
}

/** The session of this request and what it may see; null when there is none or it has expired. */
export async function visitOf(request: FastifyRequest, deps: PortalDeps): Promise<Visit | null> {
  const session = sessionOf(request);
  const view = session === null ? null : await deps.dialogue.view(session);
  return session === null || view === null ? null : { session, view };
}

export async function sendExpired(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps,
  options: { payment?: boolean; savedText?: string } = {},
) {
  return sendPage(reply, expiredPage(await lastEnte(request, deps), options), { status: 401 });
}

export async function sendNotFound(request: FastifyRequest, reply: FastifyReply, deps: PortalDeps) {
  return sendPage(reply, noticePage('notFound', await lastEnte(request, deps)), { status: 404 });
}

/**
 * What a page about the position of its address has to go on; otherwise it is answered here and null given back: session
 * expired, not yet identified (led to `below`, the neutral page), or not a position of this person.
 */
export async function positionVisit(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps,
  options: { below?: string; payment?: boolean; savedText?: string } = {},
): Promise<(Visit & { readonly position: PositionView }) | null> {
  const { below = '/avviso', ...expired } = options;
  const visit = await visitOf(request, deps);
  if (visit === null) {
    await sendExpired(request, reply, deps, expired);
    return null;
  }
  const { session, view } = visit;
  if (view.level !== 'identified') {
    seeOther(reply, below);
    return null;
  }
  const position = view.positions.find(({ debtId }) => debtId === field(request.params, 'debtId'));
  if (position === undefined) {
    await sendNotFound(request, reply, deps);
    return null;
  }
  return { session, view, position };
}

/** One text value out of a body, a query or route parameters; '' when missing, repeated or not text. */
export function field(source: unknown, name: string): string {
  if (typeof source !== 'object' || source === null) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(source, name)?.value;
  return typeof value === 'string' ? value : '';
}

/** Makes the same form sent twice count once. */
export function newFormKey(): string {
  return randomUUID();
}

export function isFormKey(value: string): boolean {
  return /^[\w-]{8,64}$/.test(value);
}

/** Short code that joins what a citizen quotes to our log. */
export function newReference(): string {
  return randomBytes(4).toString('hex').toUpperCase();
}
