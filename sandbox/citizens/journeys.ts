import type { Cents } from '../../src/kernel/money.ts';
import type { StoredMail } from '../mail/stored-mail.ts';
import { anonymousPath, type Browser, type Page } from './browser.ts';

/** Something the program answered that was not agreed. */
export class Surprise extends Error {}

/** What a journey needs of the world around it. */
export interface JourneyWorld {
  readonly browser: Browser;
  /** Called with every page shown, so that what strangers see is kept. */
  readonly seen: (page: Page) => void;
  /** Tells that a code is being asked for at this address: the code mail is then an answer, not a contact. */
  readonly askingCode: (address: string) => void;
  /** Takes that back: no code is to come after all. */
  readonly noCodeToCome: (address: string) => void;
  /** The code mail to arrive at an address after message number `from`. */
  readonly codeMail: (address: string, from: number) => Promise<StoredMail | null>;
  readonly mailCount: () => number;
  /** Counts what happened, by name. */
  readonly outcome: (name: string) => void;
  /** Who sits before the payment page; confirms or cancels and comes back with the URL to return to. */
  readonly payAtRail: (url: string, confirm: boolean) => Promise<string>;
  /** Who he is at the identity provider's page; comes back with the URL to return to. */
  readonly passIdp: (url: string, codiceFiscale: string) => Promise<string>;
}

async function show(world: JourneyWorld, page: Page, what: string, ...statuses: number[]): Promise<Page> {
  world.seen(page);
  if (!statuses.includes(page.status)) {
    throw new Surprise(`${what}: ${anonymousPath(page.path)} answered ${page.status}, not ${statuses.join(' or ')}`);
  }
  return page;
}

/** Follows the link of a message. Null when it has expired. */
export async function arrive(world: JourneyWorld, link: string): Promise<Page | null> {
  const page = await show(world, await world.browser.get(link), 'opening the link', 200, 404);
  if (page.status === 404) {
    world.outcome('linkExpired');
    return null;
  }
  if (page.path !== '/avviso') throw new Surprise(`opening the link: led to ${anonymousPath(page.path)}`);
  return page;
}

/** Reads who writes: the body's public page. */
export async function checkSender(world: JourneyWorld, page: Page): Promise<void> {
  const target = page.link(/^\/e\/[^/]+$/);
  if (target === null) throw new Surprise('no link to the page of the body');
  await show(world, await world.browser.get(target), 'the page of the body', 200);
}

/** Whether the page offers SPID or CIE. */
export function offersSignIn(page: Page): boolean {
  return page.link(/^\/entra\/[^/]+$/) !== null;
}

/** Goes in by SPID or CIE as the person of this code; the page of the positions, which may be empty. */
export async function signIn(
  world: JourneyWorld,
  arrival: Page,
  by: 'spid' | 'cie',
  codiceFiscale: string,
): Promise<Page> {
  const target = arrival.link(/^\/entra\/[^/]+$/);
  if (target === null) throw new Surprise('no way to sign in');
  const choose = await show(world, await world.browser.get(target), 'choosing an identity', 200);
  const way = choose.links(/^\/entra\/[^/]+\/avvia\?con=/).find((link) => link.endsWith(`=${by}`));
  if (way === undefined) throw new Surprise(`${by} is not among the ways to sign in`);
  const left = await world.browser.get(way);
  if (left.leftTo === null) throw new Surprise(`signing in: stayed on ${anonymousPath(left.path)} with ${left.status}`);
  const back = await world.passIdp(left.leftTo, codiceFiscale);
  const page = await show(world, await world.browser.get(back), `coming back from ${by}`, 200);
  if (!/^\/posizioni(\/|$)/.test(page.path)) {
    throw new Surprise(`coming back from ${by}: led to ${anonymousPath(page.path)}`);
  }
  world.outcome(`signedIn:${by}`);
  return page;
}

/** Asks for a code and reads it in the mailbox. Null when the body offers none or nothing can be shown. */
export async function askCode(
  world: JourneyWorld,
  arrival: Page,
  address: string,
): Promise<{ page: Page; code: string } | null> {
  const form = arrival.form(/\/avviso\/codice$/);
  if (form === null) {
    world.outcome('codeNotOffered');
    return null;
  }
  const from = world.mailCount();
  world.askingCode(address);
  const page = await show(world, await world.browser.submit(form, {}), 'asking for a code', 200, 429);
  const none = (outcome: string): null => {
    world.noCodeToCome(address);
    world.outcome(outcome);
    return null;
  };
  if (page.status === 429 || page.search.includes('attesa')) return none('codeTooMany');
  if (page.path === '/aiuto') return none('officeOnly');
  if (page.path !== '/codice') throw new Surprise(`asking for a code: led to ${anonymousPath(page.path)}`);
  const mail = await world.codeMail(address, from);
  if (mail?.code == null) {
    none('codeNeverCame');
    throw new Surprise('a code was announced and never came');
  }
  if (mail.channel === 'email' && mail.subject !== 'Il Suo codice di verifica')
    throw new Surprise('the code mail has another subject');
  world.outcome('codeReceived');
  return { page, code: mail.code };
}

export type Identified = { readonly kind: 'identified'; readonly page: Page } | { readonly kind: 'no'; page: Page };

