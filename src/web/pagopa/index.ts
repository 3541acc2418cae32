import type { TLSSocket } from 'node:tls';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Log } from '../../platform/log/index.ts';
import { makeGate, type PagopaAccess } from './access.ts';

export { networksOf, type PagopaAccess } from './access.ts';

export interface PagopaDeps {
  readonly access: PagopaAccess;
  readonly answer: (body: Uint8Array, soapAction: string) => Promise<{ readonly status: number; readonly xml: string }>;
}

/** No message of the node comes near it. */
const MAX_BODY = 512 * 1024;

/** `POST /pagopa/paForNode`: whatever is inside is the adapter's; here only who may speak, and how much. */
export function registerPagopa(app: FastifyInstance, { access, answer }: PagopaDeps): void {
  const letIn = makeGate(access);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY }, (_request, body, done) =>
      done(null, body),
    );
    scope.setErrorHandler((error: { readonly statusCode?: number }, request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 500) request.log.error({ err: error }, 'pagopa request failed');
      return reply.status(status).send();
    });
    scope.post<{ Body: Buffer | undefined }>(
      '/pagopa/paForNode',
      {
        onRequest: async (request, reply) => {
          const caller = {
            ip: request.ip,
            peer: request.socket.remoteAddress ?? '',
            certified: (request.socket as TLSSocket).authorized === true,
            header: (name: string) => {
              const value = request.headers[name.toLowerCase()];
              return typeof value === 'string' ? value : undefined;
            },
          };
          if (!letIn(caller)) return reply.status(403).send();
        },
      },
      async (request, reply) => {
        const action = request.headers.soapaction;
        const { status, xml } = await answer(
          request.body ?? new Uint8Array(0),
          typeof action === 'string' ? action : '',
        );
        return reply.status(status).header('cache-control', 'no-store').type('text/xml; charset=utf-8').send(xml);
      },
    );
  });
}

export interface PagopaTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Whoever signs the certificates of the node. */
  readonly ca: Buffer;
}

/** A server of its own for the station alone, which lets in nobody without a certificate of that authority. */
export function makePagopaServer(log: Log, deps: PagopaDeps, tls: PagopaTls): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as never,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 30_000,
    https: { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  }) as unknown as FastifyInstance;
  registerPagopa(app, deps);
  return app;
}
