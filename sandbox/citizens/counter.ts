import { addDays } from '../../src/kernel/civil-date.ts';
import { italianHolidays, nextWorkingDay } from '../../src/kernel/holidays.ts';
import { romeDate, romeInstant } from '../../src/kernel/rome-time.ts';
import { count } from '../journal.ts';
import type { Story } from '../play-types.ts';
import { type Debt, type Person, pairKey } from '../town/types.ts';
import { tellPayment } from '../wire.ts';

const OPENS = 8 * 60 + 30;
const CLOSES = 12 * 60 + 30;

/** Pays a debt at a counter with the number on paper; the counter tells the body, the portal is not involved. */
async function payAtCounter(story: Story, debt: Debt): Promise<void> {
  const noticeNumber = story.truth.numberOf(debt);
  const body = story.bodies.get(debt.slug);
  if (noticeNumber === null || body === undefined) return;
  if (!story.truth.open(debt.personId, debt.slug).includes(debt)) return;
  const delivered = await tellPayment(story, {
    receiptId: `sportello-${debt.slug}-${debt.id}`,
    creditorFiscalCode: body.codiceFiscale,
    noticeNumber,
    amountCents: debt.amountCents,
    paidAt: story.now().simAt,
    psp: 'sportello',
  });
  if (delivered) count(story.journal, 'paidAtCounter');
}

/** Plans a payment at the counter on the first working day after `after`, for the debts whose number is known. */
export function planCounter(story: Story, person: Person, slug: string, after: number, why: string): void {
  const patron = story.bodies.get(slug)?.play.patron;
  const calendar = italianHolidays(patron === undefined ? {} : { patron });
  const day = nextWorkingDay(addDays(romeDate(after), 1), calendar);
  const minutes = story.dice.int(OPENS / 5, CLOSES / 5, person.id, slug, why, 'minute') * 5;
  story.schedule({
    at: romeInstant(day, minutes),
    name: 'counter',
    group: person.id,
    label: `counter|${person.id}|${slug}|${why}`,
    run: async () => {
      for (const debt of story.truth.open(person.id, slug)) {
        // Nobody pays what he knows he does not owe.
        if (debt.wrong === null) await payAtCounter(story, debt);
      }
    },
  });
}

/** Those who pay what they have on paper without waiting for anybody (citizens.md §4.6: 5 % in 30 days). */
export function planUnprompted(story: Story): void {
  const days = (story.until - story.from) / 86_400_000;
  const seen = new Set<string>();
  for (const debt of story.town.debts) {
    const key = pairKey(debt.personId, debt.slug);
    const body = story.bodies.get(debt.slug);
    const person = story.town.people.get(debt.personId);
    if (debt.kind !== 'good' || debt.noticeNumber === null || seen.has(key) || !body || !person) continue;
    seen.add(key);
    if (person.deceased || person.minor) continue;
    const share = Math.min(1, (body.behaviour.payUnprompted * days) / 30);
    if (!story.dice.chance(share, person.id, debt.slug, 'unprompted')) continue;
    const after = story.from + story.dice.fraction(person.id, debt.slug, 'unprompted-at') * (story.until - story.from);
    planCounter(story, person, debt.slug, after, 'unprompted');
  }
}
