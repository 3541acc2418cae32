import Holidays from 'date-holidays';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, civilDate, compareDates, fromDayNumber, toDayNumber, weekday } from './civil-date.ts';
import {
  addWorkingDays,
  easter,
  isWorkingDay,
  italianHolidays,
  NATIONAL_HOLIDAYS,
  nextWorkingDay,
} from './holidays.ts';

const national = italianHolidays({});
const anyDate = fc
  .integer({ min: toDayNumber(civilDate('2001-01-01')), max: toDayNumber(civilDate('2099-12-31')) })
  .map(fromDayNumber);
const anyPatron = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2000-12-31'), noInvalidDate: true })
  .map((d) => d.toISOString().slice(5, 10));

describe('easter', () => {
  it('gives the Easter Mondays of the domain sheet', () => {
    const mondays = [2026, 2027, 2028, 2029, 2030].map((y) => addDays(easter(y), 1));
    expect(mondays).toEqual(['2026-04-06', '2027-03-29', '2028-04-17', '2029-04-02', '2030-04-22']);
  });

  it('stays a Sunday between 22 March and 25 April, and knows the odd years', () => {
    for (let y = 1583; y <= 2999; y += 1) {
      const d = easter(y);
      const inRange = d.slice(5) >= '03-22' && d.slice(5) <= '04-25';
      if (weekday(d) !== 7 || !inRange) expect.fail(d);
    }
    expect([1818, 1943, 1954, 1981, 2049, 2076, 2285].map(easter)).toEqual([
      '1818-03-22',
      '1943-04-25',
      '1954-04-18',
      '1981-04-19',
      '2049-04-18',
      '2076-04-19',
      '2285-03-22',
    ]);
  });
});

describe('national holidays', () => {
  it('agree with date-holidays from 2001 to 2060', () => {
    const oracle = new Holidays('IT');
    for (let y = 2001; y <= 2060; y += 1) {
      const theirs = new Set(
        oracle
          .getHolidays(y)
          .filter((h) => h.type === 'public')
          .map((h) => h.date.slice(0, 10)),
      );
      const ours = new Set<string>();
      for (let d = civilDate(`${y}-01-01`); d <= `${y}-12-31`; d = addDays(d, 1)) {
        // Easter Sunday is a holiday for us as a Sunday.
        if (national.isHoliday(d) && (weekday(d) !== 7 || national.name(d) !== 'Domenica' || d === easter(y)))
          ours.add(d);
      }
      expect(ours).toEqual(theirs);
    }
  });

  it('follow their validity: 4 October from 2026, 2 June from 2001, Epiphany from 1986', () => {
    expect(national.isHoliday(civilDate('2025-10-04'))).toBe(false);
    expect(national.name(civilDate('2026-10-04'))).toBe('San Francesco d’Assisi');
    expect(national.isHoliday(civilDate('2027-10-04'))).toBe(true);
    expect(national.isHoliday(civilDate('2000-06-02'))).toBe(false);
    expect(national.isHoliday(civilDate('2001-06-02'))).toBe(true);
    expect(national.isHoliday(civilDate('1984-01-06'))).toBe(false);
    expect(national.isHoliday(civilDate('1987-01-06'))).toBe(true);
  });

  it('count Sundays, not Saturdays, and not the abolished days', () => {
    expect(national.name(civilDate('2026-11-29'))).toBe('Domenica');
    expect(national.name(civilDate('2026-11-28'))).toBeNull();
    expect(isWorkingDay(civilDate('2026-11-28'), national)).toBe(false);
    for (const day of ['2026-03-19', '2026-05-14', '2026-06-04', '2026-06-29', '2026-11-04']) {
      expect(national.isHoliday(civilDate(day))).toBe(false);
    }
  });

  it('each carry a legal basis', () => {
    expect(NATIONAL_HOLIDAYS).toHaveLength(13);
    for (const rule of NATIONAL_HOLIDAYS) expect(rule.legalBasis).toMatch(/^(L\.|D\.L\.|D\.P\.R\.) \d+\/\d{4}/);
  });
});

describe('local calendar', () => {
  it('adds patron and extra dates', () => {
    const cal = italianHolidays({ patron: '06-24', extra: [civilDate('2027-05-17')] });
    expect(cal.name(civilDate('2027-06-24'))).toBe('Santo patrono');
    expect(cal.name(civilDate('2027-05-17'))).toBe('Festività locale');
    expect(cal.isHoliday(civilDate('2028-05-17'))).toBe(false);
    expect(national.isHoliday(civilDate('2027-06-24'))).toBe(false);
  });

  it('takes 29 February in leap years only, and refuses impossible days', () => {
    const cal = italianHolidays({ patron: '02-29' });
    expect(cal.isHoliday(civilDate('2028-02-29'))).toBe(true);
    expect(cal.isHoliday(civilDate('2027-03-01'))).toBe(false);
    for (const patron of ['02-30', '13-01', '24/06', '6-24', '']) {
      expect(() => italianHolidays({ patron })).toThrow(expect.objectContaining({ code: 'CALENDAR_PATRON' }));
    }
  });
});

describe('working days', () => {
  it('moves over a long weekend', () => {
    expect(nextWorkingDay(civilDate('2026-12-25'), national)).toBe('2026-12-28');
    expect(nextWorkingDay(civilDate('2026-12-28'), national)).toBe('2026-12-28');
    expect(addWorkingDays(civilDate('2026-12-24'), 1, national)).toBe('2026-12-28');
    expect(addWorkingDays(civilDate('2026-12-28'), -1, national)).toBe('2026-12-24');
    expect(addWorkingDays(civilDate('2026-11-27'), 5, national)).toBe('2026-12-04');
    expect(addWorkingDays(civilDate('2026-11-29'), 0, national)).toBe('2026-11-30');
    expect(() => addWorkingDays(civilDate('2026-11-29'), 0.5, national)).toThrow(
      expect.objectContaining({ code: 'DATE_RANGE' }),
    );
  });

  it('never lands on a holiday or a weekend', () => {
    fc.assert(
      fc.property(anyDate, anyPatron, fc.integer({ min: -30, max: 30 }), (d, patron, n) => {
        const cal = italianHolidays({ patron });
        const next = nextWorkingDay(d, cal);
        expect(weekday(next)).toBeLessThanOrEqual(5);
        expect(cal.isHoliday(next)).toBe(false);
        for (let between = d; between < next; between = addDays(between, 1))
          expect(isWorkingDay(between, cal)).toBe(false);
        const moved = addWorkingDays(d, n, cal);
        expect(isWorkingDay(moved, cal)).toBe(true);
        if (n !== 0) expect(Math.sign(compareDates(moved, d))).toBe(Math.sign(n));
      }),
    );
  });

  it('counts each working day once', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 1, max: 30 }), (d, n) => {
        const end = addWorkingDays(d, n, national);
        let counted = 0;
        for (let day = addDays(d, 1); day <= end; day = addDays(day, 1)) if (isWorkingDay(day, national)) counted += 1;
        expect(counted).toBe(n);
        expect(addWorkingDays(addWorkingDays(end, -n, national), n, national)).toBe(end);
      }),
    );
  });
});
