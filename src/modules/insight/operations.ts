import { sql } from 'kysely';
import { type Database, enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { doneChore, dueChores } from '../../platform/leases/index.ts';
import {
  type JobsWaiting,
  jobsWaiting,
  type KeptReading,
  keepReading,
  keptReadings,
  READING_TASK,
  readingDueAt,
} from '../../platform/telemetry/index.ts';
import { dueTenants } from '../deliveries/index.ts';

const WINDOW_MS = 10 * 60_000;
/** Bodies looked at in one round: each takes a few milliseconds. */
const PER_ROUND = 200;
/** A body that moves is read again after so long, or after fifty times what reading it took: millions of rows cost more. */
const AGAIN_MS = 15_000;
const COST_SHARE = 50;

/**
 * Where messages wait. `due`: their instant has come and their campaign runs, so somebody should be at it; `later`: for
 * an opening hour, a ceiling, a retry; `paused`: their campaign does not run.
 */
export type QueueState = 'due' | 'later' | 'paused' | 'taken' | 'handingOver' | 'uncertain';

export interface QueueDepth {
  readonly channel: string;
  readonly state: QueueState;
  readonly n: number;
  /** When the oldest fell due: legal time, epoch ms. */
  readonly oldestAt: number;
}

/** What is seen of one body, in numbers and codes. */
export interface BodyReading {
  readonly queues: readonly QueueDepth[];
  /** Holds in force, by reason. */
  readonly holds: Readonly<Record<string, number>>;
  /** The oldest fact that no seal covers: legal time, epoch ms. */
  readonly unsealedAt: number | null;
  /** What became of the messages handed to the wire in the last ten minutes of real time. */
  readonly sent: { readonly accepted: number; readonly refused: number; readonly uncertain: number };
}

/** The whole installation, as of the last readings. */
export interface Operations {
  readonly bodies: readonly KeptReading<BodyReading>[];
  readonly jobs: JobsWaiting;
  /** The earliest instant at which some body has work: legal time, epoch ms; null when nobody has. */
  readonly nextDueAt: number | null;
  /** Since when (real time) the longest waiting body is to be read again; null when none is. */
  readonly readingDueAt: number | null;
}

export interface OperationsDeps {
  readonly db: Database;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  /** Real time, epoch ms. */
  readonly realNow: () => number;
}

/** Bounded by what is open: partial indexes, and of the register the last minutes alone. Times: legal and real, epoch ms. */
async function readBody(tx: Tx, now: number, realNow: number): Promise<BodyReading> {
  const ente = enteOf(tx);
  const at = instant(now);
  const { rows: queues } = await sql<{ channel: string; state: QueueState; n: number; oldest: number }>`
    with open as (
      select channel, campaign_id, state, due_at > ${at}::timestamptz as later, count(*) as n, min(due_at) as oldest
      from delivery_now where ente_id = ${ente} and state = 0 group by 1, 2, 3, 4
      union all select channel, campaign_id, state, false, count(*), min(due_at)
      from delivery_now where ente_id = ${ente} and state in (1, 2) group by 1, 2, 3
      union all select channel, campaign_id, state, false, count(*), min(due_at)
      from delivery_now where ente_id = ${ente} and state = 8 group by 1, 2, 3)
    select d.channel, s.state, sum(d.n)::int as n, min(d.oldest) as oldest
    from open d
    left join campaign_now k on k.ente_id = ${ente} and k.campaign_id = d.campaign_id
    cross join lateral (select case when d.state = 1 then 'taken' when d.state = 2 then 'handingOver'
      when d.state = 8 then 'uncertain' when k.state is distinct from 'running' then 'paused'
      when d.later then 'later' else 'due' end as state) s
    group by d.channel, s.state order by d.channel, s.state`.execute(tx.kysely);
  const { rows: holds } = await sql<{ reason: string; n: number }>`
    select reason, count(*)::int as n from hold_now
    where ente_id = ${ente} and since <= ${at}::timestamptz and (until is null or until > ${at}::timestamptz)
    group by reason order by reason`.execute(tx.kysely);
  const { rows: unsealed } = await sql<{ at: number }>`select at from audit_leaf_now
    where ente_id = ${ente} and leaf_id = (
      select leaf_id from audit_unsealed_now where ente_id = ${ente} order by leaf_id limit 1)`.execute(tx.kysely);
  const { rows: sent } = await sql<{ accepted: number; refused: number; uncertain: number }>`
    select coalesce(sum((facts ->> 'accepted')::int), 0)::int as accepted,
      coalesce(sum((facts ->> 'refused')::int), 0)::int as refused,
      coalesce(sum((facts ->> 'uncertain')::int), 0)::int as uncertain
    from audit_leaf_now where ente_id = ${ente} and kind = 'delivery.handedOver'
      and leaf_id >= ${firstIdAt(realNow - WINDOW_MS)}::uuid`.execute(tx.kysely);
  return {
    queues: queues.map(({ channel, state, n, oldest }) => ({ channel, state, n, oldestAt: oldest })),
    holds: Object.fromEntries(holds.map(({ reason, n }) => [reason, n])),
    unsealedAt: unsealed[0]?.at ?? null,
    sent: sent[0] ?? { accepted: 0, refused: 0, uncertain: 0 },
  };
}

/** The least UUIDv7 of an instant: leaves are found by when they were written without an index of its own. */
function firstIdAt(realMs: number): string {
  const hex = Math.max(0, realMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Whether it changes though nobody writes: work under way, seals to come, the ten minutes that pass. */
function moves({ queues, unsealedAt, sent }: BodyReading): boolean {
  const underWay = queues.some(({ state }) => state === 'due' || state === 'taken' || state === 'handingOver');
  return underWay || unsealedAt !== null || sent.accepted + sent.refused + sent.uncertain > 0;
}

/**
 * Reads the bodies whose turn it is: where something happened, or where something moves by itself. Idle ones cost
 * nothing. For the process that leads, every some seconds; its transactions must not count as something that happened.
 * Returns how many were read.
 */
export async function readOperations({ db, now, realNow }: OperationsDeps): Promise<number> {
  const chores = (await db.system((tx) => dueChores(tx, READING_TASK, realNow()))).slice(0, PER_ROUND);
  for (const chore of chores) {
    const began = realNow();
    const moving = await db.tenant(chore.enteId, async (tx) => {
      const reading = await readBody(tx, now(), began);
      await keepReading(tx, reading);
      return moves(reading);
    });
    const nextAt = began + Math.max(AGAIN_MS, (realNow() - began) * COST_SHARE);
    await db.system((tx) => doneChore(tx, READING_TASK, chore, moving ? nextAt : null));
  }
  return chores.length;
}

/** What was last read of all bodies, and what stands outside them: one system transaction of four short statements. */
export function operationsNow({ db, now, realNow }: OperationsDeps): Promise<Operations> {
  return db.system(async (tx) => ({
    bodies: await keptReadings<BodyReading>(tx),
    jobs: await jobsWaiting(tx, realNow()),
    nextDueAt: (await dueTenants(tx, now())).nextAt,
    readingDueAt: await readingDueAt(tx),
  }));
}

/** Queues of all bodies together, by channel and state. */
export function queuesOfAll(bodies: Operations['bodies']): QueueDepth[] {
  const sums = new Map<string, QueueDepth>();
  for (const queue of bodies.flatMap(({ reading }) => reading.queues)) {
    const key = `${queue.channel}|${queue.state}`;
    const sum = sums.get(key);
    const oldestAt = Math.min(queue.oldestAt, sum?.oldestAt ?? queue.oldestAt);
    sums.set(key, { ...queue, n: queue.n + (sum?.n ?? 0), oldestAt });
  }
  return [...sums.values()];
}
