import type { FastifyInstance, FastifyReply } from 'fastify';
import type { FieldError } from '../ui/forms.tsx';
import { type CodePageProps, codePage } from './code.view.tsx';
import type { DialogueView } from './dialogue.ts';
import { field, type PortalDeps, seeOther, sendExpired, sendPage, visitOf } from './http.ts';
import { texts } from './texts.it.ts';

// Carries the waiting time over the redirect; gone by itself when a new code may be asked for.
const WAIT_COOKIE = 'bonario_attesa';
const NOTHING_TYPED = { code: '', item: '' };
const MAX_ITEM = 60;

/** C2: asking for a code and giving it with an item one holds. */
export function codeRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.post('/avviso/codice', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    const asked = await deps.dialogue.requestCode(visit.session);
    switch (asked.kind) {
      case 'sent': {
        const seconds = Math.max(1, Math.ceil(asked.resendAfterSeconds));
        reply.setCookie(WAIT_COOKIE, String(seconds), {
          path: '/codice',
          httpOnly: true,
          sameSite: 'lax',
          secure: deps.secureCookies,
          maxAge: seconds,
        });
        return seeOther(reply, '/codice');
      }
      case 'tooMany':
        return seeOther(reply, '/codice?stato=attesa');
      case 'channelDown':
        return seeOther(reply, '/codice?stato=guasto');
      case 'officeOnly':
        return seeOther(reply, '/aiuto');
      case 'sessionExpired':
        return sendExpired(request, reply, deps);
    }
  });

  portal.get('/codice', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    if (!visit.view.ente.offersCode) return seeOther(reply, '/aiuto');
    const state = field(request.query, 'stato');
    const wait = /^\d{1,5}$/.exec(request.cookies[WAIT_COOKIE] ?? '');
    const html = codePage({
      ente: visit.view.ente,
      trouble: state === 'attesa' ? 'tooMany' : state === 'guasto' ? 'channelDown' : null,
      waitSeconds: wait === null ? null : Number(wait[0]),
      typed: NOTHING_TYPED,
      errors: [],
    });
    return sendPage(reply, html, state === 'guasto' ? { status: 503 } : {});
  });

  portal.post('/codice', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    const code = field(request.body, 'codice').replace(/\s/g, '');
    const item = field(request.body, 'elemento').trim().slice(0, MAX_ITEM);
    const typed = { code, item };

    // Mistakes of form are told before a try is spent on them.
    const errors: FieldError[] = [];
    if (!/^\d{6}$/.test(code)) errors.push({ field: 'codice', message: texts.code.codeMissing });
    if (item === '') errors.push({ field: 'elemento', message: texts.code.itemMissing });
    if (errors.length > 0) return sendWrong(reply, visit.view, typed, errors);

    const answer = await deps.dialogue.identify(visit.session, code, item);
    switch (answer.kind) {
      case 'identified':
        return seeOther(reply, '/posizioni');
      case 'mismatch':
        return sendWrong(reply, visit.view, typed, [
          { field: 'codice', message: texts.code.mismatch(answer.triesLeft) },
        ]);
      case 'codeExpired':
        return sendWrong(reply, visit.view, { code: '', item }, [{ field: 'codice', message: texts.code.expired }]);
      case 'officeOnly':
        return seeOther(reply, '/aiuto');
      case 'sessionExpired':
        return sendExpired(request, reply, deps);
    }
  });
}

function sendWrong(
  reply: FastifyReply,
  view: DialogueView,
  typed: CodePageProps['typed'],
  errors: readonly FieldError[],
) {
  const html = codePage({ ente: view.ente, trouble: null, waitSeconds: null, typed, errors });
  return sendPage(reply, html, { status: 422 });
}
