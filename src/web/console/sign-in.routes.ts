import type { FastifyInstance, FastifyReply } from 'fastify';
import { loadEnte } from '../../modules/creditors/index.ts';
import {
  closeOperatorSession,
  enrol,
  enteOfInvitation,
  enteOfOperatorSession,
  openInvitation,
  signIn,
} from '../../modules/operators/index.ts';
import { type ConsoleDeps, field, seeOther, sendConsole, sessionOf, signedIn } from './context.ts';
import { enrolPage, invitationPage, signInPage } from './sign-in.view.tsx';
import { recoveryCodesPage } from './sign-in-codes.view.tsx';
import { CONSOLE_COOKIE } from './tokens.ts';

/** More bodies than this are not a list to choose from: the name then says which, as `nome@ente`. */
const LISTED_BODIES = 30;

/** Sign-in, enrolment from an invitation, sign-out. Nothing here tells which names or bodies' operators exist. */
export function registerSignInRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  const bodies = async () => {
    const all = await deps.tenants();
    return all.length > LISTED_BODIES ? [] : all.map((tenant) => tenant.slug);
  };

  scope.get('/console/accedi', async (request, reply) => {
    const slug = field(request.query, 'ente');
    const again = safePath(field(request.query, 'poi'));
    return sendConsole(
      reply,
      signInPage({
        bodies: await bodies(),
        typed: { login: '', body: slug },
        again,
        state:
          field(request.query, 'scaduta') !== '' ? 'expired' : field(request.query, 'uscita') !== '' ? 'left' : 'new',
      }),
    );
  });

  scope.post('/console/accedi', async (request, reply) => {
    const typed = { login: field(request.body, 'nome').trim().slice(0, 200), body: field(request.body, 'ente') };
    const again = safePath(field(request.body, 'poi'));
    const { login, slug } = nameAndBody(typed.login, typed.body);
    const enteId = (await deps.tenants()).find((tenant) => tenant.slug === slug)?.enteId ?? null;
    const session =
      enteId === null
        ? null
        : await signIn(deps, enteId, {
            login,
            password: field(request.body, 'password'),
            code: field(request.body, 'codice'),
            address: request.ip,
          });
    if (session === null) {
      return sendConsole(reply, signInPage({ bodies: await bodies(), typed, again, state: 'wrong' }), 401);
    }
    openCookie(reply, deps, session);
    return seeOther(reply, again);
  });

  scope.get('/console/invito', async (_request, reply) => sendConsole(reply, invitationPage({ wrong: false })));

  scope.post('/console/invito', async (request, reply) => {
    const invitation = field(request.body, 'invito').trim();
    const enteId = enteOfInvitation(invitation);
    const known = enteId !== null && (await deps.tenants()).some((tenant) => tenant.enteId === enteId);
    const opened =
      enteId === null || !known
        ? null
        : await deps.db.tenant(enteId, async (tx) => {
            const ente = await loadEnte(tx);
            const vault = deps.vaultOf(enteId);
            const enrolment = await openInvitation(tx, vault, invitation, ente.name, deps.realNow());
            return enrolment === null ? null : { ente, enrolment };
          });
    if (opened === null) return sendConsole(reply, invitationPage({ wrong: true }), 401);
    const page = (fault: Parameters<typeof enrolPage>[0]['fault']) =>
      enrolPage({ ...opened.enrolment, body: opened.ente.name, slug: opened.ente.slug, invitation, fault });
    // The first form brings the invitation alone; the second what was chosen.
    if (field(request.body, 'passo') !== '2') return sendConsole(reply, page(null));
    const password = field(request.body, 'password');
    if (password !== field(request.body, 'ripeti')) return sendConsole(reply, page('passwordTwice'), 422);
    const done = await enrol(deps, { invitation, password, code: field(request.body, 'codice') });
    if ('fault' in done) {
      return done.fault === 'invitation'
        ? sendConsole(reply, invitationPage({ wrong: true }), 401)
        : sendConsole(reply, page(done.fault), 422);
    }
    openCookie(reply, deps, done.session);
    // Shown once: in the answer, since no address may lead to them.
    return sendConsole(reply, recoveryCodesPage(done.recoveryCodes));
  });

  scope.post('/console/esci', async (request, reply) => {
    await signedIn(request, deps, 'see');
    const session = sessionOf(request);
    const enteId = session === null ? null : enteOfOperatorSession(session);
    if (session !== null && enteId !== null) {
      await deps.db.tenant(enteId, (tx) => closeOperatorSession(tx, deps.vaultOf(enteId), session));
    }
    reply.clearCookie(CONSOLE_COOKIE, cookiePlace(deps));
    reply.header('clear-site-data', '"cache", "storage"');
    return seeOther(reply, '/console/accedi?uscita=1');
  });
}

const cookiePlace = (deps: ConsoleDeps) =>
  ({ path: '/console', httpOnly: true, sameSite: 'strict', secure: deps.secureCookies }) as const;

function openCookie(reply: FastifyReply, deps: ConsoleDeps, session: string): void {
  reply.setCookie(CONSOLE_COOKIE, session, cookiePlace(deps));
}

/** `nome@ente` names its body; an e-mail address has a dot behind the @, a slug never has. */
function nameAndBody(typed: string, chosen: string): { login: string; slug: string } {
  const match = /^(.+)@([a-z0-9-]{2,60})$/i.exec(typed);
  if (match === null) return { login: typed, slug: chosen };
  return { login: match[1] ?? '', slug: (match[2] ?? '').toLowerCase() };
}

/** Back to a page of the console and nowhere else. */
function safePath(path: string): string {
  return /^\/console(?:\/[\w/.-]*)?(?:\?[\w=&%.+-]*)?$/.test(path) && !path.includes('//') ? path : '/console';
}
