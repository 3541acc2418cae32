import { sql } from 'kysely';
import { addDays, type CivilDate, civilDate, weekday, year } from '../../kernel/civil-date.ts';
import { easter, type HolidayCalendar, italianHolidays } from '../../kernel/holidays.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { Ente } from './creditors.store.ts';
import type { RuleBook } from './rules.ts';

/** Opening hours of a channel: minutes of the Roman day, ISO weekdays. Holidays are always closed (R16, R64). */
export interface WindowRule {
  readonly fromMinutes: number;
  readonly toMinutes: number;
  readonly days: readonly number[];
}

/** Whit Monday is fifty days after Easter Sunday. */
const WHIT_MONDAY = 50;
/** Nobody asks for a day farther from the book's than this: windows are laid out for months, terms end within a year. */
const YEARS_AHEAD = 3;

/** National holidays, the patron's day and, with `rules`, the days that the body has set besides (R16). */
export function calendarOf(ente: Pick<Ente, 'patronDay'>, rules?: RuleBook): HolidayCalendar {
  return italianHolidays({
    extra: rules === undefined ? [] : extraDays(rules),
    ...(ente.patronDay === null ? {} : { patron: ente.patronDay }),
  });
}

function extraDays(rules: RuleBook): CivilDate[] {
  const first = year(rules.on) - 1;
  return (rules.find<readonly string[]>('extraHolidays', null)?.value ?? []).flatMap((day) =>
    day === 'whitMonday'
      ? Array.from({ length: YEARS_AHEAD + 2 }, (_, i) => addDays(easter(first + i), WHIT_MONDAY))
      : [civilDate(day)],
  );
}

/** The windows of `days` days from `from`, in order. */
export function windowsBetween(
  rule: WindowRule,
  holidays: HolidayCalendar,
  from: CivilDate,
  days: number,
): { opensAt: number; closesAt: number }[] {
  const windows: { opensAt: number; closesAt: number }[] = [];
  for (let i = 0; i < days; i += 1) {
    const day = addDays(from, i);
    if (!rule.days.includes(weekday(day)) || holidays.isHoliday(day)) continue;
    windows.push({ opensAt: romeInstant(day, rule.fromMinutes), closesAt: romeInstant(day, rule.toMinutes) });
  }
  return windows;
}

/** Replaces the precomputed windows of one channel from `from` on, so that a changed rule or patron's day takes effect. */
export async function writeWindows(
  tx: Tx,
  channel: string,
  from: CivilDate,
  windows: readonly { opensAt: number; closesAt: number }[],
): Promise<void> {
  const ente = enteOf(tx);
  const start = new Date(romeInstant(from, 0)).toISOString();
  await sql`delete from calendar_window where ente_id = ${ente} and channel = ${channel} and opens_at >= ${start}`.execute(
    tx.kysely,
  );
  await sql`insert into calendar_window (ente_id, channel, opens_at, closes_at)
    select ${ente}, ${channel}, u.opens_at, u.closes_at
    from ${unnestRows({
      opens_at: { type: 'timestamptz', values: windows.map((w) => w.opensAt) },
      closes_at: { type: 'timestamptz', values: windows.map((w) => w.closesAt) },
    })}`.execute(tx.kysely);
}
