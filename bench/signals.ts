import { PDU } from 'smpp';
import { makeDsn } from '../sandbox/mail/dsn.ts';
import { readMail, type StoredMail } from '../sandbox/mail/stored-mail.ts';
import { receiptFields } from '../sandbox/smsc/behaviour.ts';
import { returnPathOf } from '../src/adapters/channels/email/return-path.ts';
import { makeDestinations } from '../src/adapters/channels/sms/destinations.ts';
import { makeInbound, PROVIDER } from '../src/adapters/channels/sms/inbound.ts';
import type { Bonario } from '../src/compose.ts';
import { SimulatedClock, systemMonotonic } from '../src/kernel/clocks.ts';
import { makeGroups } from '../src/kernel/groups.ts';
import { type ChannelSignal, makeProviderRefs, storeSignals } from '../src/modules/deliveries/index.ts';
import { instant } from '../src/platform/db/index.ts';
import { loadMasterKey, makeVault } from '../src/platform/secrets/index.ts';
import { TODAY, timed } from './campaign-ground.ts';
import { ENTE } from './console-ground.ts';
import { type BenchDatabase, type EngineName, startBenchDatabase } from './database.ts';
import { loadRecipients, queueRound, recipient, type WireChannel } from './dispatch-ground.ts';
import { type BenchLine, median, ownRssMb, say, tenth } from './line.ts';

/** What is told at once, by the program's groups and by the reference. */
const GROUP = 500;
const ROUNDS = 5;
const MINUTE = 60_000;
/** Of so many messages one comes back. */
const BOUNCED_EVERY = 20;

/** One of the messages that signals speak of, as it was handed over. */
interface Sent {
  readonly deliveryId: string;
  /** Its number among the people. */
  readonly i: number;
}

interface Kind {
  readonly name: string;
  readonly channel: WireChannel;
  /** Makes the events ready, and gives what tells them to the program; it resolves when all are stored. */
  readonly events: (sent: readonly Sent[], program: Bonario) => Promise<() => Promise<unknown>>;
}

/**
 * `n` signals of each kind through what the program does with them: read, find the delivery, store once, move its state,
 * and believe what it says of the address. The reference inserts the same rows and does nothing else.
 */
export async function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const size = Math.ceil(n / ROUNDS);
  const database = await startBenchDatabase(options.engine);
  try {
    const clock = new SimulatedClock(TODAY);
    const program = await database.program({ clock });
    try {
      say(`${database.version}; loading ${size} people`);
      const writer = await loadRecipients(database, program, size);
      const lines: BenchLine[] = [];
      for (const [k, kind] of KINDS.entries()) {
        const times: { ours: number; bare: number }[] = [];
        for (let round = 0; round <= ROUNDS; round += 1) {
          clock.advanceTo(clock.now() + MINUTE);
          const no = k * 100 + round;
          // The first round is short: it warms up both, and is not counted.
          const count = round === 0 ? Math.min(1_000, size) : size;
          await queueRound(database, writer, kind.channel, { no, first: 0, size: count, at: clock.now() });
          const sent = await handedOver(database, no, kind.channel);
          const tell = await kind.events(sent, program);
          const ours = (count * 1000) / (await timed(tell));
          await allFolded(database, no, count);
          const bare = (count * 1000) / (await timed(() => insertBare(database, sent, clock.now())));
          say(`  ${kind.name}, round ${round}: ${Math.round(ours)}/s, bare ${Math.round(bare)}/s`);
          if (round > 0) times.push({ ours, bare });
        }
        lines.push(lineOf(kind.name, n, median(times.map((t) => t.ours)), median(times.map((t) => t.bare))));
      }
      return lines;
    } finally {
      await program.stop();
    }
  } finally {
    await database.stop();
  }
}

function lineOf(name: string, n: number, perSecond: number, reference: number): BenchLine {
  return {
    bench: name,
    n,
    unit: 'signals',
    perSecond: tenth(perSecond),
    reference: 'unnest INSERT',
    referencePerSecond: tenth(reference),
    ratio: Math.round((100 * perSecond) / reference) / 100,
    p50Ms: null,
    p99Ms: null,
    rssMb: ownRssMb(),
  };
}

const bounced = ({ i }: Sent) => i % BOUNCED_EVERY === 0;

