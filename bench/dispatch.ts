import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../src/config/load.ts';
import { SimulatedClock } from '../src/kernel/clocks.ts';
import type { OutboundMessage } from '../src/modules/deliveries/index.ts';
import { TODAY, timed } from './campaign-ground.ts';
import { ENTE } from './console-ground.ts';
import { type EngineName, startBenchDatabase } from './database.ts';
import { loadRecipients, queueRound, recipient, rehearseModel, type WireChannel } from './dispatch-ground.ts';
import { readyMessages } from './dispatch-ready.ts';
import { type BenchLine, median, ownRssMb, say, tenth } from './line.ts';
import { databaseMs, ownMs } from './processor.ts';
import { startWireServers, type WireCounts, type WireServers } from './wire-servers.ts';

export interface DispatchBench {
  readonly channel: WireChannel;
  /** Where the program finds the server; its rates are out of the way. */
  readonly env: (servers: WireServers) => Readonly<Record<string, string>>;
  /** Settings that name a file, with what is to be in it. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly reference: string;
  /** Gets ready messages, and gives what puts them on the wire with the least possible work. */
  readonly bare: (messages: readonly OutboundMessage[], config: Config, servers: WireServers) => () => Promise<void>;
}

/** Rounds of the program and of the reference in turn, so that a noisy machine is noisy for both. */
const ROUNDS = 5;
/** The first messages warm up both and are not counted. */
const WARM_UP = 1_000;
const MINUTE = 60_000;

/**
 * `n` queued messages through the whole path, in rounds: take with its budgets, holds and hours, rendering, links, the
 * sealed copy, the wire to the sandbox in a process of its own, outcomes, and the ticks before and after.
 */
export async function dispatchBench(
  kind: DispatchBench,
  options: { n: number | null; engine: EngineName },
): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const servers = await startWireServers();
  const folder = mkdtempSync(join(tmpdir(), 'bonario-bench-'));
  const files = Object.entries(kind.secrets ?? {}).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return [name, path];
  });
  const database = await startBenchDatabase(options.engine);
  try {
    const clock = new SimulatedClock(TODAY);
    const program = await database.program(
      { clock },
      {
        ...kind.env(servers),
        ...Object.fromEntries(files),
      },
    );
    try {
      say(`${database.version}; loading ${n + WARM_UP} people`);
      const writer = await loadRecipients(database, program, n + WARM_UP);
      await rehearseModel(program, writer, kind.channel);
      await program.settle();
      const size = Math.ceil(n / ROUNDS);
      const sizes = [WARM_UP, ...Array.from({ length: ROUNDS }, (_, i) => Math.min(size, n - i * size))];
      const times: { ours: number; bare: number }[] = [];
      let first = 0;
      for (const [no, count] of sizes.entries()) {
        const people = Array.from({ length: count }, (_, i) => recipient(first + i));
        await queueRound(database, writer, kind.channel, { no, first, size: count, at: clock.now() + MINUTE });
        clock.advanceTo(clock.now() + MINUTE);
        const before = await look(servers);
        const ours = (count * 1000) / (await timed(() => program.settle()));
        await allHandedOver(database.owner, no, count);
        const between = await look(servers);
        const wrote = ownMs();
        const send = kind.bare(await readyMessages(program, kind.channel, people), program.config, servers);
        between.ownMs += ownMs() - wrote;
        const bare = (count * 1000) / (await timed(send));
        const after = await look(servers);
        say(
          `  round ${no}: ${Math.round(ours)}/s, bare ${Math.round(bare)}/s; ${sameMessages(before, between, after)}`,
        );
        if (no > 0) times.push({ ours, bare });
        first += count;
      }
      const perSecond = median(times.map((time) => time.ours));
      const referencePerSecond = median(times.map((time) => time.bare));
      return [
        {
          bench: `dispatch-${kind.channel}`,
          n,
          unit: 'messages',
          perSecond: tenth(perSecond),
          reference: kind.reference,
          referencePerSecond: tenth(referencePerSecond),
          ratio: Math.round((100 * perSecond) / referencePerSecond) / 100,
          p50Ms: null,
          p99Ms: null,
          rssMb: ownRssMb(),
        },
      ];
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
    await servers.stop();
    rmSync(folder, { recursive: true });
  }
}

type Counts = WireCounts & { ownMs: number; databaseMs: number };

const look = async (servers: WireServers): Promise<Counts> => ({
  ...(await servers.counts()),
  ownMs: ownMs(),
  databaseMs: databaseMs(),
});

/** Both sent the same number of messages of the same size, or the ratio would say nothing. */
function sameMessages(before: Counts, between: Counts, after: Counts): string {
  const messages = (a: Counts, b: Counts) => b.mails - a.mails + (b.texts - a.texts);
  const bytes = (a: Counts, b: Counts) => (b.mailBytes - a.mailBytes) / Math.max(1, b.mails - a.mails);
  const each = (ms: number, a: Counts, b: Counts) => Math.round((1000 * ms) / messages(a, b));
  const cpu = (a: Counts, b: Counts) =>
    [b.ownMs - a.ownMs, b.databaseMs - a.databaseMs, b.cpuMs - a.cpuMs].map((ms) => each(ms, a, b)).join('+');
  if (messages(before, between) !== messages(between, after)) throw new Error('not as many messages as the reference');
  const [ours, bare] = [bytes(before, between), bytes(between, after)];
  if (Math.abs(ours - bare) > bare / 50) throw new Error(`messages of ${ours} bytes, the reference's of ${bare}`);
  return `processor ${cpu(before, between)} and ${cpu(between, after)} µs each: this process, database, server`;
}

async function allHandedOver(
  owner: (statement: string) => Promise<Record<string, unknown>[]>,
  round: number,
  count: number,
): Promise<void> {
  const rows = await owner(`select d.state, d.reason, count(*)::int as n from delivery d
    join campaign c on c.ente_id = d.ente_id and c.campaign_id = d.campaign_id
    where d.ente_id = ${ENTE} and c.code = 'giro-${round}' group by 1, 2`);
  if (rows.length !== 1 || rows[0]?.state !== 3 || rows[0]?.n !== count) {
    throw new Error(`round ${round}: ${JSON.stringify(rows)} of ${count}`);
  }
}
