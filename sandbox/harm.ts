import { weekday } from '../src/kernel/civil-date.ts';
import { italianHolidays } from '../src/kernel/holidays.ts';
import { romeDate, romeMinutes } from '../src/kernel/rome-time.ts';
import { disclosures } from './disclosure.ts';
import type { Contact, Journal, Moment, Payment, Stop } from './journal.ts';
import { type Debt, fullName, pairKey, type Town } from './town/types.ts';

export interface Hours {
  readonly fromMinutes: number;
  readonly toMinutes: number;
  readonly saturday?: boolean;
}

/** What a body has promised about its contacts. */
export interface BodyRules {
  readonly slug: string;
  readonly ceilingPerPerson: number;
  readonly ceilingPerAddress: number;
  /** For e-mail. */
  readonly windows: Hours;
  /** For SMS; 9 to 19 from Monday to Friday when missing. */
  readonly smsWindows?: Hours;
  /** `MM-DD`. */
  readonly patron?: string;
  /** The smallest amount worth a message, cents. */
  readonly minimumCents?: number;
}

export interface Harm {
  readonly contactsAfterPayment: number;
  readonly contactsAfterDispute: number;
  readonly duplicateDeliveries: number;
  readonly disclosuresToOthers: number;
  readonly overCeiling: number;
  readonly outsideWindow: number;
}

export interface HarmCount {
  readonly harm: Harm;
  /** One line per harm, for whoever has to find its cause. Holds invented people only. */
  readonly details: readonly string[];
}

export interface HarmInput {
  readonly journal: Pick<Journal, 'contacts' | 'payments' | 'stops' | 'pages'>;
  readonly town: Town;
  readonly rules: readonly BodyRules[];
  /** By slug, what the body's public page says to everybody. */
  readonly publicText: ReadonlyMap<string, string>;
}

const SECOND = 1000;
const WEEK = 7 * 86_400_000;
const DEFAULT_MINIMUM = 1200;
const SMS_HOURS: Hours = { fromMinutes: 540, toMinutes: 1140 };

/**
 * Counts harm from the sandbox's own log joined to its ground truth, never from the program's word (architecture §7).
 * One second after the program's own 2xx is allowed for what was already in flight; a contact is harm when it comes
 * later than that on either clock.
 */
export function countHarm(input: HarmInput): HarmCount {
  const details: string[] = [];
  const contacts = [...input.journal.contacts].sort(byMoment);
  // A code somebody asked for is an answer, not a contact of ours.
  const notices = contacts.filter((contact) => !contact.asked && contact.kind !== 'other');
  const note = (what: string, contact: Contact): void => {
    const who = contact.personId ?? (contact.candidates.join('+') || '?');
    const by = contact.channel === 'sms' ? ' sms' : '';
    details.push(`${what}${by}: ${new Date(contact.simAt).toISOString()} ${who} ${contact.slug ?? '?'}`);
  };
  const tally = (what: string, list: readonly Contact[]): number => {
    for (const contact of list) note(what, contact);
    return list.length;
  };
  const ledger = makeLedger(input);
  const harm: Harm = {
    contactsAfterPayment: tally('afterPayment', notices.filter(ledger.afterPayment)),
    contactsAfterDispute: tally('afterDispute', notices.filter(ledger.afterDispute)),
    duplicateDeliveries: tally('duplicate', duplicates(contacts)),
    disclosuresToOthers: countDisclosures(input, contacts, details),
    overCeiling: tally('overCeiling', overCeiling(notices, input.rules)),
    outsideWindow: tally('outsideWindow', outsideWindow(notices, input.rules)),
  };
  return { harm, details: details.sort() };
}

function byMoment(a: Contact, b: Contact): number {
  return a.simAt - b.simAt || a.realAt - b.realAt || (a.messageId < b.messageId ? -1 : 1);
}

