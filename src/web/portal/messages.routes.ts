import type { FastifyInstance } from 'fastify';
import { type PortalDeps, seeOther, sendExpired, sendPage, visitOf } from './http.ts';
import { messagesPage } from './messages.view.tsx';

/** C10: what the body wrote to the person. Below level `identified` it leads back to the neutral page. */
export function messagesRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/messaggi', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    const messages = await deps.dialogue.messages(visit.session);
    if (messages === null) return seeOther(reply, '/avviso');
    return sendPage(reply, messagesPage(visit.view.ente, messages));
  });
}
