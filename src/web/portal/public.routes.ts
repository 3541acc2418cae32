import type { FastifyInstance } from 'fastify';
import { entePage } from './ente.view.tsx';
import { helpPage } from './help.view.tsx';
import { homePage } from './home.view.tsx';
import { field, forgetSession, lastEnte, type PortalDeps, seeOther, sendNotFound, sendPage, visitOf } from './http.ts';

/** Pages for everybody: list of bodies, a body's page and colour, help, sign-out, liveness. */
export function publicRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/', async (_request, reply) =>
    sendPage(reply, homePage(await deps.dialogue.listEnti()), { personal: false }),
  );

  portal.get('/e/:slug', async (request, reply) => {
    const ente = await deps.dialogue.enteBySlug(field(request.params, 'slug'));
    if (ente === null) return sendNotFound(request, reply, deps);
    return sendPage(reply, entePage(ente), { personal: false });
  });

  // The CSP forbids style attributes, so the body's colour is a stylesheet of its own.
  portal.get('/e/:slug/colore.css', async (request, reply) => {
    const ente = await deps.dialogue.enteBySlug(field(request.params, 'slug'));
    const accent = ente?.accent ?? null;
    if (accent === null || !/^#[0-9a-f]{6}$/i.test(accent)) return sendNotFound(request, reply, deps);
    return reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/css; charset=utf-8')
      .send(accentStylesheet(accent));
  });

  portal.get('/aiuto', async (request, reply) => {
    const visit = await visitOf(request, deps);
    return sendPage(reply, helpPage(visit?.view.ente ?? (await lastEnte(request, deps))));
  });

  portal.post('/esci', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit !== null) await deps.dialogue.close(visit.session);
    forgetSession(reply);
    const ente = visit?.view.ente ?? (await lastEnte(request, deps));
    return seeOther(reply, ente === null ? '/' : `/e/${ente.slug}`);
  });

  if (!portal.hasRoute({ method: 'GET', url: '/healthz' })) {
    portal.get('/healthz', async () => ({ ok: true }));
  }
}

function accentStylesheet(accent: string): string {
  const dark = [1, 3, 5]
    .map((at) => Math.round(Number.parseInt(accent.slice(at, at + 2), 16) * 0.8))
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('');
  return `:root{--b-accent:${accent};--b-accent-dark:#${dark}}`;
}
