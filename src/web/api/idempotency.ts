import type { FastifyReply, FastifyRequest } from 'fastify';
import { sha256, stableJson } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { beginRequest, forgetRequest, keepAnswer } from '../../modules/webhooks/index.ts';
import type { Caller, V1Deps } from './api-deps.ts';
import { ApiProblem } from './problem.ts';

/**
 * Does a POST once per Idempotency-Key: sent again within a day it gets the answer it got, whatever became of the line
 * meanwhile. Another body under the same key is 422. What failed changed nothing, and its key is free again.
 */
export async function once(
  deps: V1Deps,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (workId: string) => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<FastifyReply> {
  const { enteId, apiKeyId } = caller;
  const vault = deps.vaultOf(enteId);
  const key = { apiKeyId, idempotencyKey: String(request.headers['idempotency-key']) };
  const person = request.headers['bonario-operator-key'] ?? null;
  const asked = { method: request.method, url: request.url, person, body: request.body ?? null };
  const begun = await deps.db.tenant(enteId, (tx) =>
    beginRequest(tx, vault, key, { sha256: sha256(stableJson(asked)), workId: newId(), realNow: deps.monotonic.now() }),
  );
  if (begun.kind === 'other')
    throw new ApiProblem(422, 'IDEMPOTENCY_KEY', 'Questa Idempotency-Key è già stata usata per un’altra richiesta.');
  if (begun.kind === 'busy')
    throw new ApiProblem(409, 'IN_PROGRESS', 'La stessa richiesta è ancora in corso: riprovi fra poco.');
  if (begun.kind === 'kept') {
    return reply.header('idempotency-replayed', 'true').status(begun.status).send(JSON.parse(begun.body));
  }
  let answer: { readonly status: number; readonly body: unknown };
  try {
    answer = await work(begun.workId);
  } catch (error) {
    await deps.db.tenant(enteId, (tx) => forgetRequest(tx, key));
    throw error;
  }
  const body = JSON.stringify(answer.body);
  await deps.db.tenant(enteId, (tx) => keepAnswer(tx, vault, key, { status: answer.status, body }));
  return reply.status(answer.status).send(answer.body);
}