/** The last one is what sums up: the commonest signal there is. */
const KINDS: readonly Kind[] = [
  {
    name: 'signals, reports by e-mail',
    channel: 'email',
    async events(sent, program) {
      const key = makeVault(loadMasterKey(program.config.masterKeyFile)).deriveKey('return path');
      const raw = await Promise.all(
        sent.map(async (one) => {
          const to = recipient(one.i).email;
          const returnPath = returnPathOf(key, program.config.bounceDomain, {
            enteId: ENTE,
            deliveryId: one.deliveryId,
          });
          const words = await readMail(
            Buffer.from(`From: a@b.example\r\nSubject: x\r\nMessage-ID: <${one.deliveryId}@x>\r\n\r\nx\r\n`),
          );
          const mail: StoredMail = { ...words, seq: 0, to, returnPath, simAt: TODAY, realAt: 0, delivered: false };
          const dsn = makeDsn(mail, { status: '5.2.2', diagnostic: '552 5.2.2 mailbox full' }, program.now());
          return { recipient: returnPath, body: Buffer.from(dsn) };
        }),
      );
      const store = grouped(program);
      return () =>
        inLanes(raw, async (one) => {
          await Promise.all((await program.email.parseSignal(one)).map(store));
        });
    },
  },
  {
    name: 'signals, parsed',
    channel: 'sms',
    events: async (sent, program) => async () => {
      for (let from = 0; from < sent.length; from += GROUP) {
        const signals = sent.slice(from, from + GROUP).map(
          (one): ChannelSignal => ({
            enteId: ENTE,
            deliveryId: one.deliveryId,
            provider: PROVIDER,
            providerEventId: `${one.deliveryId}:receipt`,
            kind: bounced(one) ? 'bounced' : 'delivered',
            fault: bounced(one) ? 'temporary' : null,
            code: bounced(one) ? 'UNDELIV' : 'DELIVRD',
          }),
        );
        await storeSignals(program.db, signals, program.now);
      }
    },
  },
  {
    name: 'signals, receipts of SMS',
    channel: 'sms',
    async events(sent, program) {
      const inbound = makeInbound({
        refs: makeProviderRefs(program.db, PROVIDER, program.realNow),
        destinations: makeDestinations(systemMonotonic),
        onSignal: (signals) => storeSignals(program.db, signals, program.now),
        onReply: undefined,
        waitMs: 1_000,
        log: program.log,
      });
      const raw = sent.map((one) =>
        new PDU('deliver_sm', {
          ...receiptFields(
            'text',
            refOf(one),
            bounced(one) ? 'UNDELIV' : 'DELIVRD',
            TODAY,
            TODAY,
            'Comune di Borgo Grande',
          ),
          source_addr: recipient(one.i).phone.slice(1),
          destination_addr: 'BorgoGrande',
        }).toBuffer(),
      );
      return () => inLanes(raw, (bytes) => inbound.take(new PDU(bytes)));
    },
  },
];

/** As many under way as a line of SMPP lets be. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: GROUP }, lane));
}

/** As compose groups the reports that come by mail. */
const grouped = (program: Bonario) =>
  makeGroups(async (signals: readonly ChannelSignal[]) => {
    await storeSignals(program.db, signals, program.now);
    return signals;
  }, GROUP);

const refOf = ({ deliveryId }: Sent) => deliveryId.replaceAll('-', '').slice(0, 16);

/** The round's messages as accepted, with the references under which receipts will come. */
async function handedOver(database: BenchDatabase, round: number, channel: WireChannel): Promise<Sent[]> {
  const of = `ente_id = ${ENTE} and campaign_id = (select campaign_id from campaign where ente_id = ${ENTE} and code = 'giro-${round}')`;
  await database.owner(`update delivery set state = 3, handed_over_at = due_at, units = 1 where ${of}`);
  const rows = await database.owner(`select delivery_id, row_number() over (order by debtor_id)::int - 1 as i
    from delivery where ${of} order by md5(delivery_id::text)`);
  const sent = rows.map((row) => ({ deliveryId: String(row.delivery_id), i: Number(row.i) }));
  if (channel === 'sms') {
    await database.owner(
      `insert into provider_ref (provider, ref, ente_id, delivery_id, at_real)
        select '${PROVIDER}', u.ref, ${ENTE}, u.id, '${instant(TODAY)}' from unnest($1::text[], $2::uuid[]) as u(ref, id)`,
      [sent.map(refOf), sent.map((one) => one.deliveryId)],
    );
  }
  await database.owner('vacuum analyze delivery, delivery_signal, provider_ref');
  return sent;
}

async function allFolded(database: BenchDatabase, round: number, count: number): Promise<void> {
  const [row] =
    await database.owner(`select count(*) filter (where d.state in (4, 6))::int as folded, count(*)::int as n
    from delivery d join campaign c on c.ente_id = d.ente_id and c.campaign_id = d.campaign_id
    where d.ente_id = ${ENTE} and c.code = 'giro-${round}'`);
  if (row?.folded !== count || row?.n !== count) throw new Error(`round ${round}: ${JSON.stringify(row)} of ${count}`);
}

/** The same events under other numbers, in groups of the same size. */
async function insertBare(database: BenchDatabase, sent: readonly Sent[], now: number): Promise<void> {
  for (let from = 0; from < sent.length; from += GROUP) {
    const some = sent.slice(from, from + GROUP);
    await database.owner(
      `insert into delivery_signal (ente_id, provider, provider_event_id, delivery_id, kind, fault, code, at)
        select ${ENTE}, 'bare', u.event, u.delivery, u.kind, u.fault, u.code, $6::timestamptz
        from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[]) as u(event, delivery, kind, fault, code)`,
      [
        some.map((one) => `${one.deliveryId}:${refOf(one)}:DELIVRD`),
        some.map((one) => one.deliveryId),
        some.map((one) => (bounced(one) ? 'bounced' : 'delivered')),
        some.map((one) => (bounced(one) ? 'temporary' : null)),
        some.map((one) => (bounced(one) ? 'UNDELIV' : 'DELIVRD')),
        instant(now),
      ],
    );
  }
}
