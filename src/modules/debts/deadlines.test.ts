import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, type CivilDate, civilDate, daysBetween, year } from '../../kernel/civil-date.ts';
import { CREDIT_NATURES, makeRuleBook, type RuleRow, statuteRows } from '../creditors/index.ts';
import { type Deadline, type DeadlineFacts, deadlineOf, deadlineRuleOf, type ReceivedAct } from './deadlines.ts';

const TODAY = civilDate('2026-11-24');
const own = (key: string, value: unknown): RuleRow => {
  return { key, scope: '*', valid_from: '2020-01-01', valid_to: null, value, legal_basis: 'Delibera n. 1/2020' };
};
const CHOSEN = [own('ticketLimitationYears', 10), own('waterIssueTermDays', 45)];
const ruleOf = (nature: string, regulation: RuleRow[] = CHOSEN) =>
  deadlineRuleOf(makeRuleBook(TODAY, statuteRows(), regulation), { code: 'X', nature });

type Loose = Partial<Record<'dueDate' | 'violationDate' | 'serviceDate' | 'issueTerm', string>> &
  Omit<DeadlineFacts, 'dueDate' | 'violationDate' | 'serviceDate' | 'issueTerm' | 'receivedActs'> & {
    readonly acts?: readonly (string | ReceivedAct)[];
    readonly used?: readonly [string, string];
  };

function facts({ acts = [], used, dueDate = '2021-12-16', violationDate, serviceDate, issueTerm, ...rest }: Loose) {
  const day = (text: string | undefined) => (text === undefined ? null : civilDate(text));
  const received = acts.map((act) =>
    typeof act === 'string' ? { receivedOn: civilDate(act), documentId: 'd', receiptId: 'r' } : act,
  );
  return {
    ...rest,
    dueDate: civilDate(dueDate),
    violationDate: day(violationDate),
    serviceDate: day(serviceDate),
    issueTerm: day(issueTerm),
    receivedActs: received,
    ...(used === undefined ? {} : { consumption: { from: civilDate(used[0]), to: civilDate(used[1]) } }),
  } satisfies DeadlineFacts;
}

function deadline(nature: string, loose: Loose, today: string = TODAY, regulation?: RuleRow[]): Deadline {
  const found = deadlineOf(ruleOf(nature, regulation), facts(loose), civilDate(today));
  if (!found.ok) throw new Error(found.error.facts.join());
  return found.value;
}

const missing = (nature: string, loose: Loose) => {
  const found = deadlineOf(ruleOf(nature), facts(loose), TODAY);
  return found.ok ? null : found.error.facts;
};

