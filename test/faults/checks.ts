import type { DeliveryRow, Evidence } from './evidence.ts';
import type { Heard } from './hosts.ts';
import { CONTACT_HOURS, inHours } from './hours.ts';
import { CEILING, type Person, STEP_OF_SUBJECT } from './town.ts';

/** A sentence for each thing that is wrong; none when all is well. */
export type Check = (evidence: Evidence) => string[];

const WEEK_MS = 7 * 86_400_000;
/** A bound for what was on the wire when a receipt was confirmed (architecture §3.10), on a busy machine. */
const IN_FLIGHT_MS = 1_000;
/** The program looks at what is due once a second. */
const MOVES_WITHIN_MS = 5_000;

/** States of a delivery that the channel has, or may have. */
const TOLD = new Set(['handedOver', 'delivered', 'read', 'uncertain']);
const mayBeThere = (row: DeliveryRow) => row.handedOver || TOLD.has(row.state);

function countBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

const stepOf = (heard: Heard) => STEP_OF_SUBJECT.find(([subject]) => subject.test(heard.subject))?.[1] ?? 0;
const addressesOf = (person: Person) => [person.email, person.phone].filter((address) => address !== null);
const mails = ({ heard }: Evidence) => heard.filter(({ channel }) => channel === 'email');
const texts = ({ heard }: Evidence) => heard.filter(({ channel }) => channel === 'sms');

/** By the providers' logs alone: one message to a person and step. A phone gets one SMS for each person behind it. */
const once: Check = (evidence) => [
  ...[...countBy(mails(evidence), (mail) => `${mail.to}, step ${stepOf(mail)}`)]
    .filter(([, group]) => group.length > 1)
    .map(([what, group]) => `${group.length} e-mails to ${what}`),
  ...[...countBy(texts(evidence), ({ to }) => to)]
    .filter(([to, group]) => group.length > evidence.town.behind(to).length)
    .map(([to, group]) => `${group.length} SMS to ${to}, behind which are ${evidence.town.behind(to).length}`),
];

/** What the providers took and what the rows tell are the same, but for what is said to be uncertain. */
const rowsTellTheLog: Check = (evidence) => {
  const broken: string[] = [];
  const rows = new Map(evidence.deliveries.map((row) => [row.deliveryId, row]));
  for (const { deliveryId, to } of mails(evidence)) {
    const row = rows.get(deliveryId ?? '');
    if (row === undefined) broken.push(`an e-mail to ${to} of no delivery`);
    else if (!mayBeThere(row)) broken.push(`an e-mail to ${to} whose delivery is ${row.state} (${row.reason})`);
  }
  const seen = new Set(mails(evidence).map(({ deliveryId }) => deliveryId));
  for (const row of evidence.deliveries) {
    if (row.channel === 'email' && row.handedOver && !seen.has(row.deliveryId)) {
      broken.push(`delivery ${row.deliveryId} is ${row.state}, and the mail host never took it`);
    }
  }
  const phoneOf = ({ personNo }: DeliveryRow) => evidence.town.people[personNo]?.phone ?? '';
  const smsRows = countBy(
    evidence.deliveries.filter((row) => row.channel === 'sms'),
    phoneOf,
  );
  const smsSeen = countBy(texts(evidence), ({ to }) => to);
  for (const phone of new Set([...smsRows.keys(), ...smsSeen.keys()])) {
    const told = (smsRows.get(phone) ?? []).filter(mayBeThere);
    // Half a message is on no phone, and the half that was taken may have its own receipt: only a whole answer counts.
    const sure = told.filter((row) => row.answered).length;
    const there = smsSeen.get(phone)?.length ?? 0;
    if (there < sure || there > told.length) {
      broken.push(`${there} SMS to ${phone}, and rows of ${sure} to ${told.length}`);
    }
  }
  return broken;
};

/** Everybody was written to, or is left out for a reason, or waits for one that can be seen (architecture §4.9). */
const noneLost: Check = (evidence) => {
  const { town, deliveries, notices, exclusions, paid, now } = evidence;
  const heard = new Set(evidence.heard.map(({ to }) => to));
  // Whoever paid before the plan was made has nothing to be told.
  const out = new Set([...exclusions.filter(({ reason }) => reason !== ''), ...paid].map(({ personNo }) => personNo));
  return town.people.flatMap((person) => {
    if (out.has(person.no) || addressesOf(person).some((address) => heard.has(address))) return [];
    const notice = notices.find(({ personNo }) => personNo === person.no);
    if (notice === undefined) return [`person ${person.no} has neither notice nor exclusion`];
    if (notice.state === 'settled' || notice.stopReason !== null) return [];
    if (notice.nextDueAt !== null && notice.nextDueAt > now) return [];
    const last = deliveries.filter(({ personNo }) => personNo === person.no).at(-1);
    if (last?.state === 'uncertain' || (last?.reason ?? null) !== null) return [];
    return [`person ${person.no} heard nothing, and nothing says why (notice ${notice.state}, ${last?.state})`];
  });
};

