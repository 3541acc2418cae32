import type { FastifyRequest } from 'fastify';
import type { Monotonic } from '../../kernel/clocks.ts';
import type { CampaignDeps } from '../../modules/campaigns/index.ts';
import type { ImportService } from '../../modules/debts/index.ts';
import type { ApiRole } from '../../modules/operators/index.ts';
import type { ReceiptBooked, ReceiptInput } from '../../modules/payments/index.ts';
import type { Database } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { RateLimit } from './rate-limit.ts';

/** What a key must be allowed for an endpoint. `operators` keeps the same list. */
export const ENDPOINT_ROLES = ['receipts', 'debts', 'campaigns', 'deliveries', 'disputes'] as const;
export type EndpointRole = (typeof ENDPOINT_ROLES)[number];

/** Whose key it is. */
export interface Caller {
  readonly enteId: number;
  readonly apiKeyId: string;
}

export interface ApiDeps {
  readonly now: () => number;
  /** Whose key it is and what it may do; throws ApiProblem 401 or 403. */
  readonly authenticate: (request: FastifyRequest, role: ApiRole) => Promise<Caller>;
  readonly takeReceipt: (enteId: number, input: ReceiptInput, actor: string) => Promise<ReceiptBooked>;
  /** Counts the requests of each key, receipts aside; without it nothing is counted. */
  readonly rateLimit?: RateLimit;
  /** Without it receipts alone are served. */
  readonly v1?: V1Deps;
}

export interface V1Deps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly now: () => number;
  readonly monotonic: Monotonic;
  readonly imports: ImportService;
  readonly campaigns: CampaignDeps;
  /** Webhooks to this machine and its networks, over plain http too: for tests and for bodies that host both. */
  readonly allowPrivateWebhooks: boolean;
}
