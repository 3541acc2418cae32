import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import staticFiles from '@fastify/static';
import type { FastifyError, FastifyInstance } from 'fastify';
import { assetsFolder } from '../ui/assets.ts';
import { isOwnForm, registerPageSecurity } from '../ui/security.ts';
import { arrivalRoutes } from './arrival.routes.ts';
import { codeRoutes } from './code.routes.ts';
import { newReference, type PortalDeps, sendNotFound, sendPage } from './http.ts';
import { failurePage, noticePage } from './message.view.tsx';
import { messagesRoutes } from './messages.routes.ts';
import { paymentRoutes } from './payment.routes.ts';
import { planRoutes } from './plan.routes.ts';
import { positionsRoutes } from './positions.routes.ts';
import { publicRoutes } from './public.routes.ts';
import { reportRoutes } from './report.routes.ts';
import { stopRoutes } from './stop.routes.ts';

export type { PortalDeps } from './http.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that also programs of others may send (RFC 8058). */
    openToAnyOrigin?: boolean;
  }
}

// The longest form is a report of 2000 characters, each up to 12 bytes when url-encoded.
const BODY_LIMIT = 32_768;

/**
 * The citizen portal: every page of it, its static files, its 404 and error pages. Registered as one encapsulated
 * plugin, so that its hooks and parsers touch no other route of `app`. Handlers call the Dialogue and nothing else.
 */
export function registerPortal(app: FastifyInstance, deps: PortalDeps): void {
  app.register(async (portal) => {
    portal.addHook('onRoute', (route) => {
      route.bodyLimit ??= BODY_LIMIT;
    });
    const { secureCookies, extraFormActions: formActions } = deps;
    await registerPageSecurity(portal, { secureCookies, formActions, installable: true });
    await portal.register(compress, { encodings: ['br', 'gzip'], threshold: 1024 });
    await portal.register(cookie);
    await portal.register(formbody);
    await portal.register(staticFiles, {
      root: assetsFolder,
      prefix: '/assets/',
      index: false,
      immutable: true,
      maxAge: '365d',
      decorateReply: false,
    });

    portal.addHook('preValidation', async (request, reply) => {
      if (request.method !== 'POST' || request.routeOptions.config.openToAnyOrigin === true) return;
      if (!isOwnForm(request, deps.baseUrl)) return sendPage(reply, noticePage('refused', null), { status: 403 });
    });

    portal.setNotFoundHandler(async (request, reply) => sendNotFound(request, reply, deps));
    portal.setErrorHandler(async (error: FastifyError, request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 400 && status < 500) return sendPage(reply, noticePage('refused', null), { status });
      const reference = newReference();
      request.log.error({ reference, err: error }, 'portal page failed');
      return sendPage(reply, failurePage(reference), { status: 500 });
    });

    publicRoutes(portal, deps);
    arrivalRoutes(portal, deps);
    codeRoutes(portal, deps);
    positionsRoutes(portal, deps);
    messagesRoutes(portal, deps);
    paymentRoutes(portal, deps);
    planRoutes(portal, deps);
    reportRoutes(portal, deps);
    stopRoutes(portal, deps);
  });
}
