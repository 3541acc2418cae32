import { type CivilDate, formatDate, fromDayNumber, toDayNumber } from './civil-date.ts';
import { CodedError } from './errors.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const MAX_CACHED_DAYS = 50_000;

// The offset comes from the runtime's time zone data, not from today's EU rule, so that a change of summer time needs
// no change here. One look-up costs microseconds, so it is kept per UTC day.
const romeOffset = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Rome', timeZoneName: 'longOffset' });
const offsetOfDay = new Map<number, number>();

function lookUpOffset(at: number): number {
  const zone = romeOffset.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(zone);
  if (!match) throw new CodedError('TIME_ZONE', 'no usable Europe/Rome offset in this runtime', { zone });
  const size = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return (match[1] === '-' ? -size : size) * 1000;
}

/** Milliseconds to add to UTC to get the time in Rome. */
function offsetAt(at: number): number {
  const day = Math.floor(at / DAY);
  const cached = offsetOfDay.get(day);
  if (cached !== undefined && !Number.isNaN(cached)) return cached;
  if (cached !== undefined) return lookUpOffset(at);
  const first = lookUpOffset(day * DAY);
  const constant = first === lookUpOffset((day + 1) * DAY - 1);
  if (offsetOfDay.size >= MAX_CACHED_DAYS) offsetOfDay.clear();
  // NaN marks a day in which the clocks change: each instant is looked up on its own.
  offsetOfDay.set(day, constant ? first : Number.NaN);
  return constant ? first : lookUpOffset(at);
}

function localMillis(at: number): number {
  if (!Number.isFinite(at)) throw new CodedError('INSTANT_RANGE', 'not an instant', { at: String(at) });
  return at + offsetAt(at);
}

/** The civil date in Rome at an instant (epoch ms). */
export function romeDate(at: number): CivilDate {
  return fromDayNumber(Math.floor(localMillis(at) / DAY));
}

/** Whole minutes since local midnight in Rome, 0-1439, as a wall clock shows them. */
export function romeMinutes(at: number): number {
  const local = localMillis(at);
  return Math.floor((local - Math.floor(local / DAY) * DAY) / MINUTE);
}

/**
 * The instant (epoch ms) at which a clock in Rome shows `minutesOfDay` on `d`; 1440 is the next midnight. A time that
 * the spring change skips gives the first valid instant after it; one that autumn repeats gives the first of the two.
 */
export function romeInstant(d: CivilDate, minutesOfDay: number): number {
  if (!(minutesOfDay >= 0 && minutesOfDay <= 1440)) {
    throw new CodedError('INSTANT_RANGE', 'minutes of day must be 0-1440', { minutesOfDay: String(minutesOfDay) });
  }
  const local = toDayNumber(d) * DAY + minutesOfDay * MINUTE;
  const before = offsetAt(local - DAY);
  const after = offsetAt(local + DAY);
  if (before === after) return local - before;
  // The clocks change around this day: try both offsets, the larger one being the earlier instant.
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (offsetAt(local - offset) === offset) return local - offset;
  }
  return transitionBetween(local - after, local - before);
}

/** First instant after `from` (old offset) and up to `to` (new offset) at which the new offset holds. */
function transitionBetween(from: number, to: number): number {
  const target = offsetAt(to);
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === target) high = middle;
    else low = middle;
  }
  return high;
}

/** `24/11/2026 alle 9:05`, time in Rome. */
export function formatInstant(at: number): string {
  const minutes = romeMinutes(at);
  const hour = Math.floor(minutes / 60);
  const time = `${hour}:${String(minutes % 60).padStart(2, '0')}`;
  // Italian elides before "una": all’1:05.
  return `${formatDate(romeDate(at))} ${hour === 1 ? 'all’' : 'alle '}${time}`;
}
