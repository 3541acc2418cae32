import { addDays, type CivilDate, compareDates, formatDate, weekday } from '../../kernel/civil-date.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import { type PaceCalendar, type PaceDay, paceWords } from '../../modules/campaigns/index.ts';
import type { PaceToday } from '../../modules/insight/index.ts';
import { Callout, Details } from '../ui/parts.tsx';
import { DataTable, Figure, Figures } from './campaign-parts.tsx';
import { count, counted } from './campaign-words.ts';
import { Bars } from './results-parts.tsx';

/** More bars than this are no picture any more: weeks are drawn instead of days. */
const MOST_BARS = 21;
const WEEKDAYS = ['lun', 'mar', 'mer', 'gio', 'ven', 'sab', 'dom'];

/** The days that follow from a campaign's pace (O6): who is told when, and how many will call. */
export function PaceCalendarPart({ calendar }: { calendar: PaceCalendar }) {
  const { days, lastDay, left } = calendar;
  const busiest = Math.max(0, ...days.map((day) => day.contacts));
  const calls = days.some((day) => day.calls !== null);
  return (
    <>
      <h2 class="c-h2">Il calendario</h2>
      <p>{paceWords(calendar)}</p>
      <Warnings calendar={calendar} />
      <Figures>
        <Figure label="Giorni di invio" value={count(days.length)} />
        <Figure label="Il giorno più pieno" value={counted(busiest, 'messaggio', 'messaggi')} />
        {calls ? (
          <Figure
            label="Risposte al giorno, al massimo"
            value={count(Math.max(0, ...days.map((day) => day.calls ?? 0)))}
          />
        ) : null}
        <Figure label="Ultimo giorno" value={lastDay === null || left > 0 ? 'non si sa' : formatDate(lastDay)} />
      </Figures>
      <h3 class="c-h2">{days.length > MOST_BARS ? 'Messaggi per settimana' : 'Messaggi per giorno'}</h3>
      <Bars bars={barsOf(days)} />
      <Details summary="I numeri: messaggi e risposte per giorno">
        <DataTable
          caption="Messaggi e risposte attese per giorno"
          empty="Nessun giorno."
          columns={[
            { label: 'Giorno' },
            { label: 'Messaggi', numeric: true },
            { label: 'Di cui primi contatti', numeric: true },
            ...(calls ? [{ label: 'Risposte attese', numeric: true }] : []),
          ]}
          rows={days.map((day) => [
            dayWords(day),
            count(day.contacts),
            count(day.first),
            ...(calls ? [count(day.calls ?? 0)] : []),
          ])}
        />
      </Details>
      <p class="b-hint">
        Prima si contatta chi non ha ancora ricevuto nulla, poi si passa ai messaggi successivi. Chi paga o risponde
        libera il suo posto, e il calendario si accorcia.
      </p>
    </>
  );
}

function Warnings({ calendar }: { calendar: PaceCalendar }) {
  const { finishBy, lastDay, left, pastDeadline } = calendar;
  const tooLate = finishBy !== null && (left > 0 || (lastDay !== null && compareDates(lastDay, finishBy) > 0));
  if (!tooLate && pastDeadline === 0) return null;
  return (
    <Callout look="warn" title="Con questo ritmo non si arriva in tempo">
      <ul>
        {pastDeadline === 0 ? null : (
          <li>
            Per {counted(pastDeadline, 'persona', 'persone')} il termine di decadenza passa prima del primo messaggio.
            Per loro serve l’atto, oppure un ritmo più alto.
          </li>
        )}
        {tooLate ? (
          <li>La campagna doveva finire entro il {formatDate(finishBy)}: aumenti il ritmo o cambi il giorno.</li>
        ) : null}
      </ul>
    </Callout>
  );
}

const dayWords = ({ day }: PaceDay) => `${WEEKDAYS[weekday(day) - 1] ?? ''} ${formatDate(day)}`;

/** Days, or the weeks that they make when there are too many. */
function barsOf(days: readonly PaceDay[]) {
  if (days.length <= MOST_BARS) return days.map((day) => ({ label: dayWords(day), n: day.contacts, href: null }));
  const weeks = new Map<CivilDate, number>();
  for (const { day, contacts } of days) {
    const monday = addDays(day, 1 - weekday(day));
    weeks.set(monday, (weeks.get(monday) ?? 0) + contacts);
  }
  return [...weeks].map(([monday, n]) => ({ label: `settimana dal ${formatDate(monday)}`, n, href: null }));
}

/** How much of today is used, beside the progress of a paced campaign (O8). */
export function PaceNow({ pace }: { pace: PaceToday | null }) {
  if (pace === null) return null;
  return (
    <>
      <h2 class="c-h2">Il ritmo di oggi</h2>
      <Figures>
        {pace.perDay === null ? null : (
          <Figure label="Usati oggi" value={`${count(pace.usedToday)} su ${count(pace.perDay)}`} />
        )}
        {pace.perHour === null ? null : (
          <Figure label="Usati in quest’ora" value={`${count(pace.usedThisHour)} su ${count(pace.perHour)}`} />
        )}
        <Figure label="Aspettano il loro turno" value={counted(pace.waiting, 'persona', 'persone')} />
      </Figures>
      {pace.lastTurnAt === null ? null : (
        <p>L’ultimo turno già fissato è il {formatInstant(pace.lastTurnAt)}. Se qualcuno paga prima, arriva prima.</p>
      )}
    </>
  );
}
