import { setTimeout as sleep } from 'node:timers/promises';
import { wordsOf } from './disclosure.ts';
import type { SimEvent } from './event-queue.ts';
import { type Contact, count } from './journal.ts';
import type { BounceSender } from './mail/bounces.ts';
import { dsnCause } from './mail/dsn.ts';
import type { StoredMail } from './mail/stored-mail.ts';
import type { PaidReceipt } from './pagopa/index.ts';
import type { Story } from './play-types.ts';

const RETRY = 15 * 60_000;
const TRIES = 5;

/** The return of a message that had been accepted, some minutes or hours later. */
export function bounceEvent(story: Story, bounces: BounceSender, mail: StoredMail, contact: Contact): SimEvent {
  const behaviour = story.bodies.get(contact.slug ?? '')?.behaviour;
  const key = [mail.to, contact.personId ?? '', contact.slug ?? '', mail.simAt];
  const grid = (behaviour?.gridMinutes ?? 5) * 60_000;
  const delay = behaviour ? story.dice.delay(behaviour.dsnDelay, ...key, 'dsn') : 30;
  const event = (at: number, attempt: number): SimEvent => ({
    at,
    name: 'bounce',
    group: 'bounces',
    label: `${key.join('|')}|bounce|${attempt}`,
    run: async () => {
      const { simAt } = story.now();
      const cause = dsnCause(story.dice.fraction(mail.to, 'dsn-cause'), mail.to);
      if (await bounces.bounce(mail, cause, simAt)) {
        story.journal.bounced += 1;
        count(story.journal, 'bounced');
      } else if (attempt < TRIES) story.schedule(event(simAt + RETRY, attempt + 1));
      else throw new Error('the program would not take a bounce');
    },
  });
  return event(Math.ceil((mail.simAt + Math.max(1, delay) * 60_000) / grid) * grid, 1);
}

/** Real ms between two tries of a counter to tell the body, and how many there are. */
const AGAIN_MS = 250;
const COUNTER_TRIES = 40;

/** Tells the program of a payment at a counter until it has it; false when it never said so. */
export async function tellPayment(story: Story, receipt: PaidReceipt): Promise<boolean> {
  for (let n = 0; n < COUNTER_TRIES; n += 1) {
    const status = await postReceipt(story, receipt).catch(() => 0);
    if (status >= 200 && status < 300) return true;
    await sleep(AGAIN_MS);
  }
  return false;
}

async function postReceipt(story: Story, receipt: PaidReceipt): Promise<number> {
  const body = [...story.bodies.values()].find((known) => known.codiceFiscale === receipt.creditorFiscalCode);
  if (body === undefined) return 0;
  const { receiptId, noticeNumber, amountCents, psp } = receipt;
  const answer = await story.portal.send({
    method: 'POST',
    path: '/api/v1/receipts',
    headers: {
      host: new URL(story.portalOrigin).host,
      authorization: `Bearer ${body.play.apiKey}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({
      receiptId,
      noticeNumber,
      amountCents,
      paidAt: new Date(receipt.paidAt).toISOString(),
      psp,
      channel: 'counter',
    }),
  });
  if (answer.status < 200 || answer.status > 299) {
    story.journal.failures.push(`receipt: the program answered ${answer.status}`);
    return answer.status;
  }
  if (!/"status"\s*:\s*"booked"/.test(answer.body)) story.journal.failures.push('receipt: not booked');
  else notePayment(story, receipt, 'counter');
  return answer.status;
}

/** The program has confirmed a payment: it is in the journal, and the debt is closed. */
export function notePayment(story: Story, receipt: PaidReceipt, how: 'pagopa' | 'counter'): void {
  const { creditorFiscalCode, noticeNumber, amountCents } = receipt;
  const body = [...story.bodies.values()].find((known) => known.codiceFiscale === creditorFiscalCode);
  const debt = body === undefined ? undefined : story.truth.byNotice(body.slug, noticeNumber);
  if (debt === undefined) return;
  const { personId, id: debtId, slug } = debt;
  story.journal.payments.push({ ...story.now(), personId, slug, debtId, amountCents, how });
  story.truth.close(debt);
}

/** What each body says to everybody, read before the story begins. */
export async function publicPages(story: Story): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const { host } = new URL(story.portalOrigin);
  for (const slug of story.bodies.keys()) {
    const answer = await story.portal.send({
      method: 'GET',
      path: `/e/${encodeURIComponent(slug)}`,
      headers: { host },
    });
    if (answer.status !== 200) story.journal.failures.push(`public page of ${slug}: answered ${answer.status}`);
    pages.set(slug, answer.status === 200 ? wordsOf(answer.body) : '');
  }
  return pages;
}
