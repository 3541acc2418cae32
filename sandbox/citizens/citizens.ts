import { romeMinutes } from '../../src/kernel/rome-time.ts';
import { type Contact, count, type Stop } from '../journal.ts';
import type { StoredMail } from '../mail/stored-mail.ts';
import type { Story } from '../play-types.ts';
import type { Behaviour } from '../profile.ts';
import { type Person, pairKey } from '../town/types.ts';
import type { Page } from './browser.ts';
import { planCounter } from './counter.ts';
import {
  arrive,
  askCode,
  checkSender,
  claim,
  identify,
  type JourneyWorld,
  leave,
  noticeNumberOn,
  offersSignIn,
  optOut,
  payPosition,
  positionPages,
  Surprise,
  sayNotMe,
  signIn,
} from './journeys.ts';
import { lookTogether, replyStop } from './phone-journeys.ts';
import { openBrowser, type Reader, readNumber, type Visit } from './visits.ts';

const MINUTE = 60_000;
const WAKE = 7 * 60;

export interface Citizens {
  /** A notice has reached a mailbox: whoever reads it will do something, or nothing. */
  onNotice(mail: StoredMail, contact: Contact): void;
}

/** Behaviour per citizens.md §4.6. People act only on what they see: messages, pages, papers at home. */
export function makeCitizens(story: Story, onStop: (stop: Stop) => void): Citizens {
  const { dice, journal, town, truth } = story;
  const notices = new Map<string, number>();
  // Codes and their limits live in real time, which a simulation squeezes: nobody asks twice from one mailbox.
  const askedAt = new Set<string>();

  function gridUp(at: number, behaviour: Behaviour): number {
    const grid = behaviour.gridMinutes * MINUTE;
    return Math.ceil(at / grid) * grid;
  }

  /** People sleep: what would happen at night happens in the morning. */
  function awake(at: number, key: readonly (string | number)[]): number {
    const minutes = romeMinutes(at);
    return minutes >= WAKE ? at : at + (WAKE - minutes + dice.int(0, 120, ...key, 'wake')) * MINUTE;
  }

  function later(
    visit: Visit,
    behaviour: Behaviour,
    what: string,
    delay: number,
    run: (visit: Visit) => Promise<void>,
  ): void {
    const key = [visit.person.id, visit.slug, what, visit.n];
    const at = gridUp(awake(story.now().simAt + Math.max(1, delay) * MINUTE, key), behaviour);
    const label = `${visit.mail.to}|${what}|${visit.person.id}|${visit.slug}|${visit.n}`;
    story.schedule({ at, name: what, group: visit.mail.to, label, run: () => run(visit) });
  }

  function readerOf(person: Person, address: string, behaviour: Behaviour, n: number): Reader | null {
    const owners = (town.mailboxes.get(address) ?? town.phones.get(address))?.owners ?? [];
    if (!owners.includes(person.id)) return 'stranger';
    const alive = owners.filter((id) => town.people.get(id)?.deceased !== true);
    if (!alive.includes(person.id)) return alive.length > 0 ? 'relative' : null;
    if (alive.length === 1) return 'self';
    return dice.chance(behaviour.relativeReads, person.id, address, 'relative', n) ? 'relative' : 'self';
  }

  function stopped(kind: Stop['kind'], visit: Visit, realAt: number, debtIds: readonly string[]): void {
    const stop: Stop = {
      kind,
      slug: visit.slug,
      personId: visit.person.id,
      address: visit.mail.to,
      debtIds,
      simAt: story.now().simAt,
      realAt,
      answer: null,
    };
    journal.stops.push(stop);
    onStop(stop);
  }

  function hasStopped(visit: Visit): boolean {
    return journal.stops.some(
      (stop) =>
        stop.slug === visit.slug &&
        (stop.kind === 'dispute' ? stop.personId === visit.person.id : stop.address === visit.mail.to),
    );
  }

  async function arriveOrNote(world: JourneyWorld, visit: Visit): Promise<Page | null> {
    const page = visit.mail.link === null ? null : await arrive(world, visit.mail.link);
    const old = story.now().simAt - visit.mail.simAt > 5 * 86_400_000;
    const settled = truth.open(visit.person.id, visit.slug).length === 0;
    const paid = journal.payments.some((p) => p.personId === visit.person.id && p.slug === visit.slug);
    if (page === null && !old && !settled && !paid && !hasStopped(visit))
      throw new Surprise('a fresh link was refused');
    return page;
  }

  /** SPID or CIE, or code and item, of the debtor himself. Null when the page never gets that far. */
  async function enter(world: JourneyWorld, visit: Visit, arrival: Page, behaviour: Behaviour): Promise<Page | null> {
    if (offersSignIn(arrival) && !visit.person.minor) {
      const onlyWay = arrival.form(/\/avviso\/codice$/) === null;
      const { id, codiceFiscale } = visit.person;
      // Whoever has an identity has it the next time too, and everywhere.
      if (dice.chance(onlyWay ? behaviour.signsInOnlyWay : behaviour.signsInBesideCode, id, 'signs-in')) {
        const way = dice.chance(behaviour.signsInByCie, id, 'cie') ? 'cie' : 'spid';
        return signIn(world, arrival, way, codiceFiscale);
      }
    }
    if (askedAt.has(visit.mail.to)) {
      world.outcome('didNotAskAgain');
      return null;
    }
    const asked = await askCode(world, arrival, visit.mail.to);
    if (asked === null) return null;
    askedAt.add(visit.mail.to);
    const papers = town.papers.get(pairKey(visit.person.id, visit.slug));
    if (papers === undefined) throw new Surprise('a person without papers');
    const key = [visit.person.id, visit.slug];
    let page = asked.page;
    if (dice.chance(behaviour.wrongItemFirst, ...key, 'wrong-item')) {
      // Known at home and computable: no item (architecture §4.5).
      const wrong = await identify(world, page, asked.code, visit.person.codiceFiscale);
      if (wrong.kind === 'identified') throw new Surprise('the tax code was taken as an item');
      page = wrong.page;
    }
    const item = dice.chance(0.5, ...key, 'item') ? papers.documentNumber : papers.customerCode;
    const result = await identify(world, page, asked.code, item);
    if (result.kind === 'identified') {
      world.outcome('identified');
      return result.page;
    }
    if (result.page.path !== '/aiuto') throw new Surprise('the right code and item were refused');
    return null;
  }

  async function readAsOther(visit: Visit): Promise<void> {
    const behaviour = behaviourOf(visit.slug);
    const key = [visit.mail.to, visit.person.id, visit.slug];
    if (hasStopped(visit) || !dice.chance(behaviour.strangerFollows, ...key, 'follows')) return;
    const world = openBrowser(story, visit);
    const arrival = await arriveOrNote(world, visit);
    if (arrival === null) return;
    if (visit.reader === 'stranger' && dice.chance(behaviour.strangerNotMe, ...key, 'not-me')) {
      stopped('notMe', visit, await sayNotMe(world, arrival), []);
      return;
    }
    if (!dice.chance(behaviour.strangerTriesCode, ...key, 'tries') || askedAt.has(visit.mail.to)) return;
    const asked = await askCode(world, arrival, visit.mail.to);
    if (asked === null) return;
    askedAt.add(visit.mail.to);
    let page = asked.page;
    for (let n = 0; n < behaviour.strangerGuesses; n += 1) {
      const guess = `U${String(dice.int(0, 99_999_999, ...key, 'guess', n)).padStart(8, '0')}`;
      const result = await identify(world, page, asked.code, guess);
      if (result.kind === 'identified') {
        for (const position of await positionPages(world, result.page)) world.seen(position);
        throw new Surprise('a stranger got in with an item he does not hold');
      }
      if (result.page.path === '/aiuto') return;
      page = result.page;
    }
  }

  async function claimJourney(visit: Visit, motive: string, text: string): Promise<void> {
    const behaviour = behaviourOf(visit.slug);
    const world = openBrowser(story, visit);
    let page = await arriveOrNote(world, visit);
    if (page === null) return;
    const open = truth.open(visit.person.id, visit.slug);
    const wrong = open.filter((debt) => debt.wrong !== null);
    // Most people say so at once; some look first.
    if (wrong.length === 0 && dice.chance(0.3, visit.person.id, visit.slug, 'looks-first')) {
      page = (await enter(world, visit, page, behaviour)) ?? page;
      if (page.path === '/posizioni') page = (await positionPages(world, page))[0] ?? page;
      if (page.link(/^\/segnala/) === null) return;
    }
    const about = wrong.length > 0 ? wrong : open;
    const debtIds = about.map((debt) => debt.id);
    stopped('dispute', visit, await claim(world, page, motive, text), debtIds);
  }

  async function payJourney(visit: Visit): Promise<void> {
    const behaviour = behaviourOf(visit.slug);
    const key = [visit.person.id, visit.slug];
    if (hasStopped(visit) || truth.open(visit.person.id, visit.slug).length === 0) return;
    const world = openBrowser(story, visit);
    const arrival = await arriveOrNote(world, visit);
    if (arrival === null) return;
    const page = await enter(world, visit, arrival, behaviour);
    if (page === null) {
      if (dice.chance(behaviour.paperAfterNeutralPage, ...key, 'paper')) {
        planCounter(story, visit.person, visit.slug, story.now().simAt, 'paper');
      }
      return;
    }
    const positions = await positionPages(world, page);
    for (const position of positions) readNumber(story, visit, position);
    if (dice.chance(behaviour.payAtCounterAfterSeeing, ...key, 'at-counter')) {
      planCounter(story, visit.person, visit.slug, story.now().simAt, 'seen');
      return;
    }
    const confirm = !dice.chance(behaviour.cancelAtRail, ...key, 'cancels');
    const all = dice.chance(behaviour.payAll, ...key, 'all');
    for (const position of positions) {
      const noticeNumber = noticeNumberOn(position);
      const debt = noticeNumber === null ? undefined : truth.byNotice(visit.slug, noticeNumber);
      // Nobody pays what he knows he does not owe.
      if (debt?.wrong) continue;
      const paid = await payPosition(world, position, confirm);
      if (!confirm || (paid && !all)) break;
    }
    if (dice.chance(behaviour.closesSession, ...key, 'closes')) await leave(world, page);
  }

  async function look(visit: Visit): Promise<void> {
    const behaviour = behaviourOf(visit.slug);
    const world = openBrowser(story, visit);
    const arrival = await arriveOrNote(world, visit);
    if (arrival === null) return;
    if (dice.chance(behaviour.checksSender, visit.person.id, visit.slug, 'checks')) await checkSender(world, arrival);
    const page = await enter(world, visit, arrival, behaviour);
    if (page === null) return;
    for (const position of await positionPages(world, page)) readNumber(story, visit, position);
    await leave(world, page);
  }

  async function readAsSelf(visit: Visit): Promise<void> {
    const behaviour = behaviourOf(visit.slug);
    const { person, slug } = visit;
    const key = [person.id, slug];
    const { n } = visit;
    if (hasStopped(visit)) return;
    if (dice.chance(behaviour.optOut, ...key, 'opt-out', n)) {
      const world = openBrowser(story, visit);
      const byPage = visit.mail.channel === 'sms' || dice.chance(0.4, ...key, 'opt-out-page');
      stopped('optOut', visit, await optOut(world, visit.mail, byPage), []);
      return;
    }
    const open = truth.open(person.id, slug);
    if (open.length === 0) return;
    const wrong = open.find((debt) => debt.wrong !== null)?.wrong ?? null;
    const claims = dice.chance(wrong ? behaviour.claimWrong : behaviour.claimRight, ...key, 'claims');
    if (claims) {
      const motive = wrong?.motive ?? dice.pick(['alreadyPaid', 'notUnderstood', 'other'], ...key, 'motive');
      return claimJourney(visit, motive, wrong ? 'Ho i documenti e posso portarli allo sportello.' : '');
    }
    if (!dice.chance(behaviour.followLink, ...key, 'follow', n)) return;
    // Somebody whose debts are all wrong does not pay them; who has a right one among them may.
    const owes = open.some((debt) => debt.wrong === null);
    if (owes && dice.chance(behaviour.payAfterSeeing, ...key, 'pays')) {
      later(visit, behaviour, 'pay', dice.delay(behaviour.payDelay, ...key, 'pay-delay', n), payJourney);
      return;
    }
    return look(visit);
  }

  async function readSms(visit: Visit, contact: Contact, read: (visit: Visit) => Promise<void>): Promise<void> {
    const behaviour = behaviourOf(visit.slug);
    const key = [visit.mail.to, visit.slug, visit.n];
    if (hasStopped(visit)) return;
    if (dice.chance(behaviour.smsStop, ...key, 'sms-stop')) return replyStop(story, visit);
    if (contact.personId !== null || visit.reader === 'stranger') return read(visit);
    if (askedAt.has(visit.mail.to) || !dice.chance(behaviour.followLink, ...key, 'follow')) return;
    askedAt.add(visit.mail.to);
    return lookTogether(story, visit, contact.candidates);
  }

  function behaviourOf(slug: string): Behaviour {
    const body = story.bodies.get(slug);
    if (body === undefined) throw new Surprise('a notice of a body that plays no part');
    return body.behaviour;
  }

  return {
    onNotice(mail, contact) {
      // When an SMS may be meant for several, the first stands for all of them.
      const person = town.people.get(contact.personId ?? contact.candidates[0] ?? '');
      if (person === undefined || contact.slug === null || !story.bodies.has(contact.slug)) return;
      const behaviour = behaviourOf(contact.slug);
      const pair = pairKey(person.id, contact.slug);
      const n = (notices.get(pair) ?? 0) + 1;
      notices.set(pair, n);
      const reader = readerOf(person, mail.to, behaviour, n);
      const key = [person.id, contact.slug, n];
      if (reader === null || !dice.chance(behaviour.openRate, ...key, 'opens')) return;
      count(journal, reader === 'self' ? 'read' : `${reader}:read`);
      const visit: Visit = { person, slug: contact.slug, reader, mail, n };
      const delay = dice.delay(behaviour.openDelay, ...key, 'open-delay');
      const read = reader === 'self' ? readAsSelf : readAsOther;
      later(visit, behaviour, 'read', delay, mail.channel === 'sms' ? (own) => readSms(own, contact, read) : read);
    },
  };
}
