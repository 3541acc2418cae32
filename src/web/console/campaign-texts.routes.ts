import type { FastifyInstance } from 'fastify';
import { CodedError } from '../../kernel/errors.ts';
import { textVersions } from '../../modules/insight/index.ts';
import { copyTemplate, DEFAULT_TEMPLATES, missingDefaults, saveTemplate } from '../../modules/notices/index.ts';
import { previewText, textsAndPrices } from './campaign-preview.ts';
import { newTextPage, previewFragment, textPage, textsPage } from './campaign-texts.view.tsx';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';

const HOME = '/console/testi';
const NEW = '/console/testi-nuovo';

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
    const missing = await deps.db.tenant(signed.enteId, (tx) => missingDefaults(tx));
    return sendConsole(reply, textsPage(signed, await versionsOf(signed, null), missing));
  });
  app.get(NEW, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const { texts } = await textsAndPrices(deps, signed);
    return sendConsole(reply, newTextPage(signed, texts, { code: '', from: '' }, null));
  });
  app.post(NEW, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const [code, from] = [field(request.body, 'codice').trim(), field(request.body, 'da')];
    const { operatorId } = signed.operator;
    try {
      await deps.db.tenant(signed.enteId, (tx) => copyTemplate(tx, from, code, operatorId, deps.now()));
      return seeOther(reply, `${HOME}/${code}?esito=salvato`);
    } catch (error) {
      const { texts } = await textsAndPrices(deps, signed);
      return sendConsole(reply, newTextPage(signed, texts, { code, from }, sayError(error)), 422);
    }
  });
  app.post(`${HOME}-di-partenza`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    await deps.db.tenant(signed.enteId, async (tx) => {
      // What the body has already made its own is not written over.
      const missing = await missingDefaults(tx);
      for (const text of DEFAULT_TEMPLATES.filter(({ code }) => missing.includes(code))) {
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
    const { priceOf } = await textsAndPrices(deps, signed);
    const preview = previewText(signed.ente, officeOf(signed, null), text, priceOf(text.channel));
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
    const { priceOf } = await textsAndPrices(deps, signed);
    const preview = previewText(signed.ente, officeOf(signed, request.body), text, priceOf(text.channel));
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