/** Types the code and an item. */
export async function identify(world: JourneyWorld, page: Page, code: string, item: string): Promise<Identified> {
  const form = page.form(/^(https?:\/\/[^/]+)?\/codice$/);
  if (form === null) throw new Surprise('no form for the code');
  const next = await show(
    world,
    await world.browser.submit(form, { codice: code, elemento: item }),
    'typing the code',
    200,
    422,
  );
  if (next.status === 422) {
    world.outcome('mismatch');
    return { kind: 'no', page: next };
  }
  if (/^\/posizioni(\/|$)/.test(next.path)) return { kind: 'identified', page: next };
  if (next.path === '/aiuto') {
    world.outcome('locked');
    return { kind: 'no', page: next };
  }
  throw new Surprise(`typing the code: led to ${anonymousPath(next.path)}`);
}

/** The pages of the positions behind the page shown after identification. */
export async function positionPages(world: JourneyWorld, page: Page): Promise<Page[]> {
  if (page.path !== '/posizioni') return [page];
  const paths = [...new Set(page.links(/^\/posizioni\/[^/]+$/))];
  const pages: Page[] = [];
  for (const path of paths) pages.push(await show(world, await world.browser.get(path), 'a position', 200));
  return pages;
}

/** The notice number printed on a position's page, or null. */
export function noticeNumberOn(page: Page): string | null {
  const match = /\b3\d{17}\b|\b3\d{3}(?: \d{4}){3} \d{2}\b/.exec(page.words());
  return match ? match[0].replaceAll(' ', '') : null;
}

/** Pays one position at the payment page. False when it cannot be paid now or the person gives up. */
export async function payPosition(world: JourneyWorld, position: Page, confirm: boolean): Promise<boolean> {
  const target = position.link(/\/paga$/) ?? position.form(/\/paga$/)?.action ?? null;
  if (target === null) {
    world.outcome('nothingToPay');
    return false;
  }
  const recap = await show(world, await world.browser.get(target), 'the payment recap', 200);
  const form = recap.form(/\/paga$/);
  if (form === null) {
    world.outcome('notPayableNow');
    return false;
  }
  const left = await world.browser.submit(form, {});
  if (left.leftTo === null) {
    throw new Surprise(`paying: stayed on ${anonymousPath(left.path)} with ${left.status}`);
  }
  const back = await world.payAtRail(left.leftTo, confirm);
  const result = await show(world, await world.browser.get(back), 'coming back from payment', 200);
  if (!/^\/esito\//.test(result.path)) throw new Surprise(`coming back: led to ${anonymousPath(result.path)}`);
  world.outcome(confirm ? 'paidOnline' : 'cancelledAtRail');
  return confirm;
}

/** "Ho già pagato o non devo pagare". Returns the real instant of the program's answer. */
export async function claim(world: JourneyWorld, from: Page, motive: string, text: string): Promise<number> {
  const target = from.link(/^\/segnala(\/[^/]+)?$/);
  if (target === null) throw new Surprise(`no way to say "già pagato" on ${anonymousPath(from.path)}`);
  const page = await show(world, await world.browser.get(target), 'the report page', 200);
  const form = page.form(/\/segnala(\/[^/]+)?$/);
  if (form === null) throw new Surprise('no form for the report');
  const motives = form.choices.get('motivo') ?? [];
  if (!motives.includes(motive)) throw new Surprise(`the report page does not offer the reason ${motive}`);
  const done = await world.browser.submit(form, { motivo: motive, testo: text });
  await show(world, done, 'sending the report', 200);
  if (done.firstStatus !== 303 || done.path !== '/segnala/fatto') {
    throw new Surprise(`sending the report: ${done.firstStatus} to ${anonymousPath(done.path)}`);
  }
  world.outcome('disputed');
  return done.answeredAt;
}

/** "Non sono io". Returns the real instant of the program's answer. */
export async function sayNotMe(world: JourneyWorld, arrival: Page): Promise<number> {
  const target = arrival.link(/^\/non-sono-io$/);
  if (target === null) throw new Surprise('no "Non sono io" on the arrival page');
  const page = await show(world, await world.browser.get(target), 'the "Non sono io" page', 200);
  const form = page.form(/\/non-sono-io$/);
  if (form === null) throw new Surprise('no form for "Non sono io"');
  const done = await show(world, await world.browser.submit(form, {}), 'confirming "Non sono io"', 200);
  world.outcome('notMe');
  return done.answeredAt;
}

/** Opts out by the mail program's one click (RFC 8058) or by the page. Returns the instant of the answer. */
export async function optOut(world: JourneyWorld, mail: StoredMail, byPage: boolean): Promise<number> {
  const url = mail.optOutUrl;
  if (url === null) throw new Surprise('a notice without a way to opt out');
  if (!byPage) {
    if (!mail.oneClick) throw new Surprise('a notice without one-click opt-out');
    const answer = await world.browser.post(url, 'List-Unsubscribe=One-Click');
    if (answer.firstStatus !== 200) throw new Surprise(`one-click opt-out answered ${answer.firstStatus}`);
    world.outcome('optedOut');
    return answer.answeredAt;
  }
  const page = await show(world, await world.browser.get(url), 'the opt-out page', 200);
  const form = page.form(/\/o\/[^/]+$/);
  if (form === null) throw new Surprise('no form to opt out');
  const done = await show(world, await world.browser.submit(form, {}), 'opting out', 200);
  world.outcome('optedOut');
  return done.answeredAt;
}

/** Closes the session, if the page offers it. */
export async function leave(world: JourneyWorld, page: Page): Promise<void> {
  const form = page.form(/\/esci$/);
  if (form) await show(world, await world.browser.submit(form, {}), 'leaving', 200);
}

/** The debt a shown amount stands for: payments of local taxes are rounded to the euro (L. 296/2006, art. 1, c. 166). */
export function sameAmount(a: Cents, b: Cents): boolean {
  return Math.abs(a - b) <= 50;
}
