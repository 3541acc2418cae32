import { type CivilDate, compareDates } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type OpenWindow, PaceBook, type PaceCaps, slotsOf } from '../notices/index.ts';
import type { CampaignDocument, CampaignPace } from './campaign-document.ts';

const DAY_MS = 86_400_000;

export interface PaceDay {
  readonly day: CivilDate;
  readonly contacts: number;
  /** Those of them that are somebody's first. */
  readonly first: number;
  /** Calls and visits that they should produce; null: no share was told. */
  readonly calls: number | null;
}

/** The days of a paced campaign if it began at the rehearsal, everybody took every step and nobody paid before. */
export interface PaceCalendar {
  readonly perDay: number | null;
  readonly perHour: number | null;
  /** Days on which something goes out. */
  readonly days: readonly PaceDay[];
  /** Null: nobody is written to, or `left` are still to be. */
  readonly lastDay: CivilDate | null;
  /** Messages for which the days that were looked at were not enough. */
  readonly left: number;
  /** By when the body wanted to be done. */
  readonly finishBy: CivilDate | null;
  /** People whose decadence deadline passes before their first message. */
  readonly pastDeadline: number;
}

export interface PaceQuestion {
  readonly caps: PaceCaps;
  readonly pace: CampaignPace;
  readonly steps: CampaignDocument['steps'];
  readonly people: number;
  /** The coming opening hours of each channel. */
  readonly windows: ReadonlyMap<string, readonly OpenWindow[]>;
  /** Of the people to be written to, how many have each earliest decadence deadline, in order of date. */
  readonly deadlines: readonly { readonly day: CivilDate; readonly n: number }[];
  readonly now: number;
}

interface Slot {
  readonly at: number;
  readonly channels: ReadonlySet<string>;
}

/**
 * Walks the slots as the program will (notices/pace-notices.ts): in each hour first contacts, then the steps after them,
 * as many as fit. With nobody paying it is what happens; in life it can only be over sooner.
 */
export function paceCalendar(question: PaceQuestion): PaceCalendar {
  const { caps, pace, steps, people, now } = question;
  const book = new PaceBook(caps, now, { hour: 0, day: 0 });
  /** Of each step, when how many fall due; each in order of time. */
  const due: { at: number; n: number }[][] = steps.map(() => []);
  due[0]?.push({ at: now + (steps[0]?.waitDays ?? 0) * DAY_MS, n: people });
  const days = new Map<CivilDate, { contacts: number; first: number }>();
  let left = people * steps.length;
  for (const { at, channels } of slotsFrom(question)) {
    if (left === 0) break;
    for (const [i, step] of steps.entries()) {
      if (!channels.has(step.channel)) continue;
      const n = take(due[i] ?? [], at, book.room(at));
      if (n === 0) continue;
      book.take(at, n);
      left -= n;
      due[i + 1]?.push({ at: at + (steps[i + 1]?.waitDays ?? 0) * DAY_MS, n });
      const day = days.get(romeDate(at)) ?? { contacts: 0, first: 0 };
      days.set(romeDate(at), { contacts: day.contacts + n, first: day.first + (i === 0 ? n : 0) });
    }
  }
  const list = [...days].map(([day, sent]) => ({ day, ...sent, calls: callsOf(pace, sent.contacts) }));
  return {
    ...caps,
    days: list,
    lastDay: left === 0 ? (list.at(-1)?.day ?? null) : null,
    left,
    finishBy: pace.finishBy,
    pastDeadline: pastDeadline(question, list),
  };
}

/** Every instant at which something may go: now, and the beginning of each open hour. */
function slotsFrom({ windows, now }: PaceQuestion): Slot[] {
  const channels = new Map<number, Set<string>>();
  const add = (at: number, channel: string) => channels.set(at, (channels.get(at) ?? new Set()).add(channel));
  for (const [channel, list] of windows) {
    if (list.some(({ opensAt, closesAt }) => opensAt <= now && now < closesAt)) add(now, channel);
    for (const at of slotsOf(list, now)) add(at, channel);
  }
  return [...channels].map(([at, open]) => ({ at, channels: open })).sort((a, b) => a.at - b.at);
}

/** Takes up to `room` of what is due at `at`, the earliest first. Returns how many. */
function take(due: { at: number; n: number }[], at: number, room: number): number {
  let taken = 0;
  for (let first = due[0]; first !== undefined && first.at <= at && taken < room; first = due[0]) {
    const n = Math.min(first.n, room - taken);
    taken += n;
    first.n -= n;
    if (first.n === 0) due.shift();
  }
  return taken;
}

function callsOf({ office }: CampaignPace, contacts: number): number | null {
  return office === null ? null : Math.round((contacts * office.sharePerTenThousand) / 10_000);
}

/** People are called in the order of their deadlines, so that the nearest have the first places. */
function pastDeadline({ deadlines }: PaceQuestion, days: readonly PaceDay[]): number {
  let late = 0;
  let i = 0;
  let places = days[0]?.first ?? 0;
  for (const { day, n } of deadlines) {
    for (let rest = n; rest > 0; ) {
      while (i < days.length && places === 0) {
        i += 1;
        places = days[i]?.first ?? 0;
      }
      const here = days[i];
      const some = here === undefined ? rest : Math.min(rest, places);
      if (here === undefined || compareDates(here.day, day) > 0) late += some;
      places -= some;
      rest -= some;
    }
  }
  return late;
}
