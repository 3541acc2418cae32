import { describe, expect, it } from 'vitest';
import { civilDate, parseCivilDate } from '../../kernel/civil-date.ts';
import {
  CREDIT_NATURES,
  categoryOf,
  checkEnteRule,
  type EnteKind,
  isSensitive,
  makeRuleBook,
  missingRules,
  NATURES,
  neededKeys,
  nextActOf,
  offWithAder,
  RULE_KEYS,
  type RuleRow,
  STATUTE,
  statuteRows,
} from './index.ts';

const type = (nature: string) => ({ code: nature.toUpperCase(), nature });
const own = (key: string, value: unknown, scope = '*'): RuleRow => {
  return { key, scope, valid_from: '2020-01-01', valid_to: null, value, legal_basis: 'Delibera n. 1/2020' };
};
const on = (day: string, regulation: RuleRow[] = []) => makeRuleBook(civilDate(day), statuteRows(), regulation);
const today = on('2026-11-24');
const value = (key: string, nature: string) => today.find(key, type(nature))?.value;

describe('the shipped rows', () => {
  it('have a day, a basis and a scope that exists', () => {
    const scopes = new Set<string>(['*', ...CREDIT_NATURES, ...Object.values(NATURES).map((n) => n.category)]);
    for (const row of STATUTE) {
      const name = `${row.key} of ${row.nature}`;
      expect(scopes, name).toContain(row.nature);
      expect(row.basis.trim(), name).not.toBe('');
      for (const day of [row.from, row.to ?? row.from]) expect(parseCivilDate(day).ok, name).toBe(true);
      expect((row.to ?? row.from) >= row.from, name).toBe(true);
    }
  });

  it('of one key and scope never overlap and are never written twice', () => {
    const end = (row: (typeof STATUTE)[number]) => row.to ?? '9999-12-31';
    for (const [i, a] of STATUTE.entries()) {
      const overlaps = STATUTE.slice(i + 1).filter(
        (b) => a.key === b.key && a.nature === b.nature && a.from <= end(b) && b.from <= end(a),
      );
      expect(overlaps, `${a.key} of ${a.nature}`).toEqual([]);
    }
  });

  it('and the settings of bodies are in the catalogue of keys, which has nothing that is neither', () => {
    const shipped = new Set(STATUTE.map((row) => row.key));
    expect([...shipped].filter((key) => !Object.hasOwn(RULE_KEYS, key))).toEqual([]);
    const idle = Object.entries(RULE_KEYS).filter(([key, { byBody }]) => byBody === null && !shipped.has(key));
    expect(idle).toEqual([]);
  });

  it('name a year of the legal rate for every day from 1999 to 2026 and for none after (R19)', () => {
    for (let y = 1999; y <= 2026; y += 1) expect(on(`${y}-06-30`).find('legalRateBp', null), `${y}`).not.toBeNull();
    expect(on('2027-01-01').find('legalRateBp', null)).toBeNull();
    expect(on('1998-12-31').find('legalRateBp', null)).toBeNull();
  });

  it('that cite the decrees of 1997 end when the codes of 2027 renumber them (R18)', () => {
    const cited = STATUTE.filter((row) => /D\.Lgs\. 47[12]\/1997/.test(row.basis));
    expect(cited.length).toBeGreaterThan(1);
    for (const row of cited) expect((row.to ?? '9999') <= '2026-12-31', row.key).toBe(true);
  });
});