describe('local taxes', () => {
  it.each([
    // law-and-practice §2.2, omitted or partial payment, as it stands on 24/11/2026.
    ['2015-12-16', '2021-03-26', true],
    ['2016-12-16', '2022-03-26', true],
    ['2017-12-16', '2023-03-26', true],
    // 25 March: the year that follows is a leap year.
    ['2018-12-17', '2024-03-25', true],
    ['2019-12-16', '2025-03-26', true],
    ['2020-02-28', '2026-03-26', true],
    ['2020-12-16', '2025-12-31', true],
    ['2021-12-16', '2026-12-31', false],
    ['2022-12-16', '2027-12-31', false],
    ['2023-12-18', '2028-12-31', false],
    ['2024-12-16', '2029-12-31', false],
    ['2025-12-16', '2030-12-31', false],
    ['2026-06-16', '2031-12-31', false],
  ])('due on %s decay after %s', (dueDate, date, expired) => {
    for (const nature of ['tax', 'imu', 'tari']) {
      expect(deadline(nature, { dueDate })).toMatchObject({ kind: 'decadence', date, expired });
    }
  });

  it('due in 2021 have 37 days left, and the office was warned at 60', () => {
    expect(deadline('imu', { dueDate: '2021-12-16', taxYear: 2021 })).toEqual({
      kind: 'decadence',
      date: '2026-12-31',
      daysLeft: 37,
      startsFrom: { fact: 'dueDate', on: '2021-12-16' },
      legalBasis: expect.stringContaining('L. 296/2006, art. 1, c. 161'),
      alarm: 60,
      expired: false,
      disputedFrom: null,
    });
  });

  it('count from the year of the due date, not from the tax year (R01)', () => {
    expect(deadline('tari', { dueDate: '2022-02-28', taxYear: 2021 }).date).toBe('2027-12-31');
    expect(deadline('tari', { dueDate: '2021-12-31', taxYear: 2021 }).date).toBe('2026-12-31');
  });

  it('gain a year only where the office has confirmed that the declaration was omitted (R02)', () => {
    const due2020 = { dueDate: '2020-12-16', taxYear: 2020 };
    expect(deadline('imu', { ...due2020, violationKind: 'omittedConfirmed' })).toMatchObject({
      date: '2026-12-31',
      startsFrom: { fact: 'declaration', on: '2021-06-30' },
      expired: false,
    });
    for (const violationKind of ['unfaithful', 'unknown', 'omittedPayment'] as const) {
      expect(deadline('imu', { ...due2020, violationKind }).date).toBe('2025-12-31');
    }
    // Paid in the year in which the declaration was due: nothing to add.
    expect(deadline('tari', { dueDate: '2021-02-28', taxYear: 2020, violationKind: 'omittedConfirmed' }).date).toBe(
      '2026-12-31',
    );
    expect(missing('imu', { dueDate: '2020-12-16', violationKind: 'omittedConfirmed' })).toEqual(['taxYear']);
    // A tax without such a declaration has nothing to add either.
    expect(deadline('tax', { ...due2020, violationKind: 'omittedConfirmed' }).date).toBe('2025-12-31');
  });

  const dueDay = fc.integer({ min: 0, max: 9_000 }).map((n) => addDays(civilDate('2008-01-01'), n));
  const kind = fc.constantFrom('omittedPayment', 'omittedConfirmed', 'unfaithful', 'unknown');
  const act = fc.record({
    receivedOn: dueDay,
    documentId: fc.constantFrom('d1', ''),
    receiptId: fc.constantFrom('r1', ''),
  });

  it('whatever the file says, gain one year at most, and 85 days at most', () => {
    const rule = ruleOf('imu');
    fc.assert(
      fc.property(dueDay, kind, fc.integer({ min: 1990, max: 2040 }), (dueDate, violationKind, taxYear) => {
        const found = deadlineOf(rule, { dueDate, violationKind, taxYear }, TODAY);
        const date = found.ok ? found.value.date : '';
        const extra = violationKind === 'omittedConfirmed' ? 1 : 0;
        expect(date >= `${year(dueDate) + 5}-12-31`).toBe(true);
        expect(date <= addDays(civilDate(`${year(dueDate) + 5 + extra}-12-31`), 85)).toBe(true);
      }),
    );
  });

  it('are moved by nothing that anybody sends or receives (R03)', () => {
    fc.assert(
      fc.property(dueDay, fc.array(act, { maxLength: 5 }), dueDay, (dueDate, receivedActs, today) => {
        const rule = ruleOf('imu');
        const still = deadlineOf(rule, { dueDate }, today);
        // Events of our own, even if somebody passed them in.
        const events = { notices: 3, deliveredAt: today, readAt: today, callAt: today, interruptsLimitation: 'proven' };
        expect(deadlineOf(rule, { dueDate, receivedActs, ...events }, today)).toEqual(still);
      }),
      { numRuns: 50 },
    );
  });

  it('have no way from a message to the date: the file reads none, and only what reckons it from facts writes it (R03)', () => {
    const here = new URL('.', import.meta.url);
    const imports = [...readFileSync(new URL('deadlines.ts', here), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, m]) => m,
    );
    expect(imports.every((m) => m?.includes('/kernel/') || m === '../creditors/index.ts')).toBe(true);
    const modules = new URL('..', here);
    const sources = globSync('**/*.ts', { cwd: modules }).filter((file) => !file.includes('.test.'));
    const texts = sources.map((file) => readFileSync(new URL(file.replaceAll('\\', '/'), modules), 'utf8'));
    expect(sources.filter((_, i) => /\bset\b[^;`]*\bdeadline_on\s*[=:]/.test(texts[i] ?? '')).sort()).toEqual([
      'debts/intake/commit.ts',
      'debts/refresh-deadlines.ts',
    ]);
  });
});

describe('the alarm', () => {
  const alarmAt = (daysLeft: number) =>
    deadline('imu', { dueDate: '2021-12-16' }, addDays(civilDate('2026-12-31'), -daysLeft)).alarm;

  it.each([
    [366, null],
    [365, 365],
    [181, 365],
    [180, 180],
    [91, 180],
    [90, 90],
    [61, 90],
    [60, 60],
    [31, 60],
    [30, 30],
    [0, 30],
    [-1, null],
  ])('with %i days left is %s', (daysLeft, alarm) => {
    expect(alarmAt(daysLeft)).toBe(alarm);
    expect(deadline('imu', { dueDate: '2021-12-16' }, addDays(civilDate('2026-12-31'), -daysLeft)).expired).toBe(
      daysLeft < 0,
    );
  });
});

describe('fines (R07)', () => {
  it('end five years after the violation', () => {
    for (const nature of ['trafficFine', 'administrativeSanction']) {
      expect(deadline(nature, { dueDate: '2023-01-01', violationDate: '2022-03-10' })).toMatchObject({
        kind: 'limitation',
        date: '2027-03-10',
        startsFrom: { fact: 'violationDate', on: '2022-03-10' },
        disputedFrom: null,
      });
    }
    expect(missing('trafficFine', { dueDate: '2022-05-10' })).toEqual(['violationDate']);
  });

  it('of 29 February end on the last day of a February', () => {
    expect(deadline('trafficFine', { violationDate: '2024-02-29' }).date).toBe('2029-02-28');
  });

  it('begin again with each act that was received and can be proven (R13)', () => {
    const act = (receivedOn: string, documentId: string, receiptId: string) => {
      return { receivedOn: civilDate(receivedOn), documentId, receiptId };
    };
    const from = (...acts: (string | ReceivedAct)[]) => deadline('trafficFine', { violationDate: '2019-03-10', acts });
    expect(from('2019-05-20')).toMatchObject({ date: '2024-05-20', expired: true });
    expect(from('2023-06-01', '2019-05-20')).toMatchObject({
      date: '2028-06-01',
      startsFrom: { fact: 'receivedAct', on: '2023-06-01' },
    });
    // Too late, before it began, or still to come.
    expect(from('2024-05-20').date).toBe('2024-03-10');
    expect(from('2019-03-09').date).toBe('2024-03-10');
    expect(deadline('trafficFine', { violationDate: '2022-03-10', acts: ['2026-11-25'] }).date).toBe('2027-03-10');
    // Without the document or the receipt there is no act.
    expect(from(act('2022-01-01', '', 'r')).date).toBe('2024-03-10');
    expect(from(act('2022-01-01', 'd', ' ')).date).toBe('2024-03-10');
  });

  it('are over for good once they are over: no later act revives them', () => {
    const day = fc.integer({ min: 0, max: 6_000 }).map((n) => addDays(civilDate('2010-01-01'), n));
    fc.assert(
      fc.property(day, fc.array(day, { maxLength: 8 }), (violationDate, days) => {
        const acts = days.map((receivedOn) => ({ receivedOn, documentId: 'd', receiptId: 'r' }));
        const found = deadlineOf(
          ruleOf('trafficFine'),
          { dueDate: violationDate, violationDate, receivedActs: acts },
          TODAY,
        );
        // The plain reading: follow the acts in order for as long as each falls inside the term.
        let end: CivilDate = addMonths(violationDate, 60);
        for (const receivedOn of [...days].sort()) {
          if (receivedOn >= violationDate && receivedOn <= end) end = addMonths(receivedOn, 60);
        }
        expect(found.ok && found.value.date).toBe(end);
        expect(found.ok && found.value.daysLeft).toBe(daysBetween(TODAY, end));
      }),
    );
  });
});

describe('what is paid by the year or less (R08)', () => {
  it.each(['serviceFee', 'rent', 'wasteTariff'])('%s ends five years after each due date', (nature) => {
    expect(deadline(nature, { dueDate: '2022-01-31' })).toMatchObject({
      kind: 'limitation',
      date: '2027-01-31',
      alarm: 90,
    });
  });
});

describe('the single canon (R09)', () => {
  it('warns before five years, and is over only after ten', () => {
    const due = { dueDate: '2022-01-31' };
    expect(deadline('singlePropertyCanon', due)).toMatchObject({
      date: '2032-01-31',
      disputedFrom: '2027-01-31',
      alarm: 90,
    });
    // After the fifth year the alarm counts to the tenth.
    expect(deadline('singlePropertyCanon', due, '2027-02-01')).toMatchObject({ alarm: null, expired: false });
    expect(deadline('singlePropertyCanon', due, '2032-01-31')).toMatchObject({ alarm: 30, expired: false });
    expect(deadline('singlePropertyCanon', due, '2032-02-01')).toMatchObject({ alarm: null, expired: true });
  });
});

describe('water (R10)', () => {
  const bill = { dueDate: '2025-03-31', used: ['2024-10-01', '2024-12-31'] as const };

  it('ends in two years for households, micro-firms and professionals, in five for the others', () => {
    for (const userClass of ['household', 'microFirm', 'professional'] as const) {
      expect(deadline('water', { ...bill, userClass }).date).toBe('2027-02-14');
    }
    expect(deadline('water', { ...bill, userClass: 'other' }).date).toBe('2030-02-14');
  });

  it('starts from the earlier of the day by which the bill had to be issued and its due date', () => {
    const household = { ...bill, userClass: 'household' as const };
    expect(deadline('water', { ...household, issueTerm: '2025-02-28' }).startsFrom).toEqual({
      fact: 'issueTerm',
      on: '2025-02-28',
    });
    expect(deadline('water', { ...household, issueTerm: '2025-04-30' })).toMatchObject({
      date: '2027-03-31',
      startsFrom: { fact: 'dueDate', on: '2025-03-31' },
    });
  });

  it('of bills due until 1 January 2020 ends in five years for everybody', () => {
    const old = {
      userClass: 'household' as const,
      used: ['2019-07-01', '2019-09-30'] as const,
      issueTerm: '2019-11-14',
    };
    expect(deadline('water', { ...old, dueDate: '2020-01-01' }).date).toBe('2024-11-14');
    expect(deadline('water', { ...old, dueDate: '2020-01-02' }).date).toBe('2021-11-14');
  });

  it('is held until the class of user and the period of consumption are known', () => {
    expect(missing('water', { dueDate: '2025-03-31' })).toEqual(['userClass', 'consumption']);
    expect(missing('water', { ...bill })).toEqual(['userClass']);
    const found = deadlineOf(ruleOf('water', []), facts({ ...bill, userClass: 'other' }), TODAY);
    expect(found).toEqual({ ok: false, error: { code: 'FACTS_MISSING', facts: ['issueTerm'] } });
  });
});

describe('health (R12)', () => {
  const ticket = { dueDate: '2023-01-31', serviceDate: '2022-01-31' };

  it('is refused until the body has chosen five or ten years', () => {
    for (const nature of ['healthCopay', 'healthWrongExemption', 'missedAppointment']) {
      expect(() => ruleOf(nature, [])).toThrow(expect.objectContaining({ code: 'RULE_UNKNOWN' }));
    }
  });

  it('counts from the service, warns at five years and names the choice', () => {
    expect(deadline('healthCopay', ticket)).toMatchObject({
      date: '2032-01-31',
      disputedFrom: '2027-01-31',
      alarm: 90,
      startsFrom: { fact: 'serviceDate', on: '2022-01-31' },
      legalBasis: expect.stringContaining('Delibera n. 1/2020'),
    });
    expect(deadline('healthCopay', ticket, TODAY, [own('ticketLimitationYears', 5)]).date).toBe('2027-01-31');
    expect(missing('healthCopay', { dueDate: '2023-01-31' })).toEqual(['serviceDate']);
  });

  it('gives its sanctions five years from the violation, whatever was chosen', () => {
    const sanction = { ...ticket, component: 'sanction' as const };
    expect(deadline('healthWrongExemption', sanction)).toMatchObject({ date: '2027-01-31', disputedFrom: null });
    expect(deadline('healthWrongExemption', { ...sanction, violationDate: '2021-10-01' })).toMatchObject({
      date: '2026-10-01',
      expired: true,
    });
  });
});

describe('suspensions', () => {
  it('by decree for a disaster are added to those of the law, and move what was running', () => {
    const flood = own('localSuspensionWindows', [{ from: '2023-05-01', to: '2023-08-31', days: 123 }]);
    const endOf = (dueDate: string) => deadline('imu', { dueDate }, TODAY, [flood]).date;
    expect(endOf('2021-12-16')).toBe(addDays(civilDate('2026-12-31'), 123));
    expect(endOf('2023-06-16')).toBe('2028-12-31');
    // Both, one after the other.
    expect(endOf('2019-12-16')).toBe(addDays(civilDate('2024-12-31'), 85 + 123));
    // Over before the window opened.
    expect(endOf('2016-12-16')).toBe('2022-03-26');
  });

  it('of the taxing offices touch no other credit', () => {
    expect(deadline('rent', { dueDate: '2018-06-30' }).date).toBe('2023-06-30');
  });
});

describe('every nature', () => {
  it.each(CREDIT_NATURES)('%s has a deadline once its facts are known, and it only comes nearer', (nature) => {
    const known = {
      violationDate: '2023-02-01',
      serviceDate: '2023-02-01',
      userClass: 'household' as const,
      used: ['2022-10-01', '2022-12-31'] as const,
    };
    const on = (today: string) => deadline(nature, { dueDate: '2023-03-01', ...known }, today);
    expect(on('2026-11-25').daysLeft).toBe(on('2026-11-24').daysLeft - 1);
    expect(on('2026-11-25').date).toBe(on('2026-11-24').date);
  });
});
