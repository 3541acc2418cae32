import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aims, formOf, headersOf, openAims, STATEMENT, send, urlOf } from './aims.ts';
import { ACTORS, type Actor, expectedFor, ROUTES, SHOWS, TOUCHES } from './route-table.ts';
import { openTwoBodies, type TwoBodies } from './two-bodies.ts';

let world: TwoBodies;
let aims: Aims;

beforeAll(async () => {
  world = await openTwoBodies();
  await world.app.http.ready();
  aims = await openAims(world);
});
afterAll(() => world.stop());

const CITIZENS_AND_KEYS_OF_1: readonly Actor[] = ['bruno1', 'link1', 'ada1', 'key1', 'operator1'];
/** Sessions hold when they were last used; wrong tries at a name are counted for the body that was named. */
const RESTLESS = ['portal_session', 'operator_session', 'operator_try'];

/**
 * A digest of every row that the actor may not touch: for a citizen or a receipts' key of body 1 what is about Ada, for
 * everybody else all of body 1.
 */
async function traces(actor: Actor): Promise<string> {
  const near = CITIZENS_AND_KEYS_OF_1.includes(actor);
  return world.app.db.tenant(1, async (tx) => {
    const { rows: names } = await sql<{ name: string }>`select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
        and not c.relname = any(${RESTLESS}::text[]) order by 1`.execute(tx.kysely);
    const about = near ? `where t::text ~ '${world.ada1.ids.join('|')}'` : '';
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

/** What nobody but Ada and her office may read; body 2 knows an Ada of its own, by the same name and code. */
function secretsFor(actor: Actor): string[] {
  const { ada1, bruno1 } = world;
  const plain = [...ada1.debtIds, ...ada1.amounts, ...ada1.noticeNumbers, ada1.documentNumber, STATEMENT];
  if (actor === 'ada2') return [...plain, ada1.codiceFiscale];
  if (actor !== 'desk2' && actor !== 'full2') return [...plain, ada1.codiceFiscale, ada1.name, 'Zanetti Ada'];
  // The second payment was told to body 2 by its own partner, `key2`: its office looks at it.
  const here = plain.filter((secret) => secret !== ada1.noticeNumbers[1] && secret !== ada1.amounts[1]);
  return [...here, ...ada1.ids, 'Quaglia', bruno1.codiceFiscale, bruno1.debtorId, ...Object.values(idsOf(aims))];
}

const idsOf = ({ importId, spooledId, disputeId, deliveryId, endpointId, managed }: Aims) => ({
  managedOperator: managed.operatorId,
  managedKey: managed.apiKeyId,
  managedEndpoint: managed.endpointId,
  importId,
  spooledId,
  disputeId,
  deliveryId,
  endpointId,
});

describe('every route', () => {
  it('has its line in the table: a new one says first who may use it', () => {
    expect(registered()).toEqual([...ROUTES].sort());
  });

  it('is aimed at something that is there', () => {
    for (const id of Object.values(idsOf(aims))) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});

describe.each(ACTORS)('%s', (actor) => {
  it('gets the answers of the table, sees nothing of another and touches nothing of another', async () => {
    const statuses: Record<string, number> = {};
    const showing: string[] = [];
    const touching: string[] = [];
    const secrets = secretsFor(actor);
    for (const route of ROUTES) {
      const headers = await headersOf(world, aims, actor);
      const before = await traces(actor);
      const answer = await send(world, aims, route, actor, headers);
      if (before !== (await traces(actor))) touching.push(route);
      statuses[route] = answer.statusCode;
      const pattern = route.split(' ')[1] ?? '';
      // The page to sign in knows where to come back to: that is the asker's own address.
      const asked = `poi=${encodeURIComponent(urlOf(world, aims, pattern))}`;
      const told = `${JSON.stringify(answer.headers).replace(asked, '')}\n${answer.body.replaceAll(/(?<=\d) (?=\d)/g, '')}`;
      // What was typed into a form comes back with it, right or wrong.
      const typed = Object.values(formOf(world, pattern, actor));
      if (secrets.some((secret) => !typed.includes(secret) && told.includes(secret))) showing.push(route);
    }
    expect({ statuses, showing, touching }).toEqual({
      statuses: expectedFor(actor),
      showing: SHOWS[actor] ?? [],
      touching: TOUCHES[actor] ?? [],
    });
  });
});
