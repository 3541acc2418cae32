import type { FastifyInstance } from 'fastify';
import { campaignProgress, paceToday } from '../../modules/insight/index.ts';
import { campaignOf, namesOf } from './campaign-find.ts';
import { progressFragment, progressPage, stopPage } from './campaign-progress.view.tsx';
import { type ConsoleDeps, field, sendConsole, signedIn } from './context.ts';

/** O8: where the messages are. */
export function registerProgressRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  app.get('/console/campagne/:code/avanzamento', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const now = deps.now();
    const { progress, pace } = await deps.db.tenant(signed.enteId, async (tx) => ({
      progress: await campaignProgress(tx, campaign.campaignId, now),
      pace: await paceToday(tx, campaign.campaignId, now),
    }));
    const names = await namesOf(deps, signed.enteId);
    const shown = { signed, campaign, progress, pace, names, now };
    // The same address gives the whole page or, to htmx, the piece of it that moves.
    if (request.headers['hx-request'] === 'true') return sendConsole(reply, progressFragment(shown));
    return sendConsole(reply, progressPage(shown, field(request.query, 'esito')));
  });
  app.get('/console/campagne/:code/ferma', async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const campaign = await campaignOf(deps, signed, request.params);
    const progress = await deps.db.tenant(signed.enteId, (tx) => campaignProgress(tx, campaign.campaignId, deps.now()));
    return sendConsole(reply, stopPage(signed, campaign, progress));
  });
}
