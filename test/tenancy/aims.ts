import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { rehearse } from '../../src/modules/campaigns/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../../src/modules/notices/index.ts';
import type { Role } from '../../src/modules/operators/index.ts';
import {
  API_ROLES,
  createApiKey,
  createOperator,
  openOperatorSession,
  ROLES,
} from '../../src/modules/operators/index.ts';
import { addWebhook } from '../../src/modules/webhooks/index.ts';
import { tokenOf } from '../browser/console-app.ts';
import { debtsCsv, validCf } from '../support/ground.ts';
import type { Actor } from './route-table.ts';
import { sessionOf, type Told, type TwoBodies } from './two-bodies.ts';

/** Code of a campaign, of a text and of a recall that body 1 alone has. */
export const ONLY_FIRST = 'solo-prima';
/** What Ada wrote to the office of body 1. */
export const STATEMENT = 'pago dal medico di famiglia';

/** Somebody of an office with an operator's key and a way to a fresh session of the console. */
export interface Desk {
  readonly enteId: number;
  readonly operatorId: string;
  readonly key: string;
}

/** What of body 1 the requests are aimed at, and who asks from the offices and their programs. */
export interface Aims {
  readonly checkoutId: string;
  /** A plan of Ada's that was refused, and a payment of hers. */
  readonly planId: string;
  readonly receiptId: string;
  readonly importId: string;
  readonly spooledId: string;
  readonly disputeId: string;
  readonly deliveryId: string;
  readonly endpointId: string;
  /** Somebody of the office of body 1, a key and an endpoint of its programs: what the console manages. */
  readonly managed: { readonly operatorId: string; readonly apiKeyId: string; readonly endpointId: string };
  readonly forgedLink: string;
  readonly desks: Readonly<Record<'desk1' | 'desk2' | 'see1', Desk>>;
  readonly full: Readonly<Record<'full1' | 'full2', string>>;
}

export const campaignYaml = (code: string) => `versione: 1
codice: ${code}
nome: Di prova
crediti: [TARI]
pubblico:
  scadenzaEntro: 2024-06-30
  importoMinimo: "12,00"
cascata:
  - canale: email
    testo: primo-avviso
limiti:
  perPersona: 2
  perIndirizzo: 2
`;

