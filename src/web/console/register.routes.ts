import type { FastifyInstance } from 'fastify';
import { verifyAudit } from '../../modules/audit/index.ts';
import { ledgerMismatches } from '../../modules/debts/index.ts';
import { type ConsoleDeps, field, sendConsole, signedIn } from './context.ts';
import { readLeaves } from './register.read.ts';
import { auditPage, verifiedPage } from './register.view.tsx';

/** O14: the last facts by pages, and on request the whole register recomputed. */
export function registerAuditRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  scope.get('/console/registro', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const before = field(request.query, 'prima');
    const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(before) ? before : null;
    const page = await deps.db.tenant(signed.enteId, (tx) => readLeaves(tx, id));
    return sendConsole(reply, auditPage(signed, page, id !== null));
  });

  // Reads every leaf there is: asked for by a button, so that no link or reload starts it.
  scope.post('/console/registro/verifica', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const exported = deps.exportedSeals(signed.ente.slug);
    const result = await deps.db.tenant(signed.enteId, async (tx) => ({
      report: await verifyAudit(tx, exported),
      mismatches: (await ledgerMismatches(tx)).length,
    }));
    return sendConsole(reply, verifiedPage(signed, { ...result, exported: exported.length, at: deps.now() }));
  });
}
