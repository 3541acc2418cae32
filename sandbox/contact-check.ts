import type { Contact } from './journal.ts';
import type { StoredMail } from './mail/stored-mail.ts';
import { pairKey, type Town } from './town/types.ts';

/** Looks at each message for what may never be written to anybody, whatever the counts of harm say. */
export function makeContactCheck(
  town: Town,
  fail: (what: string) => void,
): (contact: Contact, mail: StoredMail) => void {
  // Persons of whom a body's file holds only rows that nobody can read.
  const unreadable = new Set<string>();
  for (const debt of town.debts) if (debt.kind === 'bad') unreadable.add(pairKey(debt.personId, debt.slug));
  for (const debt of town.debts) if (debt.kind !== 'bad') unreadable.delete(pairKey(debt.personId, debt.slug));

  function checkNotice(contact: Contact, mail: StoredMail): void {
    const { candidates } = contact;
    const all = (fits: (personId: string) => boolean): boolean => candidates.length > 0 && candidates.every(fits);
    if (candidates.length === 0) fail('mail: a notice to an address or a name nobody gave');
    if (contact.slug === null) fail('mail: a notice that does not say which body writes');
    if (mail.optOutUrl === null) fail('mail: a notice without a way to opt out');
    if (all((id) => town.people.get(id)?.deceased === true)) fail('mail: a notice to somebody the file says is dead');
    if (all((id) => town.people.get(id)?.minor === true)) fail('mail: a notice to a minor');
    if (all((id) => unreadable.has(pairKey(id, contact.slug ?? '')))) {
      fail('mail: a notice about a row that cannot be read');
    }
  }

  return (contact, mail) => {
    if (contact.kind === 'notice') checkNotice(contact, mail);
    else if (contact.kind === 'code' && !contact.asked) fail('mail: a code that nobody had asked for');
    else if (contact.kind === 'other' && (town.mailboxes.has(contact.address) || town.phones.has(contact.address))) {
      fail(`mail: neither notice nor code: «${contact.subject}»`);
    }
  };
}
