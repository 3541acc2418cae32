import type { FastifyError, FastifyInstance } from 'fastify';
import type { ApiDeps } from './api-deps.ts';
import { describeApi, serveDescription } from './describe.ts';
import { ApiProblem, explain, problemBody } from './problem.ts';
import { addRoute } from './route.ts';
import { Problem } from './schemas.ts';
import { campaignRoutes } from './v1/campaigns/campaigns.ts';
import { cancelRoutes } from './v1/debts/cancel.ts';
import { debtRoutes } from './v1/debts/debts.ts';
import { releaseRoutes } from './v1/debts/release.ts';
import { deliveryRoutes } from './v1/deliveries/deliveries.ts';
import { disputeRoutes } from './v1/disputes/disputes.ts';
import { postReceipt } from './v1/receipts/post-receipt.ts';
import { webhookRoutes } from './v1/webhooks/webhooks.ts';

const BODY_LIMIT = 64 * 1024;

/** `/api/v1`: each endpoint names the role it needs; problem+json for everything else. `/api` shows what there is. */
export function registerApi(app: FastifyInstance, deps: ApiDeps): void {
  app.register(async (api) => {
    await describeApi(api);
    api.addSchema({ $id: 'Problem', ...Problem });
    api.register(
      async (v1) => {
        v1.addHook('onRoute', (route) => {
          route.bodyLimit ??= BODY_LIMIT;
        });
        v1.setNotFoundHandler(async (_request, reply) =>
          reply
            .status(404)
            .type('application/problem+json')
            .send(problemBody(404, 'NOT_FOUND', 'Risorsa inesistente.')),
        );
        v1.setErrorHandler(async (error: FastifyError, request, reply) => {
          const { status, code, detail } = explain(error);
          if (status >= 500) request.log.error({ err: error, reference: request.id }, 'api call failed');
          return reply
            .status(status)
            .headers(error instanceof ApiProblem ? error.headers : {})
            .type('application/problem+json')
            .send({ ...problemBody(status, code, detail), ...(status >= 500 ? { reference: request.id } : {}) });
        });
        postReceipt(v1, deps);
        if (deps.v1 === undefined) return;
        const routes = [
          ...debtRoutes,
          ...cancelRoutes,
          ...releaseRoutes,
          ...campaignRoutes,
          ...deliveryRoutes,
          ...disputeRoutes,
          ...webhookRoutes(deps),
        ];
        for (const route of routes) addRoute(v1, deps, deps.v1, route);
      },
      { prefix: '/api/v1' },
    );
    serveDescription(api);
  });
}
