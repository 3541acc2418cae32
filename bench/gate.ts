import { setTimeout as sleep } from 'node:timers/promises';
import type { Bonario } from '../src/compose.ts';
import { SimulatedClock, systemMonotonic } from '../src/kernel/clocks.ts';
import { ownRates, planCampaign, type RunDeps, runTenant, tick } from '../src/modules/campaigns/index.ts';
import { ALL_GUARDS, type Channel, type OutboundMessage, type SendOutcome } from '../src/modules/deliveries/index.ts';
import { makeTextPort } from '../src/modules/notices/index.ts';
import { createApiKey, createOperator, ROLES } from '../src/modules/operators/index.ts';
import { launch, TODAY } from './campaign-ground.ts';
import { DAY, ENTE, loadGround } from './console-ground.ts';
import { type BenchDatabase, type EngineName, startBenchDatabase } from './database.ts';
import { type BenchLine, ownRssMb, percentile, say, seconds, tenth } from './line.ts';

/** What the provider takes a second; the program puts as many on the wire at once. */
const PER_SECOND = 1000;
/** Programs of the payment service that tell of payments at the same time. */
const TELLERS = 4;
/** A payment every so often from each of them. */
const TELL_EVERY_MS = 20;
/** Of those who are about to be written to, so many: whoever is told of earlier is in no danger. */
const NEXT_IN_LINE = 1000;
/** About so many messages a debt: people have several, some no e-mail address, some nothing that a message may tell. */
const REACHED = 0.32;

interface GateLine extends BenchLine {
  readonly maxMs: number;
  /** Of the people whose payment was told: how many were handed over after the answer, and how many before. */
  readonly handedOverAfter: number;
  readonly handedOverBefore: number;
}

/**
 * From the 2xx to a receipt to the last hand-over to that person, while `n` messages go out. Payments are told over HTTP,
 * of people who are next in line or on the wire: the worst moment. Nought where nothing went to them after the answer.
 * The wire is in this process and takes a thousand messages a second, each stamped when it has left.
 */
export async function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  const n = options.n ?? 20_000;
  const began = performance.now();
  const database = await startBenchDatabase(options.engine);
  try {
    const clock = new SimulatedClock(TODAY - 400 * DAY);
    const program = await database.program({ clock });
    try {
      const { operatorId } = await loadGround(program, clock, Math.ceil(n / REACHED));
      clock.advanceTo(TODAY);
      const { approver, key } = await program.db.tenant(ENTE, async (tx) => {
        const vault = program.vaultOf(ENTE);
        const second = await createOperator(tx, vault, { name: 'Luigi Verdi', roles: [...ROLES] });
        const { key } = await createApiKey(tx, vault, { label: 'incassi', roles: ['receipts'] });
        return { approver: { operatorId: second.operatorId, name: 'Luigi Verdi', roles: [...ROLES] }, key };
      });
      const writer = { operatorId, name: 'Paola Bianchi', roles: [...ROLES] };
      await planCampaign(program.campaigns, ENTE, await launch(program, { writer, approver }));
      const wire = new Wire();
      const deps = runDeps(program, wire);
      await program.db.tenant(ENTE, (tx) => tick(tx, deps));
      await database.owner('vacuum analyze');
      const queue = await queueOf(database);
      say(`${database.version}; ${queue.length} messages queued in ${seconds(began)} s`);
      const at = await program.http.listen({ host: '127.0.0.1', port: 0 });
      return [await measure({ n: queue.length, deps, wire, queue, url: `${at}/api/v1/receipts`, key })];
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
  }
}

interface Waiting {
  readonly deliveryId: string;
  readonly noticeNumber: string;
  readonly cents: number;
}

interface Race {
  readonly n: number;
  readonly deps: RunDeps;
  readonly wire: Wire;
  readonly queue: readonly Waiting[];
  readonly url: string;
  readonly key: string;
}

