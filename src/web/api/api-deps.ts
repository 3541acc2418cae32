import type { FastifyRequest } from 'fastify';
import type { ApiRole } from '../../modules/operators/index.ts';
import type { ReceiptBooked, ReceiptInput } from '../../modules/payments/index.ts';

export interface ApiDeps {
  readonly now: () => number;
  /** Whose key it is and what it may do; throws ApiProblem 401 or 403. */
  readonly authenticate: (request: FastifyRequest, role: ApiRole) => Promise<{ enteId: number; apiKeyId: string }>;
  readonly takeReceipt: (enteId: number, input: ReceiptInput, actor: string) => Promise<ReceiptBooked>;
}
