import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDate, fromDayNumber, toDayNumber, year } from './civil-date.ts';
import { birthFromCodiceFiscale, checkCodiceFiscale, computeCfCheck, computeLuhn11 } from './codice-fiscale.ts';

const letters = (n: number) =>
  fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), minLength: n, maxLength: n });
const digits = (n: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: n, maxLength: n });
const omocode = (n: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789LMNPQRSTUV'), minLength: n, maxLength: n });
const first15 = fc
  .tuple(letters(6), omocode(2), fc.constantFrom(...'ABCDEHLMPRST'), omocode(2), letters(1), omocode(3))
  .map((parts) => parts.join(''));

describe('16 characters', () => {
  it.each(['RSSMRA85T10A562S', 'RSSMRA85T10A56NH', 'RSSMRA85T10A5SNT', 'RSSMRAURTMLARSNL', 'MRTMTT25D09FNLRU'])(
    'accepts %s as it is',
    (cf) => {
      expect(checkCodiceFiscale(cf)).toEqual({ ok: true, value: { value: cf, kind: 'person' } });
    },
  );

  it('trims and upper-cases', () => {
    expect(checkCodiceFiscale(' rssmra85t10a562s\n')).toEqual({
      ok: true,
      value: { value: 'RSSMRA85T10A562S', kind: 'person' },
    });
  });

  it.each([
    ['RSSMRA85T10A562X', 'CF_CHECK'],
    ['RSSMRA85T10A562', 'CF_FORMAT'],
    ['RSSMRA85T10A562SS', 'CF_FORMAT'],
    ['RSSMRA85F10A562S', 'CF_FORMAT'],
    ['RSSMRA8AT10A562S', 'CF_FORMAT'],
    ['RSS MRA85T10A562S', 'CF_FORMAT'],
    ['RſSMRA85T10A562S', 'CF_FORMAT'],
    ['', 'CF_FORMAT'],
  ])('refuses %j as %s', (cf, code) => {
    expect(checkCodiceFiscale(cf)).toEqual({ ok: false, error: { code } });
  });

  it('accepts every code with the computed check letter and no other letter', () => {
    fc.assert(
      fc.property(first15, (start) => {
        const good = computeCfCheck(start);
        const accepted = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((c) => checkCodiceFiscale(start + c).ok);
        expect(accepted).toEqual([good]);
      }),
    );
    expect(() => computeCfCheck('rssmra85t10a562')).toThrow(expect.objectContaining({ code: 'CF_FORMAT' }));
    expect(() => computeCfCheck('RSSMRA85T10A562S')).toThrow(expect.objectContaining({ code: 'CF_FORMAT' }));
  });
});

describe('11 digits', () => {
  it.each(['12345678903', '00488410010'])('accepts %s', (cf) => {
    expect(checkCodiceFiscale(cf)).toEqual({ ok: true, value: { value: cf, kind: 'numeric' } });
  });

  it.each([
    ['00000000000', 'CF_ALL_ZERO'],
    ['12345678901', 'CF_CHECK'],
    ['1234567890', 'CF_FORMAT'],
    ['123456789034', 'CF_FORMAT'],
    ['1234567890A', 'CF_FORMAT'],
  ])('refuses %s as %s', (cf, code) => {
    expect(checkCodiceFiscale(cf)).toEqual({ ok: false, error: { code } });
  });

  it('catches every wrong digit', () => {
    const change = fc.tuple(fc.nat(10), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(digits(10), change, (start, [at, by]) => {
        fc.pre(start !== '0000000000');
        const good = start + computeLuhn11(start);
        expect(checkCodiceFiscale(good).ok).toBe(true);
        const wrong = good.slice(0, at) + String((Number(good.charAt(at)) + by) % 10) + good.slice(at + 1);
        expect(checkCodiceFiscale(wrong).ok).toBe(false);
      }),
    );
    expect(() => computeLuhn11('123')).toThrow(expect.objectContaining({ code: 'CF_FORMAT' }));
  });
});

describe('birth hint', () => {
  const today = civilDate('2026-11-24');

  it('reads date and sex, also of omocodes', () => {
    expect(birthFromCodiceFiscale('RSSMRA85T10A562S', today)).toEqual({ date: '1985-12-10', sex: 'M' });
    expect(birthFromCodiceFiscale('RSSMRAURTMLARSNL', today)).toEqual({ date: '1985-12-10', sex: 'M' });
    expect(birthFromCodiceFiscale('RSSMRA85T50A562X', today)).toEqual({ date: '1985-12-10', sex: 'F' });
  });

  it('chooses the century so that the age is 0-99', () => {
    expect(birthFromCodiceFiscale('RSSMRA26S24A562X', today)?.date).toBe('2026-11-24');
    expect(birthFromCodiceFiscale('RSSMRA26S25A562X', today)?.date).toBe('1926-11-25');
    expect(birthFromCodiceFiscale('RSSMRA00B29A562X', today)?.date).toBe('2000-02-29');
  });

  it('gives nothing for bodies and impossible days', () => {
    expect(birthFromCodiceFiscale('12345678903', today)).toBeNull();
    expect(birthFromCodiceFiscale('RSSMRA85B30A562X', today)).toBeNull();
    expect(birthFromCodiceFiscale('RSSMRA85T40A562X', today)).toBeNull();
    expect(birthFromCodiceFiscale('RSSMRA85T00A562X', today)).toBeNull();
    expect(birthFromCodiceFiscale('RSSMRA25B29A562X', today)).toBeNull();
  });

  it('gives back the birth of anybody under a hundred', () => {
    const born = fc.integer({ min: toDayNumber(civilDate('1926-11-25')), max: toDayNumber(today) }).map(fromDayNumber);
    fc.assert(
      fc.property(born, fc.constantFrom('F', 'M'), (date, sex) => {
        const day = Number(date.slice(8)) + (sex === 'F' ? 40 : 0);
        const month = 'ABCDEHLMPRST'.charAt(Number(date.slice(5, 7)) - 1);
        const start = `RSSMRA${String(year(date) % 100).padStart(2, '0')}${month}${String(day).padStart(2, '0')}A562`;
        expect(birthFromCodiceFiscale(start + computeCfCheck(start), today)).toEqual({ date, sex });
      }),
    );
  });
});