const MULTIPART = 'multipart/form-data; boundary=confine';
const upload = (token: string, externalId: string) => {
  const file = debtsCsv([
    { externalId, cf: validCf(1), name: 'Bruno', surname: 'Quaglia', amountCents: 4_321, dueDate: '16/06/2024' },
  ]);
  const text = (name: string, value: string) =>
    `--confine\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = 'content-disposition: form-data; name="file"; filename="altre.csv"\r\ncontent-type: text/csv';
  return `${text('gettone', token)}${text('tipo', 'TARI')}--confine\r\n${head}\r\n\r\n${file}\r\n--confine--\r\n`;
};

async function deskOf(world: TwoBodies, enteId: number, name: string, roles: readonly Role[]): Promise<Desk> {
  const { app } = world;
  const made = await app.db.tenant(enteId, (tx) => createOperator(tx, app.vaultOf(enteId), { name, roles }));
  return { enteId, ...made };
}

/** A fresh session of the console: leaving ends one, and no other request of the matrix. */
export async function consoleSession(world: TwoBodies, { enteId, operatorId }: Desk): Promise<string> {
  const vault = world.app.vaultOf(enteId);
  return world.app.db.tenant(enteId, (tx) => openOperatorSession(tx, vault, operatorId, world.app.realNow()));
}

export async function openAims(world: TwoBodies): Promise<Aims> {
  const { app, ada1, ada2 } = world;
  const now = app.now();
  const desk1 = await deskOf(world, 1, 'Carla Tutto', ROLES);
  const desk2 = await deskOf(world, 2, 'Dino Tutto', ROLES);
  const see1 = await deskOf(world, 1, 'Elia Vede', ['see']);
  const fullKey = async (enteId: number) =>
    (await app.db.tenant(enteId, (tx) => createApiKey(tx, app.vaultOf(enteId), { label: 'tutto', roles: API_ROLES })))
      .key;
  const full = { full1: await fullKey(1), full2: await fullKey(2) };

  const session = await sessionOf(app, ada1, 'link');
  await app.dialogue.openDispute(session, {
    debtId: null,
    kind: 'exempt',
    text: STATEMENT,
    idempotencyKey: randomUUID(),
  });
  const vault1 = app.vaultOf(1);
  const managed = await app.db.tenant(1, async (tx) => {
    const { operatorId } = await createOperator(tx, vault1, { name: 'Fabio Serve', roles: ['see'] });
    const { apiKeyId } = await createApiKey(tx, vault1, { label: 'gestionale', roles: ['debts'] });
    // Refused when it is tried, as every address of this network: nothing goes out.
    const url = 'http://127.0.0.1:9/';
    const by = `operator:${desk1.operatorId}`;
    const made = await addWebhook(tx, vault1, { url, kinds: ['debt.paid'], actor: by, now, allowPrivate: true });
    return { operatorId, apiKeyId, endpointId: made.endpointId };
  });
  const author = { operatorId: desk1.operatorId, name: 'Carla Tutto', roles: ROLES };
  const [first] = DEFAULT_TEMPLATES;
  if (first === undefined) throw new Error('there are no default texts');
  const checkoutId = randomUUID();
  const planId = randomUUID();
  const receiptId = 'ricevuta-di-ada';
  const found = await app.db.tenant(1, async (tx) => {
    await sql`insert into checkout (ente_id, checkout_id, debt_id, debtor_id, notice_number, amount_cents, state, idempotency_key,
        url, started_real)
      values (1, ${checkoutId}, ${ada1.debtIds[0]}, ${ada1.debtorId}, ${ada1.noticeNumbers[0]}, 12345, 'cancelled',
        'gia-tentato', 'http://127.0.0.1/', to_timestamp(0))`.execute(tx.kysely);
    await sql`insert into plan (ente_id, plan_id, debt_id, debtor_id, state, amount_cents, installments, asked_on, terms,
        idempotency_key, requested_at, reason)
      values (1, ${planId}, ${ada1.debtIds[0]}, ${ada1.debtorId}, 'refused', 12345, 3, '2024-01-01',
        '{ "legalBasis": "Regolamento", "rateBp": 0, "forfeiture": { "missed": 2, "withinMonths": 6 } }', 'gia-chiesto',
        to_timestamp(0), 'Non documentata.')`.execute(tx.kysely);
    await sql`insert into receipt (ente_id, receipt_id, notice_number, debt_id, amount_cents, paid_at, received_at, psp, state,
        content_sha256)
      values (1, ${receiptId}, ${ada1.noticeNumbers[0]}, ${ada1.debtIds[0]}, 12345, to_timestamp(0), to_timestamp(0),
        'PSP di prova', 'booked', '')`.execute(tx.kysely);
    await saveTemplate(tx, { ...first, code: ONLY_FIRST, authorId: desk1.operatorId, now });
    await sql`insert into recall (ente_id, recall_id, code, state, cause_kind, cause_key, note, shown, requested_by, requested_at)
      values (1, ${randomUUID()}, ${ONLY_FIRST}, 'requested', 'debts', 'x', 'Di prova.',
        '{ "people": 1, "waitingOnly": 0, "channels": [], "ahead": [], "digest": "" }', ${desk1.operatorId},
        to_timestamp(0))`.execute(tx.kysely);
    const { endpointId } = await addWebhook(tx, app.vaultOf(1), {
      url: 'https://programma.example/fatti',
      kinds: ['debt.paid'],
      actor: `operator:${desk1.operatorId}`,
      now,
      allowPrivate: false,
    });
    const { rows } = await sql<{ dispute: string; delivery: string }>`select
        (select dispute_id::text from dispute_now where ente_id = 1 and debtor_id = ${ada1.debtorId}) as dispute,
        (select min(delivery_id::text) from delivery_now where ente_id = 1 and debtor_id = ${ada1.debtorId}) as delivery`.execute(
      tx.kysely,
    );
    return { endpointId, disputeId: rows[0]?.dispute ?? '', deliveryId: rows[0]?.delivery ?? '' };
  });
  await rehearse(app.campaigns, 1, campaignYaml(ONLY_FIRST), author);
  const [loaded] = await app.imports.list(1);
  const cookie = `bonario_console=${await consoleSession(world, desk1)}`;
  const page = await app.http.inject({ url: '/console', headers: { cookie } });
  const sent = await app.http.inject({
    method: 'POST',
    url: '/console/importa',
    headers: { cookie, 'content-type': MULTIPART, 'sec-fetch-site': 'same-origin' },
    payload: upload(tokenOf(page.body), 'altra-1'),
  });
  const spooledId = String(sent.headers.location).split('/').at(-1) ?? '';
  return {
    checkoutId,
    planId,
    receiptId,
    importId: loaded?.importId ?? '',
    spooledId,
    ...found,
    managed,
    forgedLink: `1-${ada2.link.slice(2)}`,
    desks: { desk1, desk2, see1 },
    full,
  };
}

/** What the actor brings with every request. */
export async function headersOf(world: TwoBodies, aims: Aims, actor: Actor): Promise<Record<string, string>> {
  const { bodies, ada1, ada2, bruno1 } = world;
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const citizen = async (told: Told, level: 'link' | 'identified') => ({
    cookie: `bonario_sessione=${await sessionOf(world.app, told, level)}`,
  });
  switch (actor) {
    case 'nobody':
      return {};
    case 'key1':
      return bearer(bodies[0].apiKey);
    case 'operator1':
      return bearer(bodies[0].operatorKey);
    case 'key2':
      return bearer(bodies[1].apiKey);
    case 'link1':
      return citizen(ada1, 'link');
    case 'ada1':
      return citizen(ada1, 'identified');
    case 'bruno1':
      return citizen(bruno1, 'identified');
    case 'link2':
      return citizen(ada2, 'link');
    case 'ada2':
      return citizen(ada2, 'identified');
    case 'full1':
    case 'full2': {
      const person = aims.desks[actor === 'full1' ? 'desk1' : 'desk2'];
      return {
        ...bearer(aims.full[actor]),
        'bonario-operator-key': person.key,
        'idempotency-key': randomUUID(),
      };
    }
    case 'desk1':
    case 'desk2':
    case 'see1':
      return { cookie: `bonario_console=${await consoleSession(world, aims.desks[actor])}` };
  }
}

/** The address with the ids of body 1 in it. */
export function urlOf(world: TwoBodies, aims: Aims, pattern: string): string {
  const { ada1, bodies } = world;
  const aimed: readonly (readonly [string, string])[] = [
    ['/console/segnalazioni', aims.disputeId],
    ['/console/pagamenti/rate', aims.planId],
    ['/console/importa/file', aims.spooledId],
    ['/console/permessi/programmi/chiavi', aims.managed.apiKeyId],
    ['/console/permessi/programmi/indirizzi', aims.managed.endpointId],
    ['/console/permessi', aims.managed.operatorId],
  ];
  const id = aimed.find(([start]) => pattern.startsWith(start))?.[1] ?? aims.importId;
  const query =
    { '/api/v1/debts': `?personId=${ada1.debtorId}`, '/api/v1/deliveries': `?personId=${ada1.debtorId}` }[pattern] ??
    '';
  return `${pattern}${query}`
    .replace(':slug', bodies[0].slug)
    .replace(':debtId', ada1.debtIds[0] ?? '')
    .replace(':debtorId', ada1.debtorId)
    .replace(':checkoutId', aims.checkoutId)
    .replace(':receiptId', aims.receiptId)
    .replace(':disputeId', aims.disputeId)
    .replace(':deliveryId', aims.deliveryId)
    .replace(':endpointId', aims.endpointId)
    .replace(':importId', aims.importId)
    .replace(':code', ONLY_FIRST)
    .replace(':credito', 'TARI')
    .replace(':regola', 'interestDeltaBp')
    .replace(':list', 'contacted')
    .replace(':table', 'imbuto')
    .replace(':quali', 'scartate')
    .replace(':id', id)
    .replace(':token', aims.forgedLink)
    .replace(/\/fatto$/, '/fatto?n=2026-1&entro=2026-10-07');
}

/** What a program sends. */
export function jsonOf(world: TwoBodies, pattern: string, actor: Actor): object {
  const { ada1, app } = world;
  if (pattern.endsWith('/receipts')) {
    return {
      receiptId: `ricevuta-${actor}`,
      noticeNumber: ada1.noticeNumbers[1],
      amountCents: 45_678,
      paidAt: new Date(app.now()).toISOString(),
      psp: 'PSP di prova',
    };
  }
  if (pattern.endsWith('/debts')) {
    // The external id of a position of body 1: at another body it is another position.
    const debt = { externalId: 'ada-1-1', codiceFiscale: ada1.codiceFiscale, dueDate: '16/06/2024', amountCents: 999 };
    return { creditType: 'TARI', debts: [{ ...debt, surname: 'Altra', name: 'Persona' }] };
  }
  if (pattern.endsWith('/rehearse')) return { document: campaignYaml(`di-${actor}`) };
  if (pattern.endsWith('/approve')) return { people: 2 };
  if (pattern.endsWith('/cancel')) return { reason: 'notDue' };
  if (pattern.endsWith('/answer')) return { accept: true, answer: 'Ha ragione.' };
  if (pattern.endsWith('/webhooks')) return { url: 'https://altrove.example/fatti', events: ['debt.paid'] };
  return {};
}

/** What a form of the portal or of the console brings. */
export function formOf(world: TwoBodies, pattern: string, actor: Actor): Record<string, string> {
  if (pattern.startsWith('/console')) return consoleForm(world, pattern, actor);
  // As the law rounds a local tax of 123,45.
  if (pattern.endsWith('/paga')) return { importo: '12300', chiave: randomUUID() };
  if (pattern.endsWith('/rate')) return { rate: '2', chiave: randomUUID() };
  // Two reports with one reason are one report: each actor has his own.
  const motivo = actor === 'link1' ? 'alreadyPaid' : 'wrongAmount';
  if (pattern.startsWith('/segnala')) return { motivo, testo: 'ho la ricevuta', chiave: randomUUID() };
  return pattern === '/codice' ? { codice: '000000', elemento: world.ada1.documentNumber } : {};
}

function consoleForm(world: TwoBodies, pattern: string, actor: Actor): Record<string, string> {
  switch (pattern) {
    case '/console/accedi':
      return { nome: 'carla.tutto', ente: world.bodies[0].slug, password: 'una frase a caso', codice: '000000' };
    case '/console/invito':
      return { invito: `bi_1_${'A'.repeat(43)}` };
    case '/console/persone':
      return { cerca: world.bruno1.codiceFiscale };
    case '/console/pagamenti/rate/:id':
      return { azione: 'accogli' };
    case '/console/segnalazioni/:id':
      return { decisione: 'accolta', testo: 'Ha ragione.', passo: '2' };
    case '/console/permessi':
      return { nome: 'Nuova Persona', modulo: randomUUID() };
    case '/console/permessi/programmi/chiavi':
      return { programma: 'Altro programma', 'puo-debts': 'si', modulo: randomUUID() };
    case '/console/permessi/programmi/indirizzi':
      return { indirizzo: 'https://altrove.example/', 'fatto-debt.paid': 'si', modulo: randomUUID() };
    case '/console/permessi/:id/sospendi':
    case '/console/permessi/:id/invito':
    case '/console/permessi/programmi/chiavi/:id/togli':
    case '/console/permessi/programmi/indirizzi/:id/togli':
      return { passo: '2' };
    case '/console/invii-incerti/:deliveryId':
      return { esito: 'failed' };
    case '/console/campagne-nuova':
      return { documento: campaignYaml(`da-${actor}`) };
    case '/console/campagne/:code/modifica':
      return { documento: campaignYaml(ONLY_FIRST) };
    case '/console/campagne/:code/approva':
      return { persone: '2' };
    case '/console/campagne/:code/rimanda':
    case '/console/rettifiche/:code/respingi':
      return { motivo: 'Non così.' };
    case '/console/testi/:code':
      return { oggetto: 'Un altro oggetto', testo: DEFAULT_TEMPLATES[0]?.body ?? '', azione: 'salva' };
    default:
      return {};
  }
}

/** One request of the matrix, as that actor would send it. */
export async function send(world: TwoBodies, aims: Aims, route: string, actor: Actor, headers: Record<string, string>) {
  const { http } = world.app;
  const [method = '', pattern = ''] = route.split(' ');
  const asset = async () => /\/assets\/[^"]+\.css/.exec((await http.inject('/')).body)?.[0] ?? '/assets/x';
  const url = pattern === '/assets/*' ? await asset() : urlOf(world, aims, pattern);
  if (method === 'GET' || method === 'DELETE') return http.inject({ method, url, headers });
  if (pattern.startsWith('/api/')) {
    return http.inject({ method: 'POST', url, headers, payload: jsonOf(world, pattern, actor) });
  }
  const signedIn = pattern.startsWith('/console') && headers.cookie?.startsWith('bonario_console=') === true;
  const gettone = signedIn ? tokenOf((await http.inject({ url: '/console', headers })).body) : '';
  const file = pattern === '/console/importa';
  return http.inject({
    method: 'POST',
    url,
    headers: {
      ...headers,
      'content-type': file ? MULTIPART : 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    },
    payload: file
      ? upload(gettone, `di-${actor}`)
      : new URLSearchParams({ ...formOf(world, pattern, actor), ...(signedIn ? { gettone } : {}) }).toString(),
  });
}
