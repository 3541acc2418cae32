import { describe, expect, it } from 'vitest';
import { CHECKS, judge } from './checks.ts';
import type { DeliveryRow, Evidence, NoticeRow } from './evidence.ts';
import type { Heard } from './hosts.ts';
import { makeTown } from './town.ts';
import { START } from './world.ts';

/** Two people with e-mail, the first with a phone too, a family of three on one phone, one of whom nothing is known. */
const TOWN = makeTown({ mail: 2, families: 1, silent: 1 });
const MINUTE = 60_000;
const SUBJECT = 'Comune: una comunicazione personale per Lei';
const AGAIN = 'Comune: la comunicazione per Lei è ancora disponibile';
const FAMILY_PHONE = TOWN.people[2]?.phone ?? '';

const mail = (person: number, over: Partial<Heard> = {}): Heard => ({
  channel: 'email',
  to: TOWN.people[person]?.email ?? '',
  subject: SUBJECT,
  deliveryId: `mail-${person}`,
  at: START + MINUTE,
  legalAt: START + MINUTE,
  ...over,
});
const text = (over: Partial<Heard> = {}): Heard => ({
  ...mail(0),
  channel: 'sms',
  to: FAMILY_PHONE,
  subject: '',
  deliveryId: null,
  ...over,
});
const row = (personNo: number, over: Partial<DeliveryRow> = {}): DeliveryRow => ({
  deliveryId: `mail-${personNo}`,
  personNo,
  channel: 'email',
  step: 1,
  attempt: 1,
  state: 'handedOver',
  reason: null,
  handedOver: true,
  answered: true,
  dueAt: START,
  leaseUntil: START + MINUTE,
  ...over,
});
const sms = (personNo: number, over: Partial<DeliveryRow> = {}): DeliveryRow =>
  row(personNo, { deliveryId: `sms-${personNo}`, channel: 'sms', step: 2, ...over });
const waiting = (personNo: number): DeliveryRow =>
  sms(personNo, { state: 'queued', reason: 'ceiling', handedOver: false, answered: false, dueAt: START + 1e9 });
const notice = (personNo: number, over: Partial<NoticeRow> = {}): NoticeRow => ({
  personNo,
  state: 'active',
  stopReason: null,
  nextDueAt: null,
  ...over,
});

/** A story in which all is well: the second person paid an hour after the e-mail, the last of the family waits. */
function whole(over: Partial<Evidence> = {}): Evidence {
  return {
    town: TOWN,
    heard: [mail(0), mail(1), text(), text({ at: START + 2 * MINUTE, legalAt: START + 2 * MINUTE })],
    paid: [{ personNo: 1, amountCents: TOWN.people[1]?.amountCents ?? 0, confirmedAt: START + 60 * MINUTE }],
    now: START + 120 * MINUTE,
    deliveries: [
      row(0),
      row(1),
      sms(2),
      sms(3, { state: 'uncertain', handedOver: false, answered: false }),
      waiting(4),
    ],
    notices: [0, 1, 2, 3, 4].map((no) => notice(no)),
    exclusions: [{ personNo: 5, reason: 'noContact' }],
    debts: TOWN.people.map(({ no, externalId, amountCents }) => ({
      externalId,
      dueCents: amountCents,
      paidCents: no === 1 ? amountCents : 0,
    })),
    imports: [{ state: 'committed', accepted: 6 }],
    jobs: [],
    campaigns: [{ state: 'running' }],
    leaves: [
      { kind: 'import.committed', rows: 6, accepted: 0 },
      { kind: 'campaign.planned', rows: 5, accepted: 0 },
      { kind: 'delivery.handedOver', rows: 4, accepted: 3 },
      { kind: 'receipt.booked', rows: 1, accepted: 0 },
    ],
    counts: { signals: 0, receipts: 1 },
    verify: { valid: true, ledgerMismatches: 0 },
    ...over,
  };
}

const { heard, deliveries, notices, debts, leaves } = whole();
const changed = <T>(rows: readonly T[], at: number, over: Partial<T>): T[] =>
  rows.map((one, i) => (i === at ? { ...one, ...over } : one));

