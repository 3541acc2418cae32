import { describe, expect, it } from 'vitest';
import { formatEuro } from '../../kernel/money.ts';
import { RULE_KEYS, STATUTE } from '../../modules/creditors/index.ts';
import { RULE_FIELDS, ruleValueOf } from './debt-rules-form.ts';
import { ruleValueWords } from './debt-rules-words.ts';

describe('the value of a rule', () => {
  it('is told in words for every row of the law, never as program text', () => {
    for (const { key, value } of STATUTE) {
      const words = ruleValueWords(key, value);
      expect(words, key).not.toMatch(/[{}[\]"_]|\b(?:undefined|null|NaN|true|false)\b|\b[a-z]+[A-Z]/);
      expect(words, key).not.toBe('');
      expect(words, key).not.toContain('più voci');
    }
  });

  it('has figures as people write them', () => {
    expect(ruleValueWords('legalRateBp', 160)).toBe('1,6%');
    expect(ruleValueWords('taxMinimumCents', 1200)).toBe(formatEuro(1200));
    expect(ruleValueWords('deadlineAlarmDays', [365, 180, 30])).toBe('365, 180 e 30 giorni prima');
    expect(ruleValueWords('window.sms', { fromMinutes: 540, toMinutes: 1140, days: [1, 2] })).toBe(
      'lunedì e martedì, dalle 9:00 alle 19:00',
    );
  });

  it('tells a plan of installments whole, its last band without an end', () => {
    const plan = {
      bands: [{ upToCents: 10_000, max: 1 }, { max: 12 }],
      minInstallmentCents: 2_500,
      everyMonths: 1,
      interest: 'none',
      automatic: true,
    };
    expect(ruleValueWords('installmentPlan', plan)).toBe(
      `fino a ${formatEuro(10_000)}: fino a 1 rate; oltre: fino a 12 rate; rate di almeno ${formatEuro(2_500)}; una al mese; senza interessi; concesse subito`,
    );
  });

  it('of a key that has no words of its own is not shown as it is stored', () => {
    expect(ruleValueWords('nonSiSa', { a: 1 })).toBe('più voci: si veda la base normativa');
  });
});

describe('the form of a rule', () => {
  const typed = (value: string, cap = '') => ({ value, cap, from: '', basis: '' });
  const of = (key: string, value: string, cap?: string) => {
    const spec = RULE_FIELDS[key];
    if (spec === undefined) throw new Error(`no form for ${key}`);
    return ruleValueOf(spec, typed(value, cap));
  };

  it('makes values that the rule allows, of every key that a campaign waits for', () => {
    expect(of('ticketLimitationYears', '10')).toBe(10);
    expect(of('taxMinimumCents', '12,00')).toBe(1200);
    expect(of('interestDeltaBp', '-1,5')).toBe(-150);
    expect(of('collector', 'AdER')).toBe('AdER');
    expect(of('missedAppointmentTerms', 'due giorni prima', '36,15')).toEqual({
      noticeText: 'due giorni prima',
      capCents: 3615,
    });
    const blocking = Object.entries(RULE_KEYS).filter(([, key]) => key.needed !== undefined);
    expect(blocking.map(([key]) => key).filter((key) => RULE_FIELDS[key] === undefined)).toEqual([]);
  });

  it('makes nothing of what it does not understand', () => {
    for (const [key, text] of [
      ['ticketLimitationYears', '7'],
      ['taxMinimumCents', 'dodici'],
      ['interestDeltaBp', '1,555'],
      ['waterIssueTermDays', '-3'],
      ['healthGeneralAct', ''],
      ['missedAppointmentTerms', 'due giorni'],
    ] as const) {
      expect(of(key, text), key).toBeNull();
    }
  });
});
