import type { FastifyInstance } from 'fastify';
import {
  field,
  isFormKey,
  newFormKey,
  type PortalDeps,
  positionVisit,
  seeOther,
  sendExpired,
  sendNotFound,
  sendPage,
  visitOf,
} from './http.ts';
import { outcomePage } from './outcome.view.tsx';
import { type PayTrouble, payPage } from './pay.view.tsx';
import { canPay } from './position-parts.tsx';
import { receiptPage } from './receipt.view.tsx';

const outcomes = { ok: 'ok', annullato: 'cancelled', errore: 'failed' } as const;

function outcomeOf(value: string): (typeof outcomes)[keyof typeof outcomes] | null {
  return value === 'ok' || value === 'annullato' || value === 'errore' ? outcomes[value] : null;
}

/** C5 (recap, hand-over to the rail), C6 (what came of it) and the receipts. */
export function paymentRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/posizioni/:debtId/paga', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps);
    if (visit === null) return reply;
    const { position } = visit;
    if (!canPay(position)) return seeOther(reply, `/posizioni/${position.debtId}`);
    return sendPage(reply, payPage({ view: visit.view, position, formKey: newFormKey(), trouble: null }));
  });

  portal.post('/posizioni/:debtId/paga', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps, { payment: true });
    if (visit === null) return reply;
    const { position } = visit;

    const seen = field(request.body, 'importo');
    const key = field(request.body, 'chiave');
    // A form that is not ours, or a damaged one: show the recap again rather than guess an amount.
    if (!/^\d{1,11}$/.test(seen) || !isFormKey(key)) return seeOther(reply, `/posizioni/${position.debtId}/paga`);

    const started = await deps.dialogue.startPayment(visit.session, {
      debtId: position.debtId,
      seenCents: Number(seen),
      idempotencyKey: key,
    });
    const again = (trouble: PayTrouble, status: number) =>
      sendPage(reply, payPage({ view: visit.view, position, formKey: newFormKey(), trouble }), { status });
    switch (started.kind) {
      case 'redirect':
        return seeOther(reply, started.url);
      case 'alreadyPaid':
      case 'inDoubt':
      case 'inProgress':
      case 'amountChanged':
        return again(started, 409);
      case 'unavailable':
        return again(started, 503);
      case 'notFound':
        return sendNotFound(request, reply, deps);
      case 'sessionExpired':
        return sendExpired(request, reply, deps, { payment: true });
    }
  });

  portal.get('/posizioni/:debtId/ricevute/:receiptId', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps);
    if (visit === null) return reply;
    const { position } = visit;
    const payment = position.payments.find((one) => one.receiptId === field(request.params, 'receiptId'));
    if (payment === undefined) return sendNotFound(request, reply, deps);
    return sendPage(reply, receiptPage(visit.view, position, payment));
  });

  portal.get('/esito/:checkoutId', { exposeHeadRoute: false }, async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps, { payment: true });
    if (visit.view.level !== 'identified') return seeOther(reply, '/avviso');
    const checkoutId = field(request.params, 'checkoutId');
    const outcome = outcomeOf(field(request.query, 'esito'));
    const known = await deps.dialogue.checkout(visit.session, checkoutId);
    if (known === null) return sendNotFound(request, reply, deps);
    if (outcome !== null) await deps.dialogue.checkoutReturned(visit.session, checkoutId, outcome);
    const checkout = outcome === null ? known : ((await deps.dialogue.checkout(visit.session, checkoutId)) ?? known);
    return sendPage(reply, outcomePage(visit.view.ente, checkout, deps.now()));
  });
}
