import type { FastifyInstance } from 'fastify';
import {
  field,
  isFormKey,
  newFormKey,
  type PortalDeps,
  positionVisit,
  seeOther,
  sendExpired,
  sendPage,
} from './http.ts';
import { planPage } from './plan.view.tsx';

const countOf = (value: string): number | null => (/^\d{1,3}$/.test(value) ? Number(value) : null);

/** C7: the installments that the body's regulation gives, and the request. */
export function planRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/posizioni/:debtId/rate', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps);
    if (visit === null) return reply;
    const { position } = visit;
    const count = countOf(field(request.query, 'rate'));
    const offer = await deps.dialogue.planOffer(visit.session, position.debtId, count);
    if (offer === null) return sendExpired(request, reply, deps);
    const page = { view: visit.view, position, offer, formKey: newFormKey(), tooMany: false };
    return sendPage(reply, planPage(page));
  });

  portal.post('/posizioni/:debtId/rate', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps);
    if (visit === null) return reply;
    const { position } = visit;
    const back = `/posizioni/${position.debtId}`;
    const count = countOf(field(request.body, 'rate'));
    const key = field(request.body, 'chiave');
    // A form that is not ours, or a damaged one: show what may be asked rather than guess.
    if (count === null || !isFormKey(key)) return seeOther(reply, `${back}/rate`);
    const asked = { debtId: position.debtId, count, idempotencyKey: key };
    const answer = await deps.dialogue.askPlan(visit.session, asked);
    if (answer === null) return sendExpired(request, reply, deps);
    if (answer.kind === 'accepted' || answer.kind === 'requested') return seeOther(reply, back);
    const offer = await deps.dialogue.planOffer(visit.session, position.debtId, null);
    if (offer === null) return sendExpired(request, reply, deps);
    const page = { view: visit.view, position, offer, formKey: newFormKey(), tooMany: answer.kind === 'tooMany' };
    return sendPage(reply, planPage(page), { status: 409 });
  });
}
