import type { Journal } from './journal.ts';
import type { MailHost } from './mail/mail-host.ts';
import { fullName, pairKey, type Town } from './town/types.ts';

export interface SampleCitizen {
  readonly address: string;
  readonly name: string;
  /** Something this citizen holds and can type. */
  readonly item: string;
  readonly slug: string;
}

/**
 * A citizen in whose place somebody can try the portal: owes a TARI, reads his own mailbox alone, has not paid nor
 * asked for silence, and if possible has a notice waiting, the latest one.
 */
export function sampleCitizen(
  town: Town,
  host: Pick<MailHost, 'inbox'>,
  journal: Journal | null,
): SampleCitizen | null {
  const paid = new Set(journal?.payments.map((payment) => pairKey(payment.personId, payment.slug)));
  const silent = new Set(journal?.stops.map((stop) => pairKey(stop.personId, stop.slug)));
  const silentAddresses = new Set(journal?.stops.map((stop) => stop.address));
  let best: (SampleCitizen & { readonly score: number }) | null = null;
  const readers = new Map<string, number>();
  for (const person of town.people.values()) {
    if (person.email !== null) readers.set(person.email, (readers.get(person.email) ?? 0) + 1);
  }
  // Who has asked for a code in the story may be at the limit of his tries.
  const busy = new Set(journal?.contacts.filter((c) => c.kind === 'code').map((c) => c.address));
  for (const debt of town.debts) {
    const person = town.people.get(debt.personId);
    const key = pairKey(debt.personId, debt.slug);
    const papers = town.papers.get(key);
    if (debt.creditType !== 'TARI' || debt.kind !== 'good' || debt.wrong || debt.amountCents < 2000) continue;
    if (!person?.email || !papers || person.deceased || person.minor || paid.has(key) || silent.has(key)) continue;
    const box = town.mailboxes.get(person.email);
    if (box?.state !== 'works' || box.owners.length !== 1 || box.owners[0] !== person.id) continue;
    if (readers.get(person.email) !== 1 || silentAddresses.has(person.email)) continue;
    const at = host.inbox(person.email).findLast((mail) => mail.kind === 'notice')?.simAt ?? 0;
    const score = busy.has(person.email) ? Math.sign(at) : at;
    if (best !== null && score <= best.score) continue;
    best = { address: person.email, name: fullName(person), item: papers.documentNumber, slug: debt.slug, score };
  }
  return best === null ? null : { address: best.address, name: best.name, item: best.item, slug: best.slug };
}
