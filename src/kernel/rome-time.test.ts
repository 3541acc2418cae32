import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { civilDate, fromDayNumber, toDayNumber } from './civil-date.ts';
import { formatInstant, romeDate, romeInstant, romeMinutes } from './rome-time.ts';

const ROME = 'Europe/Rome';
const START = Date.UTC(2000, 0, 1);
const END = Date.UTC(2061, 0, 1);
const anyDay = fc
  .integer({ min: toDayNumber(civilDate('2000-01-01')), max: toDayNumber(civilDate('2060-12-31')) })
  .map(fromDayNumber);
const anyMinutes = fc.integer({ min: 0, max: 1439 });

function lastSunday(y: number, month: number): string {
  const last = Temporal.PlainDate.from({ year: y, month, day: 31 });
  return last.subtract({ days: last.dayOfWeek % 7 }).toString();
}
/** The days on which the clocks change, where the mistakes are. */
const changeDay = fc
  .tuple(fc.integer({ min: 2000, max: 2060 }), fc.constantFrom(3, 10), fc.integer({ min: -1, max: 1 }))
  .map(([y, month, shift]) => fromDayNumber(toDayNumber(civilDate(lastSunday(y, month))) + shift));

function expected(d: string, minutes: number): number {
  const plain = Temporal.PlainDate.from(d).toPlainDateTime({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  const zoned = plain.toZonedDateTime(ROME, { disambiguation: 'earlier' });
  if (zoned.toPlainDateTime().equals(plain)) return zoned.epochMilliseconds;
  // Skipped by the spring change: the first valid instant is the change itself.
  const change = zoned.getTimeZoneTransition('next');
  if (change === null) throw new Error('a gap without a change');
  return change.epochMilliseconds;
}

describe('Rome time', () => {
  it('gives date and minutes of an instant as Temporal does', () => {
    const near = fc
      .tuple(changeDay, fc.integer({ min: -7_200_000, max: 7_200_000 }))
      .map(([d, shift]) => toDayNumber(d) * 86_400_000 + 3_600_000 + shift);
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: START, max: END }), near), (at) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(ROME);
        expect(romeDate(at)).toBe(zoned.toPlainDate().toString());
        expect(romeMinutes(at)).toBe(zoned.hour * 60 + zoned.minute);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the instant of a local time as Temporal does', () => {
    fc.assert(
      fc.property(fc.oneof(anyDay, changeDay), anyMinutes, (d, minutes) => {
        expect(romeInstant(d, minutes)).toBe(expected(d, minutes));
      }),
      { numRuns: 500 },
    );
    // Every quarter of an hour of both changes of 2027.
    for (const day of ['2027-03-28', '2027-10-31']) {
      for (let minutes = 0; minutes < 1440; minutes += 15) {
        expect(romeInstant(civilDate(day), minutes)).toBe(expected(day, minutes));
      }
    }
  });

  it('skips to 3:00 in spring and takes the first of two in autumn', () => {
    expect(romeInstant(civilDate('2026-03-29'), 150)).toBe(Date.UTC(2026, 2, 29, 1));
    expect(romeMinutes(romeInstant(civilDate('2026-03-29'), 150))).toBe(180);
    expect(romeInstant(civilDate('2026-10-25'), 150)).toBe(Date.UTC(2026, 9, 25, 0, 30));
  });

  it('takes 1440 as the next midnight and refuses more', () => {
    fc.assert(
      fc.property(fc.oneof(anyDay, changeDay), (d) => {
        expect(romeInstant(d, 1440)).toBe(romeInstant(fromDayNumber(toDayNumber(d) + 1), 0));
      }),
    );
    for (const bad of [-1, 1441, Number.NaN]) {
      expect(() => romeInstant(civilDate('2026-01-01'), bad)).toThrow(
        expect.objectContaining({ code: 'INSTANT_RANGE' }),
      );
    }
    expect(() => romeDate(Number.NaN)).toThrow(expect.objectContaining({ code: 'INSTANT_RANGE' }));
  });

  it('writes instants in Italian', () => {
    expect(formatInstant(Date.UTC(2026, 10, 24, 8, 5))).toBe('24/11/2026 alle 9:05');
    expect(formatInstant(Date.UTC(2026, 6, 1, 22, 0))).toBe('02/07/2026 alle 0:00');
    expect(formatInstant(Date.UTC(2026, 0, 1, 0, 30))).toBe('01/01/2026 all’1:30');
  });
});
