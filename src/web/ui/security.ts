import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface PageSecurity {
  readonly secureCookies: boolean;
  /** Where forms may lead besides our own pages: the payment page. */
  readonly formActions?: readonly string[];
  /** Whether pages may be installed and have a worker. */
  readonly installable?: boolean;
}

/** Headers of every page (ui.md §1): nothing but our own files, no frame, no referrer. */
export async function registerPageSecurity(scope: FastifyInstance, options: PageSecurity): Promise<void> {
  const self = ["'self'"];
  await scope.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: self,
        styleSrc: self,
        imgSrc: ["'self'", 'data:'],
        fontSrc: self,
        connectSrc: self,
        ...(options.installable === true ? { manifestSrc: self, workerSrc: self } : {}),
        formAction: ["'self'", ...(options.formActions ?? [])],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: options.secureCookies ? { maxAge: 31_536_000 } : false,
    crossOriginEmbedderPolicy: false,
  });
  scope.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()');
  });
}

/**
 * Whether a form was sent by our own pages. Browsers say so in Sec-Fetch-Site; older ones in Origin, which our
 * `no-referrer` turns into `null`, so there the cookie's SameSite is what protects. Clients that are no browser send
 * neither.
 */
export function isOwnForm(request: FastifyRequest, baseUrl: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = request.headers.origin;
  return origin === undefined || origin === 'null' || origin === new URL(baseUrl).origin;
}
