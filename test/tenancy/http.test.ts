import { randomUUID } from 'node:crypto';
import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTwoBodies, sessionOf, type Told, type TwoBodies } from './two-bodies.ts';

/**
 * Who asks. Every request of the matrix is aimed at what Ada has with body 1: `ada1` is herself there, identified;
 * `link1` whoever holds her message; `ada2` and `link2` the same Ada at body 2.
 */
const ACTORS = ['nobody', 'key1', 'operator1', 'key2', 'link2', 'ada2', 'bruno1', 'link1', 'ada1'] as const;
type Actor = (typeof ACTORS)[number];

/** Statuses in the order of ACTORS. 303 from a page below its level leads to the neutral page; 401 is "expired". */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  // Pages for everybody, the same whoever asks.
  'GET /': [200, 200, 200, 200, 200, 200, 200, 200, 200],
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
  // Pages of a session; keys of programs and operators are none.
  'GET /avviso': [401, 401, 401, 401, 200, 303, 303, 200, 303],
  'GET /codice': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /non-sono-io': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /segnala': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /segnala/fatto': [401, 401, 401, 401, 200, 200, 200, 200, 200],
  'GET /posizioni': [401, 401, 401, 401, 303, 303, 303, 303, 200],
  // What is Ada's at body 1: nobody else's, and not even hers before she is identified.
  'GET /posizioni/:debtId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /posizioni/:debtId/paga': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /segnala/:debtId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  'GET /esito/:checkoutId': [401, 401, 401, 401, 303, 404, 404, 303, 200],
  // 503: this program has no payment rail.
  'POST /posizioni/:debtId/paga': [401, 401, 401, 401, 303, 404, 404, 303, 503],
  'POST /segnala/:debtId': [401, 401, 401, 401, 303, 404, 404, 303, 303],
  // These act on the notice of the session, whoever's it is.
  'POST /codice': [401, 401, 401, 401, 422, 422, 422, 422, 422],
  'POST /avviso/codice': [401, 401, 401, 401, 303, 303, 303, 303, 303],
  'POST /segnala': [401, 401, 401, 401, 303, 303, 303, 303, 303],
  'POST /esci': [303, 303, 303, 303, 303, 303, 303, 303, 303],
  'POST /non-sono-io': [401, 401, 401, 401, 303, 303, 303, 303, 303],
  // The partner of body 2 may report a payment: it is kept as one for a notice that nobody knows there.
  'POST /api/v1/receipts': [401, 201, 401, 201, 401, 401, 401, 401, 401],
};

let world: TwoBodies;
let checkoutId = '';
let forged = '';

beforeAll(async () => {
  world = await openTwoBodies();
  await world.app.http.ready();
  const { ada1, ada2 } = world;
  checkoutId = randomUUID();
  forged = `1-${ada2.link.slice(2)}`;
  await world.app.db.tenant(1, (tx) =>
    sql`insert into checkout (ente_id, checkout_id, debt_id, debtor_id, notice_number, amount_cents, state, idempotency_key,
        url, started_real)
      values (1, ${checkoutId}, ${ada1.debtIds[0]}, ${ada1.debtorId}, ${ada1.noticeNumbers[0]}, 12345, 'cancelled',
        'gia-tentato', 'http://127.0.0.1/', to_timestamp(0))`.execute(tx.kysely),
  );
});
afterAll(() => world.stop());

async function headersOf(actor: Actor): Promise<Record<string, string>> {
  const { bodies, ada1, ada2, bruno1 } = world;
  const cookie = async (told: Told, level: 'link' | 'identified') => ({
    cookie: `bonario_sessione=${await sessionOf(world.app, told, level)}`,
  });
  switch (actor) {
    case 'nobody':
      return {};
    case 'key1':
      return { authorization: `Bearer ${bodies[0].apiKey}` };
    case 'operator1':
      return { authorization: `Bearer ${bodies[0].operatorKey}` };
    case 'key2':
      return { authorization: `Bearer ${bodies[1].apiKey}` };
    case 'link1':
      return cookie(ada1, 'link');
    case 'ada1':
      return cookie(ada1, 'identified');
    case 'bruno1':
      return cookie(bruno1, 'identified');
    case 'link2':
      return cookie(ada2, 'link');
    case 'ada2':
      return cookie(ada2, 'identified');
  }
}

