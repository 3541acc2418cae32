import { describe, expect, it } from 'vitest';
import { type CivilDate, civilDate } from '../../kernel/civil-date.ts';
import {
  CREDIT_NATURES,
  type CreditNature,
  type CreditType,
  makeRuleBook,
  NATURES,
  RULE_KEYS,
  type RuleRow,
  statuteRows,
} from '../creditors/index.ts';
import { rulesOfDebt } from './applicable-rules.ts';

const own = (key: string, scope: string, value: unknown): RuleRow => {
  return { key, scope, valid_from: '2026-01-01', valid_to: null, value, legal_basis: 'Delibera C.C. n. 5/2026' };
};
const type = (nature: CreditNature): CreditType => {
  const { health } = NATURES[nature];
  return { code: nature.toUpperCase(), name: nature, nature, health, purposeGroup: 'g', officeId: 1, explanation: '' };
};
const DEBT = { dueDate: civilDate('2023-06-16'), violationDate: null as CivilDate | null };

function page(nature: CreditNature, kind: 'comune' | 'asl' = 'comune', regulation: RuleRow[] = [], debt = DEBT) {
  const book = makeRuleBook(civilDate('2026-11-24'), statuteRows(), regulation);
  const found = rulesOfDebt(book, kind, type(nature), debt);
  return { ...found, of: (key: string) => found.rules.find((r) => r.key === key) };
}

describe('the rules of a debt', () => {
  it.each(CREDIT_NATURES)('of %s all have a name, a basis and a reason, once each and in order', (nature) => {
    const { rules } = page(nature);
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.map((r) => r.key)).toEqual([...new Set(rules.map((r) => r.key))].sort());
    for (const rule of rules) {
      expect(RULE_KEYS[rule.key]?.label, rule.key).toBe(rule.label);
      expect(rule.legalBasis.trim(), rule.key).not.toBe('');
      expect(rule.why, rule.key).toMatch(/^(vale per|regolamento dell’ente)/);
    }
  });

  it('say whose they are and since when', () => {
    const { of } = page('imu');
    expect(of('decadenceYears')).toMatchObject({
      value: 5,
      rule: 'R01',
      level: 'category',
      scope: 'tax',
      mark: 'C',
      why: 'vale per i tributi, dal 01/01/2007',
      off: null,
    });
    expect(of('deadline')?.why).toBe('vale per: IMU, dal 01/01/2007');
    expect(of('legalRateBp')?.why).toBe('vale per ogni credito, dal 01/01/2026, fino al 31/12/2026');
    expect(of('linkValidDays')?.why).toBe('vale per ogni credito');
  });

  it('put the body’s own before the law’s, and show what they take the place of', () => {
    const { of } = page('imu', 'comune', [own('taxMinimumCents', 'IMU', 500), own('sendingFloorCents', '*', 2_000)]);
    expect(of('taxMinimumCents')).toMatchObject({
      value: 500,
      from: 'regulation',
      why: 'regolamento dell’ente per imu, dal 01/01/2026',
      insteadOf: { value: 1200 },
    });
    expect(of('sendingFloorCents')?.why).toBe('regolamento dell’ente per ogni credito, dal 01/01/2026');
  });

  it('on sanctions are those of the day of the violation (R25)', () => {
    const rate = (debt: typeof DEBT) => page('imu', 'comune', [], debt).of('latePaymentSanctionBp');
    expect(rate(DEBT)).toMatchObject({ value: { within: 1500, beyond: 3000 }, on: '2023-06-16' });
    expect(rate(DEBT)?.why).toContain('alla data della violazione (16/06/2023)');
    expect(rate({ ...DEBT, violationDate: civilDate('2024-09-01') })?.value).toMatchObject({
      within: 1250,
      beyond: 2500,
    });
    expect(rate({ ...DEBT, violationDate: civilDate('2024-08-31') })?.value).toMatchObject({ within: 1500 });
  });

  it('leave out what is another credit’s', () => {
    expect(page('water').of('taxMinimumCents')).toBeUndefined();
    expect(page('tari').of('tefa')).toMatchObject({ value: { bp: 500 } });
    expect(page('imu').of('tefa')).toBeUndefined();
    expect(page('trafficFine').of('postTitlePlan')).toBeUndefined();
  });

  it('are marked off where AdER collects (R36)', () => {
    const off = (regulation: RuleRow[]) => page('tari', 'comune', regulation).rules.filter((r) => r.off !== null);
    expect(off([])).toEqual([]);
    const keys = off([own('collector', '*', 'AdER')]).map((r) => r.key);
    expect(keys).toEqual([
      'collectionCharges',
      'enforceabilityFloorCents',
      'postTitleInterest',
      'postTitlePlan',
      'postTitleReminder',
    ]);
  });

  it('are marked off for a body that has no enforceable act (R37)', () => {
    const { of, nextAct } = page('serviceFee', 'asl');
    expect(nextAct).toEqual({ value: 'taxRollOrInjunction', legalBasis: 'L. 160/2019, art. 1, c. 784' });
    for (const key of ['nextAct', 'enforceabilityFloorCents']) {
      expect(of(key)?.off).toBe('non vale per questo ente (L. 160/2019, art. 1, c. 784)');
    }
    expect(of('deadline')?.off).toBeNull();
    expect(page('healthCopay', 'asl').rules.every((r) => r.off === null)).toBe(true);
  });

  it('come with what the body has still to choose', () => {
    expect(page('healthCopay', 'asl').missing.map((m) => m.rule)).toEqual(['R12', 'R36', 'R65']);
  });
});
