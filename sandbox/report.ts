import { formatInstant } from '../src/kernel/rome-time.ts';
import { type BodyRules, countHarm, type Harm } from './harm.ts';
import type { Contact, Journal, Moment } from './journal.ts';
import type { MailHost } from './mail/mail-host.ts';
import type { Smsc } from './smsc/smsc.ts';
import { fullName, type Town } from './town/types.ts';

/** The last line of a story. The same seed gives the same report: no ids, tokens or real times are in it. */
export interface Report {
  readonly harm: Harm;
  /** One line per harm, at most 40. */
  readonly harmDetails: readonly string[];
  /** E-mails and SMS accepted, of every kind. */
  readonly mails: number;
  readonly sms: number;
  /** Of both. */
  readonly notices: number;
  readonly codes: number;
  /** Returned after they had been accepted. */
  readonly bounced: number;
  /** Refused at RCPT. */
  readonly refused: number;
  /** SMS refused at once. */
  readonly smsRefused: number;
  /** Accepted, but the line was cut before the answer. */
  readonly cutAfterData: number;
  readonly journeys: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly examples: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
  readonly failures: readonly string[];
}

export interface ReportInput {
  readonly journal: Journal;
  readonly town: Town;
  readonly host: Pick<MailHost, 'refused' | 'cuts'>;
  readonly smsc: Pick<Smsc, 'refused'>;
  readonly rules: readonly BodyRules[];
  readonly publicText: ReadonlyMap<string, string>;
}

const MAX_DETAILS = 40;

export function makeReport(input: ReportInput): Report {
  const { journal, town, host, smsc } = input;
  const { harm, details } = countHarm(input);
  const ofKind = (kind: Contact['kind']): number => journal.contacts.filter((contact) => contact.kind === kind).length;
  return {
    harm,
    harmDetails: details.slice(0, MAX_DETAILS),
    mails: journal.contacts.filter(({ channel }) => channel === 'email').length,
    sms: journal.contacts.filter(({ channel }) => channel === 'sms').length,
    notices: ofKind('notice'),
    codes: ofKind('code'),
    bounced: journal.bounced,
    refused: host.refused(),
    smsRefused: smsc.refused(),
    cutAfterData: host.cuts(),
    journeys: journal.journeys,
    outcomes: Object.fromEntries([...journal.outcomes].sort(([a], [b]) => (a < b ? -1 : 1))),
    examples: examples(journal, town),
    failures: summed(journal.failures),
  };
}

/** Equal lines once, with how often. */
function summed(lines: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1);
  return [...times].map(([line, n]) => (n === 1 ? line : `${line} (×${n})`)).sort();
}

function first<T extends Moment & { readonly personId: string | null }>(
  list: readonly T[],
  fits: (item: T) => boolean = () => true,
): T | undefined {
  return list
    .filter((item) => item.personId !== null && fits(item))
    .sort((a, b) => a.simAt - b.simAt || ((a.personId ?? '') < (b.personId ?? '') ? -1 : 1))[0];
}

/** One of each thing that happened, to show what the figures are made of. */
function examples(journal: Journal, town: Town): Report['examples'] {
  const who = (personId: string | null): string => {
    const person = town.people.get(personId ?? '');
    return person ? fullName(person) : '';
  };
  const found: Record<string, Record<string, string | number>> = {};
  const add = (
    name: string,
    item: (Moment & { personId: string | null; slug: string | null }) | undefined,
    more = {},
  ) => {
    if (item)
      found[name] = { at: formatInstant(item.simAt), person: who(item.personId), body: item.slug ?? '', ...more };
  };
  const ofChannel = (channel: Contact['channel']) =>
    first(journal.contacts, (contact) => contact.kind === 'notice' && contact.channel === channel);
  const notice = ofChannel('email');
  // The link and the opt-out address are random; the rest of the text is not.
  const text =
    notice?.text
      .split('\n\n')
      .slice(0, 6)
      .join('\n\n')
      .replace(/https?:\/\/\S+/g, '<indirizzo>')
      .trim() ?? '';
  add('notice', notice, { to: notice?.address ?? '', subject: notice?.subject ?? '', text });
  const sms = ofChannel('sms');
  add('sms', sms, { to: sms?.address ?? '', text: sms?.text.replace(/https?:\/\/\S+/g, '<indirizzo>').trim() ?? '' });
  const paid = first(journal.payments, (payment) => payment.how === 'pagopa');
  add('payment', paid, { amountCents: paid?.amountCents ?? 0 });
  const counter = first(journal.payments, (payment) => payment.how === 'counter');
  add('counterPayment', counter, { amountCents: counter?.amountCents ?? 0 });
  const dispute = first(journal.stops, (stop) => stop.kind === 'dispute' && stop.answer !== null);
  const answer = dispute?.answer;
  add('dispute', dispute, answer ? { answered: formatInstant(answer.simAt), accepted: answer.accepted ? 1 : 0 } : {});
  add(
    'notMe',
    first(journal.stops, (stop) => stop.kind === 'notMe'),
  );
  add(
    'optOut',
    first(journal.stops, (stop) => stop.kind === 'optOut'),
  );
  return found;
}