const asset = () =>
  world.app.http.inject('/').then(({ body }) => /\/assets\/[^"]+\.css/.exec(body)?.[0] ?? '/assets/x');

/** Parameters and bodies aimed at what Ada has with body 1. */
async function ask(route: string, actor: Actor) {
  const { app, ada1 } = world;
  const [method = '', pattern = ''] = route.split(' ');
  const url = (pattern === '/assets/*' ? await asset() : pattern)
    .replace(':slug', world.bodies[0].slug)
    .replace(':debtId', ada1.debtIds[0] ?? '')
    .replace(':checkoutId', checkoutId)
    .replace(':token', forged)
    .replace(/\/fatto$/, '/fatto?n=2026-1&entro=2026-10-07');
  const headers = await headersOf(actor);
  const before = await traces(actor);
  const answer =
    method === 'GET'
      ? await app.http.inject({ method: 'GET', url, headers })
      : pattern.startsWith('/api/')
        ? await app.http.inject({ method: 'POST', url, headers, payload: receipt(actor) })
        : await app.http.inject({
            method: 'POST',
            url,
            headers: {
              ...headers,
              'content-type': 'application/x-www-form-urlencoded',
              'sec-fetch-site': 'same-origin',
            },
            payload: new URLSearchParams(form(pattern, actor)).toString(),
          });
  return { answer, touched: before !== (await traces(actor)) };
}

const receipt = (actor: Actor) => ({
  receiptId: `ricevuta-${actor}`,
  noticeNumber: world.ada1.noticeNumbers[1],
  amountCents: 45_678,
  paidAt: new Date(world.app.now()).toISOString(),
  psp: 'PSP di prova',
});

function form(pattern: string, actor: Actor): Record<string, string> {
  if (pattern.endsWith('/paga')) return { importo: '12345', chiave: randomUUID() };
  // Two reports with one reason are one report: each actor has his own.
  const motivo = actor === 'link1' ? 'alreadyPaid' : 'wrongAmount';
  if (pattern.startsWith('/segnala')) return { motivo, testo: 'ho la ricevuta', chiave: randomUUID() };
  return pattern === '/codice' ? { codice: '000000', elemento: world.ada1.documentNumber } : {};
}

/**
 * A digest of every row that the actor may not touch: for somebody of body 2 or of no body all of body 1, for somebody of
 * body 1 what is about Ada, her sessions apart, which hold when they were last used.
 */
async function traces(actor: Actor): Promise<string> {
  const { app, ada1 } = world;
  const near = ['bruno1', 'link1', 'ada1', 'key1', 'operator1'].includes(actor);
  return app.db.tenant(1, async (tx) => {
    const { rows: names } = await sql<{ name: string }>`select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
        and not (${near} and c.relname = 'portal_session') order by 1`.execute(tx.kysely);
    const about = near ? `where t::text ~ '${ada1.ids.join('|')}'` : '';
    const each = names.map(
      ({ name }) =>
        `select '${name}' as name, md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as digest from "${name}" t ${about}`,
    );
    const { rows } = await tx.kysely.executeQuery<{ name: string; digest: string }>(
      CompiledQuery.raw(each.join(' union all ')),
    );
    return JSON.stringify([...rows].sort((a, b) => a.name.localeCompare(b.name)));
  });
}

/** The routes as the server itself lists them, HEAD left out: it is the GET without its body. */
function registered(): string[] {
  const found: string[] = [];
  const path: string[] = [];
  for (const line of world.app.http.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (.*) \((.*)\)$/.exec(line) ?? [];
    if (part === '') continue;
    path.length = indent.length / 4;
    path.push(part);
    // The tree shows a wildcard without the folder it stands in.
    const url = part === '*' ? '/assets/*' : path.join('');
    for (const method of methods.split(', ')) if (method !== 'HEAD') found.push(`${method} ${url}`);
  }
  return found.sort();
}

describe('every route', () => {
  it('has its line in the table: a new one says first who may use it', () => {
    expect(registered()).toEqual(Object.keys(EXPECTED).sort());
  });
});

/** Who changes something of Ada's at body 1, and by which routes: nobody else, and by no other. */
const TOUCHES: Readonly<Partial<Record<Actor, readonly string[]>>> = {
  key1: ['POST /api/v1/receipts'],
  link1: ['POST /avviso/codice', 'POST /segnala', 'POST /non-sono-io'],
  ada1: ['POST /segnala/:debtId', 'POST /avviso/codice', 'POST /segnala', 'POST /non-sono-io'],
};
/** Where she sees what she owes. */
const SHOWS: Readonly<Partial<Record<Actor, readonly string[]>>> = {
  ada1: [
    'GET /posizioni',
    'GET /posizioni/:debtId',
    'GET /posizioni/:debtId/paga',
    'GET /segnala/:debtId',
    'GET /esito/:checkoutId',
    'POST /posizioni/:debtId/paga',
  ],
};

describe.each(ACTORS)('%s', (actor) => {
  it('gets the answers of the table, sees nothing of another and touches nothing of another', async () => {
    const { ada1 } = world;
    const statuses: Record<string, number> = {};
    const showing: string[] = [];
    const touching: string[] = [];
    const secrets = [
      ...ada1.debtIds,
      ...ada1.amounts,
      ...ada1.noticeNumbers,
      ada1.documentNumber,
      ada1.codiceFiscale,
      ...(actor === 'ada2' ? [] : [ada1.name]),
    ];
    for (const route of Object.keys(EXPECTED)) {
      const { answer, touched } = await ask(route, actor);
      statuses[route] = answer.statusCode;
      const told = `${JSON.stringify(answer.headers)}\n${answer.body.replaceAll(/(?<=\d) (?=\d)/g, '')}`;
      // The item typed into the form comes back with it, right or wrong.
      const typed = form(route.split(' ')[1] ?? '', actor).elemento;
      if (secrets.some((secret) => secret !== typed && told.includes(secret))) showing.push(route);
      if (touched) touching.push(route);
    }
    expect(showing).toEqual(SHOWS[actor] ?? []);
    expect(touching).toEqual(TOUCHES[actor] ?? []);
    const column = ACTORS.indexOf(actor);
    expect(statuses).toEqual(Object.fromEntries(Object.entries(EXPECTED).map(([route, row]) => [route, row[column]])));
  });
});
