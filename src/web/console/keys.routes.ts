import type { FastifyInstance } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { isUuid, newId } from '../../kernel/ids.ts';
import { API_ROLES, addApiKey, listApiKeys, type Managing, revokeApiKey } from '../../modules/operators/index.ts';
import { addWebhook, lastOutcomes, listWebhooks, removeWebhook, tryWebhook } from '../../modules/webhooks/index.ts';
import type { FieldError } from '../ui/forms.tsx';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import {
  EVENTS,
  endpointSecretPage,
  keyPage,
  PROGRAMS,
  programsPage,
  type TypedEndpoint,
  type TypedKey,
} from './keys.view.tsx';
import { confirmingPage } from './operators-parts.tsx';
import type { ConsoleAlert } from './shell.tsx';

const MAX_LABEL = 100;
const MAX_URL = 500;
const OUTCOMES = 10;

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  tolta: { look: 'ok', title: 'Chiave tolta', text: 'Il programma che la usava non entra più.' },
  tolto: { look: 'ok', title: 'Indirizzo tolto', text: 'Quello che aspettava non sarà raccontato.' },
  gia: { look: 'info', title: 'Era già fatto', text: 'Lo stesso modulo è arrivato due volte: vale la prima.' },
};

/** O15, the programs: keys and webhooks. Everything here needs `manage` and is written in the register. */
export function registerKeyRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  const who = (signed: Signed): Managing => ({ by: signed.operator, now: deps.now(), realNow: deps.realNow() });
  const actor = (signed: Signed) => `operator:${signed.operator.operatorId}`;
  const show = async (
    signed: Signed,
    typed: { readonly key?: TypedKey; readonly endpoint?: TypedEndpoint } = {},
    errors: readonly FieldError[] = [],
    alert?: ConsoleAlert,
  ): Promise<string> => {
    const found = await deps.db.tenant(signed.enteId, async (tx) => ({
      keys: await listApiKeys(tx),
      endpoints: await listWebhooks(tx),
      outcomes: await lastOutcomes(tx, OUTCOMES),
    }));
    const key = typed.key ?? { formId: newId(), label: '', roles: [] };
    const endpoint = typed.endpoint ?? { formId: newId(), url: '', events: [] };
    return programsPage(signed, found, { key, endpoint }, errors, alert);
  };

  scope.get(PROGRAMS, async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const alert = DONE[field(request.query, 'fatto')] ?? trialAlert(field(request.query, 'risposta'));
    return sendConsole(reply, await show(signed, {}, [], alert));
  });

  scope.post(`${PROGRAMS}/chiavi`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const label = field(request.body, 'programma').trim();
    const roles = API_ROLES.filter((role) => field(request.body, `puo-${role}`) === 'si');
    const formId = formIdOf(request.body);
    const errors: FieldError[] = [];
    if (label === '') errors.push({ field: 'programma', message: 'Scriva il nome del programma.' });
    if (label.length > MAX_LABEL) {
      errors.push({ field: 'programma', message: `Il nome è troppo lungo: al massimo ${MAX_LABEL} caratteri.` });
    }
    if (roles.length === 0) errors.push({ field: 'puo', message: 'Scelga almeno una cosa che può fare.' });
    if (errors.length > 0)
      return sendConsole(reply, await show(signed, { key: { formId, label, roles } }, errors), 422);
    const made = await deps.db.tenant(signed.enteId, (tx) =>
      addApiKey(tx, deps.vaultOf(signed.enteId), { apiKeyId: formId, label, roles }, who(signed)),
    );
    if (made === null) return seeOther(reply, `${PROGRAMS}?fatto=gia`);
    return sendConsole(reply, keyPage(signed, label, made.key));
  });

  scope.post(`${PROGRAMS}/chiavi/:id/togli`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const id = idParam(request, 'id');
    const key = (await deps.db.tenant(signed.enteId, listApiKeys)).find((one) => one.apiKeyId === id);
    if (key === undefined) throw new CodedError('NOT_FOUND', 'no such key');
    if (field(request.body, 'passo') !== '2') {
      const page = confirmingPage(signed, {
        title: `Togli la chiave di «${key.label}»`,
        warning: 'Il programma non entrerà più',
        text: 'Non si annulla: per farlo rientrare serve una chiave nuova.',
        action: `${PROGRAMS}/chiavi/${id}/togli`,
        button: 'Togli la chiave',
        back: PROGRAMS,
      });
      return sendConsole(reply, page);
    }
    const done = await deps.db.tenant(signed.enteId, (tx) => revokeApiKey(tx, id, who(signed)));
    return seeOther(reply, `${PROGRAMS}?fatto=${done ? 'tolta' : 'gia'}`);
  });

  scope.post(`${PROGRAMS}/indirizzi`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const url = field(request.body, 'indirizzo').trim();
    const kinds = EVENTS.filter((kind) => field(request.body, `fatto-${kind}`) === 'si');
    const formId = formIdOf(request.body);
    const again = async (errors: readonly FieldError[]) =>
      sendConsole(reply, await show(signed, { endpoint: { formId, url, events: kinds } }, errors), 422);
    const errors: FieldError[] = [];
    if (url === '' || url.length > MAX_URL) {
      errors.push({ field: 'indirizzo', message: `Scriva un indirizzo, al massimo ${MAX_URL} caratteri.` });
    }
    if (kinds.length === 0) errors.push({ field: 'fatto', message: 'Scelga almeno un fatto da raccontare.' });
    if (errors.length > 0) return again(errors);
    const { allowPrivateWebhooks: allowPrivate } = deps;
    const input = { endpointId: formId, url, kinds, actor: actor(signed), now: deps.now(), allowPrivate };
    try {
      const made = await deps.db.tenant(signed.enteId, (tx) => addWebhook(tx, deps.vaultOf(signed.enteId), input));
      return sendConsole(reply, endpointSecretPage(signed, url, made.secret));
    } catch (error) {
      if (isCoded(error, 'WEBHOOK_TWICE')) return seeOther(reply, `${PROGRAMS}?fatto=gia`);
      const message = isCoded(error) ? REFUSED[error.code] : undefined;
      if (message === undefined) throw error;
      return again([{ field: 'indirizzo', message }]);
    }
  });

  scope.post(`${PROGRAMS}/indirizzi/:id/prova`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const { db, vaultOf, now, realNow, postWebhook: post } = deps;
    const id = idParam(request, 'id');
    const status = await known(() => tryWebhook({ db, vaultOf, now, realNow, post }, signed.enteId, id, actor(signed)));
    return seeOther(reply, `${PROGRAMS}?risposta=${status ?? 'nessuna'}`);
  });

  scope.post(`${PROGRAMS}/indirizzi/:id/togli`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const id = idParam(request, 'id');
    const endpoint = (await deps.db.tenant(signed.enteId, listWebhooks)).find((one) => one.endpointId === id);
    if (endpoint === undefined) throw new CodedError('NOT_FOUND', 'no such endpoint');
    if (field(request.body, 'passo') !== '2') {
      const page = confirmingPage(signed, {
        title: `Togli ${new URL(endpoint.url).host}`,
        warning: 'Da subito non gli si racconta più nulla',
        text: `Quello che aspetta (${endpoint.waiting}) non sarà raccontato. Non si annulla.`,
        action: `${PROGRAMS}/indirizzi/${id}/togli`,
        button: 'Togli l’indirizzo',
        back: PROGRAMS,
      });
      return sendConsole(reply, page);
    }
    await known(() => deps.db.tenant(signed.enteId, (tx) => removeWebhook(tx, id, actor(signed), deps.now())));
    return seeOther(reply, `${PROGRAMS}?fatto=tolto`);
  });
}

