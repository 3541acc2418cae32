import type { FastifyInstance } from 'fastify';
import { field, forgetSession, lastEnte, type PortalDeps, seeOther, sendExpired, sendPage, visitOf } from './http.ts';
import { notMeDonePage, notMePage } from './not-me.view.tsx';
import { optOutDonePage, optOutPage } from './opt-out.view.tsx';

/** "Non sono io" and the opt-out of a channel. Both act on POST only: scanners open links (ui.md §5.2). */
export function stopRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/non-sono-io', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    return sendPage(reply, notMePage(visit.view.ente));
  });

  portal.post('/non-sono-io', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    const done = await deps.dialogue.notMe(visit.session);
    if (done === null) return sendExpired(request, reply, deps);
    // Whoever this is has nothing more to see here.
    await deps.dialogue.close(visit.session);
    forgetSession(reply);
    return seeOther(reply, '/non-sono-io/fatto');
  });

  portal.get('/non-sono-io/fatto', async (request, reply) =>
    sendPage(reply, notMeDonePage(await lastEnte(request, deps))),
  );

  portal.get('/o/:token', async (request, reply) => sendPage(reply, optOutPage(field(request.params, 'token'))));

  portal.register(async (oneClick) => {
    // RFC 8058, 3.1: mail providers post urlencoded or multipart; the token alone says what is wanted.
    oneClick.removeAllContentTypeParsers();
    oneClick.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, null));
    oneClick.post('/o/:token', { config: { openToAnyOrigin: true } }, async (request, reply) => {
      const known = await deps.dialogue.optOut(field(request.params, 'token'));
      return sendPage(reply, optOutDonePage(known), known ? {} : { status: 404 });
    });
  });
}