/** Each thing that a check is there for, done to the story; the check that must see it. */
const DOCTORED: readonly (readonly [what: string, check: keyof typeof CHECKS, evidence: Evidence])[] = [
  ['an e-mail sent again by a new attempt', 'once', whole({ heard: [...heard, mail(0, { deliveryId: 'mail-0b' })] })],
  ['more SMS than people behind the phone', 'once', whole({ heard: [...heard, text(), text()] })],
  [
    'an e-mail that the rows call refused',
    'rowsTellTheLog',
    whole({ deliveries: changed(deliveries, 0, { state: 'failed', reason: '4.3.0', handedOver: false }) }),
  ],
  [
    'an e-mail that the rows have in the queue',
    'rowsTellTheLog',
    whole({ deliveries: changed(deliveries, 0, { state: 'queued', handedOver: false }) }),
  ],
  [
    'an e-mail of nobody',
    'rowsTellTheLog',
    whole({ heard: [...heard, mail(0, { subject: AGAIN, deliveryId: null })] }),
  ],
  ['an e-mail handed over to nobody', 'rowsTellTheLog', whole({ heard: heard.filter((_, i) => i !== 1) })],
  ['an SMS handed over to nobody', 'rowsTellTheLog', whole({ heard: heard.filter((one) => one.channel !== 'sms') })],
  ['an SMS that no row has', 'rowsTellTheLog', whole({ heard: [...heard, text()] })],
  ['somebody without notice and exclusion', 'noneLost', whole({ exclusions: [] })],
  [
    'somebody who waits for no reason',
    'noneLost',
    whole({ heard: heard.slice(1), deliveries: changed(deliveries, 0, { state: 'void', handedOver: false }) }),
  ],
  [
    'an e-mail after the receipt',
    'holds',
    whole({ heard: [...heard, mail(1, { subject: AGAIN, at: START + 61 * MINUTE })] }),
  ],
  [
    'a third message in a week',
    'ceiling',
    whole({ heard: [...heard, mail(0, { legalAt: START + 5e8 }), mail(0, { legalAt: START + 6e8 })] }),
  ],
  ['an SMS at night', 'hours', whole({ heard: [...heard, text({ legalAt: START + 14 * 60 * MINUTE })] })],
  ['an e-mail before the morning', 'hours', whole({ heard: [mail(0, { legalAt: START - 2 * 60 * MINUTE })] })],
  ['a register that was altered', 'ledger', whole({ verify: { valid: false, ledgerMismatches: 0 } })],
  ['accounts that do not add up', 'ledger', whole({ verify: { valid: true, ledgerMismatches: 1 } })],
  ['a position that is missing', 'ledger', whole({ debts: debts.slice(1) })],
  ['a position that is there twice', 'ledger', whole({ debts: [...debts, ...debts.slice(0, 1)] })],
  [
    'a payment booked twice',
    'ledger',
    whole({ debts: changed(debts, 1, { paidCents: 2 * (debts[1]?.paidCents ?? 0) }) }),
  ],
  ['a payment lost', 'ledger', whole({ debts: changed(debts, 1, { paidCents: 0 }) })],
  [
    'a plan that the register does not know',
    'audit',
    whole({ leaves: leaves.filter(({ kind }) => kind !== 'campaign.planned') }),
  ],
  ['an acceptance that the register tells twice', 'audit', whole({ leaves: changed(leaves, 2, { accepted: 4 }) })],
  ['an import that the register does not know', 'audit', whole({ leaves: leaves.slice(1) })],
  ['a signal without a leaf', 'audit', whole({ counts: { signals: 1, receipts: 1 } })],
  ['a receipt without a leaf', 'audit', whole({ counts: { signals: 0, receipts: 2 } })],
  ['a lease that ran out', 'stuck', whole({ deliveries: changed(deliveries, 0, { state: 'handingOver' }) })],
  ['a message that is due and waits', 'stuck', whole({ deliveries: changed(deliveries, 4, { dueAt: START }) })],
  ['a notice that is due and waits', 'stuck', whole({ notices: changed(notices, 0, { nextDueAt: START }) })],
  ['an import half read', 'stuck', whole({ imports: [{ state: 'staging', accepted: 0 }] })],
  ['an import half done', 'stuck', whole({ imports: [{ state: 'committing', accepted: 6 }] })],
  ['a job that nobody does', 'stuck', whole({ jobs: [{ name: 'planCampaign', state: 'active' }] })],
  ['a campaign that was never planned', 'stuck', whole({ notices: [], exclusions: [] })],
];

describe('the checks after a fault', () => {
  it('find nothing where all is well', () => {
    expect(judge(whole()).broken).toEqual([]);
  });

  it.each(DOCTORED)('see %s', (_, check, evidence) => {
    expect(CHECKS[check]?.(evidence)).not.toEqual([]);
  });

  it('are each shown to be able to fail', () => {
    expect([...new Set(DOCTORED.map(([, check]) => check))].sort()).toEqual(Object.keys(CHECKS).sort());
  });
});
