import { count, type Stop } from '../journal.ts';
import type { Story } from '../play-types.ts';
import { pairKey } from '../town/types.ts';
import { arrive, askCode, identify, leave, positionPages, Surprise } from './journeys.ts';
import { openBrowser, readNumber, type Visit } from './visits.ts';

/** Answers STOP to whoever wrote; the program has taken it when this resolves. All bodies write from one number. */
export async function replyStop(story: Story, visit: Visit): Promise<void> {
  await story.smsc.reply(visit.mail.to, visit.mail.from.address, 'STOP');
  const { simAt, realAt } = story.now();
  for (const slug of story.bodies.keys()) {
    const { person, mail } = visit;
    const stop: Stop = {
      kind: 'optOut',
      slug,
      personId: person.id,
      address: mail.to,
      debtIds: [],
      simAt,
      realAt,
      answer: null,
    };
    story.journal.stops.push(stop);
  }
  count(story.journal, 'smsStop');
}

/**
 * A phone beside more than one name: neither the SMS nor the page says who is meant, so the people at home try what
 * each has on paper, one after the other, with one code, and look. A code that comes to all of them says nothing of who
 * reads: what it opens is shown to the family (architecture §4.5).
 */
export async function lookTogether(story: Story, visit: Visit, candidates: readonly string[]): Promise<void> {
  // Who stands in the body's file with a row that cannot be read is nobody to the program.
  const sharers = candidates.filter((id) =>
    story.town.debts.some((debt) => debt.personId === id && debt.slug === visit.slug && debt.kind === 'good'),
  );
  const world = openBrowser(story, { ...visit, reader: sharers.length > 1 ? 'relative' : 'self' });
  const arrival = visit.mail.link === null ? null : await arrive(world, visit.mail.link);
  if (arrival === null) return;
  const asked = await askCode(world, arrival, visit.mail.to);
  if (asked === null) return;
  let page = asked.page;
  for (const personId of candidates) {
    const person = story.town.people.get(personId);
    const papers = story.town.papers.get(pairKey(personId, visit.slug));
    if (person === undefined || papers === undefined) continue;
    // From here on it is the person the papers belong to who reads.
    const own: Visit = { ...visit, person, reader: 'self' };
    const result = await identify(world, page, asked.code, papers.documentNumber);
    if (result.kind === 'identified') {
      for (const position of await positionPages(world, result.page)) readNumber(story, own, position);
      await leave(world, result.page);
      count(story.journal, 'family:identified');
      return;
    }
    if (result.page.path === '/aiuto') return;
    page = result.page;
  }
  throw new Surprise('an SMS to a family fits nobody at home');
}
