import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, civilDate, weekday } from '../../kernel/civil-date.ts';
import { romeDate, romeMinutes } from '../../kernel/rome-time.ts';
import { calendarOf, makeRuleBook, type WindowRule, windowsBetween } from './index.ts';

const RULE: WindowRule = { fromMinutes: 480, toMinutes: 1200, days: [1, 2, 3, 4, 5, 6] };
const national = calendarOf({ patronDay: null });
const michele = calendarOf({ patronDay: '09-29' });
const utc = (...parts: [number, number, number, number, number]) => Date.UTC(...parts);
const daysOf = (windows: readonly { opensAt: number }[]) => windows.map((w) => romeDate(w.opensAt));

describe('windowsBetween', () => {
  it('opens from 8 to 20 in Rome on each day of the rule, Sundays never', () => {
    const windows = windowsBetween(RULE, national, civilDate('2026-09-07'), 7);
    expect(windows).toHaveLength(6);
    expect(windows[0]).toEqual({ opensAt: utc(2026, 8, 7, 6, 0), closesAt: utc(2026, 8, 7, 18, 0) });
    expect(daysOf(windows)).not.toContain('2026-09-13');
  });

  it('keeps the wall clock when summer time ends (25/10/2026) and begins (28/03/2027)', () => {
    const autumn = windowsBetween(RULE, national, civilDate('2026-10-24'), 3);
    expect(autumn).toEqual([
      { opensAt: utc(2026, 9, 24, 6, 0), closesAt: utc(2026, 9, 24, 18, 0) },
      { opensAt: utc(2026, 9, 26, 7, 0), closesAt: utc(2026, 9, 26, 19, 0) },
    ]);
    // 28/03/2027 is Easter Sunday and 29/03 Easter Monday.
    const spring = windowsBetween(RULE, national, civilDate('2027-03-27'), 4);
    expect(spring).toEqual([
      { opensAt: utc(2027, 2, 27, 7, 0), closesAt: utc(2027, 2, 27, 19, 0) },
      { opensAt: utc(2027, 2, 30, 6, 0), closesAt: utc(2027, 2, 30, 18, 0) },
    ]);
  });

  it('is closed on the patron’s day of this body alone', () => {
    const week = [civilDate('2026-09-28'), 3] as const;
    expect(daysOf(windowsBetween(RULE, michele, ...week))).toEqual(['2026-09-28', '2026-09-30']);
    expect(daysOf(windowsBetween(RULE, national, ...week))).toEqual(['2026-09-28', '2026-09-29', '2026-09-30']);
  });

  it('is closed on Monday 4 October 2027, a holiday again since L. 151/2025, and was open in 2025', () => {
    expect(daysOf(windowsBetween(RULE, national, civilDate('2027-10-04'), 2))).toEqual(['2027-10-05']);
    expect(daysOf(windowsBetween(RULE, national, civilDate('2025-10-04'), 1))).toEqual(['2025-10-04']);
  });

  it('is closed from Christmas to Santo Stefano, and on New Year’s Day', () => {
    const days = daysOf(windowsBetween(RULE, national, civilDate('2026-12-24'), 9));
    expect(days).toEqual(['2026-12-24', '2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31']);
  });

  it('keeps to the rule on any days, whatever the season', () => {
    const rule = fc.record({
      fromMinutes: fc.integer({ min: 240, max: 700 }),
      toMinutes: fc.integer({ min: 701, max: 1439 }),
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    });
    fc.assert(
      fc.property(rule, fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 60 }), (r, start, length) => {
        const from = addDays(civilDate('2024-01-01'), start);
        const windows = windowsBetween(r, michele, from, length);
        const open = new Set(daysOf(windows));
        for (const w of windows) {
          expect(romeDate(w.closesAt)).toBe(romeDate(w.opensAt));
          expect([romeMinutes(w.opensAt), romeMinutes(w.closesAt)]).toEqual([r.fromMinutes, r.toMinutes]);
        }
        for (let i = 0; i < length; i += 1) {
          const day = addDays(from, i);
          expect(open.has(day)).toBe(r.days.includes(weekday(day)) && !michele.isHoliday(day));
        }
      }),
    );
  });
});

describe('the days that a body adds (R16)', () => {
  it('are closed: Whit Monday every year, a date once', () => {
    const rules = makeRuleBook(
      civilDate('2026-09-07'),
      [],
      [
        {
          key: 'extraHolidays',
          scope: '*',
          valid_from: '2026-01-01',
          valid_to: null,
          value: ['whitMonday', '2026-11-03'],
          legal_basis: 'L.P. di prova',
        },
      ],
    );
    const bolzano = calendarOf({ patronDay: null }, rules);
    const closed = ['2026-05-25', '2027-05-17', '2026-11-03'].map((day) => civilDate(day));
    expect(closed.map((day) => bolzano.isHoliday(day))).toEqual([true, true, true]);
    expect(closed.map((day) => national.isHoliday(day))).toEqual([false, false, false]);
    expect(bolzano.isHoliday(civilDate('2027-11-03'))).toBe(false);
  });
});
