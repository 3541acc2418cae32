import type { FastifyInstance } from 'fastify';
import { CodedError } from '../../kernel/errors.ts';
import { textVersions } from '../../modules/insight/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../../modules/notices/index.ts';
import { previewText } from './campaign-preview.ts';
import { previewFragment, textPage, textsPage } from './campaign-texts.view.tsx';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';

const HOME = '/console/testi';

/** O5: the texts of messages, their preview and all their versions. */
export function registerTextRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const versionsOf = (signed: Signed, code: string | null) =>
    deps.db.tenant(signed.enteId, (tx) => textVersions(tx, code));
  const officeOf = (signed: Signed, body: unknown) =>
    Number(field(body, 'ufficio')) || (signed.ente.offices[0]?.officeId ?? 0);
  const typed = (body: unknown) => ({
    subject: field(body, 'oggetto').trim(),
    body: field(body, 'testo').replaceAll('\r\n', '\n'),
  });

  app.get(HOME, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendConsole(reply, textsPage(signed, await versionsOf(signed, null)));
  });
  app.post(`${HOME}-di-partenza`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    await deps.db.tenant(signed.enteId, async (tx) => {
      for (const text of DEFAULT_TEMPLATES) {
        await saveTemplate(tx, { ...text, authorId: signed.operator.operatorId, now: deps.now() });
      }
    });
    return seeOther(reply, HOME);
  });
  app.get(`${HOME}/:code`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const versions = await versionsOf(signed, field(request.params, 'code'));
    const wanted = Number(field(request.query, 'versione'));
    const text = versions.find((one) => one.version === wanted) ?? versions[0];
    if (text === undefined) throw new CodedError('NOT_FOUND', 'no such text');
    const preview = previewText(signed.ente, officeOf(signed, null), text);
    const saved = field(request.query, 'esito') === 'salvato';
    return sendConsole(reply, textPage(signed, { text, versions, preview, problem: null, saved }));
  });
  app.post(`${HOME}/:code`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const code = field(request.params, 'code');
    const versions = await versionsOf(signed, code);
    const latest = versions[0];
    if (latest === undefined) throw new CodedError('NOT_FOUND', 'no such text');
    const text = { ...latest, ...typed(request.body) };
    const preview = previewText(signed.ente, officeOf(signed, request.body), text);
    if (request.headers['hx-request'] === 'true') return sendConsole(reply, previewFragment(preview));
    const page = (problem: string | null) => textPage(signed, { text, versions, preview, problem, saved: false });
    if (field(request.body, 'azione') !== 'salva') return sendConsole(reply, page(null));
    if (preview.problems.length > 0)
      return sendConsole(reply, page('Guardi che cosa va corretto nell’anteprima.'), 422);
    try {
      await deps.db.tenant(signed.enteId, (tx) =>
        saveTemplate(tx, {
          ...text,
          code,
          channel: latest.channel,
          authorId: signed.operator.operatorId,
          now: deps.now(),
        }),
      );
      return seeOther(reply, `${HOME}/${code}?esito=salvato`);
    } catch (error) {
      return sendConsole(reply, page(sayError(error)), 422);
    }
  });
}
