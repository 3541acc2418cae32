import { NATURES } from './natures.ts';
import { OLD, row, type StatuteRow } from './statute-row.ts';

const L160 = (commas: string) => `L. 160/2019, art. 1, c. ${commas}`;
const HEALTH = 'Reg. UE 2016/679, art. 9, par. 2, lett. g; Codice privacy, art. 2-sexies';
/** Bodies of c. 784 work with both; each rule is a row of each category. */
const ENFORCEABLE = ['tax', 'patrimonialRevenue'];

/** What each nature is, and what comes after a reminder that was not answered (law-and-practice §1.2 to §1.4, §4). */
export const ACT_ROWS: readonly StatuteRow[] = [
  ...Object.entries(NATURES).map(([nature, { category, basis, mark }]) =>
    row('category', nature, OLD, category, basis, mark),
  ),
  row('holdsHealthData', 'copay', OLD, true, HEALTH, 'C'),
  row('holdsHealthData', '*', OLD, false, HEALTH, 'C'),
  // R47
  ...Object.entries(NATURES)
    .filter(([, { mayHoldMinors }]) => mayHoldMinors)
    .map(([nature]) => row('mayHoldMinors', nature, OLD, true, 'c.c., art. 320', 'M')),
  row('mayHoldMinors', '*', OLD, false, 'c.c., art. 320', 'M'),

  // R37, R38: what the office must serve if nobody pays.
  row('nextAct', 'tax', '2020-01-01', 'enforceableAssessment', L160('792'), 'C'),
  row('nextAct', 'patrimonialRevenue', '2020-01-01', 'enforceableRevenueAct', L160('792'), 'C'),
  row('nextAct', 'rent', '2020-01-01', 'enforceableRevenueAct', `${L160('792')} (oppure via civile)`, 'M'),
  row('nextAct', 'sanction', OLD, 'taxRollOrInjunction', 'L. 689/1981, art. 27', 'C'),
  row('nextAct', 'trafficFine', OLD, 'taxRollOrInjunction', 'D.Lgs. 285/1992, art. 206; L. 689/1981, art. 27', 'C'),
  row('nextAct', 'price', OLD, 'formalDefaultNotice', 'c.c., art. 1219', 'M'),
  row('nextAct', 'water', OLD, 'formalDefaultNotice', 'ARERA 311/2019/R/idr, allegato A', 'C'),
  row('nextAct', 'copay', OLD, 'taxRollOrInjunction', `${L160('784')} (le ASL non vi sono); R.D. 639/1910`, 'M'),
  row('nextAct', 'healthWrongExemption', OLD, 'violationReport', 'L. 689/1981, art. 13-14', 'C'),
  row('nextAct', 'missedAppointment', OLD, 'violationReport', 'legge regionale; L. 689/1981, art. 14', 'U'),
  row('enforceableActBodies', '*', '2020-01-01', ['comune', 'unione', 'provincia'], L160('784'), 'C'),

  // R30: the debt stays due and is recovered with a later act.
  ...ENFORCEABLE.map((scope) => row('enforceabilityFloorCents', scope, '2020-01-01', 1000, L160('794'), 'C')),
  // R34, R35: after the title only.
  ...ENFORCEABLE.flatMap((scope) => [
    row(
      'collectionCharges',
      scope,
      '2020-01-01',
      { untilDay: 60, within: { bp: 300, maxCents: 30_000 }, beyond: { bp: 600, maxCents: 60_000 } },
      L160('803'),
      'C',
    ),
    row(
      'postTitleReminder',
      scope,
      '2020-01-01',
      { upToCents: 1_000_000, days: 30, shortWaitUpToCents: 100_000, shortWaitDays: 60 },
      L160('795'),
      'C',
    ),
    // R39, R40, R41: after the act, and only where the body has no regulation of its own.
    row(
      'postTitlePlan',
      scope,
      '2020-01-01',
      {
        bands: [
          { upToCents: 10_000, max: 0 },
          { upToCents: 50_000, max: 4 },
          { upToCents: 300_000, max: 12 },
          { upToCents: 600_000, max: 24 },
          { upToCents: 2_000_000, max: 36 },
          { upToCents: null, max: 72 },
        ],
        regulationFloor: { fromCents: 600_001, max: 36 },
        extension: { times: 1, max: 72 },
        forfeiture: { missed: 2, withinMonths: 6, afterExpressReminder: true },
      },
      L160('796-801'),
      'C',
    ),
  ]),
  // R36: where AdER collects, only c. 792 applies. Keys that are then off.
  row(
    'offWithAder',
    '*',
    '2020-01-01',
    ['enforceabilityFloorCents', 'collectionCharges', 'postTitleReminder', 'postTitlePlan', 'postTitleInterest'],
    L160('785'),
    'C',
  ),

  // R39, R43, R44: which plan may be spoken of before the act.
  // R39: a regulation may set other terms, but not a longest plan below this.
  ...['tax', 'patrimonialRevenue'].map((category) =>
    row('longestPlanAtLeast', category, '2020-01-01', { overCents: 600_000, installments: 36 }, L160('797'), 'C'),
  ),
  row('installmentRule', '*', OLD, { reference: 'regulation' }, `D.Lgs. 446/1997, art. 52; ${L160('796-797')}`, 'C'),
  row(
    'installmentRule',
    'trafficFine',
    OLD,
    {
      reference: 'trafficFinePlan',
      overCents: 20_000,
      minInstallmentCents: 10_000,
      requestWithinDays: 30,
      answerWithinDays: 90,
      waivesAppeal: true,
      incomeCapCents: 1_062_816,
      perRelativeCents: 103_291,
      bands: [
        { upToCents: 200_000, max: 12 },
        { upToCents: 500_000, max: 24 },
        { upToCents: null, max: 60 },
      ],
    },
    'D.Lgs. 285/1992, art. 202-bis',
    'C',
  ),
  row(
    'installmentRule',
    'administrativeSanction',
    OLD,
    { reference: 'sanctionPlan', min: 3, max: 30, minInstallmentCents: 1549 },
    'L. 689/1981, art. 26',
    'C',
  ),
  row(
    'installmentRule',
    'tari',
    '2023-01-01',
    { reference: 'regulation', minInstallmentCents: 10_000 },
    'ARERA 15/2022/R/rif (TQRIF), art. 27',
    'C',
  ),
  row(
    'installmentRule',
    'water',
    OLD,
    { reference: 'formalDefaultNotice', requestDaysBeforeTerm: 5 },
    'ARERA 311/2019/R/idr, allegato A',
    'C',
  ),
];
