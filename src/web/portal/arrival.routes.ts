import type { FastifyInstance } from 'fastify';
import { arrivalPage } from './arrival.view.tsx';
import { field, openSession, type PortalDeps, seeOther, sendExpired, sendPage, visitOf } from './http.ts';
import { badLinkPage } from './message.view.tsx';
import { oidcRoutes } from './oidc.routes.ts';

/** The link of a message, C1, and the first way it offers. */
export function arrivalRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  oidcRoutes(portal, deps);

  // A HEAD of a mail scanner must not open a session.
  portal.get('/l/:token', { exposeHeadRoute: false }, async (request, reply) => {
    const opened = await deps.dialogue.openLink(field(request.params, 'token'));
    if (opened === null) return sendPage(reply, badLinkPage(), { status: 404 });
    openSession(reply, deps, opened.session, opened.ente);
    return seeOther(reply, '/avviso');
  });

  portal.get('/avviso', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    if (visit.view.level === 'identified') return seeOther(reply, '/posizioni');
    return sendPage(reply, arrivalPage(visit.view.ente, visit.view.messageSentAt));
  });
}
