import type { StoredMail } from '../mail/stored-mail.ts';
import { numberOf } from '../town/phones.ts';
import { fullName, type Person, type Town } from '../town/types.ts';

export interface Attribution {
  readonly personId: string | null;
  /** Everybody it may be meant for. */
  readonly candidates: readonly string[];
  readonly slug: string | null;
}

/** Tells whom and which body a message speaks of, from the message alone: its greeting and its sender. */
export function makeAttribution(town: Town): (mail: StoredMail) => Attribution {
  const byAddress = new Map<string, Person[]>();
  for (const person of town.people.values()) {
    for (const address of [person.email, person.phone === null ? null : numberOf(person.phone)]) {
      if (address !== null) byAddress.set(address, [...(byAddress.get(address) ?? []), person]);
    }
  }
  const bodiesOf = new Map<string, Set<string>>();
  for (const debt of town.debts) {
    bodiesOf.set(debt.personId, (bodiesOf.get(debt.personId) ?? new Set()).add(debt.slug));
  }

  function personOf(mail: StoredMail): Person | null {
    const there = byAddress.get(mail.to) ?? [];
    if (mail.greetingName === null) return there.length === 1 ? (there[0] ?? null) : null;
    const wanted = nameKey(mail.greetingName);
    return there.find((person) => nameKey(fullName(person)) === wanted) ?? null;
  }

  function slugOf(mail: StoredMail, person: Person | null): string | null {
    const named = (text: string): string[] =>
      town.bodies.filter((body) => text.toLowerCase().includes(body.name.toLowerCase())).map((body) => body.slug);
    const candidates = [
      named(mail.from.name),
      town.bodies.filter((body) => mail.from.address.includes(body.slug)).map((body) => body.slug),
      named(mail.text),
      [...(bodiesOf.get(person?.id ?? '') ?? [])],
    ];
    return candidates.find((slugs) => slugs.length === 1)?.[0] ?? null;
  }

  /** An SMS greets nobody: whoever owes its sender something and is registered with that number. */
  function ofSms(mail: StoredMail): Attribution {
    const slug = slugOf(mail, null);
    const there = (byAddress.get(mail.to) ?? []).filter(({ id }) => bodiesOf.get(id)?.has(slug ?? ''));
    const candidates = there.map(({ id }) => id).sort();
    return { slug, candidates, personId: candidates.length === 1 ? (candidates[0] ?? null) : null };
  }

  return (mail) => {
    if (mail.channel === 'sms') return ofSms(mail);
    const person = personOf(mail);
    return { personId: person?.id ?? null, candidates: person === null ? [] : [person.id], slug: slugOf(mail, person) };
  };
}

/** The same for "Nome Cognome" and "Cognome Nome", with or without accents and apostrophes. */
export function nameKey(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .split(' ')
    .filter((word) => word !== '')
    .sort()
    .join(' ');
}
