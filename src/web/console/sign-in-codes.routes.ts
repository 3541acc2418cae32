import type { FastifyInstance } from 'fastify';
import { recoveryCodesLeft, renewRecoveryCodes } from '../../modules/operators/index.ts';
import { type ConsoleDeps, field, type Signed, sendConsole, signedIn } from './context.ts';
import { ownAccessPage, recoveryCodesPage } from './sign-in-codes.view.tsx';

/** An operator's own recovery codes: new ones are told in the answer to the form, and the old ones open nothing. */
export function registerRecoveryRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  const left = (signed: Signed) =>
    deps.db.tenant(signed.enteId, (tx) => recoveryCodesLeft(tx, signed.operator.operatorId));

  scope.get('/console/accesso', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendConsole(reply, ownAccessPage(signed, await left(signed), []));
  });

  scope.post('/console/accesso', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const codes = await renewRecoveryCodes(deps, signed.enteId, {
      operatorId: signed.operator.operatorId,
      code: field(request.body, 'codice'),
      address: request.ip,
    });
    if (codes !== null) return sendConsole(reply, recoveryCodesPage(codes));
    const message = 'Il codice non corrisponde. Controlli l’ora del telefono e usi il codice nuovo.';
    return sendConsole(reply, ownAccessPage(signed, await left(signed), [{ field: 'codice', message }]), 422);
  });
}
