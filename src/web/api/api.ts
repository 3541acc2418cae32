import type { FastifyError, FastifyInstance } from 'fastify';
import { isCoded } from '../../kernel/errors.ts';
import type { ApiDeps } from './api-deps.ts';
import { ApiProblem, problemBody } from './problem.ts';
import { postReceipt } from './v1/receipts/post-receipt.ts';

const BODY_LIMIT = 64 * 1024;
/** Codes of the modules and what they are over HTTP. */
const STATUS_OF: Readonly<Record<string, { status: number; detail: string }>> = {
  RECEIPT_CONFLICT: { status: 409, detail: 'Con questo identificativo è già stata ricevuta un’altra ricevuta.' },
};

/** `/api/v1`: one file per endpoint, each naming the role it needs; problem+json for everything else. */
export function registerApi(app: FastifyInstance, deps: ApiDeps): void {
  app.register(
    async (api) => {
      api.addHook('onRoute', (route) => {
        route.bodyLimit ??= BODY_LIMIT;
      });
      api.setNotFoundHandler(async (_request, reply) =>
        reply
          .status(404)
          .type('application/problem+json')
          .send(problemBody(404, 'NOT_FOUND', 'Risorsa inesistente.')),
      );
      api.setErrorHandler(async (error: FastifyError, request, reply) => {
        const { status, code, detail } = explain(error);
        if (status >= 500) request.log.error({ err: error, reference: request.id }, 'api call failed');
        return reply
          .status(status)
          .type('application/problem+json')
          .send({ ...problemBody(status, code, detail), ...(status >= 500 ? { reference: request.id } : {}) });
      });
      postReceipt(api, deps);
    },
    { prefix: '/api/v1' },
  );
}

function explain(error: FastifyError | ApiProblem): { status: number; code: string; detail: string } {
  if (error instanceof ApiProblem) return error;
  const known = isCoded(error) ? STATUS_OF[error.code] : undefined;
  if (known !== undefined) return { ...known, code: (error as FastifyError).code };
  const first = error.validation?.[0];
  if (first !== undefined) {
    const where = first.instancePath.slice(1) || 'corpo della richiesta';
    return { status: 422, code: 'VALIDATION', detail: `${where}: valore mancante o non ammesso.` };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, code: 'BAD_REQUEST', detail: 'La richiesta non si può leggere.' };
  return { status: 500, code: 'INTERNAL', detail: 'Errore interno: riprovi, e citi il riferimento se si ripete.' };
}
