import type { Journal } from './journal.ts';
import type { MailHost } from './mail/mail-host.ts';
import { type CreditType, fullName, pairKey, type Town } from './town/types.ts';

export interface SampleCitizen {
  readonly address: string;
  readonly name: string;
  /** Who one is at SPID and CIE. */
  readonly codiceFiscale: string;
  /** Something this citizen holds and can type. */
  readonly item: string;
  readonly slug: string;
}

/** One who owes a TARI, and one whose position opens by SPID or CIE alone. */
export interface Sample extends SampleCitizen {
  readonly health: SampleCitizen | null;
}

export function sample(town: Town, host: Pick<MailHost, 'inbox'>, journal: Journal | null): Sample | null {
  const citizen = sampleCitizen(town, host, journal, 'TARI');
  return citizen === null ? null : { ...citizen, health: sampleCitizen(town, host, journal, 'TICKET') };
}

/**
 * A citizen in whose place somebody can try the portal: owes a credit of this type, reads his own mailbox alone, has not
 * paid nor asked for silence, and if possible has a notice waiting, the latest one.
 */
function sampleCitizen(
  town: Town,
  host: Pick<MailHost, 'inbox'>,
  journal: Journal | null,
  creditType: CreditType,
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
    if (debt.creditType !== creditType || debt.kind !== 'good' || debt.wrong || debt.amountCents < 2000) continue;
    if (!person?.email || !papers || person.deceased || person.minor || paid.has(key) || silent.has(key)) continue;
    const box = town.mailboxes.get(person.email);
    if (box?.state !== 'works' || box.owners.length !== 1 || box.owners[0] !== person.id) continue;
    if (readers.get(person.email) !== 1 || silentAddresses.has(person.email)) continue;
    const at = host.inbox(person.email).findLast((mail) => mail.kind === 'notice')?.simAt ?? 0;
    const score = busy.has(person.email) ? Math.sign(at) : at;
    if (best !== null && score <= best.score) continue;
    const { email: address, codiceFiscale } = person;
    const item = papers.documentNumber;
    best = { address, name: fullName(person), codiceFiscale, item, slug: debt.slug, score };
  }
  if (best === null) return null;
  const { score: _, ...citizen } = best;
  return citizen;
}
