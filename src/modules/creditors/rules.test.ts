import { describe, expect, it } from 'vitest';
import { civilDate } from '../../kernel/civil-date.ts';
import { makeRuleBook } from './index.ts';

const TARI = { code: 'TARI', nature: 'tax' };
const TICKET = { code: 'TICKET', nature: 'healthCopay' };

function row(key: string, scope: string, from: string, to: string | null, value: unknown) {
  return { key, scope, valid_from: from, valid_to: to, value, legal_basis: `atto per ${key} ${scope} ${from}` };
}

const statute = [
  row('years', 'tax', '2007-01-01', '2026-12-31', 5),
  row('years', '*', '2007-01-01', null, 10),
  row('minimum', 'tax', '2007-01-01', '2026-12-31', 1200),
  row('rate', '*', '2026-01-01', '2026-12-31', 1),
  row('rate', '*', '2026-07-01', '2026-12-31', 2),
];
const on = (day: string, regulation: ReturnType<typeof row>[] = []) =>
  makeRuleBook(civilDate(day), statute, regulation);
const unknown = expect.objectContaining({ code: 'RULE_UNKNOWN' });

describe('rules of the statute', () => {
  it('hold from their first to their last day, both included', () => {
    expect(on('2006-12-31').find('minimum', TARI)).toBeNull();
    expect(on('2007-01-01').get('minimum', TARI).value).toBe(1200);
    expect(on('2026-12-31').get('minimum', TARI).value).toBe(1200);
    expect(on('2027-01-01').find('minimum', TARI)).toBeNull();
  });

  it('are never extended beyond their validity: no rule is an error', () => {
    expect(() => on('2027-01-01').get('minimum', TARI)).toThrow(unknown);
    expect(() => on('2006-12-31').get('minimum', TARI)).toThrow(unknown);
    expect(() => on('2026-06-01').get('noSuchRule', TARI)).toThrow(unknown);
  });

  it('of one nature say nothing of another', () => {
    expect(on('2026-06-01').find('minimum', TICKET)).toBeNull();
    expect(on('2026-06-01').find('minimum', null)).toBeNull();
  });

  it('are looked for by nature first, and for every credit next', () => {
    expect(on('2026-06-01').get('years', TARI).value).toBe(5);
    expect(on('2026-06-01').get('years', TICKET).value).toBe(10);
    expect(on('2026-06-01').get('years', null).value).toBe(10);
    expect(on('2027-06-01').get('years', TARI).value).toBe(10);
  });

  it('that overlap: the later start is in force', () => {
    expect(on('2026-06-30').get('rate', null).value).toBe(1);
    expect(on('2026-07-01').get('rate', null).value).toBe(2);
  });

  it('name their legal basis', () => {
    expect(on('2026-06-01').get('minimum', TARI)).toEqual({
      value: 1200,
      legalBasis: 'atto per minimum tax 2007-01-01',
      from: 'statute',
    });
  });
});

describe('the body’s regulation', () => {
  it('goes before the statute while it is valid, and not a day longer', () => {
    const own = [row('minimum', 'TARI', '2026-03-01', '2026-06-30', 1600)];
    expect(on('2026-02-28', own).get('minimum', TARI)).toMatchObject({ value: 1200, from: 'statute' });
    expect(on('2026-03-01', own).get('minimum', TARI)).toMatchObject({ value: 1600, from: 'regulation' });
    expect(on('2026-06-30', own).get('minimum', TARI).value).toBe(1600);
    expect(on('2026-07-01', own).get('minimum', TARI)).toMatchObject({ value: 1200, from: 'statute' });
  });

  it('for one credit goes before the one for all of them', () => {
    const own = [row('minimum', '*', '2026-01-01', null, 2000), row('minimum', 'TARI', '2025-01-01', null, 1600)];
    expect(on('2026-06-01', own).get('minimum', TARI).value).toBe(1600);
    expect(on('2026-06-01', own).get('minimum', TICKET).value).toBe(2000);
    expect(on('2026-06-01', own).get('minimum', null).value).toBe(2000);
  });

  it('with a later start replaces the earlier one, past or still to come', () => {
    const own = [row('minimum', 'TARI', '2026-01-01', null, 1600), row('minimum', 'TARI', '2026-09-01', null, 1700)];
    expect(on('2026-08-31', own).get('minimum', TARI).value).toBe(1600);
    expect(on('2026-09-01', own).get('minimum', TARI).value).toBe(1700);
  });

  it('may set a rule that the statute does not know, also to a value that looks like nothing', () => {
    const own = [row('healthGeneralAct', 'TICKET', '2026-01-01', null, false)];
    expect(on('2026-06-01', own).get('healthGeneralAct', TICKET).value).toBe(false);
  });
});