async function measure({ n, deps, wire, queue, url, key }: Race): Promise<GateLine> {
  const answeredAt = new Map<string, number>();
  let dispatching = true;
  let picked = 0;
  const teller = async () => {
    while (dispatching) {
      picked += 1;
      // Spread over those next in line, the same in every run.
      const who = queue[wire.left.size + ((picked * 7919) % NEXT_IN_LINE)];
      if (who !== undefined && !answeredAt.has(who.deliveryId)) {
        answeredAt.set(who.deliveryId, Number.POSITIVE_INFINITY);
        await tell(url, key, who);
        answeredAt.set(who.deliveryId, performance.now());
      }
      await sleep(TELL_EVERY_MS);
    }
  };
  const tellers = Array.from({ length: TELLERS }, teller);
  const began = performance.now();
  await runTenant(deps, ENTE, new AbortController().signal);
  const took = performance.now() - began;
  dispatching = false;
  await Promise.all(tellers);
  const gates = [...answeredAt].map(([id, at]) => Math.max(0, (wire.left.get(id) ?? 0) - at)).sort((a, b) => a - b);
  const handedOverAfter = gates.filter((ms) => ms > 0).length;
  say(`${wire.left.size} of ${n} messages handed over in ${tenth(took / 1000)} s; the others were paid before`);
  return {
    bench: 'gate',
    n,
    unit: 'receipts',
    perSecond: tenth((1000 * gates.length) / took),
    reference: null,
    referencePerSecond: null,
    ratio: null,
    p50Ms: percentile(gates, 0.5),
    p99Ms: percentile(gates, 0.99),
    maxMs: tenth(gates.at(-1) ?? 0),
    handedOverAfter,
    handedOverBefore: [...answeredAt.keys()].filter((id) => wire.left.has(id)).length - handedOverAfter,
    rssMb: ownRssMb(),
  };
}

async function tell(url: string, key: string, who: Waiting): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      receiptId: who.deliveryId,
      noticeNumber: who.noticeNumber,
      amountCents: who.cents,
      paidAt: new Date(TODAY).toISOString(),
      psp: 'Banca di prova',
    }),
  });
  await answer.arrayBuffer();
  if (answer.status !== 201) throw new Error(`a receipt was answered ${answer.status}`);
}

/** What waits, in the order in which it will be taken, each with one of the person's positions. */
async function queueOf(database: BenchDatabase): Promise<Waiting[]> {
  const rows = await database.owner(`select d.delivery_id, x.notice_number, x.due_cents from delivery d
    cross join lateral (select q.notice_number, e.due_cents from debt e join payment_request q on q.ente_id = ${ENTE} and q.debt_id = e.debt_id
      where e.ente_id = ${ENTE} and e.debtor_id = d.debtor_id order by e.debt_id limit 1) x
    where d.ente_id = ${ENTE} order by d.due_at, d.debtor_id, d.delivery_id`);
  return rows.map((row) => ({
    deliveryId: String(row.delivery_id),
    noticeNumber: String(row.notice_number),
    cents: Number(row.due_cents),
  }));
}

const runDeps = (program: Bonario, wire: Channel): RunDeps => ({
  db: program.db,
  vaultOf: program.vaultOf,
  texts: makeTextPort({ vaultOf: program.vaultOf, portalUrl: 'https://avvisi.example' }),
  now: program.now,
  monotonic: systemMonotonic,
  channels: [wire],
  rates: ownRates(PER_SECOND, systemMonotonic),
  guards: ALL_GUARDS,
});

/** A provider that takes everything at its own pace. */
class Wire implements Channel {
  readonly kind = 'email';
  readonly provider = 'bench';
  readonly capabilities = { maxTextLength: null, subject: true, html: true, query: false };
  /** When each message had left. */
  readonly left = new Map<string, number>();

  async send(batch: readonly OutboundMessage[]): Promise<SendOutcome[]> {
    const began = performance.now();
    const outcomes: SendOutcome[] = [];
    for (const [place, { deliveryId }] of batch.entries()) {
      const ahead = began + ((place + 1) * 1000) / PER_SECOND - performance.now();
      if (ahead > 0) await sleep(ahead);
      this.left.set(deliveryId, performance.now());
      outcomes.push({ kind: 'accepted', ref: `<${deliveryId}>` });
    }
    return outcomes;
  }

  async parseSignal() {
    return [];
  }

  async health() {
    return { ok: true, detail: 'in memory' };
  }

  async close(): Promise<void> {}
}
