import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { MAX_CENTS } from '../../../../kernel/money.ts';
import { parseNoticeNumber } from '../../../../kernel/notice-number.ts';
import { paidElsewhere } from '../../../../modules/payments/index.ts';
import type { ApiDeps } from '../../api-deps.ts';
import { once } from '../../idempotency.ts';
import { ApiProblem } from '../../problem.ts';
import { authenticateAs, callerOf, problems } from '../../route.ts';
import { closed, IDEMPOTENCY_KEY, oneOf } from '../../schemas.ts';

const ReceiptBody = closed({
  receiptId: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z0-9._:-]+$' }),
  noticeNumber: Type.String({ pattern: '^\\d{18}$' }),
  amountCents: Type.Integer({ minimum: 1, maximum: MAX_CENTS }),
  // RFC 3339 with its offset: without one the instant would depend on where the server stands.
  paidAt: Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
  }),
  psp: Type.String({ minLength: 1, maxLength: 70, pattern: '^[^\\u0000]*$' }),
  // How it was paid: counter, post, form F24, direct debit; without, nobody says.
  channel: Type.Optional(oneOf(['counter', 'post', 'f24', 'directDebit', 'api'])),
});
const Booked = closed({
  receiptId: Type.String(),
  status: oneOf(['booked', 'quarantined']),
  excessCents: Type.Integer({ description: 'Quanto supera il dovuto: da rimborsare.' }),
});

/** Payments may be told late, never from the future: beyond this the clock of one side is wrong. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * `POST /api/v1/receipts`, role `receipts`: 201 the first time, 200 with the same answer after that. `receiptId` is its
 * own key; an Idempotency-Key may be given besides.
 */
export function postReceipt(app: FastifyInstance, deps: ApiDeps): void {
  app.post<{ Body: Static<typeof ReceiptBody> }>(
    '/receipts',
    {
      schema: {
        operationId: 'registraRicevuta',
        tags: ['Ricevute'],
        summary: 'Racconta un pagamento: da quel momento alla persona non si scrive più',
        description:
          'La stessa ricevuta si può ripetere: 201 la prima volta, 200 poi; `Idempotency-Key` qui è facoltativa. Ruolo della chiave: `receipts`.',
        headers: Type.Object({ 'idempotency-key': Type.Optional(IDEMPOTENCY_KEY) }),
        body: ReceiptBody,
        response: {
          200: { description: 'Era già stata registrata.', ...Booked },
          201: { description: 'Registrata.', ...Booked },
          ...problems(401, 403, 409, 422, 500, 503),
        },
      },
      onRequest: authenticateAs(deps, 'receipts'),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { paidAt: paidText, channel = 'api', ...rest } = request.body;
      const paidAt = Date.parse(paidText);
      if (Number.isNaN(paidAt) || paidAt > deps.now() + CLOCK_SKEW_MS) {
        throw new ApiProblem(422, 'PAID_AT', 'La data del pagamento non è valida o è nel futuro.');
      }
      if (!parseNoticeNumber(rest.noticeNumber).ok)
        throw new ApiProblem(422, 'NOTICE_NUMBER', 'Il numero avviso non è valido.');
      const work = async () => {
        const booked = await deps.takeReceipt(
          caller.enteId,
          { ...rest, paidAt, details: paidElsewhere(channel) },
          `apiKey:${caller.apiKeyId}`,
        );
        const { status, excessCents } = booked;
        return { status: booked.fresh ? 201 : 200, body: { receiptId: rest.receiptId, status, excessCents } };
      };
      if (deps.v1 !== undefined && request.headers['idempotency-key'] !== undefined) {
        return once(deps.v1, caller, request, reply, work);
      }
      const answer = await work();
      return reply.status(answer.status).send(answer.body);
    },
  );
}
