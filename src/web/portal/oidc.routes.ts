import type { FastifyInstance } from 'fastify';
import { field, openSession, type PortalDeps, seeOther, sendNotFound, sendPage, sessionOf } from './http.ts';
import { signInPage, signInRefusedPage } from './oidc.view.tsx';

/** Binds a sign-in to the browser that began it; gone with the sign-in. */
const BROWSER_COOKIE = 'bonario_accesso';
const BROWSER_COOKIE_SECONDS = 600;
const STATUS = { cancelled: 200, invalid: 400, levelTooLow: 403, noFiscalNumber: 403, unavailable: 503 } as const;

/** Sign-in by SPID or CIE. There are no such pages where the program knows no identity provider. */
export function oidcRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  const { signIn } = deps.dialogue;
  if (signIn === undefined) return;
  const path = '/entra';

  portal.get('/entra/:slug', async (request, reply) => {
    const ente = await deps.dialogue.enteBySlug(field(request.params, 'slug'));
    if (ente === null || (ente.signIn ?? []).length === 0) return sendNotFound(request, reply, deps);
    return sendPage(reply, signInPage(ente));
  });

  portal.get('/entra/:slug/avvia', { exposeHeadRoute: false }, async (request, reply) => {
    const ente = await deps.dialogue.enteBySlug(field(request.params, 'slug'));
    const way = ente?.signIn?.find((offered) => offered === field(request.query, 'con'));
    if (ente === null || way === undefined) return sendNotFound(request, reply, deps);
    const started = await signIn.start(ente.enteId, way);
    switch (started.kind) {
      case 'notOffered':
        return sendNotFound(request, reply, deps);
      case 'unavailable':
        return sendPage(reply, signInRefusedPage(ente, 'unavailable'), { status: STATUS.unavailable });
      case 'redirect':
        // Lax: the provider's answer is a navigation from another site.
        reply.setCookie(BROWSER_COOKIE, started.browser, {
          path,
          httpOnly: true,
          sameSite: 'lax',
          secure: deps.secureCookies,
          maxAge: BROWSER_COOKIE_SECONDS,
        });
        return seeOther(reply, started.url);
    }
  });

  portal.get('/entra/ritorno', { exposeHeadRoute: false }, async (request, reply) => {
    const browser = request.cookies[BROWSER_COOKIE] ?? null;
    const finished = await signIn.finish(request.url, browser, sessionOf(request));
    if (finished.kind === 'refused') {
      return sendPage(reply, signInRefusedPage(finished.ente, finished.reason), { status: STATUS[finished.reason] });
    }
    reply.clearCookie(BROWSER_COOKIE, { path });
    openSession(reply, deps, finished.session, finished.ente);
    return seeOther(reply, '/posizioni');
  });
}
