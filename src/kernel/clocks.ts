import { CodedError } from './errors.ts';

/** Legal time, epoch ms: due instants, windows, daily budgets, deadlines. A simulation moves it. */
export interface Clock {
  now(): number;
}

/** Real time in ms, never simulated: leases, socket time-outs, rates, one-time codes, sessions. */
export interface Monotonic {
  now(): number;
}

/** Legal time of a real installation. */
export const systemClock: Clock = { now: () => Date.now() };

/**
 * Real time as epoch ms, not a per-process counter: leases and sessions are rows, written by one process and compared
 * by another. A step of the machine's clock shifts them, which their lengths (tens of seconds up) bear.
 */
export const systemMonotonic: Monotonic = { now: () => Date.now() };

/** Legal time under the hand of a simulation or a test; it stands still between two `advanceTo`. */
export class SimulatedClock implements Clock {
  #at: number;

  constructor(start: number) {
    this.#at = checkInstant(start);
  }

  now(): number {
    return this.#at;
  }

  /** Moves to `at` (epoch ms); the same instant is allowed, an earlier one throws CLOCK_BACKWARDS. */
  advanceTo(at: number): void {
    if (checkInstant(at) < this.#at) {
      throw new CodedError('CLOCK_BACKWARDS', 'simulated time cannot go back', { from: this.#at, to: at });
    }
    this.#at = at;
  }
}

function checkInstant(at: number): number {
  if (!Number.isSafeInteger(at)) throw new CodedError('INSTANT_RANGE', 'not an instant', { at: String(at) });
  return at;
}

/** Legal time that runs on at real speed from where a simulation stopped, so that a person can try things out. */
export function runningFrom(start: number, monotonic: Monotonic): Clock {
  const began = monotonic.now();
  return { now: () => start + (monotonic.now() - began) };
}
