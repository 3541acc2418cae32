import { addWorkingDays, italianHolidays } from '../src/kernel/holidays.ts';
import { romeDate, romeInstant } from '../src/kernel/rome-time.ts';
import { nameKey } from './citizens/attribution.ts';
import { count, type Stop } from './journal.ts';
import type { Story } from './play-types.ts';
import { fullName } from './town/types.ts';

/** The simulated office: answers each report within some working days, by the program's own commands. */
export interface Clerk {
  onStop(stop: Stop): void;
}

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly debtorName: string;
  readonly openedAt: number | null;
}

const OPENS = 9 * 60;

export function makeClerk(story: Story): Clerk {
  const due = new Map<string, Stop[]>();

  async function answerAll(slug: string, key: string): Promise<void> {
    const stops = due.get(key) ?? [];
    due.delete(key);
    const body = story.bodies.get(slug);
    if (body === undefined) return;
    const { exit, output } = await story.control.command(body.play.operatorKey, ['dispute', 'list']);
    if (exit !== 0) throw new Error(`dispute list: exit ${exit}`);
    const open = listed(output);
    for (const stop of stops.sort(byPerson)) {
      const entry = find(open, stop, story);
      if (entry === undefined) {
        if (stop.kind === 'dispute') throw new Error('a report is not on the office’s list');
        continue;
      }
      open.splice(open.indexOf(entry), 1);
      const accepted = isRight(story, stop);
      const answer = accepted
        ? 'Ha ragione: abbiamo corretto la Sua posizione.'
        : 'Abbiamo controllato: l’importo risulta ancora da pagare.';
      const argv = ['dispute', accepted ? 'accept' : 'reject', entry.id, '--answer', answer];
      const done = await story.control.command(body.play.operatorKey, argv);
      if (done.exit !== 0) throw new Error(`dispute ${argv[1]}: exit ${done.exit}`);
      count(story.journal, accepted ? 'disputeAccepted' : 'disputeRejected');
      if (stop.kind !== 'dispute') continue;
      stop.answer = { ...story.now(), accepted };
      if (!accepted) continue;
      for (const id of stop.debtIds) {
        const debt = story.truth.debt(slug, id);
        if (debt?.wrong) story.truth.close(debt);
      }
    }
  }

  return {
    onStop(stop) {
      // Opting out is the person's own choice: nothing to answer.
      const body = story.bodies.get(stop.slug);
      if (stop.kind === 'optOut' || body === undefined) return;
      const [first, last] = body.behaviour.clerkDays;
      const { patron } = body.play;
      const days = story.dice.int(first, last, stop.personId, stop.slug, stop.kind, 'clerk');
      const day = addWorkingDays(romeDate(stop.simAt), days, italianHolidays(patron === undefined ? {} : { patron }));
      const key = `${stop.slug}|${day}`;
      const known = due.get(key);
      if (known) return void known.push(stop);
      due.set(key, [stop]);
      story.schedule({
        at: romeInstant(day, OPENS + 5 * story.dice.int(0, 36, key, 'clerk-minute')),
        name: 'clerk',
        group: `clerk|${stop.slug}`,
        label: `clerk|${key}`,
        run: () => answerAll(stop.slug, key),
      });
    },
  };
}

function byPerson(a: Stop, b: Stop): number {
  return a.simAt - b.simAt || (a.personId < b.personId ? -1 : 1);
}

/** The ground truth, which a real clerk would find in the papers. */
function isRight(story: Story, stop: Stop): boolean {
  if (stop.kind === 'notMe') return true;
  return stop.debtIds.some((id) => story.truth.debt(stop.slug, id)?.wrong != null);
}

function listed(output: unknown): Listed[] {
  const list = isRecord(output) ? output.disputes : output;
  if (!Array.isArray(list)) throw new Error('dispute list: no list');
  return list.filter(isRecord).flatMap((entry) => {
    const id = typeof entry.id === 'number' ? String(entry.id) : entry.id;
    if (typeof id !== 'string' || (typeof entry.state === 'string' && entry.state !== 'open')) return [];
    return [
      {
        id,
        kind: typeof entry.kind === 'string' ? entry.kind : '',
        debtorName: typeof entry.debtorName === 'string' ? entry.debtorName : '',
        openedAt: instant(entry.openedAt),
      },
    ];
  });
}

function instant(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** By name, then by the instant nearest to that of the report. */
function find(open: readonly Listed[], stop: Stop, story: Story): Listed | undefined {
  const person = story.town.people.get(stop.personId);
  const wanted = person ? nameKey(fullName(person)) : '';
  const distance = (entry: Listed): number => Math.abs((entry.openedAt ?? stop.simAt) - stop.simAt);
  return open
    .filter((entry) => nameKey(entry.debtorName) === wanted && (entry.kind === 'notMe') === (stop.kind === 'notMe'))
    .sort((a, b) => distance(a) - distance(b))[0];
}