describe('every nature', () => {
  it.each(CREDIT_NATURES)(
    '%s has a deadline, a next act, an interest rule and a way of being written about',
    (nature) => {
      for (const key of [
        'category',
        'deadline',
        'nextAct',
        'interestRule',
        'contactRule',
        'installmentRule',
        'paymentRounding',
      ]) {
        expect(today.find(key, type(nature)), key).not.toBeNull();
      }
      expect(value('category', nature)).toBe(categoryOf(nature));
      expect(value('holdsHealthData', nature)).toBe(NATURES[nature].health);
      expect(value('mayHoldMinors', nature)).toBe(NATURES[nature].mayHoldMinors);
    },
  );

  it('has a minimum only where the law gives one (R31)', () => {
    const minimum = (nature: string) => [value('taxMinimumCents', nature), value('noLegalMinimum', nature)];
    expect(CREDIT_NATURES.filter((n) => value('taxMinimumCents', n) === 1200)).toEqual(['tax', 'imu', 'tari']);
    for (const nature of ['serviceFee', 'water', 'healthCopay']) expect(minimum(nature)).toEqual([undefined, true]);
  });

  it('that is health or may be a child’s is told only to who is identified', () => {
    const sensitive = CREDIT_NATURES.filter((nature) => isSensitive({ nature, health: NATURES[nature].health }));
    expect(sensitive).toEqual(['serviceFee', 'healthCopay', 'healthWrongExemption', 'missedAppointment']);
    expect(isSensitive({ nature: 'tari', health: true })).toBe(true);
    for (const nature of sensitive) expect(value('contactRule', nature)).toMatchObject({ detailsOnlyIdentified: true });
  });

  it('of water is reminded by registered mail or PEC only, from day 10 (R74)', () => {
    const rule = { countingChannels: ['registeredMail', 'pec'], notBeforeDaysAfterDue: 10 };
    expect(value('contactRule', 'water')).toMatchObject(rule);
    expect(value('contactRule', 'tari')).toMatchObject({ countingChannels: null });
  });
});

describe('the next act', () => {
  const act = (nature: string, kind: EnteKind) => nextActOf(today, type(nature), kind).value;

  it('is enforceable for taxes and patrimonial revenue of the bodies of c. 784 only (R37)', () => {
    expect(act('imu', 'comune')).toBe('enforceableAssessment');
    expect(act('serviceFee', 'unione')).toBe('enforceableRevenueAct');
    expect(act('singlePropertyCanon', 'provincia')).toBe('enforceableRevenueAct');
    for (const nature of CREDIT_NATURES) expect(act(nature, 'asl'), nature).not.toMatch(/^enforceable/);
    expect(nextActOf(today, type('rent'), 'asl')).toEqual({
      value: 'taxRollOrInjunction',
      legalBasis: 'L. 160/2019, art. 1, c. 784',
    });
  });

  it('of a fine is a roll or an injunction in every body (R38)', () => {
    for (const kind of ['comune', 'unione', 'provincia', 'asl'] as const) {
      expect(act('trafficFine', kind)).toBe('taxRollOrInjunction');
      expect(act('administrativeSanction', kind)).toBe('taxRollOrInjunction');
    }
  });

  it('of a price is a formal default notice, and a report of the violation for a wrong exemption', () => {
    expect(act('water', 'comune')).toBe('formalDefaultNotice');
    expect(act('wasteTariff', 'comune')).toBe('formalDefaultNotice');
    expect(act('healthWrongExemption', 'asl')).toBe('violationReport');
  });
});

describe('what a body must choose', () => {
  const missing = (nature: string, regulation: RuleRow[] = [], day = '2026-11-24') =>
    missingRules(on(day, regulation), type(nature)).map((m) => m.key);

  it('is asked of the credits that need it and of no others', () => {
    expect(missing('tari')).toEqual(['interestDeltaBp', 'collector']);
    expect(missing('water')).toEqual(['waterIssueTermDays', 'ecbReferenceRateBp', 'collector']);
    expect(missing('healthCopay')).toEqual(['ticketLimitationYears', 'collector', 'healthGeneralAct']);
    expect(missing('trafficFine')).toEqual(['collector']);
    expect(missing('missedAppointment')).toContain('missedAppointmentTerms');
  });

  it('is asked no more once it is chosen', () => {
    expect(missing('healthCopay', [own('ticketLimitationYears', 5), own('collector', 'self')])).toEqual([
      'healthGeneralAct',
    ]);
  });

  it('grows when a law ends: the minimum of taxes from 2027 (R31)', () => {
    expect(missing('imu', [], '2027-01-01')).toContain('taxMinimumCents');
    expect(missing('imu', [own('taxMinimumCents', 1000)], '2027-01-01')).not.toContain('taxMinimumCents');
  });

  it('can be chosen, and says how', () => {
    const needed = CREDIT_NATURES.flatMap((nature) => neededKeys(nature).map(({ key }) => key));
    for (const key of needed) expect(RULE_KEYS[key]?.byBody?.allowed, key).toBeTruthy();
    expect(missingRules(today, type('healthCopay'))[0]).toEqual({
      key: 'ticketLimitationYears',
      label: 'anni di prescrizione dichiarati dall’ente',
      rule: 'R12',
      blocks: 'campaign',
      allowed: '5, 10',
    });
  });
});

