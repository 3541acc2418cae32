import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import fastify from 'fastify';
import { startIdp } from '../../sandbox/idp/idp.ts';
import { makeOidcIdentity } from '../../src/adapters/identity/oidc/index.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { openRail } from '../../src/modules/conversations/conversations.fixtures.ts';
import { DEFAULT_WAY, makeDialogue, saveSignIn } from '../../src/modules/conversations/index.ts';
import { registerPortal } from '../../src/web/portal/index.ts';
import { openCampaignRuns, person } from '../support/campaign-run.ts';
import { OFFICE, TARI, TICKET, validCf } from '../support/ground.ts';
import { openVisit, type Visit } from '../support/visit.ts';

export const MARIO = validCf(1);

export interface SignInWorld {
  readonly portalUrl: string;
  readonly visit: Visit;
  close(): Promise<void>;
}

/**
 * Store, dialogue, adapter, portal and identity provider, all real and listening: Mario Rossi, told at
 * `p1@posta.example`, owes one ticket.
 */
export async function openSignInWorld(): Promise<SignInWorld> {
  const runs = await openCampaignRuns();
  const visit = await openVisit(
    runs,
    [{ rows: [person(1, { cf: MARIO }), person(2, { cf: validCf(2) })], creditType: 'TICKET' }],
    { creditTypes: [TARI, TICKET], offices: [OFFICE] },
    '[TICKET]',
  );
  const { run } = visit;
  const realNow = () => systemMonotonic.now();
  const idp = await startIdp({ realNow, people: () => [{ codiceFiscale: MARIO, name: 'Mario Rossi' }] });
  const port = await freePort();
  const portalUrl = `http://127.0.0.1:${port}`;
  const dialogue = makeDialogue({
    db: run.store.db,
    vaultOf: run.store.vaultOf,
    clock: run.store.clock,
    monotonic: systemMonotonic,
    channels: [run.channel],
    rail: openRail,
    portalUrl,
    guards: run.deps.guards,
    identity: makeOidcIdentity({ realNow }),
  });
  await run.tx((tx) =>
    saveSignIn(tx, run.store.vaultOf(run.enteId), {
      issuer: idp.issuer,
      clientId: idp.clientId,
      clientAuth: 'secretBasic',
      secret: idp.clientSecret,
      ways: { spid: DEFAULT_WAY, cie: DEFAULT_WAY },
    }),
  );
  const app = fastify();
  const extraFormActions = [openRail.origin];
  registerPortal(app, { dialogue, baseUrl: portalUrl, extraFormActions, now: run.now, secureCookies: false });
  await app.listen({ host: '127.0.0.1', port });
  return {
    portalUrl,
    visit,
    async close() {
      await app.close();
      await idp.close();
      await runs.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
