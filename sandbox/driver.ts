import { addDays, civilDate } from '../src/kernel/civil-date.ts';
import { romeInstant } from '../src/kernel/rome-time.ts';
import { type EventQueue, runEvents } from './event-queue.ts';
import type { ProgramControl } from './program-control.ts';

export interface DriverOptions {
  readonly control: ProgramControl;
  readonly queue: EventQueue;
  /** `YYYY-MM-DD`. */
  readonly start: string;
  readonly days: number;
  /** Moves the sandbox's own simulated clock. */
  readonly setNow: (at: number) => void;
  /** End of a simulated day, from 1. */
  readonly onDay: (day: number, at: number) => void;
  readonly onFailure: (what: string) => void;
  /** How many groups of events of one instant run side by side. */
  readonly width?: number;
}

export interface Driver {
  /** First and last instant of the story. */
  readonly from: number;
  readonly until: number;
  /** Lets the program do what is due now; calls queue up behind each other. */
  settle(): Promise<void>;
  run(): Promise<void>;
}

const MINUTE = 60_000;
const WIDTH = 6;

/**
 * Moves simulated time (architecture §4.1): only when the program is quiet, and then to the earliest next instant of
 * program and sandbox. What the program does at an instant comes before what people do at the same instant.
 */
export function makeDriver(options: DriverOptions): Driver {
  const { control, queue } = options;
  const startDay = civilDate(options.start);
  const from = romeInstant(startDay, 0);
  const until = romeInstant(addDays(startDay, options.days), 0);
  let now = from;
  let programNext: number | null = null;
  let turn: Promise<void> = Promise.resolve();
  let day = 1;

  function setNow(at: number): void {
    now = at;
    options.setNow(at);
  }

  function settle(): Promise<void> {
    const next = turn.then(async () => {
      const state = await control.settle();
      if (state.now > now) setNow(state.now);
      programNext = state.nextAt;
      if (programNext !== null && programNext <= now) {
        options.onFailure('the program says it has more to do at an instant it has just settled');
        programNext = now + MINUTE;
      }
    });
    // One failed call must not block those behind it; whoever made it gets the error.
    turn = next.catch(() => undefined);
    return next;
  }

  function endOfDay(n: number): number {
    return romeInstant(addDays(startDay, n), 0);
  }

  function closeDaysBefore(at: number): void {
    for (; day <= options.days && endOfDay(day) <= at; day += 1) options.onDay(day, endOfDay(day));
  }

  return {
    from,
    until,
    settle,
    async run() {
      await settle();
      for (;;) {
        const next = Math.min(queue.nextAt() ?? until, programNext ?? until);
        closeDaysBefore(Math.min(next, until));
        if (next >= until) break;
        if (next > now) {
          await control.advance(next);
          setNow(next);
        }
        if (programNext !== null && programNext <= now) await settle();
        if ((queue.nextAt() ?? until) > now) continue;
        await runEvents(queue.takeNext(), options.width ?? WIDTH, (event, error) => {
          options.onFailure(`${event.name}: ${error instanceof Error ? error.message : String(error)}`);
        });
        await settle();
      }
      if (now < until) {
        await control.advance(until);
        setNow(until);
      }
    },
  };
}
