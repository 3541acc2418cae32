import type { FastifyInstance } from 'fastify';
import { isCoded } from '../../kernel/errors.ts';
import { resolveUncertain, uncertainOf } from '../../modules/deliveries/index.ts';
import { quarantinedReceipts } from '../../modules/payments/index.ts';
import { type ConsoleDeps, field, idParam, seeOther, sendConsole, signedIn } from './context.ts';
import { readToday } from './today.read.ts';
import { receiptsPage, todayPage, uncertainPage } from './today.view.tsx';

const LISTED = 200;

/** O1, and the two lists it leads to that belong to no other screen. */
export function registerTodayRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  scope.get('/console', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const work = await deps.db.tenant(signed.enteId, (tx) => readToday(tx, deps.now()));
    return sendConsole(reply, todayPage(signed, work, deps.now()));
  });

  scope.get('/console/invii-incerti', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const list = await deps.db.tenant(signed.enteId, (tx) => uncertainOf(tx, LISTED));
    return sendConsole(reply, uncertainPage(signed, list, field(request.query, 'fatto')));
  });

  scope.post('/console/invii-incerti/:deliveryId', async (request, reply) => {
    const signed = await signedIn(request, deps, 'decide');
    const outcome = field(request.body, 'esito');
    if (outcome !== 'handedOver' && outcome !== 'failed') return seeOther(reply, '/console/invii-incerti');
    const id = idParam(request, 'deliveryId');
    try {
      await deps.db.tenant(signed.enteId, (tx) =>
        resolveUncertain(tx, id, outcome, signed.operator.operatorId, deps.now()),
      );
    } catch (error) {
      if (!isCoded(error, 'DELIVERY_NOT_UNCERTAIN')) throw error;
      return seeOther(reply, '/console/invii-incerti?fatto=prima');
    }
    return seeOther(reply, '/console/invii-incerti?fatto=si');
  });

  scope.get('/console/ricevute', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const list = await deps.db.tenant(signed.enteId, (tx) => quarantinedReceipts(tx));
    return sendConsole(reply, receiptsPage(signed, list));
  });
}
