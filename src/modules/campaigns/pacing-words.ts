import { formatDate } from '../../kernel/civil-date.ts';
import type { PaceCalendar } from './pacing-calendar.ts';

const italian = new Intl.NumberFormat('it-IT', { useGrouping: 'always' });

/** What a pace comes to, in words for the office: its caps, and when the last message goes. */
export function paceWords({ perDay, perHour, lastDay, left }: PaceCalendar): string {
  const caps = [
    perDay === null ? null : `${italian.format(perDay)} al giorno`,
    perHour === null ? null : `${italian.format(perHour)} all’ora`,
  ].filter((cap) => cap !== null);
  const end =
    left > 0
      ? `dopo un anno restano ancora da mandare messaggi: ${italian.format(left)}.`
      : lastDay === null
        ? 'non c’è nulla da mandare.'
        : `l’ultimo messaggio parte il ${formatDate(lastDay)}.`;
  return `Al massimo ${caps.join(' e ')}. Se parte il giorno della prova e nessuno paga prima, ${end}`;
}
