import { OLD, row, type StatuteRow } from './statute-row.ts';

const CHOICE = 'scelta di progetto';
const UNIREC = 'scelta di progetto sul codice di condotta UNIREC';
const WATER = 'ARERA 311/2019/R/idr, allegato A';
const CONTACT = {
  countingChannels: null,
  notBeforeDaysAfterDue: 1,
  contactPurpose: 'creditType',
  addressee: 'debtor',
  detailsOnlyIdentified: false,
};

/** How people may be written to, and the terms of what we promise them (law-and-practice §1.3 and §5). */
export const CONTACT_ROWS: readonly StatuteRow[] = [
  // `countingChannels` null: any channel will do; otherwise the others may only go with one of these.
  row('contactRule', '*', OLD, CONTACT, CHOICE, 'D'),
  // R47: the debtor is the parent or guardian.
  row(
    'contactRule',
    'serviceFee',
    OLD,
    { ...CONTACT, addressee: 'parentOrGuardian', detailsOnlyIdentified: true },
    'c.c., art. 320',
    'M',
  ),
  // R65, R66
  row(
    'contactRule',
    'copay',
    OLD,
    { ...CONTACT, contactPurpose: 'administrative', detailsOnlyIdentified: true },
    'Codice privacy, art. 2-sexies; Garante, provv. n. 79/2026',
    'M',
  ),
  // R74
  row(
    'contactRule',
    'water',
    OLD,
    { ...CONTACT, countingChannels: ['registeredMail', 'pec'], notBeforeDaysAfterDue: 10 },
    WATER,
    'C',
  ),
  row('waterSequence', 'water', OLD, { reminderDay: 10, formalNoticeDay: 25, lastDayFromReceipt: 40 }, WATER, 'C'),

  // §5.3: stricter than the code of conduct of private collectors; a campaign may only tighten it.
  row('weeklyCeilingPerPerson', '*', OLD, 2, UNIREC, 'D'),
  row('weeklyCeilingPerAddress', '*', OLD, 3, UNIREC, 'D'),
  // architecture §6: e-mail by the body's setting, default 8-20; days 1 (Monday) to 7.
  // R64 and §5.3: stricter than the ceiling of the code of conduct; a body may choose Saturday mornings too.
  row('window.sms', '*', OLD, { fromMinutes: 540, toMinutes: 1140, days: [1, 2, 3, 4, 5] }, UNIREC, 'D'),
  row('window.email', '*', OLD, { fromMinutes: 480, toMinutes: 1200, days: [1, 2, 3, 4, 5, 6] }, CHOICE, 'D'),
  // Of a message that takes back a wrong one: what stops it and what does not (src/modules/campaigns/recall-rules.ts).
  row('correctionPassesHolds', '*', OLD, ['payment', 'dispute'], CHOICE, 'U'),
  row('correctionPassesCeiling', '*', OLD, true, CHOICE, 'U'),
  // architecture §3.10
  row('silenceAfterPaymentDays', '*', OLD, 7, CHOICE, 'D'),
  // R53: an unanswered request can be challenged after 90 days; we promise an answer much sooner.
  row('disputeAnswerDays', '*', OLD, 30, 'scelta di progetto, entro i 90 giorni di L. 212/2000, art. 10-quater', 'D'),
  row('linkValidDays', '*', OLD, 90, CHOICE, 'D'),
  row('deliveryExpiresDays', '*', OLD, 10, CHOICE, 'D'),
];
