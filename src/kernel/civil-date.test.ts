import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  civilDate,
  compareDates,
  dateOf,
  daysBetween,
  endOfYear,
  formatDate,
  formatDateLong,
  fromDayNumber,
  parseCivilDate,
  toDayNumber,
  weekday,
  year,
} from './civil-date.ts';

const FIRST = toDayNumber(civilDate('0001-01-01'));
const LAST = toDayNumber(civilDate('9999-12-31'));
const anyDate = fc.integer({ min: FIRST, max: LAST }).map(fromDayNumber);
const modernDate = fc
  .integer({ min: toDayNumber(civilDate('1900-01-01')), max: toDayNumber(civilDate('2200-12-31')) })
  .map(fromDayNumber);

describe('parseCivilDate', () => {
  it.each(['2026-11-24', '24/11/2026', '24-11-2026', '24.11.2026', ' 24/11/2026 '])('reads %j', (text) => {
    expect(parseCivilDate(text)).toEqual({ ok: true, value: '2026-11-24' });
  });

  it('reads one-digit days and months in the Italian order', () => {
    expect(parseCivilDate('1/2/2026')).toEqual({ ok: true, value: '2026-02-01' });
  });

  it.each([
    ['', 'NOT_A_DATE'],
    ['24/11/26', 'NOT_A_DATE'],
    ['24/11-2026', 'NOT_A_DATE'],
    ['2026/11/24', 'NOT_A_DATE'],
    ['2026-1-2', 'NOT_A_DATE'],
    ['20261124', 'NOT_A_DATE'],
    ['2026-11-24T00:00:00Z', 'NOT_A_DATE'],
    ['24 novembre 2026', 'NOT_A_DATE'],
    ['45620', 'NOT_A_DATE'],
    ['-001-01-01', 'NOT_A_DATE'],
    ['31/02/2026', 'NO_SUCH_DAY'],
    ['29/02/2025', 'NO_SUCH_DAY'],
    ['29/02/1900', 'NO_SUCH_DAY'],
    ['31/04/2026', 'NO_SUCH_DAY'],
    ['00/01/2026', 'NO_SUCH_DAY'],
    ['01/13/2026', 'NO_SUCH_DAY'],
    ['2026-00-10', 'NO_SUCH_DAY'],
    ['0000-01-01', 'NO_SUCH_DAY'],
  ])('refuses %j as %s', (text, code) => {
    expect(parseCivilDate(text)).toEqual({ ok: false, error: { code } });
  });

  it('knows leap years', () => {
    expect(parseCivilDate('29/02/2024').ok).toBe(true);
    expect(parseCivilDate('29/02/2000').ok).toBe(true);
  });

  it('gives back what formatDate wrote', () => {
    fc.assert(
      fc.property(anyDate, (d) => {
        expect(parseCivilDate(formatDate(d))).toEqual({ ok: true, value: d });
        expect(parseCivilDate(d)).toEqual({ ok: true, value: d });
      }),
    );
  });
});

describe('day numbers', () => {
  it('count from 1970 and go back', () => {
    expect(toDayNumber(civilDate('1970-01-01'))).toBe(0);
    expect(fromDayNumber(-1)).toBe('1969-12-31');
    expect(fromDayNumber(FIRST)).toBe('0001-01-01');
    expect(fromDayNumber(LAST)).toBe('9999-12-31');
    expect(() => fromDayNumber(FIRST - 1)).toThrow(expect.objectContaining({ code: 'DATE_RANGE' }));
    expect(() => fromDayNumber(LAST + 1)).toThrow(expect.objectContaining({ code: 'DATE_RANGE' }));
    expect(() => fromDayNumber(0.5)).toThrow(expect.objectContaining({ code: 'DATE_RANGE' }));
  });

  it('agree with the runtime on every day from 1890 to 2110', () => {
    const from = Math.floor(Date.UTC(1890, 0, 1) / 86_400_000);
    const to = Math.floor(Date.UTC(2110, 0, 1) / 86_400_000);
    for (let day = from; day < to; day += 1) {
      const iso = new Date(day * 86_400_000).toISOString().slice(0, 10);
      if (fromDayNumber(day) !== iso || toDayNumber(civilDate(iso)) !== day) expect.fail(iso);
    }
  });

  it('are a bijection over all years', () => {
    fc.assert(fc.property(fc.integer({ min: FIRST, max: LAST }), (n) => toDayNumber(fromDayNumber(n)) === n));
  });
});

