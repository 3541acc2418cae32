import { randomBytes } from 'node:crypto';
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isCoded } from '../../kernel/errors.ts';
import { isOwnForm, registerPageSecurity } from '../ui/security.ts';
import { registerCampaignRoutes } from './campaign.routes.ts';
import { type ConsoleDeps, FormExpired, NotSignedIn, seeOther, sendConsole } from './context.ts';
import { registerDeadlineRoutes } from './deadlines.routes.ts';
import { registerDebtRuleRoutes } from './debt-rules.routes.ts';
import { registerDisputeRoutes } from './disputes.routes.ts';
import { registerImportRoutes } from './import.routes.ts';
import { registerKeyRoutes } from './keys.routes.ts';
import { failedPage, forbiddenPage, formExpiredPage, missingPage } from './message.view.tsx';
import { registerMoneyRoutes } from './money.routes.ts';
import { registerOperatorRoutes } from './operators.routes.ts';
import { registerPaymentRoutes } from './payments.routes.ts';
import { registerPersonRoutes } from './person.routes.ts';
import { registerAuditRoutes } from './register.routes.ts';
import { registerResultsRoutes } from './results.routes.ts';
import { registerSignInRoutes } from './sign-in.routes.ts';
import { registerRecoveryRoutes } from './sign-in-codes.routes.ts';
import { registerTodayRoutes } from './today.routes.ts';

export type { ConsoleDeps } from './context.ts';

/** A campaign document is the longest form; uploads read their stream themselves. */
const BODY_LIMIT = 256 * 1024;

/**
 * The operator console under `/console`, as one encapsulated plugin: its hooks and parsers touch no other route. Its
 * static files are those the portal serves under `/assets/`.
 */
export function registerConsole(app: FastifyInstance, deps: ConsoleDeps): void {
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.bodyLimit ??= BODY_LIMIT;
    });
    await registerPageSecurity(scope, { secureCookies: deps.secureCookies });
    await scope.register(compress, { encodings: ['br', 'gzip'], threshold: 1024 });
    await scope.register(cookie);
    await scope.register(formbody);
    scope.addHook('preValidation', async (request, reply) => {
      if (request.method === 'GET' || request.method === 'HEAD') return;
      if (!isOwnForm(request, deps.baseUrl)) return sendConsole(reply, forbiddenPage(), 403);
    });
    scope.setErrorHandler(async (error: FastifyError, request, reply) => answerError(error, request, reply));
    // Routes name their whole path; the prefix is only there so that what is missing under it is answered here.
    scope.register(
      async (missing) => {
        missing.setNotFoundHandler(async (_request, reply) => sendConsole(reply, missingPage(), 404));
      },
      { prefix: '/console' },
    );

    registerSignInRoutes(scope, deps);
    registerTodayRoutes(scope, deps);
    registerDeadlineRoutes(scope, deps);
    registerDebtRuleRoutes(scope, deps);
    registerImportRoutes(scope, deps);
    registerCampaignRoutes(scope, deps);
    registerResultsRoutes(scope, deps);
    registerPersonRoutes(scope, deps);
    registerDisputeRoutes(scope, deps);
    registerPaymentRoutes(scope, deps);
    registerMoneyRoutes(scope, deps);
    registerAuditRoutes(scope, deps);
    registerOperatorRoutes(scope, deps);
    registerKeyRoutes(scope, deps);
    registerRecoveryRoutes(scope, deps);
  });
}

function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof NotSignedIn) {
    // A page to come back to is a page, never an action.
    const back = request.method === 'GET' ? `?poi=${encodeURIComponent(request.url)}` : '?scaduta=1';
    return seeOther(reply, `/console/accedi${back}`);
  }
  if (error instanceof FormExpired) return sendConsole(reply, formExpiredPage(), 403);
  if (isCoded(error, 'FORBIDDEN')) return sendConsole(reply, forbiddenPage(), 403);
  if (isCoded(error, 'NOT_FOUND')) return sendConsole(reply, missingPage(), 404);
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status >= 400 && status < 500) return sendConsole(reply, missingPage(), status);
  const reference = randomBytes(4).toString('hex').toUpperCase();
  request.log.error({ reference, err: error }, 'console page failed');
  return sendConsole(reply, failedPage(reference), 500);
}