/** Nothing to somebody whose payment was confirmed, beyond what was on the wire. */
const holds: Check = ({ town, heard, paid }) =>
  paid.flatMap(({ personNo, confirmedAt }) => {
    const person = town.people[personNo];
    if (person === undefined) return [];
    const own = addressesOf(person).filter((address) => town.behind(address).length <= 1);
    return heard
      .filter(({ to, at }) => own.includes(to) && at > confirmedAt + IN_FLIGHT_MS)
      .map(({ to, at }) => `${to} was written to ${at - confirmedAt} ms after its receipt was confirmed`);
  });

/** No address gets more than the campaign allows within seven days. */
const ceiling: Check = ({ heard }) =>
  [...countBy(heard, ({ to }) => to)].flatMap(([to, group]) => {
    const times = group.map(({ legalAt }) => legalAt).sort((a, b) => a - b);
    const over = times.some((at, i) => (times[i + CEILING] ?? Number.POSITIVE_INFINITY) - at < WEEK_MS);
    return over ? [`${to} got more than ${CEILING} messages in seven days`] : [];
  });

/** Nothing outside the channel's hours. */
const hours: Check = ({ heard }) =>
  heard
    .filter(({ channel, legalAt }) => !inHours(CONTACT_HOURS[channel], legalAt))
    .map(({ channel, legalAt }) => `${channel} at ${new Date(legalAt).toISOString()}`);

/** Every good row of the file is a debt, once, and every confirmed payment is booked, once. */
const ledger: Check = ({ town, debts, paid, verify }) => {
  const broken: string[] = [];
  if (!verify.valid) broken.push('bonario verify finds the register altered');
  if (verify.ledgerMismatches !== 0) broken.push(`${verify.ledgerMismatches} positions do not add up`);
  const known = countBy(debts, ({ externalId }) => externalId);
  for (const { no, externalId, amountCents } of town.people) {
    const [debt, ...more] = known.get(externalId) ?? [];
    if (debt === undefined || more.length > 0) {
      broken.push(`${externalId} is there ${more.length + (debt ? 1 : 0)} times`);
      continue;
    }
    const cents = paid.find(({ personNo }) => personNo === no)?.amountCents ?? 0;
    if (debt.dueCents !== amountCents || debt.paidCents !== cents) {
      broken.push(`${externalId}: ${debt.paidCents} of ${debt.dueCents} instead of ${cents} of ${amountCents}`);
    }
  }
  return broken;
};

/** What the register tells and what the rows are: as many. */
const audit: Check = ({ leaves, deliveries, notices, imports, counts }) => {
  const of = (kind: string) => leaves.find((leaf) => leaf.kind === kind);
  const pairs: [string, number, number][] = [
    [
      'positions loaded',
      of('import.committed')?.rows ?? 0,
      imports.reduce((sum, { state, accepted }) => sum + (state === 'committed' ? accepted : 0), 0),
    ],
    ['people planned', of('campaign.planned')?.rows ?? 0, notices.length],
    [
      'messages accepted',
      of('delivery.handedOver')?.accepted ?? 0,
      deliveries.filter(({ answered }) => answered).length,
    ],
    ['signals', of('delivery.signals')?.rows ?? 0, counts.signals],
    ['receipts', of('receipt.booked')?.rows ?? 0, counts.receipts],
  ];
  return pairs
    .filter(([, told, there]) => told !== there)
    .map(([what, told, there]) => `${what}: ${told} in the register, ${there} rows`);
};

/** Nothing is half done without a word: no lease that ran out, nothing due that does not move, no import or job in between. */
const stuck: Check = ({ deliveries, notices, imports, jobs, campaigns, exclusions, now }) => {
  const late = now - MOVES_WITHIN_MS;
  return [
    ...deliveries
      .filter((row) => ['taken', 'handingOver'].includes(row.state) && (row.leaseUntil ?? 0) < late)
      .map((row) => `delivery ${row.deliveryId} is ${row.state} beyond its lease`),
    ...deliveries
      .filter((row) => row.state === 'queued' && row.dueAt < late)
      .map((row) => `delivery ${row.deliveryId} is due and does not move (${row.reason})`),
    ...notices
      .filter((row) => ['planned', 'active'].includes(row.state) && row.nextDueAt !== null && row.nextDueAt < late)
      .map((row) => `the notice of person ${row.personNo} is due and does not move`),
    ...imports
      .filter(({ state }) => state === 'staging' || state === 'committing')
      .map(({ state }) => `an import is ${state}`),
    ...jobs.map(({ name, state }) => `a job ${name} is ${state}`),
    ...(campaigns.some(({ state }) => state === 'running') && notices.length + exclusions.length === 0
      ? ['the campaign runs and was never planned']
      : []),
  ];
};

export const CHECKS: Readonly<Record<string, Check>> = {
  once,
  rowsTellTheLog,
  noneLost,
  holds,
  ceiling,
  hours,
  ledger,
  audit,
  stuck,
};

export interface Verdict {
  readonly checks: number;
  readonly broken: readonly string[];
}

export function judge(evidence: Evidence): Verdict {
  const broken = Object.entries(CHECKS).flatMap(([name, check]) => check(evidence).map((what) => `${name}: ${what}`));
  return { checks: Object.keys(CHECKS).length, broken };
}
