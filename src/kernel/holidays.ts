import { addDays, type CivilDate, civilDate, dateOf, parseCivilDate, weekday, year } from './civil-date.ts';
import { CodedError } from './errors.ts';

/** One holiday of the year: a fixed `day` (`MM-DD`) or a number of days after Easter Sunday. */
export type HolidayRule = ({ readonly day: string } | { readonly easterOffset: number }) & {
  readonly name: string;
  readonly validFrom: CivilDate;
  readonly validTo?: CivilDate;
  readonly legalBasis: string;
};

export interface HolidayCalendar {
  isHoliday(d: CivilDate): boolean;
  /** What to call the holiday, in Italian, or null on other days. */
  name(d: CivilDate): string | null;
}

const L260 = { validFrom: civilDate('1949-06-01'), legalBasis: 'L. 260/1949, art. 2' } as const;

/**
 * National holidays as they stand since 1986. The list still printed in L. 260/1949 also names days abolished by
 * L. 54/1977 (San Giuseppe, Ascensione, Corpus Domini, SS. Pietro e Paolo, 4 novembre): they must not be here.
 */
export const NATIONAL_HOLIDAYS: readonly HolidayRule[] = [
  { day: '01-01', name: 'Capodanno', ...L260 },
  { day: '01-06', name: 'Epifania', validFrom: civilDate('1986-01-01'), legalBasis: 'D.P.R. 792/1985' },
  { easterOffset: 1, name: 'Lunedì dell’Angelo', ...L260 },
  {
    day: '03-17',
    name: 'Unità d’Italia',
    validFrom: civilDate('2011-01-01'),
    validTo: civilDate('2011-12-31'),
    legalBasis: 'D.L. 5/2011, art. 1',
  },
  { day: '04-25', name: 'Festa della Liberazione', ...L260 },
  { day: '05-01', name: 'Festa del lavoro', ...L260 },
  { day: '06-02', name: 'Festa della Repubblica', validFrom: civilDate('2001-01-01'), legalBasis: 'L. 336/2000' },
  { day: '08-15', name: 'Assunzione', ...L260 },
  { day: '10-04', name: 'San Francesco d’Assisi', validFrom: civilDate('2026-01-01'), legalBasis: 'L. 151/2025' },
  { day: '11-01', name: 'Ognissanti', ...L260 },
  { day: '12-08', name: 'Immacolata Concezione', ...L260 },
  { day: '12-25', name: 'Natale', ...L260 },
  { day: '12-26', name: 'Santo Stefano', ...L260 },
];

/** Easter Sunday of the Gregorian calendar. */
export function easter(y: number): CivilDate {
  const golden = y % 19;
  const century = Math.floor(y / 100);
  const droppedLeapDays = century - Math.floor(century / 4);
  const lunarShift = Math.floor((8 * century + 13) / 25);
  // Age of the moon, as days from 21 March to the Paschal full moon.
  let moon = (19 * golden + droppedLeapDays - lunarShift + 15) % 30;
  if (moon === 29 || (moon === 28 && golden > 10)) moon -= 1;
  const fullMoon = addDays(civilDate(`${String(y).padStart(4, '0')}-03-21`), moon);
  // The Sunday strictly after the full moon.
  return addDays(fullMoon, 7 - (weekday(fullMoon) % 7));
}

/**
 * The calendar of a body: Sundays and national holidays, with its `patron` day (`MM-DD`) and `extra` dates (Whit Monday
 * in the province of Bolzano, a day declared by ordinance). Throws CALENDAR_PATRON for an impossible patron day.
 */
export function italianHolidays(opts: { patron?: string; extra?: readonly CivilDate[] } = {}): HolidayCalendar {
  const { patron } = opts;
  // A leap year, so that 02-29 stands: such a patron is kept in leap years only.
  if (patron !== undefined && (!/^\d\d-\d\d$/.test(patron) || !parseCivilDate(`2000-${patron}`).ok)) {
    throw new CodedError('CALENDAR_PATRON', 'patron day must be MM-DD', { patron });
  }
  const byYear = new Map<number, ReadonlyMap<CivilDate, string>>();

  function ofYear(y: number): ReadonlyMap<CivilDate, string> {
    const known = byYear.get(y);
    if (known) return known;
    const days = new Map<CivilDate, string>();
    for (const d of opts.extra ?? []) if (year(d) === y) days.set(d, 'Festività locale');
    const patronDay = patron === undefined ? null : monthDay(y, patron);
    if (patronDay !== null) days.set(patronDay, 'Santo patrono');
    for (const rule of NATIONAL_HOLIDAYS) {
      const d = 'day' in rule ? monthDay(y, rule.day) : addDays(easter(y), rule.easterOffset);
      if (d !== null && d >= rule.validFrom && (rule.validTo === undefined || d <= rule.validTo))
        days.set(d, rule.name);
    }
    byYear.set(y, days);
    return days;
  }

  const name = (d: CivilDate): string | null => ofYear(year(d)).get(d) ?? (weekday(d) === 7 ? 'Domenica' : null);
  return { name, isHoliday: (d) => name(d) !== null };
}

function monthDay(y: number, day: string): CivilDate | null {
  return dateOf(y, Number(day.slice(0, 2)), Number(day.slice(3, 5)));
}

/** Monday to Friday and no holiday. */
export function isWorkingDay(d: CivilDate, cal: HolidayCalendar): boolean {
  return weekday(d) <= 5 && !cal.isHoliday(d);
}

/** `d` itself if it is a working day, else the first one after it (c.c. 2963; Saturday: D.L. 70/2011, art. 7, c. 1 h). */
export function nextWorkingDay(d: CivilDate, cal: HolidayCalendar): CivilDate {
  let day = d;
  while (!isWorkingDay(day, cal)) day = addDays(day, 1);
  return day;
}

/**
 * The `n`th working day after `d` (before it when `n` is negative); `d` is not counted, as for the day of the event in
 * c.c. 2963. With 0, `nextWorkingDay(d)`.
 */
export function addWorkingDays(d: CivilDate, n: number, cal: HolidayCalendar): CivilDate {
  if (!Number.isInteger(n)) throw new CodedError('DATE_RANGE', 'working days must be an integer', { n: String(n) });
  if (n === 0) return nextWorkingDay(d, cal);
  const step = n < 0 ? -1 : 1;
  let day = d;
  for (let left = Math.abs(n); left > 0; ) {
    day = addDays(day, step);
    if (isWorkingDay(day, cal)) left -= 1;
  }
  return day;
}
