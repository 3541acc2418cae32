/**
 * Who asks. Every request of the matrix is aimed at what body 1 alone has, and there at what is Ada's: `ada1` is herself
 * there, identified; `link1` whoever holds her message; `ada2` and `link2` the same Ada at body 2. `key1` and `key2` may
 * report receipts and nothing else; `full1` and `full2` have every role, and the key of a person who has every role.
 * `desk1` and `desk2` are signed in to the console with every role, `see1` with the role to see alone.
 */
export const ACTORS = [
  'nobody',
  'key1',
  'operator1',
  'key2',
  'link2',
  'ada2',
  'bruno1',
  'link1',
  'ada1',
  'desk2',
  'see1',
  'full2',
  'full1',
  'desk1',
] as const;
export type Actor = (typeof ACTORS)[number];

type Row = readonly number[];

/** In the order of ACTORS up to `ada1`; whoever has no session of a citizen is `nobody` here. */
const PORTAL: Readonly<Record<string, Row>> = {
  // Pages for everybody, the same whoever asks.
  'GET /': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /metrics': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /healthz': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /assets/*': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /e/:slug': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /e/:slug/colore.css': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /aiuto': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'GET /non-sono-io/fatto': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  // A token made up of body 1 and the secret of another opens nothing; the page that asks to confirm does not look.
  'GET /l/:token': [404, 404, 404, 404, 404, 404, 404, 404, 404],
  'GET /o/:token': [200, 200, 200, 200, 200, 200, 200, 200, 200],
  'POST /o/:token': [404, 404, 404, 404, 404, 404, 404, 404, 404],
  // No body here has SPID or CIE; the return without a question of ours says nothing.
  'GET /entra/:slug': [404, 404, 404, 404, 404, 404, 404, 404, 404],
  'GET /entra/:slug/avvia': [404, 404, 404, 404, 404, 404, 404, 404, 404],
  'GET /entra/ritorno': [400, 400, 400, 400, 400, 400, 400, 400, 400],
  // The node is told apart by where it calls from; what is no message of its protocol is a fault, whoever sends it.
  'POST /pagopa/paForNode': [500, 500, 500, 500, 500, 500, 500, 500, 500],
  // Pages of a session; keys of programs and operators are none.
  'GET /avviso': [401, 401, 401, 401, 200, 303, 303, 200, 303],
  'GET /codice': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /non-sono-io': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /segnala': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /segnala/fatto': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /posizioni': [401, 401, 401, 401, 303, 303, 303, 303, 200],
  // Each sees what was written to himself.
  'GET /messaggi': [401, 401, 401, 401, 303, 200, 200, 303, 200],
  // What is Ada's at body 1: nobody else's, and not even hers before she is identified.
  'GET /posizioni/:debtId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /posizioni/:debtId/paga': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /posizioni/:debtId/rate': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /posizioni/:debtId/ricevute/:receiptId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /segnala/:debtId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /esito/:checkoutId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  // 503: this program has no payment rail.
  'POST /posizioni/:debtId/paga': [401, 401, 401, 401, 303, 404, 404, 303, 503],
  // No regulation of body 1 gives installments.
  'POST /posizioni/:debtId/rate': [401, 401, 401, 401, 303, 404, 404, 303, 409],
  'POST /segnala/:debtId': [401, 401, 401, 401, 303, 404, 404, 303, 303],
  // These act on the notice of the session, whoever's it is.
  'POST /codice': [401, 401, 401, 401, 422, 422, 422, 422, 422],
  'POST /avviso/codice': [401, 401, 401, 401, 303, 303, 303, 303, 303],
  'POST /segnala': [401, 401, 401, 401, 303, 303, 303, 303, 303],
  'POST /esci': [303, 303, 303, 303, 303, 303, 303, 303, 303],
  'POST /non-sono-io': [401, 401, 401, 401, 303, 303, 303, 303, 303],
};

/**
 * Who has no key (a session is none, nor is an operator's key alone), a key for receipts, `full2`, `full1`. What body 1
 * has is unknown to `full2`: 404, or a list of its own. The last column shows that the aim is right.
 */
const API: Readonly<Record<string, Row>> = {
  'GET /api': [200, 200, 200, 200],
  'GET /api/openapi.json': [200, 200, 200, 200],
  'GET /api/v1/debts': [401, 403, 200, 200],
  'POST /api/v1/debts': [401, 403, 200, 200],
  'GET /api/v1/debts/:debtId': [401, 403, 404, 200],
  'POST /api/v1/debts/:debtId/cancel': [401, 403, 404, 200],
  // The import of body 1 is a file of the console.
  'POST /api/v1/imports/:importId/release': [401, 403, 404, 409],
  'GET /api/v1/campaigns': [401, 403, 200, 200],
  'GET /api/v1/campaigns/:code': [401, 403, 404, 200],
  'GET /api/v1/campaigns/:code/results': [401, 403, 404, 200],
  'POST /api/v1/campaigns/rehearse': [401, 403, 200, 200],
  'POST /api/v1/campaigns/:code/submit': [401, 403, 404, 200],
  'POST /api/v1/campaigns/:code/approve': [401, 403, 404, 409],
  'POST /api/v1/campaigns/:code/run': [401, 403, 404, 409],
  'POST /api/v1/campaigns/:code/pause': [401, 403, 404, 409],
  'POST /api/v1/campaigns/:code/resume': [401, 403, 404, 409],
  'POST /api/v1/campaigns/:code/stop': [401, 403, 404, 409],
  'GET /api/v1/deliveries': [401, 403, 200, 200],
  'GET /api/v1/disputes': [401, 403, 200, 200],
  'GET /api/v1/disputes/:disputeId': [401, 403, 404, 200],
  'POST /api/v1/disputes/:disputeId/answer': [401, 403, 404, 200],
  'GET /api/v1/webhooks': [401, 403, 200, 200],
  'POST /api/v1/webhooks': [401, 403, 201, 201],
  'DELETE /api/v1/webhooks/:endpointId': [401, 403, 404, 204],
  'POST /api/v1/receipts': [401, 201, 201, 201],
};

/**
 * Who is no operator of the console, `desk2`, `see1`, `desk1`. 303 for the first is the page to sign in. For `desk2` a
 * file of another is one no longer kept (303 to the choice of a file), a delivery of another one already decided (303 to
 * the list); what he makes himself he makes at body 2.
 */
const CONSOLE: Readonly<Record<string, Row>> = {
  'GET /console/accedi': [200, 200, 200, 200],
  'POST /console/accedi': [401, 401, 401, 401],
  'GET /console/invito': [200, 200, 200, 200],
  'POST /console/invito': [401, 401, 401, 401],
  'GET /console': [303, 200, 200, 200],
  'GET /console/invii-incerti': [303, 200, 200, 200],
  'GET /console/ricevute': [303, 200, 200, 200],
  'GET /console/scadenze': [303, 200, 200, 200],
  'GET /console/scadenze/csv': [303, 200, 200, 200],
  'GET /console/posizioni/:debtId/regole': [303, 404, 200, 200],
  // Both bodies have this credit: each sees, and would set, the rules of its own.
  'GET /console/regole': [303, 303, 303, 303],
  'GET /console/regole/:credito': [303, 200, 200, 200],
  'GET /console/regole/:credito/:regola': [303, 200, 403, 200],
  'POST /console/regole/:credito/:regola': [303, 422, 403, 422],
  'GET /console/registro': [303, 200, 200, 200],
  'GET /console/persone': [303, 200, 200, 200],
  'GET /console/persone/:debtorId': [303, 404, 200, 200],
  'GET /console/segnalazioni': [303, 200, 200, 200],
  'GET /console/segnalazioni/:id': [303, 404, 200, 200],
  'GET /console/pagamenti': [303, 200, 200, 200],
  'GET /console/pagamenti/rate': [303, 200, 200, 200],
  'GET /console/pagamenti/rate/:id': [303, 404, 200, 200],
  'GET /console/pagamenti/rimborsi': [303, 200, 200, 200],
  'GET /console/pagamenti/riconciliazione': [303, 200, 200, 200],
  'GET /console/pagamenti/riconciliazione/elenco': [303, 200, 200, 200],
  'GET /console/pagamenti/riconciliazione/elenco.csv': [303, 200, 200, 200],
  'GET /console/importa': [303, 200, 403, 200],
  'GET /console/importa/:id': [303, 404, 403, 200],
  'GET /console/importa/:id/righe/:quali': [303, 404, 403, 200],
  'GET /console/importa/file/:id': [303, 303, 403, 200],
  'GET /console/campagne': [303, 200, 200, 200],
  'GET /console/campagne-nuova': [303, 200, 403, 200],
  'GET /console/campagne/:code': [303, 404, 200, 200],
  'GET /console/campagne/:code/approva': [303, 404, 200, 200],
  'GET /console/campagne/:code/avanzamento': [303, 404, 200, 200],
  'GET /console/campagne/:code/ferma': [303, 404, 403, 200],
  'GET /console/campagne/:code/modifica': [303, 404, 200, 200],
  'GET /console/campagne/:code/prova': [303, 404, 200, 200],
  'GET /console/campagne/:code/prova/esempi': [303, 404, 200, 200],
  'GET /console/campagne/:code/risultati': [303, 404, 200, 200],
  'GET /console/campagne/:code/risultati/:list': [303, 404, 200, 200],
  'GET /console/campagne/:code/risultati/csv/:table': [303, 404, 200, 200],
  'GET /console/risultati': [303, 200, 200, 200],
  'GET /console/rettifiche': [303, 200, 200, 200],
  'GET /console/rettifiche-nuova': [303, 200, 403, 200],
  'GET /console/rettifiche/:code': [303, 404, 200, 200],
  'GET /console/rettifiche/:code/persone': [303, 404, 200, 200],
  'GET /console/testi': [303, 200, 200, 200],
  'GET /console/testi-nuovo': [303, 200, 403, 200],
  'GET /console/testi/:code': [303, 404, 200, 200],
  'POST /console/persone': [303, 200, 303, 303],
  'POST /console/persone/:debtorId/rivela': [303, 404, 200, 200],
  'POST /console/registro/verifica': [303, 200, 200, 200],
  'POST /console/segnalazioni/:id': [303, 404, 403, 303],
  // A plan that was decided stays so; a match that nobody knows leads back to its list; a dismissal needs a reason.
  'POST /console/pagamenti/rate/:id': [303, 303, 403, 303],
  'POST /console/pagamenti/rimborsi': [303, 422, 403, 422],
  'POST /console/pagamenti/riconciliazione/proposta': [303, 422, 403, 422],
  'POST /console/pagamenti/riconciliazione/abbinamenti/:id': [303, 303, 403, 303],
  'POST /console/invii-incerti/:deliveryId': [303, 303, 403, 303],
  'POST /console/importa/:id/carica': [303, 404, 403, 409],
  'POST /console/importa/:id/dimentica': [303, 404, 403, 409],
  'POST /console/importa/file/:id/carica': [303, 303, 403, 303],
  'POST /console/importa/file/:id/colonne': [303, 303, 403, 303],
  'POST /console/importa/file/:id/dimentica': [303, 303, 403, 303],
  'POST /console/importa': [303, 303, 403, 303],
  'POST /console/campagne-nuova': [303, 303, 403, 303],
  'POST /console/campagne/:code/modifica': [303, 404, 403, 303],
  'POST /console/campagne/:code/prova': [303, 404, 403, 303],
  'POST /console/campagne/:code/prova/esempi': [303, 404, 409, 409],
  'POST /console/campagne/:code/prova/invia': [303, 404, 403, 422],
  'POST /console/campagne/:code/programma': [303, 404, 403, 409],
  'POST /console/campagne/:code/disdici': [303, 404, 403, 409],
  'POST /console/campagne/:code/proponi': [303, 404, 403, 409],
  'POST /console/campagne/:code/approva': [303, 404, 403, 409],
  'POST /console/campagne/:code/rimanda': [303, 404, 403, 303],
  'POST /console/campagne/:code/avvia': [303, 404, 403, 409],
  'POST /console/campagne/:code/sospendi': [303, 404, 403, 409],
  'POST /console/campagne/:code/riprendi': [303, 404, 403, 409],
  'POST /console/campagne/:code/ferma': [303, 404, 403, 409],
  'POST /console/campagne/:code/risultati/:list/csv': [303, 404, 200, 200],
  // Without a cause there is nobody to find.
  'POST /console/rettifiche-nuova': [303, 422, 403, 422],
  // Who asked for it cannot approve it.
  'POST /console/rettifiche/:code/approva': [303, 404, 403, 409],
  // Nothing is in doubt before the approval.
  'POST /console/rettifiche/:code/importi-giusti': [303, 404, 403, 409],
  'POST /console/rettifiche/:code/respingi': [303, 404, 403, 303],
  'POST /console/rettifiche/:code/persone/csv': [303, 404, 200, 200],
  'POST /console/testi-di-partenza': [303, 303, 403, 303],
  'POST /console/testi-nuovo': [303, 422, 403, 422],
  'POST /console/testi/:code': [303, 404, 403, 303],
  'GET /console/permessi': [303, 200, 403, 200],
  'GET /console/permessi/:id': [303, 404, 403, 200],
  'GET /console/permessi/programmi': [303, 200, 403, 200],
  'GET /console/accesso': [303, 200, 200, 200],
  'POST /console/permessi': [303, 200, 403, 200],
  'POST /console/permessi/:id/ruoli': [303, 404, 403, 303],
  'POST /console/permessi/:id/sospendi': [303, 404, 403, 303],
  'POST /console/permessi/:id/riattiva': [303, 404, 403, 303],
  'POST /console/permessi/:id/invito': [303, 404, 403, 200],
  'POST /console/permessi/programmi/chiavi': [303, 200, 403, 200],
  'POST /console/permessi/programmi/chiavi/:id/togli': [303, 404, 403, 303],
  'POST /console/permessi/programmi/indirizzi': [303, 200, 403, 200],
  'POST /console/permessi/programmi/indirizzi/:id/prova': [303, 404, 403, 303],
  'POST /console/permessi/programmi/indirizzi/:id/togli': [303, 404, 403, 303],
  // The code of an app that nobody here has.
  'POST /console/accesso': [303, 422, 422, 422],
  'POST /console/esci': [303, 303, 303, 303],
};

const column: Readonly<Record<'api' | 'console', Readonly<Partial<Record<Actor, number>>>>> = {
  api: { key1: 1, key2: 1, full2: 2, full1: 3 },
  console: { desk2: 1, see1: 2, desk1: 3 },
};
const FIRST_WITHOUT_CITIZEN = ACTORS.indexOf('desk2');

/** What the server must answer to one actor, route by route. */
export function expectedFor(actor: Actor): Record<string, number | undefined> {
  const at = ACTORS.indexOf(actor);
  const pick = (rows: Readonly<Record<string, Row>>, i: number) =>
    Object.entries(rows).map(([route, row]) => [route, row[i]] as const);
  return Object.fromEntries([
    ...pick(PORTAL, at < FIRST_WITHOUT_CITIZEN ? at : 0),
    ...pick(API, column.api[actor] ?? 0),
    ...pick(CONSOLE, column.console[actor] ?? 0),
  ]);
}

/** In the order in which they are asked for. */
export const ROUTES: readonly string[] = [PORTAL, API, CONSOLE].flatMap((rows) => Object.keys(rows));

/** Who changes something of Ada's or of body 1, and by which routes: nobody else, and by no other. */
export const TOUCHES: Readonly<Partial<Record<Actor, readonly string[]>>> = {
  key1: ['POST /api/v1/receipts'],
  link1: ['POST /avviso/codice', 'POST /segnala', 'POST /non-sono-io'],
  ada1: ['POST /segnala/:debtId', 'POST /avviso/codice', 'POST /segnala', 'POST /non-sono-io'],
  // Who opens somebody's words is written in the register.
  see1: [
    'GET /console/segnalazioni/:id',
    'POST /console/persone/:debtorId/rivela',
    'POST /console/campagne/:code/risultati/:list/csv',
    'POST /console/rettifiche/:code/persone/csv',
  ],
  desk1: [
    'GET /console/segnalazioni/:id',
    'POST /console/persone/:debtorId/rivela',
    'POST /console/segnalazioni/:id',
    'POST /console/importa/file/:id/carica',
    'POST /console/campagne-nuova',
    'POST /console/campagne/:code/modifica',
    'POST /console/campagne/:code/rimanda',
    'POST /console/campagne/:code/risultati/:list/csv',
    'POST /console/rettifiche/:code/respingi',
    'POST /console/rettifiche/:code/persone/csv',
    'POST /console/testi/:code',
    'POST /console/permessi',
    'POST /console/permessi/:id/ruoli',
    'POST /console/permessi/:id/sospendi',
    'POST /console/permessi/:id/riattiva',
    'POST /console/permessi/:id/invito',
    'POST /console/permessi/programmi/chiavi',
    'POST /console/permessi/programmi/chiavi/:id/togli',
    'POST /console/permessi/programmi/indirizzi',
    'POST /console/permessi/programmi/indirizzi/:id/prova',
    'POST /console/permessi/programmi/indirizzi/:id/togli',
  ],
  full1: [
    'POST /api/v1/debts',
    'POST /api/v1/debts/:debtId/cancel',
    'POST /api/v1/campaigns/rehearse',
    'POST /api/v1/campaigns/:code/submit',
    'GET /api/v1/disputes/:disputeId',
    'POST /api/v1/disputes/:disputeId/answer',
    'POST /api/v1/webhooks',
    'DELETE /api/v1/webhooks/:endpointId',
    'POST /api/v1/receipts',
  ],
};

/** Where something of Ada's or of body 1 is seen. */
export const SHOWS: Readonly<Partial<Record<Actor, readonly string[]>>> = {
  ada1: [
    'GET /posizioni',
    'GET /messaggi',
    'GET /posizioni/:debtId',
    'GET /posizioni/:debtId/paga',
    'GET /posizioni/:debtId/rate',
    'GET /posizioni/:debtId/ricevute/:receiptId',
    'GET /segnala/:debtId',
    'GET /esito/:checkoutId',
    'POST /posizioni/:debtId/paga',
    'POST /posizioni/:debtId/rate',
  ],
  see1: [
    'GET /console',
    'GET /console/posizioni/:debtId/regole',
    'GET /console/registro',
    'GET /console/persone/:debtorId',
    'GET /console/segnalazioni',
    'GET /console/segnalazioni/:id',
    'GET /console/pagamenti/rate',
    'GET /console/pagamenti/rate/:id',
    'GET /console/risultati',
    'POST /console/persone/:debtorId/rivela',
  ],
  desk1: [
    'GET /console/registro',
    'GET /console/persone/:debtorId',
    'GET /console/segnalazioni',
    'GET /console/segnalazioni/:id',
    'GET /console/pagamenti/rate',
    'GET /console/pagamenti/rate/:id',
    'GET /console/pagamenti/rimborsi',
    'POST /console/persone/:debtorId/rivela',
    'POST /console/pagamenti/rimborsi',
  ],
  full1: [
    'GET /api/v1/debts',
    'POST /api/v1/debts',
    'GET /api/v1/debts/:debtId',
    'POST /api/v1/debts/:debtId/cancel',
    'GET /api/v1/disputes',
    'GET /api/v1/disputes/:disputeId',
  ],
};
