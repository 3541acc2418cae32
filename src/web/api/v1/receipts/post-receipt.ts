import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { MAX_CENTS } from '../../../../kernel/money.ts';
import { parseNoticeNumber } from '../../../../kernel/notice-number.ts';
import type { ApiDeps } from '../../api-deps.ts';
import { ApiProblem } from '../../problem.ts';

const ReceiptBody = Type.Object(
  {
    receiptId: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z0-9._:-]+$' }),
    noticeNumber: Type.String({ pattern: '^\\d{18}$' }),
    amountCents: Type.Integer({ minimum: 1, maximum: MAX_CENTS }),
    // RFC 3339 with its offset: without one the instant would depend on where the server stands.
    paidAt: Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
    }),
    psp: Type.String({ minLength: 1, maxLength: 70 }),
  },
  { additionalProperties: false },
);

/** Payments may be told late, never from the future: beyond this the clock of one side is wrong. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** `POST /api/v1/receipts`, role `receipts`: 201 the first time, 200 with the same answer after that. */
export function postReceipt(app: FastifyInstance, deps: ApiDeps): void {
  app.post<{ Body: Static<typeof ReceiptBody> }>(
    '/receipts',
    { schema: { body: ReceiptBody } },
    async (request, reply) => {
      const caller = await deps.authenticate(request, 'receipts');
      const { paidAt: paidText, ...rest } = request.body;
      const paidAt = Date.parse(paidText);
      if (Number.isNaN(paidAt) || paidAt > deps.now() + CLOCK_SKEW_MS) {
        throw new ApiProblem(422, 'PAID_AT', 'La data del pagamento non è valida o è nel futuro.');
      }
      if (!parseNoticeNumber(rest.noticeNumber).ok)
        throw new ApiProblem(422, 'NOTICE_NUMBER', 'Il numero avviso non è valido.');
      const booked = await deps.takeReceipt(caller.enteId, { ...rest, paidAt }, `apiKey:${caller.apiKeyId}`);
      return reply.status(booked.fresh ? 201 : 200).send({
        receiptId: rest.receiptId,
        status: booked.status,
        excessCents: booked.excessCents,
      });
    },
  );
}