const REFUSED: Readonly<Record<string, string>> = {
  WEBHOOK_URL: 'L’indirizzo deve essere https, pubblico, e senza utente né password.',
  WEBHOOK_LIMIT: 'Ci sono già troppi indirizzi: ne tolga uno.',
};

function formIdOf(body: unknown): string {
  const id = field(body, 'modulo');
  return isUuid(id) ? id : newId();
}

/** What the server answered to the trial, out of the address: a number or nothing, else no alert. */
function trialAlert(answer: string): ConsoleAlert | undefined {
  if (answer === 'nessuna') {
    return { look: 'warn', title: 'La prova non ha avuto risposta', text: 'Controlli l’indirizzo e che sia acceso.' };
  }
  if (!/^\d{3}$/.test(answer)) return undefined;
  return answer.startsWith('2')
    ? { look: 'ok', title: `La prova è arrivata: risposta ${answer}` }
    : {
        look: 'warn',
        title: `La prova è arrivata, ma la risposta è ${answer}`,
        text: 'Serve una risposta da 200 a 299.',
      };
}

/** An endpoint that is not there is a page that is not there. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isCoded(error, 'WEBHOOK_UNKNOWN')) throw new CodedError('NOT_FOUND', 'no such endpoint');
    throw error;
  }
}
