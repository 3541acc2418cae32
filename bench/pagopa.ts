import Fastify from 'fastify';
import type { Bonario } from '../src/compose.ts';
import { civilDate } from '../src/kernel/civil-date.ts';
import { SimulatedClock } from '../src/kernel/clocks.ts';
import { loadEnte, setEnteRule } from '../src/modules/creditors/index.ts';
import { registerBody, saveStation } from '../src/modules/payments/index.ts';
import { receiptXml, soap } from '../test/support/pagopa-messages.ts';
import type { BenchOptions } from './all.ts';
import { loadPeople, TODAY } from './campaign-ground.ts';
import { codeOf, ENTE, HEADER, rowOf, TARI } from './console-ground.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import { type HttpClient, openHttpClient } from './http-client.ts';
import type { LoadAnswer } from './http-load.ts';
import { type BenchLine, median, ownRssMb, percentile, say, tenth } from './line.ts';

const BROKER = '80099999999';
/** Notices that are asked for, of people whose data can be read; the others only fill the tables. */
const ASKED = 4_000;
const PACE = 300;
const PACE_MS = 10_000;
const CONNECTIONS = 16;
const ROUNDS = 3;
const ROUND_MS = 2_000;

interface Notice {
  readonly number: string;
  readonly cents: number;
}

/**
 * The station behind pagoPA's node (issue 5): verify and get over HTTP among `n` open notices, at a steady 300 a second,
 * each counted from the instant it was due, then as fast as sixteen connections ask; and receipts, each of another notice.
 * References, in turn: a Fastify route with the same point look-up and as many bytes; one with a bare INSERT and UPDATE,
 * committed to disk like ours.
 */
export async function bench(options: BenchOptions): Promise<BenchLine[]> {
  const n = options.n ?? 1_000_000;
  const database = await startBenchDatabase(options.engine);
  const client = openHttpClient();
  try {
    if (database.kind === 'postgres') await durable(database);
    const program = await database.program({ clock: new SimulatedClock(TODAY) });
    try {
      say(`${database.version}; ${n} open notices`);
      const { idPA, notices } = await loadNotices(database, program, n);
      const at = await program.http.listen({ host: '127.0.0.1', port: 0 });
      const bare = await bareServer(database, notices);
      try {
        return await measure(client, n, `${at}/pagopa/paForNode`, bare.url, idPA, notices);
      } finally {
        await bare.close();
      }
    } finally {
      await program.stop();
    }
  } finally {
    await client.close();
    await database.stop();
  }
}

/** A receipt that was answered OK must be on disk: so must what it is measured against. */
async function durable(database: BenchDatabase): Promise<void> {
  await database.owner(`alter role all set synchronous_commit = 'on'`);
}

async function loadNotices(
  database: BenchDatabase,
  program: Bonario,
  n: number,
): Promise<{ idPA: string; notices: Notice[] }> {
  const desk = await loadPeople(database, program, { people: Math.ceil((n * 3) / 5), debts: n });
  await database.owner(`insert into payment_request (ente_id, notice_number, debt_id, origin, state)
    select ${ENTE}, '301' || lpad(row_number() over ()::text, 15, '0'), debt_id, 'imported', 'active' from debt`);
  const rows = Array.from({ length: ASKED }, (_, i) => rowOf(2_000_000_000 + i, i, codeOf(i)));
  const outcome = await program.imports.load(
    {
      enteId: ENTE,
      creditType: TARI.code,
      fileName: 'ruolo-letto.csv',
      open: async function* () {
        yield Buffer.from([HEADER, ...rows].join('\r\n'));
      },
      profile: null,
    },
    { skipBad: false, releaseQuarantined: true },
    `operator:${desk.writer.operatorId}`,
  );
  if (outcome.kind !== 'committed') throw new Error(`the file was not taken: ${outcome.kind}`);
  const idPA = await program.db.tenant(ENTE, async (tx) => {
    await saveStation(tx, {
      stationId: `${BROKER}_01`,
      brokerFiscalCode: BROKER,
      segregationCodes: ['02'],
      active: true,
    });
    const rule = { creditType: '*', validFrom: civilDate('2020-01-01'), legalBasis: 'Delibera n. 1/2020' };
    await setEnteRule(tx, { ...rule, key: 'pagopaCategory', value: '9/0101101IM/' });
    await setEnteRule(tx, { ...rule, key: 'collectionAccount', value: { iban: 'IT60X0542811101000000123456' } });
    return (await loadEnte(tx)).codiceFiscale;
  });
  await program.db.system((tx) => registerBody(tx, idPA, ENTE));
  await database.owner('vacuum analyze');
  const found = await database.owner(`select q.notice_number, d.due_cents from payment_request q
    join debt d on d.ente_id = q.ente_id and d.debt_id = q.debt_id where q.notice_number like '302%' limit ${ASKED}`);
  return { idPA, notices: found.map((row) => ({ number: String(row.notice_number), cents: Number(row.due_cents) })) };
}