describe('AdER', () => {
  it('switches off what is of the body’s own collection (R36), and only for who chose it', () => {
    expect(offWithAder(today, type('tari'))).toBeNull();
    expect(offWithAder(on('2026-11-24', [own('collector', 'self')]), type('tari'))).toBeNull();
    const off = offWithAder(on('2026-11-24', [own('collector', 'AdER', 'TARI')]), type('tari'));
    expect(off).toMatchObject({ legalBasis: 'L. 160/2019, art. 1, c. 785' });
    for (const key of off?.value ?? []) expect(value(key, 'tari'), key).toBeDefined();
    expect(off?.value).not.toContain('nextAct');
  });
});

describe('a body’s own rule', () => {
  const refused = (key: string, v: unknown) => {
    try {
      checkEnteRule(key, v);
      return null;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it.each([
    ['interestDeltaBp', 300],
    ['interestDeltaBp', -300],
    ['postTitleDeltaBp', 200],
    ['disputeAnswerDays', 90],
    ['collector', 'AdER'],
    ['healthGeneralAct', 'Delibera D.G. n. 10/2020'],
    ['window.email', { fromMinutes: 540, toMinutes: 1080, days: [1, 2] }],
    ['friendlyNoticeAdds', { sanction: false, interest: true, costCents: 0 }],
    ['localSuspensionWindows', [{ from: '2023-05-01', to: '2023-08-31', days: 123 }]],
    ['missedAppointmentTerms', { noticeText: 'due giorni lavorativi', capCents: 3615 }],
    ['tefa', { bp: 400, fromTaxYear: 2021, codes: {} }],
  ])('%s may be %j', (key, v) => {
    expect(refused(key, v)).toBeNull();
  });

  it.each([
    // R20, R21: three points around the legal rate, two above it.
    ['interestDeltaBp', 301],
    ['interestDeltaBp', -301],
    ['interestDeltaBp', 1.5],
    ['postTitleDeltaBp', 201],
    ['postTitleDeltaBp', -1],
    // R53: a body may promise more than the law, never less.
    ['disputeAnswerDays', 91],
    ['ticketLimitationYears', 7],
    ['ticketLimitationYears', '5'],
    ['healthGeneralAct', ' '],
    ['sendingFloorCents', -1],
    ['window.email', { fromMinutes: 1080, toMinutes: 540, days: [1] }],
    ['window.email', { fromMinutes: 540, toMinutes: 1080, days: [] }],
    ['window.email', { fromMinutes: 540, toMinutes: 1080, days: [8] }],
    ['friendlyNoticeAdds', { sanction: 'no', interest: true, costCents: 0 }],
    ['localSuspensionWindows', [{ from: '2023-08-31', to: '2023-05-01', days: 1 }]],
    ['localSuspensionWindows', { from: '2023-05-01' }],
    ['missedAppointmentTerms', null],
  ])('%s may not be %j', (key, v) => {
    expect(refused(key, v)).toBe('RULE_VALUE');
  });

  it('of what the law has settled, or that nobody reads, is refused', () => {
    for (const key of [
      'decadenceYears',
      'deadline',
      'legalRateBp',
      'nextAct',
      'neverBearsInterest',
      'halfYearIncrease',
    ]) {
      expect(refused(key, 1), key).toBe('RULE_FIXED');
    }
    expect(refused('ticketLimitationYear', 5)).toBe('RULE_KEY_UNKNOWN');
    expect(refused('constructor', 5)).toBe('RULE_KEY_UNKNOWN');
  });
});
