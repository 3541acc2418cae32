import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Log } from '../platform/log/index.ts';
import { type ApiDeps, registerApi } from './api/index.ts';
import { type ConsoleDeps, registerConsole } from './console/index.ts';
import { type MetricsDeps, registerMetrics } from './metrics.ts';
import { type PagopaDeps, registerPagopa } from './pagopa/index.ts';
import { type PortalDeps, registerPortal } from './portal/index.ts';

/**
 * The HTTP face of the program. Requests are logged by the pattern of their route: a path may hold a token. Bodies are
 * taken as they are: Fastify's default would turn `null` into 0 and drop unknown fields (dependencies §4).
 */
export function makeServer(deps: {
  readonly log: Log;
  readonly portal: PortalDeps;
  readonly api: ApiDeps;
  readonly console: ConsoleDeps;
  readonly pagopa: PagopaDeps;
  readonly health: () => Promise<{ ok: boolean; detail?: string }>;
  readonly metrics: MetricsDeps;
}): FastifyInstance {
  const app = Fastify({
    loggerInstance: deps.log as never,
    logController: new LogController({ disableRequestLogging: true }),
    // Only a reverse proxy on this machine is believed about who is calling.
    trustProxy: 'loopback',
    requestTimeout: 30_000,
    bodyLimit: 64 * 1024,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  }) as unknown as FastifyInstance;
  app.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      route: request.routeOptions.url ?? '-',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    request.log.info(fields, 'request');
  });
  app.get('/healthz', async (_request, reply) => {
    const health = await deps.health();
    return reply.status(health.ok ? 200 : 503).send(health);
  });
  registerMetrics(app, deps.metrics);
  registerApi(app, deps.api);
  registerPagopa(app, deps.pagopa);
  registerPortal(app, deps.portal);
  registerConsole(app, deps.console);
  return app;
}
