import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PortalDeps } from './http.ts';

/** Headers of every page (ui.md §1): nothing but our own files, no frame, no referrer, no indexing. */
export async function registerSecurityHeaders(portal: FastifyInstance, deps: PortalDeps): Promise<void> {
  const self = ["'self'"];
  await portal.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: self,
        styleSrc: self,
        imgSrc: ["'self'", 'data:'],
        fontSrc: self,
        connectSrc: self,
        manifestSrc: self,
        workerSrc: self,
        formAction: ["'self'", ...deps.extraFormActions],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: deps.secureCookies ? { maxAge: 31_536_000 } : false,
    crossOriginEmbedderPolicy: false,
  });
  portal.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()');
  });
}

/**
 * Whether a form was sent by our own pages. Browsers say so in Sec-Fetch-Site; older ones in Origin, which our
 * `no-referrer` turns into `null`, so there SameSite=Lax is what protects. Clients that are no browser send neither.
 */
export function isSameOrigin(request: FastifyRequest, baseUrl: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = request.headers.origin;
  return origin === undefined || origin === 'null' || origin === new URL(baseUrl).origin;
}
