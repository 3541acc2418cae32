import Type from 'typebox';
import { requireRole } from '../../../../modules/operators/index.ts';
import {
  addWebhook,
  EVENT_KINDS,
  type EventKind,
  listWebhooks,
  removeWebhook,
} from '../../../../modules/webhooks/index.ts';
import type { ApiDeps } from '../../api-deps.ts';
import { type ApiRoute, authenticateAs, defineRoute } from '../../route.ts';
import { closed, instantText, oneOf, text, Uuid } from '../../schemas.ts';

const TAG = 'Avvisi ai programmi';
const KINDS = Object.keys(EVENT_KINDS) as EventKind[];

const Endpoint = closed({
  endpointId: Type.String(),
  url: Type.String(),
  events: Type.Array(oneOf(KINDS)),
  createdAt: Type.String(),
  waiting: Type.Integer(),
  givenUp: Type.Integer(),
});

/** Managing where a body's facts go: role `debts` of the key, and a person with the role `manage`. */
export function webhookRoutes(api: ApiDeps): readonly ApiRoute[] {
  const postWebhook = defineRoute({
    method: 'POST',
    url: '/webhooks',
    role: 'debts',
    id: 'aggiungiIndirizzo',
    tag: TAG,
    summary: 'Aggiunge un indirizzo a cui raccontare i fatti; il segreto si vede una volta sola',
    description:
      'La chiave deve avere anche il ruolo degli eventi chiesti (`disputes`, `deliveries`). Serve la chiave di una persona con il ruolo `manage`.',
    person: true,
    body: closed({ url: text(500, 1), events: Type.Array(oneOf(KINDS), { minItems: 1, maxItems: KINDS.length }) }),
    answers: { 201: closed({ endpointId: Type.String(), secret: Type.String() }) },
    async handle(call, deps) {
      const { url, events } = call.body;
      for (const role of new Set(events.map((kind) => EVENT_KINDS[kind])))
        await authenticateAs(api, role)(call.request);
      const operator = await call.operator();
      requireRole(operator, 'manage');
      const { enteId } = call.caller;
      const made = await deps.db.tenant(enteId, (tx) =>
        addWebhook(tx, deps.vaultOf(enteId), {
          url,
          kinds: events,
          actor: `operator:${operator.operatorId}`,
          now: deps.now(),
          allowPrivate: deps.allowPrivateWebhooks,
        }),
      );
      return { status: 201, body: made };
    },
  });

  const getWebhooks = defineRoute({
    method: 'GET',
    url: '/webhooks',
    role: 'debts',
    id: 'elencaIndirizzi',
    tag: TAG,
    summary: 'Elenca gli indirizzi e quanto resta da raccontare',
    person: true,
    answers: { 200: closed({ items: Type.Array(Endpoint) }) },
    async handle(call, deps) {
      requireRole(await call.operator(), 'manage');
      const list = await deps.db.tenant(call.caller.enteId, (tx) => listWebhooks(tx));
      const items = list.map(({ kinds, createdAt, ...rest }) => ({
        ...rest,
        events: kinds,
        createdAt: instantText(createdAt),
      }));
      return { status: 200, body: { items } };
    },
  });

  const deleteWebhook = defineRoute({
    method: 'DELETE',
    url: '/webhooks/:endpointId',
    role: 'debts',
    id: 'togliIndirizzo',
    tag: TAG,
    summary: 'Toglie un indirizzo: quello che aspettava non sarà raccontato',
    person: true,
    params: closed({ endpointId: Uuid }),
    answers: { 204: Type.Null({ description: 'Tolto.' }) },
    async handle(call, deps) {
      const operator = await call.operator();
      requireRole(operator, 'manage');
      await deps.db.tenant(call.caller.enteId, (tx) =>
        removeWebhook(tx, call.params.endpointId, `operator:${operator.operatorId}`, deps.now()),
      );
      return { status: 204, body: null };
    },
  });

  return [postWebhook, getWebhooks, deleteWebhook];
}