interface Round {
  readonly ours: LoadAnswer;
  readonly theirs: LoadAnswer;
}

async function measure(
  client: HttpClient,
  n: number,
  station: string,
  bare: string,
  idPA: string,
  notices: readonly Notice[],
): Promise<BenchLine[]> {
  const looking = (name: string) =>
    notices.map(({ number }) =>
      soap(name, idPA, `<qrCode><fiscalCode>${idPA}</fiscalCode><noticeNumber>${number}</noticeNumber></qrCode>`),
    );
  const flatOut = (url: string, bodies: readonly string[], forMs = ROUND_MS) =>
    good(client.load({ url, cookies: [''], bodies, connections: CONNECTIONS, forMs, perSecond: null }));
  const lines: BenchLine[] = [];
  for (const [what, name] of [
    ['verify', 'paVerifyPaymentNoticeReq'],
    ['get', 'paGetPaymentV2Request'],
  ] as const) {
    const bodies = looking(name);
    await flatOut(station, bodies, 500);
    const paced = await good(
      client.load({ url: station, cookies: [''], bodies, connections: 64, forMs: PACE_MS, perSecond: PACE }),
    );
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({ ours: await flatOut(station, bodies), theirs: await flatOut(`${bare}/look`, bodies) });
    }
    const reference = 'a Fastify route with the same point look-up and as many bytes';
    lines.push(lineOf(`pagopa ${what} at ${PACE} a second`, n, [{ ours: paced, theirs: paced }], null));
    lines.push(lineOf(`pagopa ${what}`, n, rounds, reference));
  }
  const rounds: Round[] = [];
  const share = Math.floor(notices.length / ROUNDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Each receipt is of a notice of its own, once; the reference writes as many rows.
    const part = notices.slice(round * share, (round + 1) * share);
    const bodies = part.map(({ number, cents }) =>
      receiptXml(2, { idPA, noticeNumber: number, amountCents: cents, receiptId: `tok-${number}` }),
    );
    const all = (url: string) =>
      good(
        client.load({
          url,
          cookies: [''],
          bodies,
          connections: CONNECTIONS,
          forMs: ROUND_MS,
          perSecond: null,
          once: true,
        }),
      );
    rounds.push({ ours: await all(station), theirs: await all(`${bare}/write`) });
  }
  return [
    ...lines,
    lineOf('pagopa receipt', n, rounds, 'a Fastify route with a bare INSERT and UPDATE, committed to disk'),
  ];
}

async function good(answer: Promise<LoadAnswer>): Promise<LoadAnswer> {
  const done = await answer;
  if (done.wrong > 0) throw new Error(`${done.wrong} of ${done.answered} answers were not OK`);
  return done;
}

function lineOf(bench: string, n: number, rounds: readonly Round[], reference: string | null): BenchLine {
  const rate = (of: LoadAnswer) => of.answered / of.seconds;
  const perSecond = median(rounds.map(({ ours }) => rate(ours)));
  const referencePerSecond = reference === null ? null : median(rounds.map(({ theirs }) => rate(theirs)));
  const ms = rounds.flatMap(({ ours }) => ours.ms).toSorted((a, b) => a - b);
  return {
    bench,
    n,
    unit: 'calls',
    perSecond: tenth(perSecond),
    reference,
    referencePerSecond: referencePerSecond === null ? null : tenth(referencePerSecond),
    ratio: referencePerSecond === null ? null : Math.round((100 * perSecond) / referencePerSecond) / 100,
    p50Ms: percentile(ms, 0.5),
    p99Ms: percentile(ms, 0.99),
    rssMb: ownRssMb(),
  };
}

async function bareServer(
  database: BenchDatabase,
  notices: readonly Notice[],
): Promise<{ url: string; close(): Promise<void> }> {
  await database.owner('create table bare_receipt (id text primary key, notice text, cents bigint, body text)');
  await database.owner('create table bare_debt (notice text primary key, paid bigint not null)');
  await database.owner('insert into bare_debt select notice_number, 0 from payment_request');
  const app = Fastify();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const answer = Buffer.alloc(1_600, 'x');
  let turn = 0;
  app.post('/look', async (_request, reply) => {
    turn += 1;
    await database.owner(
      `select d.debt_id, d.due_cents, d.paid_cents from payment_request q
        join debt d on d.ente_id = q.ente_id and d.debt_id = q.debt_id where q.ente_id = $1 and q.notice_number = $2`,
      [ENTE, notices[turn % notices.length]?.number],
    );
    return reply.type('text/xml').send(answer);
  });
  app.post<{ Body: string }>('/write', async (request, reply) => {
    turn += 1;
    const { number = '', cents = 0 } = notices[turn % notices.length] ?? {};
    await database.owner(
      `with told as (insert into bare_receipt values ($1, $2, $3, $4))
        update bare_debt set paid = paid + $3 where notice = $2`,
      [`r${turn}`, number, cents, request.body],
    );
    return reply.type('text/xml').send('<outcome>OK</outcome>');
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}
