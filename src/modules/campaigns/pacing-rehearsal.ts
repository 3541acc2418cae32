import { type RawBuilder, sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { calendarOf, type Ente, type RuleBook, type WindowRule, windowsBetween } from '../creditors/index.ts';
import type { CampaignDocument } from './campaign-document.ts';
import { paceCapsOf } from './pacing.ts';
import { type PaceCalendar, paceCalendar } from './pacing-calendar.ts';

/** A year and a month: who plans for longer than that has to think again anyway, and the page says so. */
const DAYS_AHEAD = 396;

/** The calendar that follows from a document's pace for `people` of its audience; null: it has none. */
export async function rehearsePace(
  tx: Tx,
  ente: Ente,
  rules: RuleBook,
  doc: CampaignDocument,
  audience: RawBuilder<unknown>,
  people: number,
  now: number,
): Promise<PaceCalendar | null> {
  const caps = paceCapsOf(doc);
  if (caps === null || doc.pace === undefined) return null;
  const holidays = calendarOf(ente, rules);
  const channels = [...new Set(doc.steps.map((step) => step.channel))];
  const windows = new Map(
    channels.map((channel) => {
      const rule = rules.get<WindowRule>(`window.${channel}`, null).value;
      return [channel, windowsBetween(rule, holidays, romeDate(now), DAYS_AHEAD)];
    }),
  );
  const deadlines = await decadences(tx, audience);
  return paceCalendar({ caps, pace: doc.pace, steps: doc.steps, people, windows, deadlines, now });
}

/** How many of those to be written to have each earliest decadence deadline, in order of date. */
async function decadences(tx: Tx, audience: RawBuilder<unknown>): Promise<{ day: CivilDate; n: number }[]> {
  const { rows } = await sql<{ day: CivilDate; n: number }>`
    select x.day, count(*)::int as n from (
      select (select min(d.decadence_deadline) from debt_now d
        where d.ente_id = ${enteOf(tx)} and d.debt_id = any(a.debt_ids)) as day
      from (${audience}) a where a.reason is null
    ) x where x.day is not null group by x.day order by x.day`.execute(tx.kysely);
  return rows;
}
