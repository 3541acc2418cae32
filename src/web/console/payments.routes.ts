import type { FastifyInstance } from 'fastify';
import { isCoded } from '../../kernel/errors.ts';
import { decidePlan, decideRefund } from '../../modules/campaigns/index.ts';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { readPayments, readPlan, readPlans, readRefunds } from './payments.read.ts';
import { paymentsPage, refundsPage } from './payments.view.tsx';
import { planDetailPage, plansPage } from './plans.view.tsx';

const ACTIONS = {
  accogli: { what: 'accept', done: 'accolta' },
  respingi: { what: 'refuse', done: 'respinta' },
  sollecito: { what: 'remind', done: 'sollecito' },
  chiudi: { what: 'forfeit', done: 'chiusa' },
} as const;
/** What another person, or a payment, did first. */
const OVERTAKEN = ['PLAN_DECIDED', 'PLAN_NOT_LATE', 'PLAN_NOT_FORFEIT', 'PLAN_NOTHING_OWED'];

/** O12 and the money that waits for a person: installments, refunds, receipts of no position. */
export function registerPaymentRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  const vaultOf = (signed: Signed) => deps.vaultOf(signed.enteId);

  scope.get('/console/pagamenti', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const today = await deps.db.tenant(signed.enteId, (tx) => readPayments(tx, deps.now()));
    return sendConsole(reply, paymentsPage(signed, today));
  });

  scope.get('/console/pagamenti/rate', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const lines = await deps.db.tenant(signed.enteId, (tx) => readPlans(tx, vaultOf(signed), signed.ente, deps.now()));
    return sendConsole(reply, plansPage(signed, lines));
  });

  const loadPlan = (signed: Signed, id: string) =>
    deps.db.tenant(signed.enteId, (tx) => readPlan(tx, vaultOf(signed), signed.ente, id, deps.now()));

  scope.get('/console/pagamenti/rate/:id', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const detail = await loadPlan(signed, idParam(request, 'id'));
    return sendConsole(reply, planDetailPage(signed, detail, [], field(request.query, 'fatto')));
  });

  scope.post('/console/pagamenti/rate/:id', async (request, reply) => {
    const signed = await signedIn(request, deps, 'decide');
    const planId = idParam(request, 'id');
    const action = field(request.body, 'azione');
    const back = `/console/pagamenti/rate/${planId}`;
    if (!Object.hasOwn(ACTIONS, action)) return seeOther(reply, back);
    const { what, done } = ACTIONS[action as keyof typeof ACTIONS];
    const reason = field(request.body, 'motivo').trim().slice(0, 2_000);
    if (what === 'refuse' && reason === '') {
      const errors = [{ field: 'motivo', message: 'Scriva perché la richiesta non si accoglie.' }];
      return sendConsole(reply, planDetailPage(signed, await loadPlan(signed, planId), errors, ''), 422);
    }
    try {
      const decision = { planId, what, reason };
      await decidePlan({ ...deps, vault: vaultOf(signed) }, signed.enteId, decision, signed.operator);
    } catch (error) {
      if (isCoded(error, 'PLAN_UNKNOWN')) return seeOther(reply, '/console/pagamenti/rate');
      if (!OVERTAKEN.some((code) => isCoded(error, code))) throw error;
      return seeOther(reply, `${back}?fatto=prima`);
    }
    return seeOther(reply, `${back}?fatto=${done}`);
  });

  const refunds = (signed: Signed) =>
    deps.db.tenant(signed.enteId, (tx) => readRefunds(tx, vaultOf(signed), signed.ente));

  scope.get('/console/pagamenti/rimborsi', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendConsole(reply, refundsPage(signed, await refunds(signed), [], field(request.query, 'fatto')));
  });

  scope.post('/console/pagamenti/rimborsi', async (request, reply) => {
    const signed = await signedIn(request, deps, 'decide');
    const refundId = field(request.body, 'rimborso');
    const state = field(request.body, 'decisione') === 'disposto' ? 'ordered' : 'dismissed';
    const note = field(request.body, 'nota').trim().slice(0, 300);
    try {
      await decideRefund(deps, signed.enteId, { refundId, state, note }, signed.operator);
    } catch (error) {
      if (isCoded(error, 'REFUND_REASON')) {
        const errors = [{ field: `nota-${refundId}`, message: 'Scriva perché la somma non è da rendere.' }];
        return sendConsole(reply, refundsPage(signed, await refunds(signed), errors, ''), 422);
      }
      if (isCoded(error, 'REFUND_UNKNOWN') || isCoded(error, 'REFUND_DECIDED')) {
        return seeOther(reply, '/console/pagamenti/rimborsi?fatto=prima');
      }
      throw error;
    }
    return seeOther(reply, '/console/pagamenti/rimborsi?fatto=si');
  });
}
