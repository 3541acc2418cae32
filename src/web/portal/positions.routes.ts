import type { FastifyInstance } from 'fastify';
import { type PortalDeps, positionVisit, seeOther, sendExpired, sendPage, visitOf } from './http.ts';
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
    const visit = await positionVisit(request, reply, deps);
    if (visit === null) return reply;
    const { position } = visit;
    return sendPage(reply, positionPage(visit.view, position));
  });
}
