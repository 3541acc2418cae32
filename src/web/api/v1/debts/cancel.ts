import Type from 'typebox';
import { CANCEL_REASONS, cancelDebt } from '../../../../modules/campaigns/index.ts';
import { type ApiRoute, defineRoute } from '../../route.ts';
import { closed, oneOf, Uuid } from '../../schemas.ts';

/** Role `debts` alone, no person: who may lower an amount may bring it to nothing, and contact must stop at once. */
const postCancel = defineRoute({
  method: 'POST',
  url: '/debts/:debtId/cancel',
  role: 'debts',
  id: 'annullaPosizione',
  tag: 'Posizioni',
  summary: 'Dice che una posizione non è più dovuta: da quel momento nessun avviso la nomina',
  description:
    'Quanto resta da pagare è tolto dal dovuto e il registro conserva il motivo. Già pagata o annullata: non cambia nulla e `relievedCents` è 0.',
  params: closed({ debtId: Uuid }),
  body: closed({ reason: oneOf(CANCEL_REASONS) }),
  answers: {
    200: closed({ debtId: Type.String(), relievedCents: Type.Integer({ description: 'Quanto non è più dovuto.' }) }),
  },
  async handle({ caller, params, body, workId }, deps) {
    const input = { debtId: params.debtId, reason: body.reason, requestId: workId };
    const { relievedCents } = await cancelDebt(deps, caller.enteId, input, `apiKey:${caller.apiKeyId}`);
    return { status: 200, body: { debtId: params.debtId, relievedCents } };
  },
});

export const cancelRoutes: readonly ApiRoute[] = [postCancel];