/** Whether `later` comes after `event` by more than the second that may have been in flight. */
function isAfter(later: Moment, event: Moment): boolean {
  if (later.realAt < event.realAt || later.simAt < event.simAt) return false;
  return later.realAt > event.realAt + SECOND || later.simAt > event.simAt + SECOND;
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** What a person still owed a body at an instant, and who had asked for silence. */
function makeLedger(input: HarmInput): {
  afterPayment: (contact: Contact) => boolean;
  afterDispute: (contact: Contact) => boolean;
} {
  const { journal, town } = input;
  const owed = groupBy(
    town.debts.filter((debt) => debt.kind !== 'bad'),
    (debt) => pairKey(debt.personId, debt.slug),
  );
  const paid = groupBy(journal.payments, (payment) => pairKey(payment.personId, payment.slug));
  const disputed = groupBy(
    journal.stops.filter((stop) => stop.kind === 'dispute'),
    (stop) => pairKey(stop.personId, stop.slug),
  );
  const silenced = groupBy(
    journal.stops.filter((stop) => stop.kind !== 'dispute'),
    (stop) => pairKey(stop.address, stop.slug),
  );
  const minimum = new Map(input.rules.map((rule) => [rule.slug, rule.minimumCents ?? DEFAULT_MINIMUM]));

  function openCents(debts: readonly Debt[], payments: readonly Payment[], stops: readonly Stop[]): number {
    const closed = new Set(payments.map((payment) => payment.debtId));
    for (const stop of stops) if (stop.answer?.accepted) for (const id of stop.debtIds) closed.add(id);
    return debts.reduce((sum, debt) => (closed.has(debt.id) ? sum : sum + debt.amountCents), 0);
  }

  function situation(contact: Contact, personId: string) {
    const key = pairKey(personId, contact.slug ?? '');
    const payments = (paid.get(key) ?? []).filter((payment) => isAfter(contact, payment));
    const answered = (disputed.get(key) ?? []).filter((stop) => stop.answer !== null && isAfter(contact, stop.answer));
    const debts = owed.get(key) ?? [];
    const settled =
      debts.length > 0 && openCents(debts, payments, answered) < (minimum.get(contact.slug ?? '') ?? DEFAULT_MINIMUM);
    return { key, payments, answered, settled };
  }

  return {
    afterPayment: (contact) =>
      everybody(contact, (personId) => {
        const { payments, settled } = situation(contact, personId);
        if (payments.length === 0) return false;
        // A part payment silences seven days (architecture §3.10).
        return settled || payments.some((payment) => contact.simAt - payment.simAt < WEEK);
      }),
    afterDispute(contact) {
      const silent = (silenced.get(pairKey(contact.address, contact.slug ?? '')) ?? []).some((stop) =>
        isAfter(contact, stop),
      );
      if (silent) return true;
      return everybody(contact, (personId) => {
        const { key, payments, answered, settled } = situation(contact, personId);
        const open = (disputed.get(key) ?? []).some(
          (stop) => isAfter(contact, stop) && (stop.answer === null || contact.simAt < stop.answer.simAt),
        );
        // The office said "you are right" about all of it: nothing is left to tell.
        const cancelled = settled && payments.length === 0 && answered.some((stop) => stop.answer?.accepted);
        return open || cancelled;
      });
    },
  };
}

/** Whether it holds whoever of its candidates a message was meant for. */
function everybody(contact: Contact, holds: (personId: string) => boolean): boolean {
  return contact.candidates.length > 0 && contact.candidates.every(holds);
}

/** The same message stored again, or the same subject about the same person and body twice in one day. */
function duplicates(contacts: readonly Contact[]): Contact[] {
  const ids = new Set<string>();
  const days = new Map<string, number>();
  return contacts.filter((contact) => {
    const id = `${contact.messageId}|${contact.address}`;
    const sameId = contact.messageId !== '' && ids.has(id);
    ids.add(id);
    // An answer (a code, a reply of the office) may come as often as it is asked for.
    if (contact.asked || contact.kind === 'other') return sameId;
    const day = `${contact.slug}|${contact.personId ?? contact.address}|${contact.channel}|${contact.subject}|${romeDate(contact.simAt)}`;
    const times = (days.get(day) ?? 0) + 1;
    days.set(day, times);
    // A phone beside the names of three people may ring three times.
    const sameDay = times > Math.max(1, contact.candidates.length);
    return sameId || sameDay;
  });
}

function countDisclosures(input: HarmInput, contacts: readonly Contact[], details: string[]): number {
  const names = new Map(input.town.bodies.map((body) => [body.slug, body.name]));
  let found = 0;
  for (const contact of contacts) {
    const openly = contact.slug === null ? [...names.values()] : [names.get(contact.slug) ?? ''];
    const first = disclosures(`${contact.subject}\n${contact.text}`, openly)[0] ?? strangeLink(contact);
    if (first === undefined) continue;
    found += 1;
    details.push(
      `disclosure by ${contact.channel === 'sms' ? 'sms' : 'mail'}: ${first.what} «${first.found}» to ${contact.personId ?? contact.address}`,
    );
  }
  for (const page of input.journal.pages) {
    const openly = [names.get(page.slug) ?? '', input.publicText.get(page.slug) ?? ''];
    const first = disclosures(page.text, openly)[0] ?? personalData(page.text, page.personId, input.town);
    if (first === undefined) continue;
    found += 1;
    details.push(`disclosure by page ${page.path}: ${first.what} «${first.found}» about ${page.personId}`);
  }
  return found;
}

/** An SMS may lead to the portal's own two doors and nowhere else: least of all to a payment. */
function strangeLink(contact: Contact): { what: string; found: string } | undefined {
  if (contact.channel !== 'sms') return undefined;
  const links = contact.text.match(/\b(?:https?:\/\/|www\.)\S+/gi) ?? [];
  const strange = links.find((link) => !/^https?:\/\/[^/?#]+\/[lo]\/[\w.~-]+$/.test(link));
  return strange === undefined ? undefined : { what: 'link', found: strange };
}

function personalData(text: string, personId: string, town: Town): { what: string; found: string } | undefined {
  const person = town.people.get(personId);
  if (person === undefined) return undefined;
  const plain = text.toLowerCase().replaceAll('’', "'");
  const data = [fullName(person), `${person.lastName} ${person.firstName}`, person.codiceFiscale, person.address];
  const shown = data.find((item) => plain.includes(item.toLowerCase().replaceAll('’', "'")));
  return shown === undefined ? undefined : { what: 'personal data', found: shown };
}

/** Each contact that makes more than the ceiling within seven days, for its person or for its address. */
function overCeiling(notices: readonly Contact[], rules: readonly BodyRules[]): Contact[] {
  const over = new Set<Contact>();
  for (const rule of rules) {
    const own = notices.filter((contact) => contact.slug === rule.slug);
    const known = own.filter((contact) => contact.personId !== null);
    for (const [groups, ceiling] of [
      [groupBy(known, (contact) => contact.personId ?? ''), rule.ceilingPerPerson],
      [groupBy(own, (contact) => contact.address), rule.ceilingPerAddress],
    ] as const) {
      for (const group of groups.values()) {
        for (const [n, contact] of group.entries()) {
          const within = group.slice(0, n + 1).filter((other) => contact.simAt - other.simAt < WEEK);
          if (within.length > ceiling) over.add(contact);
        }
      }
    }
  }
  return [...over];
}

function outsideWindow(notices: readonly Contact[], rules: readonly BodyRules[]): Contact[] {
  const windows = new Map(
    rules.map((rule) => [
      rule.slug,
      {
        email: rule.windows,
        sms: rule.smsWindows ?? SMS_HOURS,
        calendar: italianHolidays(rule.patron === undefined ? {} : { patron: rule.patron }),
      },
    ]),
  );
  return notices.filter((contact) => {
    const rule = windows.get(contact.slug ?? '');
    if (rule === undefined) return false;
    const window = rule[contact.channel];
    const day = romeDate(contact.simAt);
    const minutes = romeMinutes(contact.simAt);
    const saturdayOff = weekday(day) === 6 && window.saturday !== true;
    return minutes < window.fromMinutes || minutes >= window.toMinutes || saturdayOff || rule.calendar.isHoliday(day);
  });
}
