import { setTimeout as sleep } from 'node:timers/promises';
import { ENTE_CF } from '../cli/documents.ts';
import { receiptXml } from '../support/pagopa-messages.ts';
import type { Person } from './town.ts';
import type { Said, World } from './world.ts';

/**
 * The people of the office and the bank, as stubborn as people are: whatever died under them they do again, looking
 * first at what is there. They know commands and API, nothing of the inside.
 */
const RETRY_MS = 50;
const PATIENCE_MS = 300_000;

/** Does it again until it is done: `null` and errors mean not yet. */
export async function insist<T>(what: string, attempt: () => Promise<T | null>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  let last: unknown = 'nothing';
  while (Date.now() < until) {
    try {
      const done = await attempt();
      if (done !== null) return done;
    } catch (error) {
      last = error;
    }
    await sleep(RETRY_MS);
  }
  throw new Error(`${what}: not done after five minutes`, { cause: last });
}

interface ListedImport {
  readonly importId: string;
  readonly state: string;
}

/** Loads the file until it is loaded. */
export function importFile(world: World): Promise<true> {
  let looked = true;
  let begun: ListedImport | undefined;
  return insist('import', async () => {
    if (!looked) {
      const imports = (await world.say('manager', 'import-list')).output.imports as ListedImport[];
      if (imports.some((one) => one.state === 'committed')) return true;
      begun = imports.find((one) => one.state === 'committing' || one.state === 'staged');
    }
    looked = false;
    const file = ['import', 'posizioni.csv', '--type', 'TARI', '--commit', '--skip-bad'];
    const command = begun === undefined ? file : ['import-commit', begun.importId, '--skip-bad'];
    return (await world.say('manager', ...command)).exit === 0 ? true : null;
  });
}

/** Rehearses, submits, has it approved and runs it; after each thing that went wrong it looks where it stands. */
export function runCampaign(world: World): Promise<true> {
  let people: number | null = null;
  let state: string | null = 'none';
  return insist('campaign', async () => {
    const at = state ?? (await stateOfCampaign(world));
    // Until the next step is known to be done, nobody knows.
    state = null;
    if (at === 'running' || at === 'completed') return true;
    if (at === 'none' || people === null) {
      const look = at === 'none' ? ['rehearse', 'campagna.yaml'] : ['show', 'giro'];
      people = countOf(await world.say('manager', 'campaign', ...look));
      state = at === 'none' ? 'draft' : at;
    } else if (at === 'draft') {
      if (await done(world.say('manager', 'campaign', 'submit', 'giro'))) state = 'inApproval';
    } else if (at === 'inApproval') {
      if (await done(world.say('head', 'campaign', 'approve', 'giro', '--people', String(people)))) state = 'approved';
    } else if (await done(world.say('head', 'campaign', 'run', 'giro'))) return true;
    return null;
  });
}

const done = async (answer: Promise<Said>) => (await answer).exit === 0;

async function stateOfCampaign(world: World): Promise<string> {
  const { output } = await world.say('head', 'campaign', 'list');
  return (output.campaigns as { state: string }[])[0]?.state ?? 'none';
}

function countOf({ output }: Said): number {
  const counts = (output.counts ?? (output.rehearsal as Said['output'] | null)?.counts) as { toContact?: number };
  return counts.toContact ?? 0;
}

/**
 * Pays, and whoever took the money tells the program until it says that it has it, not knowing who died meanwhile: a bank
 * by the API, or the node of pagoPA at the station, which must never say OK to a receipt that is not stored.
 */
export async function pay(world: World, person: Person, amountCents = person.amountCents): Promise<void> {
  const tell = person.no % 2 === 0 ? tellStation : tellApi;
  await insist('receipt', () => tell(world, person, amountCents));
  world.paid.push({ personNo: person.no, amountCents, confirmedAt: Date.now() });
}

async function tellStation(world: World, person: Person, amountCents: number): Promise<true | null> {
  const { noticeNumber, no } = person;
  const head = { idBrokerPA: ENTE_CF, idStation: `${ENTE_CF}_01` };
  const answer = await fetch(`${world.portalUrl}/pagopa/paForNode`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: receiptXml(2, { idPA: ENTE_CF, noticeNumber, amountCents, receiptId: `r-${no}` }, head),
    signal: AbortSignal.timeout(20_000),
  });
  return answer.ok && (await answer.text()).includes('<outcome>OK</outcome>') ? true : null;
}

async function tellApi(world: World, person: Person, amountCents: number): Promise<true | null> {
  const body = JSON.stringify({
    receiptId: `r-${person.no}`,
    noticeNumber: person.noticeNumber,
    amountCents,
    paidAt: new Date(world.clock.now()).toISOString(),
    psp: 'Banca di prova',
  });
  const answer = await fetch(`${world.portalUrl}/api/v1/receipts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.keys.api}`, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(10_000),
  });
  return answer.ok ? true : null;
}

/** What moves while the program has something to do: its counts, by its own word or its rows, and the providers' logs. */
async function pulse(world: World): Promise<string> {
  const { heard, owed, smsc } = world.hosts;
  // A command is a process of its own on a server: its rows are asked instead.
  const counts =
    world.engine === 'pglite'
      ? (await world.say('manager', 'summary')).output
      : await world.store.read((ask) =>
          ask(`select 'd', state, attempt, count(*) from delivery group by 2, 3
            union all select 'n', next_step, next_attempt, count(*) from notice group by 2, 3 order by 1, 2, 3`),
        );
  return JSON.stringify([counts, heard().length, owed(), smsc.pending()]);
}

/** Waits until nothing has moved for a while, and the providers owe nothing. */
export async function untilQuiet(world: World): Promise<void> {
  let before = '';
  let since = Date.now();
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    // Nobody who could tell: it is not quiet.
    const now = await pulse(world).catch(() => '');
    if (now === '' || now !== before || world.hosts.owed() + world.hosts.smsc.pending() > 0) since = Date.now();
    before = now;
    if (Date.now() - since >= world.quietMs) return;
    await sleep(100);
  }
  throw new Error(`not quiet after five minutes: ${before}`);
}
