import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { campaignYaml } from '../../../test/support/campaign-run.ts';
import { TEST_START } from '../../../test/support/store.ts';
import { addDays, civilDate, weekday } from '../../kernel/civil-date.ts';
import { italianHolidays } from '../../kernel/holidays.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { windowsBetween } from '../creditors/index.ts';
import { parseCampaign } from './campaign-document.ts';
import { paceCapsOf } from './pacing.ts';
import { type PaceQuestion, paceCalendar } from './pacing-calendar.ts';

const holidays = italianHolidays({ extra: [] });
const WEEK = { fromMinutes: 480, toMinutes: 1200, days: [1, 2, 3, 4, 5, 6] };
const windows = new Map([
  ['email', windowsBetween(WEEK, holidays, romeDate(TEST_START), 396)],
  ['sms', windowsBetween({ ...WEEK, fromMinutes: 570, days: [1, 2, 3, 4, 5] }, holidays, romeDate(TEST_START), 396)],
]);

function ask(ritmo: string, over: Partial<PaceQuestion> = {}): PaceQuestion {
  const doc = parseCampaign(campaignYaml({ ritmo }));
  const caps = paceCapsOf(doc);
  if (caps === null || doc.pace === undefined) throw new Error('no pace');
  return { caps, pace: doc.pace, steps: doc.steps, people: 0, windows, deadlines: [], now: TEST_START, ...over };
}

describe('the figures of a pace', () => {
  it.each([
    ['{ alGiorno: 2000, allOra: 300 }', { perDay: 2000, perHour: 300 }],
    ['{ ufficio: { risposteAlGiorno: 60, quotaCheChiama: "3%" } }', { perDay: 2000, perHour: null }],
    // Rounded down, and the smaller of the two; half a per cent with an Italian comma.
    ['{ alGiorno: 900, ufficio: { risposteAlGiorno: 5, quotaCheChiama: "0,7 %" } }', { perDay: 714, perHour: null }],
    ['{ alGiorno: 500, ufficio: { risposteAlGiorno: 5, quotaCheChiama: "0.7%" } }', { perDay: 500, perHour: null }],
    // Never nought: a campaign that may not write to anybody would never end.
    ['{ ufficio: { risposteAlGiorno: 1, quotaCheChiama: "100%" } }', { perDay: 1, perHour: null }],
    ['{ finireEntro: 20/12/2026 }', null],
  ])('of %s', (ritmo, caps) => {
    expect(paceCapsOf(parseCampaign(campaignYaml({ ritmo })))).toEqual(caps);
  });

  it.each(['{}', '{ alGiorno: 0 }', '{ ufficio: { risposteAlGiorno: 3 } }', '{ alMese: 3 }', '{ finireEntro: mai }'])(
    'are not made of %s',
    (ritmo) => {
      expect(() => parseCampaign(campaignYaml({ ritmo }))).toThrow('ritmo');
    },
  );
  it.each(['0%', '101%', '3', 'tre%'])('are not made of a share of %s', (quotaCheChiama) => {
    const ritmo = `{ ufficio: { risposteAlGiorno: 3, quotaCheChiama: "${quotaCheChiama}" } }`;
    expect(() => parseCampaign(campaignYaml({ ritmo }))).toThrow('quotaCheChiama');
  });
});

describe('the calendar of a paced campaign', () => {
  it('passes no cap, uses no closed day, and comes to an end with everybody told every step', () => {
    const cap = fc.option(fc.integer({ min: 1, max: 400 }), { nil: null });
    const step = fc.record({
      channel: fc.constantFrom('email' as const, 'sms' as const),
      waitDays: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(
        fc.record({ perDay: cap, perHour: cap }).filter(({ perDay, perHour }) => (perDay ?? perHour) !== null),
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 3_000 }),
        (caps, cascade, people) => {
          const steps = cascade.map((one) => ({ ...one, templateCode: 'a', onlyIf: 'always' as const }));
          const calendar = paceCalendar(ask('{ alGiorno: 1 }', { caps, steps, people }));
          const open = Math.min(caps.perDay ?? 1e9, (caps.perHour ?? 1e9) * 12);
          for (const { day, contacts } of calendar.days) {
            expect(contacts).toBeLessThanOrEqual(open);
            expect([weekday(day) === 7, holidays.isHoliday(day)]).toEqual([false, false]);
          }
          const sum = (of: 'contacts' | 'first') => calendar.days.reduce((n, day) => n + day[of], 0);
          expect(sum('contacts') + calendar.left).toBe(people * steps.length);
          // A year holds at least three hundred open days.
          if (people * steps.length <= 200 * open) expect(calendar.left).toBe(0);
          if (calendar.left === 0) expect(sum('first')).toBe(people);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('tells calls, and whose deadline or which end comes before its slot', () => {
    const start = romeDate(TEST_START);
    const question = ask('{ ufficio: { risposteAlGiorno: 6, quotaCheChiama: "6%" }, finireEntro: 2026-09-20 }', {
      people: 450,
      deadlines: [
        { day: start, n: 130 },
        { day: addDays(start, 1), n: 100 },
        { day: civilDate('2026-12-31'), n: 100 },
      ],
    });
    const calendar = paceCalendar(question);
    // A hundred a day: thirty of the first 130 are a day late, and push thirty of the next hundred to the day after theirs.
    expect(calendar.pastDeadline).toBe(60);
    expect(calendar.days[0]).toEqual({ day: start, contacts: 100, first: 100, calls: 6 });
    expect(calendar).toMatchObject({ finishBy: '2026-09-20', left: 0 });
    expect(calendar.lastDay).toBe('2026-09-17');
  });
});
