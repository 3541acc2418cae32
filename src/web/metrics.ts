import { timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { sha256 } from '../kernel/hash.ts';
import type { Log } from '../platform/log/index.ts';
import type { Metrics } from '../platform/telemetry/index.ts';

export interface MetricsDeps {
  readonly metrics: Metrics;
  /** Whoever reads shows it as a bearer; null: read from this machine alone, and not through a proxy. */
  readonly token: string | null;
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LOOPBACK = /^(127(\.\d+){3}|::1|::ffff:127(\.\d+){3})$/;
const LOCAL_HOST = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;
/** What a proxy leaves on a request: with one of them it may come from anywhere. */
const PROXIED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** `/metrics`, and the time each route takes, by the pattern of its path: a path may hold a token. */
export function registerMetrics(app: FastifyInstance, { metrics, token }: MetricsDeps): void {
  const took = metrics.histogram(
    'http_request_seconds',
    'Time in which a request was answered.',
    ['method', 'route', 'status'],
    BUCKETS,
  );
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? '-', status: reply.statusCode };
    took.observe(labels, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (token === null ? !fromThisMachine(request) : !showsToken(request, token)) {
      return reply
        .status(token === null ? 403 : 401)
        .type('text/plain; charset=utf-8')
        .send('not for you\n');
    }
    const { contentType, body } = await metrics.expose(request.headers.accept);
    return reply.type(contentType).send(body);
  });
}

/** The same for a process that shows no pages: nothing but `/metrics` and whether it lives. */
export function makeMetricsServer(deps: MetricsDeps & { readonly log: Log }): FastifyInstance {
  const app = Fastify({
    loggerInstance: deps.log as never,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 30_000,
  }) as unknown as FastifyInstance;
  registerMetrics(app, deps);
  app.get('/healthz', async () => ({ ok: true }));
  return app;
}

/**
 * By the connection itself, not by what a header says of it; by the name it was asked under, which a page of somebody
 * else in a browser here cannot choose; and untouched by a proxy. Fails closed.
 */
function fromThisMachine(request: FastifyRequest): boolean {
  const { headers } = request;
  return (
    LOOPBACK.test(request.raw.socket.remoteAddress ?? '') &&
    LOCAL_HOST.test(headers.host ?? '') &&
    PROXIED.every((name) => headers[name] === undefined)
  );
}

function showsToken(request: FastifyRequest, token: string): boolean {
  const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(shown), sha256(token));
}
