import { OLD, row, type StatuteRow } from './statute-row.ts';

/** Hundredths of a point, by year (law-and-practice §3.1). The last year ends: a rate is never stretched (R19). */
const LEGAL_RATES: readonly (readonly [from: number, to: number, bp: number])[] = [
  [1999, 2000, 250],
  [2001, 2001, 350],
  [2002, 2003, 300],
  [2004, 2007, 250],
  [2008, 2009, 300],
  [2010, 2010, 100],
  [2011, 2011, 150],
  [2012, 2013, 250],
  [2014, 2014, 100],
  [2015, 2015, 50],
  [2016, 2016, 20],
  [2017, 2017, 10],
  [2018, 2018, 30],
  [2019, 2019, 80],
  [2020, 2020, 5],
  [2021, 2021, 1],
  [2022, 2022, 125],
  [2023, 2023, 500],
  [2024, 2024, 250],
  [2025, 2025, 200],
  [2026, 2026, 160],
];

/** D.Lgs. 471 and 472/1997 are renumbered by D.Lgs. 173/2024 from 1 January 2027, unless that is put off again (R18). */
const UNTIL_THE_CODES = '2026-12-31';
const L160 = (commas: string) => `L. 160/2019, art. 1, c. ${commas}`;
const NO_MINIMUM = 'L. 289/2002, art. 25, c. 3';

/** Minimums, rounding, interest, sanctions (law-and-practice §1.7 and §3). */
export const MONEY_ROWS: readonly StatuteRow[] = [
  // R31: a minimum per tax and year; below it nothing is due. Never for fees, tickets, water.
  row(
    'taxMinimumCents',
    'tax',
    ['2007-01-01', '2026-12-31'],
    1200,
    'L. 296/2006, art. 1, c. 168; L. 289/2002, art. 25',
    'C',
  ),
  row('noLegalMinimum', 'serviceFee', '2003-01-01', true, NO_MINIMUM, 'C'),
  row('noLegalMinimum', 'price', '2003-01-01', true, NO_MINIMUM, 'C'),
  row('noLegalMinimum', 'copay', '2003-01-01', true, NO_MINIMUM, 'C'),
  // §1.7: practical floor for writing to somebody, over all the lines of a notice.
  row('sendingFloorCents', '*', OLD, 1200, 'scelta di progetto', 'D'),
  // R32: once, on the total to pay, whatever the channel. Exactly 49 cents is not written in the law.
  row('paymentRounding', 'tax', '2007-01-01', { to: 'euro', at49: 'down' }, 'L. 296/2006, art. 1, c. 166', 'C'),
  row('paymentRounding', '*', OLD, { to: 'cent' }, 'L. 296/2006, art. 1, c. 166 (solo tributi locali)', 'M'),
  // R33: a separate tax, with codes of its own for years from 2021; another rate where the province set it.
  row(
    'tefa',
    'tari',
    '2021-01-01',
    { bp: 500, fromTaxYear: 2021, codes: { tax: 'TEFA', interest: 'TEFN', sanction: 'TEFZ' } },
    'D.Lgs. 504/1992, art. 19; D.M. 1/7/2020',
    'C',
  ),

  // The flow is out by the second day and may be overwritten until the fourth (pagopa §12); a week, with feasts between.
  row('remittanceDays', '*', OLD, 7, 'scelta di progetto', 'D'),
  // Whoever is reminded of a debt must be able to pay it: the node never refuses for a date, the body alone does (pagopa §6).
  row('payableOverdue', '*', OLD, true, 'scelta di progetto', 'D'),

  ...LEGAL_RATES.map(([from, to, bp]) =>
    row(
      'legalRateBp',
      '*',
      [`${from}-01-01`, `${to}-12-31`],
      bp,
      to === 2026 ? 'c.c., art. 1284; D.M. 10/12/2025' : 'c.c., art. 1284',
      'C',
    ),
  ),
  // R23
  row('interestDivisor', '*', OLD, 365, 'c.c., art. 1284 (prassi)', 'C'),
  // R20: how far from the legal rate the body declares (`interestDeltaBp`), within three points.
  row(
    'interestRule',
    'tax',
    '2007-01-01',
    { kind: 'legalRate', deltaKey: 'interestDeltaBp', maxDeltaBp: 300 },
    'L. 296/2006, art. 1, c. 165',
    'C',
  ),
  // R29: fines bear no interest; the half-yearly increase absorbs it.
  row('interestRule', 'sanction', OLD, { kind: 'none' }, 'L. 689/1981, art. 27, c. 6', 'C'),
  row(
    'interestRule',
    'water',
    OLD,
    { kind: 'referenceRate', rateKey: 'ecbReferenceRateBp', addBp: 350 },
    'ARERA 311/2019/R/idr, allegato A',
    'C',
  ),
  row('interestRule', '*', OLD, { kind: 'legalRate', deltaKey: null, maxDeltaBp: 0 }, 'c.c., art. 1224 e 1284', 'M'),
  // R22, R21: what is never part of the base. Components of `debt_entry`.
  row(
    'neverBearsInterest',
    '*',
    [OLD, UNTIL_THE_CODES],
    ['sanction', 'interest', 'notificationCost', 'collectionCharge'],
    'D.Lgs. 472/1997, art. 2, c. 3; L. 160/2019, art. 1, c. 802; c.c., art. 1283',
    'C',
  ),
  // R21: after the act only, never in a friendly notice.
  ...['tax', 'patrimonialRevenue'].map((category) =>
    row('postTitleInterest', category, '2020-01-01', { maxDeltaBp: 200, waitDays: 30 }, L160('802'), 'C'),
  ),
  // R24
  row(
    'friendlyNoticeAdds',
    '*',
    OLD,
    { sanction: false, interest: false, costCents: 0 },
    'prassi; D.M. 14/4/2023 (costi dei soli atti successivi)',
    'C',
  ),
  // R25: by the date of the violation, never of the payment. The day it began to be so low is from memory.
  row(
    'latePaymentSanctionBp',
    'tax',
    ['2016-01-01', '2024-08-31'],
    { upToDays: 90, within: 1500, beyond: 3000 },
    'D.Lgs. 471/1997, art. 13',
    'M',
  ),
  row(
    'latePaymentSanctionBp',
    'tax',
    ['2024-09-01', UNTIL_THE_CODES],
    { upToDays: 90, within: 1250, beyond: 2500 },
    'D.Lgs. 471/1997, art. 13; D.Lgs. 87/2024',
    'C',
  ),
  // R27, R28: the discount ends with day 5, the minimum with day 60; then half the maximum plus costs.
  row(
    'fineTerms',
    'trafficFine',
    '2013-08-21',
    { discountPercent: 30, discountDays: 5, minimumUntilDay: 60, titleShareOfMaximumPercent: 50 },
    'D.Lgs. 285/1992, art. 202, c. 1, e 203, c. 3',
    'C',
  ),
  // The sixty days run from a day that the file may not say: until it does, nobody is written to.
  row('fineWithoutDate', 'trafficFine', OLD, 'hold', 'scelta di progetto', 'D'),
  // R29: off in the friendly phase unless the body opts in; whole half-years only.
  row('halfYearIncrease', 'sanction', OLD, { percent: 10, capPercent: null }, 'L. 689/1981, art. 27, c. 6', 'C'),
  row(
    'halfYearIncrease',
    'trafficFine',
    OLD,
    { percent: 10, capPercent: 60 },
    'L. 689/1981, art. 27, c. 6; Cass. 1545/2023',
    'U',
  ),
  row('increaseInFriendlyPhase', 'sanction', OLD, false, 'scelta di progetto', 'D'),
];
