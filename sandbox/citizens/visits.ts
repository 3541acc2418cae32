import { passIdp } from '../idp/pass-idp.ts';
import { count, type StrangerPage } from '../journal.ts';
import type { StoredMail } from '../mail/stored-mail.ts';
import { readSms } from '../phones/read-sms.ts';
import type { Story } from '../play-types.ts';
import type { Person } from '../town/types.ts';
import { anonymousPath, makeBrowser, type Page } from './browser.ts';
import { type JourneyWorld, noticeNumberOn, Surprise } from './journeys.ts';

/** Who sits before the screen: the debtor, or somebody else who reads the same mailbox. */
export type Reader = 'self' | 'relative' | 'stranger';

export interface Visit {
  readonly person: Person;
  readonly slug: string;
  readonly reader: Reader;
  readonly mail: StoredMail;
  /** Which notice it was for this person and body, from 1. */
  readonly n: number;
}

/**
 * A fresh browser on the portal, with everything a stranger is shown kept for the count of disclosures. Of health nobody
 * is known before SPID or CIE, whatever he has typed: until then the debtor himself is a stranger (architecture §4.5).
 */
export function openBrowser(story: Story, visit: Visit): JourneyWorld {
  const { journal, host, smsc } = story;
  const bySms = visit.mail.channel === 'sms';
  const browser = makeBrowser(story.portal, story.portalOrigin, () => story.now().realAt);
  let known = visit.reader === 'self' && story.bodies.get(visit.slug)?.kind !== 'asl';
  journal.journeys += 1;

  function seen(page: Page): void {
    if (known) return;
    const shown: StrangerPage = {
      ...story.now(),
      personId: visit.person.id,
      slug: visit.slug,
      path: anonymousPath(page.path),
      text: page.words(),
    };
    journal.pages.push(shown);
  }

  return {
    browser,
    seen,
    mailCount: () => (bySms ? smsc.messages.length : host.mails.length),
    outcome: (name) => count(journal, visit.reader === 'self' ? name : `${visit.reader}:${name}`),
    askingCode: (address) => void story.codesAsked.set(address, (story.codesAsked.get(address) ?? 0) + 1),
    noCodeToCome: (address) =>
      void story.codesAsked.set(address, Math.max(0, (story.codesAsked.get(address) ?? 0) - 1)),
    async codeMail(address, from) {
      const isCode = (mail: StoredMail): boolean => mail.kind === 'code';
      const wait = async (timeoutMs: number): Promise<StoredMail | null> => {
        // Whoever came by SMS is answered by SMS.
        if (!bySms) return host.waitFor(address, from, isCode, timeoutMs);
        const sms = await smsc.waitFor(address, from, (one) => isCode(readSms(one)), timeoutMs);
        return sms === null ? null : readSms(sms);
      };
      const soon = await wait(200);
      if (soon) return soon;
      // A program that queues its codes needs to be let run.
      await story.settle();
      return wait(5000);
    },
    payAtRail: (url, confirm) => payAtPage(story, visit, url, confirm),
    async passIdp(url, codiceFiscale) {
      // The sandbox never leaves this machine.
      if (new URL(url).hostname !== '127.0.0.1')
        throw new Surprise('signing in: led to a page that is not the sandbox’s');
      const back = await passIdp(url, { codiceFiscale }, () => story.now().realAt);
      known = codiceFiscale === visit.person.codiceFiscale;
      return back;
    },
  };
}

async function payAtPage(story: Story, visit: Visit, url: string, confirm: boolean): Promise<string> {
  const { checkout, pageUrl } = story.pagopa;
  if (!url.startsWith(`${pageUrl}/pay/`)) throw new Surprise('paying: led to a page that is not the platform’s');
  const cart = checkout.cart(url.slice(url.lastIndexOf('/') + 1));
  if (cart === undefined) throw new Surprise('paying: the platform does not know the cart');
  for (const { noticeNumber, amountCents, creditorFiscalCode } of cart.notices) {
    const body = story.bodies.get(visit.slug);
    if (body?.codiceFiscale !== creditorFiscalCode) throw new Surprise('paying: the cart names another creditor');
    const debt = story.truth.learn(visit.slug, noticeNumber, visit.person.id, amountCents);
    if (debt === undefined || debt.personId !== visit.person.id) {
      throw new Surprise('paying: the cart fits no debt of the person');
    }
    if (Math.abs(debt.amountCents - amountCents) > 50) throw new Surprise('paying: the cart has another amount');
  }
  const site = makeBrowser(story.paySite, pageUrl, () => story.now().realAt);
  const page = await site.get(url);
  const form = page.form(/\/pay\//);
  const button = form?.buttons.find(({ text }) => text === (confirm ? 'Paga' : 'Annulla'));
  if (page.status !== 200 || !form || !button) throw new Surprise(`the payment page answered ${page.status}`);
  const done = await site.submit(form, { [button.name]: button.value });
  if (done.leftTo === null) throw new Surprise(`the payment page answered ${done.status} and did not lead back`);
  return done.leftTo;
}

/** Binds the notice number a person reads on a position's page to the debt it stands for. */
export function readNumber(story: Story, visit: Visit, page: Page): void {
  const noticeNumber = noticeNumberOn(page);
  if (noticeNumber === null || story.truth.byNotice(visit.slug, noticeNumber)) return;
  const amounts = [...page.words().matchAll(/(\d{1,3}(?:\.\d{3})*),(\d{2})\s*€/g)].map(
    ([, euro = '', cents = '']) => Number(euro.replaceAll('.', '')) * 100 + Number(cents),
  );
  for (const amount of amounts) {
    if (story.truth.learn(visit.slug, noticeNumber, visit.person.id, amount)) return;
  }
}