describe('steps', () => {
  it('adds days and counts them', () => {
    expect(addDays(civilDate('2026-02-28'), 1)).toBe('2026-03-01');
    expect(addDays(civilDate('2026-01-01'), -1)).toBe('2025-12-31');
    fc.assert(
      fc.property(modernDate, fc.integer({ min: -40_000, max: 40_000 }), (d, n) => {
        expect(daysBetween(d, addDays(d, n))).toBe(n);
      }),
    );
  });

  it('adds months, stopping at the end of a shorter one', () => {
    expect(addMonths(civilDate('2026-01-31'), 1)).toBe('2026-02-28');
    expect(addMonths(civilDate('2024-01-31'), 1)).toBe('2024-02-29');
    expect(addMonths(civilDate('2026-11-24'), 3)).toBe('2027-02-24');
    expect(addMonths(civilDate('2026-03-31'), -1)).toBe('2026-02-28');
    expect(addMonths(civilDate('2026-01-15'), -13)).toBe('2024-12-15');
    expect(() => addMonths(civilDate('9999-12-01'), 1)).toThrow(expect.objectContaining({ code: 'DATE_RANGE' }));
    expect(() => addMonths(civilDate('2026-12-01'), 0.5)).toThrow(expect.objectContaining({ code: 'DATE_RANGE' }));
    fc.assert(
      fc.property(modernDate, fc.integer({ min: -600, max: 600 }), (d, n) => {
        const moved = addMonths(d, n);
        const months = (x: string) => Number(x.slice(0, 4)) * 12 + Number(x.slice(5, 7));
        expect(months(moved) - months(d)).toBe(n);
        expect(moved.slice(8) <= d.slice(8)).toBe(true);
      }),
    );
  });

  it('orders dates as their day numbers', () => {
    fc.assert(fc.property(anyDate, anyDate, (a, b) => Math.sign(compareDates(a, b)) === Math.sign(daysBetween(b, a))));
  });
});

describe('parts and text', () => {
  it('knows weekdays, on both sides of 1970', () => {
    expect(weekday(civilDate('2026-11-24'))).toBe(2);
    expect(weekday(civilDate('2026-11-29'))).toBe(7);
    expect(weekday(civilDate('1946-06-02'))).toBe(7);
    expect(weekday(civilDate('0001-01-01'))).toBe(1);
  });

  it('writes Italian dates as Intl does', () => {
    const intl = new Intl.DateTimeFormat('it-IT', { dateStyle: 'long', timeZone: 'UTC' });
    expect(formatDateLong(civilDate('2026-11-24'))).toBe('24 novembre 2026');
    expect(formatDate(civilDate('2026-01-02'))).toBe('02/01/2026');
    fc.assert(fc.property(modernDate, (d) => formatDateLong(d) === intl.format(toDayNumber(d) * 86_400_000)));
  });

  it('gives years, their ends, and dates from parts', () => {
    expect(year(civilDate('2026-11-24'))).toBe(2026);
    expect(endOfYear(2026)).toBe('2026-12-31');
    expect(() => endOfYear(10_000)).toThrow(expect.objectContaining({ code: 'DATE_RANGE' }));
    expect(dateOf(2026, 2, 28)).toBe('2026-02-28');
    expect(dateOf(2026, 2, 29)).toBeNull();
    expect(() => civilDate('x')).toThrow(expect.objectContaining({ code: 'NOT_A_DATE' }));
  });
});
