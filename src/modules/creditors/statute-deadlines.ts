import { OLD, row, type StatuteRow } from './statute-row.ts';

const C161 = 'L. 296/2006, art. 1, c. 161';
const DECADENCE = { kind: 'decadence', start: 'dueDate', ends: 'yearEnd', yearsKey: 'decadenceYears' };
const limitation = (start: string, more: object) => ({ kind: 'limitation', start, ends: 'sameDay', ...more });
const WITH_DECLARATION = 'L. 160/2019, art. 1, c. 769; Cass. 29250/2025, 29255/2025, 29154/2024';

/**
 * Decadence and limitation (law-and-practice §2). `yearsKey` names the row that holds the years, where a body declares
 * them or another reader needs them; `alarmYears`: another reading of the law ends there, so the office is warned.
 */
export const DEADLINE_ROWS: readonly StatuteRow[] = [
  // R01: 31 December of the fifth year after the one of the due date.
  row('decadenceYears', 'tax', '2007-01-01', 5, C161, 'C'),
  row('deadline', 'tax', '2007-01-01', DECADENCE, C161, 'C'),
  // R02: one year more, and only where the office has confirmed that no declaration exists.
  row('deadline', 'imu', '2007-01-01', { ...DECADENCE, declarationYears: 1 }, `${C161}; ${WITH_DECLARATION}`, 'C'),
  row('deadline', 'tari', '2007-01-01', { ...DECADENCE, declarationYears: 1 }, `${C161}; ${WITH_DECLARATION}`, 'M'),
  // R04: no friendly wave so near to decadence.
  row('decadenceMarginDays', 'tax', '2007-01-01', 120, `scelta di progetto su ${C161}`, 'D'),
  // R05: every extended term of due years up to 2020 is over: to the office, never to a reminder.
  row('expiredDueYear', 'tax', '2026-03-27', 2020, `${C161}; D.L. 18/2020, art. 67`, 'C'),
  row(
    'suspensionWindows',
    'tax',
    '2020-03-08',
    [{ from: '2020-03-08', to: '2020-05-31', days: 85 }],
    'D.L. 18/2020, art. 67; Cass. 21765/2025',
    'C',
  ),
  // R06: after a final assessment, for the injunction and the roll; an enforceable assessment already is the title.
  row('forcedTitleYears', 'tax', '2007-01-01', 3, 'L. 296/2006, art. 1, c. 163', 'C'),
  // R07: restarted only by acts that the debtor received.
  row(
    'deadline',
    'trafficFine',
    OLD,
    limitation('violationDate', { years: 5 }),
    'D.Lgs. 285/1992, art. 209; L. 689/1981, art. 28; Cass. 26424/2014',
    'C',
  ),
  row(
    'deadline',
    'administrativeSanction',
    OLD,
    limitation('violationDate', { years: 5 }),
    'L. 689/1981, art. 28',
    'C',
  ),
  // R08: whatever is paid by the year or by shorter terms.
  row('deadline', 'serviceFee', OLD, limitation('dueDate', { years: 5 }), 'c.c., art. 2948, n. 4', 'M'),
  row('deadline', 'wasteTariff', OLD, limitation('dueDate', { years: 5 }), 'c.c., art. 2948, n. 4', 'C'),
  row('deadline', 'rent', OLD, limitation('dueDate', { years: 5 }), 'c.c., art. 2948, n. 3', 'C'),
  // R09: warn at five years, never call it prescribed before ten. Settled for COSAP, by analogy for the single canon.
  row(
    'deadline',
    'singlePropertyCanon',
    OLD,
    limitation('dueDate', { years: 10, alarmYears: 5 }),
    'c.c., art. 2946; Cass. 3710/2019, 12482/2022, 17182/2025',
    'U',
  ),
  // R10: two years for these users only, from the earlier of the day by which the bill had to be issued and its due date.
  row(
    'deadline',
    'water',
    OLD,
    limitation('issueTermOrDueDate', {
      years: 5,
      short: { years: 2, userClasses: ['household', 'microFirm', 'professional'], dueAfter: '2020-01-01' },
      issueTermDaysKey: 'waterIssueTermDays',
    }),
    'L. 205/2017, art. 1, c. 4; ARERA 547/2019/R/idr, allegato B; c.c., art. 2948, n. 4',
    'U',
  ),
  row('oldConsumptionYears', 'water', '2020-01-02', 2, 'L. 205/2017, art. 1, c. 4; ARERA 547/2019/R/idr', 'C'),
  // R12: five or ten years is disputed: no row of ours says `ticketLimitationYears`, the body declares it.
  row(
    'deadline',
    'copay',
    OLD,
    limitation('serviceDate', { yearsKey: 'ticketLimitationYears', alarmYears: 5, sanctionYears: 5 }),
    'c.c., art. 2946 e 2948; L. 689/1981, art. 28',
    'U',
  ),
  row('deadlineAlarmDays', '*', OLD, [365, 180, 90, 60, 30], 'scelta di progetto', 'D'),
];
