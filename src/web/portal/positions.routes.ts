import type { FastifyInstance } from 'fastify';
import { field, type PortalDeps, positionOf, seeOther, sendExpired, sendNotFound, sendPage, visitOf } from './http.ts';
import { positionPage } from './position.view.tsx';
import { positionsPage } from './positions.view.tsx';

/** C3 and C4. Below level `identified` both lead back to the neutral page. */
export function positionsRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/posizioni', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    if (visit.view.level !== 'identified') return seeOther(reply, '/avviso');
    const [only, ...more] = visit.view.positions;
    if (only !== undefined && more.length === 0) return seeOther(reply, `/posizioni/${only.debtId}`);
    return sendPage(reply, positionsPage(visit.view));
  });

  portal.get('/posizioni/:debtId', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    if (visit.view.level !== 'identified') return seeOther(reply, '/avviso');
    const position = positionOf(visit.view, field(request.params, 'debtId'));
    if (position === null) return sendNotFound(request, reply, deps);
    return sendPage(reply, positionPage(visit.view, position));
  });
}
