import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, civilDate } from '../../kernel/civil-date.ts';
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

describe('a nature', () => {
  const IMU = { code: 'IMU', nature: 'imu' };
  const rows = [
    row('a', 'imu', '2020-01-01', '2026-12-31', 'of IMU'),
    row('a', 'tax', '2020-01-01', null, 'of taxes'),
    row('a', '*', '2020-01-01', null, 'of all'),
    row('b', 'tax', '2020-01-01', null, 'of taxes'),
    row('c', '*', '2020-01-01', null, 'of all'),
    row('d', 'price', '2020-01-01', null, 'of prices'),
  ];
  const book = makeRuleBook(civilDate('2026-06-01'), rows, []);

  it('comes before its category, which comes before every credit', () => {
    expect(book.get('a', IMU).value).toBe('of IMU');
    expect(book.get('b', IMU).value).toBe('of taxes');
    expect(book.get('c', IMU).value).toBe('of all');
    expect(book.get('a', TARI).value).toBe('of taxes');
    expect(book.get('a', TICKET).value).toBe('of all');
    expect(book.find('d', IMU)).toBeNull();
  });

  it('whose own rule is over falls back on its category', () => {
    expect(book.at(civilDate('2027-01-01')).get('a', IMU).value).toBe('of taxes');
    expect(book.get('a', IMU).value).toBe('of IMU');
  });

  it('that nobody knows has the rules of every credit and no others', () => {
    const unheard = { code: 'X', nature: 'toString' };
    expect(book.get('a', unheard).value).toBe('of all');
    expect(book.find('b', unheard)).toBeNull();
  });
});

describe('the days on which a rule changes', () => {
  it('are the first day of each row and the one after its last, of the scopes that count', () => {
    const own = [row('minimum', 'TARI', '2026-03-01', null, 1), row('minimum', 'IMU', '2026-04-01', null, 1)];
    const changes = on('2026-06-01', own).changes('minimum', TARI);
    expect(changes).toEqual(['2007-01-01', '2026-03-01', '2027-01-01']);
    expect(on('2026-06-01').changes('noSuchRule', TARI)).toEqual([]);
  });

  it('part time in stretches in which the rule holds still', () => {
    const day = fc.integer({ min: 0, max: 400 }).map((n) => addDays(civilDate('2026-01-01'), n));
    const anyRow = fc
      .record({
        scope: fc.constantFrom('tax', '*', 'price'),
        from: day,
        length: fc.option(fc.nat(100)),
        value: fc.nat(),
      })
      .map(({ scope, from, length, value }) =>
        row('k', scope, from, length === null ? null : addDays(from, length), value),
      );
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 6 }), day, (rows, at) => {
        const book = makeRuleBook(at, rows, []);
        const start = book.changes('k', TARI).findLast((d) => d <= at);
        const there = start === undefined ? null : book.at(start).find('k', TARI);
        expect(book.find('k', TARI)).toEqual(there);
      }),
    );
  });
});

describe('the entries', () => {
  it('are all the rules in force, each with its reason and what it takes the place of', () => {
    const own = [row('minimum', 'TARI', '2026-03-01', null, 1600), row('mine', '*', '2026-01-01', null, 'x')];
    const entries = on('2026-06-01', own).entries(TARI);
    expect(entries.map((e) => [e.key, e.value, e.from, e.level, e.scope])).toEqual([
      ['mine', 'x', 'regulation', 'all', '*'],
      ['minimum', 1600, 'regulation', 'creditType', 'TARI'],
      ['rate', 1, 'statute', 'all', '*'],
      ['years', 5, 'statute', 'category', 'tax'],
    ]);
    expect(entries[1]?.insteadOf).toEqual({ value: 1200, legalBasis: 'atto per minimum tax 2007-01-01' });
    expect(entries[3]).toMatchObject({ validFrom: '2007-01-01', validTo: '2026-12-31', insteadOf: null });
  });

  it('say what find says', () => {
    const book = on('2026-08-01', [row('years', 'TICKET', '2026-01-01', null, 10)]);
    for (const type of [TARI, TICKET]) {
      for (const entry of book.entries(type)) {
        const { value, legalBasis, from } = entry;
        expect(book.find(entry.key, type)).toEqual({ value, legalBasis, from });
      }
    }
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
