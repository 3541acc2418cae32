import { type Operations, queuesOfAll } from './operations.ts';

/** What is worth a person's attention. `examples/prometheus-rules.yaml` has the same ones with the same limits. */
export const ALARM_LIMITS = {
  /** Work that is due since so long while no message leaves: a body at its million messages is not late. */
  workOverdueSeconds: 600,
  /** Messages due since so long while none leaves: a long queue that moves is no alarm. */
  queueStillSeconds: 900,
  /** Messages of which nobody knows: a late signal may still tell, afterwards a person must ask the provider. */
  uncertainSeconds: 3600,
  /** Share of the messages of ten minutes that were refused, from so many messages on. */
  refusedShare: 0.2,
  refusedLeast: 50,
  /** Seals are made every minute. */
  sealLagSeconds: 600,
  jobSeconds: 600,
  /** Bodies are read every some seconds by the process that leads: if not, it does nothing else for all of them either. */
  readingOverdueSeconds: 600,
} as const;

export type AlarmCode =
  | 'WORK_OVERDUE'
  | 'QUEUE_STILL'
  | 'UNCERTAIN'
  | 'REFUSED'
  | 'SEAL_LAG'
  | 'JOBS_WAITING'
  | 'JOBS_FAILED'
  | 'READING_OVERDUE';

export interface Alarm {
  readonly code: AlarmCode;
  readonly rings: boolean;
  /** Messages, jobs: how many it speaks of. */
  readonly n: number;
  /** Since when, where time is what it is about. */
  readonly seconds: number;
}

/** Every alarm, the silent ones too. `now`: legal time; `realNow`: real time; epoch ms. */
export function alarmsOf(seen: Operations, now: number, realNow: number): Alarm[] {
  const limit = ALARM_LIMITS;
  const queues = queuesOfAll(seen.bodies);
  const inState = (state: string) => queues.filter((queue) => queue.state === state);
  const count = (list: readonly { readonly n: number }[]) => list.reduce((sum, { n }) => sum + n, 0);
  const oldest = (list: readonly { readonly oldestAt: number }[]) => first(list.map((queue) => queue.oldestAt));
  const sum = (kind: 'accepted' | 'refused' | 'uncertain') =>
    seen.bodies.reduce((total, { reading }) => total + reading.sent[kind], 0);
  const handed = sum('accepted') + sum('refused') + sum('uncertain');

  const overdue = since(seen.nextDueAt, now);
  const due = inState('due');
  const still = since(oldest(due), now);
  const uncertain = inState('uncertain');
  const lost = since(oldest(uncertain), now);
  const unsealed = since(first(seen.bodies.map(({ reading }) => reading.unsealedAt)), now);
  const job = since(seen.jobs.oldestAt, realNow);
  const unread = since(seen.readingDueAt, realNow);
  return [
    { code: 'WORK_OVERDUE', rings: handed === 0 && overdue > limit.workOverdueSeconds, n: 0, seconds: overdue },
    { code: 'QUEUE_STILL', rings: handed === 0 && still > limit.queueStillSeconds, n: count(due), seconds: still },
    { code: 'UNCERTAIN', rings: lost > limit.uncertainSeconds, n: count(uncertain), seconds: lost },
    {
      code: 'REFUSED',
      rings: handed >= limit.refusedLeast && sum('refused') > limit.refusedShare * handed,
      n: sum('refused'),
      seconds: 0,
    },
    { code: 'SEAL_LAG', rings: unsealed > limit.sealLagSeconds, n: 0, seconds: unsealed },
    { code: 'JOBS_WAITING', rings: job > limit.jobSeconds, n: seen.jobs.waiting, seconds: job },
    { code: 'JOBS_FAILED', rings: seen.jobs.failed > 0, n: seen.jobs.failed, seconds: 0 },
    { code: 'READING_OVERDUE', rings: unread > limit.readingOverdueSeconds, n: 0, seconds: unread },
  ];
}

function first(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Seconds since an instant that is over; 0 for one to come, or none. */
function since(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, Math.floor((now - at) / 1000));
}
