import { type PaceUse, paceSpan } from '../deliveries/index.ts';

const HOUR_MS = 3_600_000;

/** The most messages of one campaign in a Roman day and in an hour, over all its channels and steps; null: no cap. */
export interface PaceCaps {
  readonly perDay: number | null;
  readonly perHour: number | null;
}

export interface OpenWindow {
  readonly opensAt: number;
  readonly closesAt: number;
}

/**
 * What is left of each hour and day of a campaign, and what was given of it. The program dates waiting people with it and
 * the rehearsal shows the calendar from it, so that they cannot say different things.
 */
export class PaceBook {
  readonly #caps: PaceCaps;
  readonly #hours = new Map<number, number>();
  readonly #days = new Map<number, number>();

  /** `used`: what was used of the hour and the day around `now` already. */
  constructor(caps: PaceCaps, now: number, used: PaceUse) {
    this.#caps = caps;
    const { hour, day } = paceSpan(now);
    this.#hours.set(hour, used.hour);
    this.#days.set(day, used.day);
  }

  /** How many more fit in the hour and the day of an instant; never less than nought. */
  room(at: number): number {
    const { hour, day } = paceSpan(at);
    const left = (cap: number | null, used: number | undefined) => (cap ?? Number.POSITIVE_INFINITY) - (used ?? 0);
    const { perHour, perDay } = this.#caps;
    return Math.max(0, Math.min(left(perHour, this.#hours.get(hour)), left(perDay, this.#days.get(day))));
  }

  take(at: number, n: number): void {
    const { hour, day } = paceSpan(at);
    this.#hours.set(hour, (this.#hours.get(hour) ?? 0) + n);
    this.#days.set(day, (this.#days.get(day) ?? 0) + n);
  }

  /** Gives `n` waiting people the first free slots, in order; those that no slot is left for go to the last one. */
  give(slots: readonly number[], n: number): { readonly at: number; readonly n: number }[] {
    const given: { at: number; n: number }[] = [];
    let left = n;
    for (const at of slots) {
      if (left === 0) return given;
      const here = Math.min(left, this.room(at));
      if (here === 0) continue;
      this.take(at, here);
      given.push({ at, n: here });
      left -= here;
    }
    const last = slots.at(-1);
    // Beyond the windows that are laid out: called then, and dated anew.
    if (left > 0 && last !== undefined) given.push({ at: last, n: left });
    return given;
  }
}

/** The beginnings of the hours in which a channel is open, from `after` on: a closed hour has no slot at all. */
export function slotsOf(windows: readonly OpenWindow[], after: number): number[] {
  const slots: number[] = [];
  for (const { opensAt, closesAt } of windows) {
    for (let at = opensAt; at < closesAt; at = Math.floor(at / HOUR_MS) * HOUR_MS + HOUR_MS) {
      if (at > after) slots.push(at);
    }
  }
  return slots;
}
