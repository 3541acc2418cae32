import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseEmail } from './email.ts';
import { normalisePhone, normalisePhoneSlowly, readPhones } from './phone.ts';
import { contactProvenance } from './provenance.ts';

describe('phones', () => {
  it('gives the answer of the library on anything that looks like an Italian mobile', () => {
    const separator = fc.constantFrom('', '', '', ' ', '.', '-', '/', ' / ');
    const digits = fc.tuple(fc.constantFrom('3', '33', '30', '31', '39', '35'), fc.stringMatching(/^\d{6,10}$/));
    const written = fc
      .tuple(fc.constantFrom('', '+39', '0039', '39'), digits, fc.array(separator, { minLength: 16, maxLength: 16 }))
      .map(([prefix, [start, rest], seps]) => {
        const number = [...(start + rest)].map((d, i) => (i > 0 && i < 12 ? (seps[i] ?? '') : '') + d).join('');
        return prefix === '' ? number : `${prefix} ${number}`;
      });
    fc.assert(
      fc.property(written, (text) => {
        expect(normalisePhone(text)).toBe(normalisePhoneSlowly(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps the leading zero of landlines and strips 0039', () => {
    expect(normalisePhone('051/123456')).toBe('+39051123456');
    expect(normalisePhone('0039 345 1234567')).toBe('+393451234567');
    expect(normalisePhone('345123456')).toBe('+39345123456');
    expect(normalisePhone('+41 79 123 45 67')).toBe('+41791234567');
  });

  it('refuses what is no personal number', () => {
    for (const text of [
      '800 123456',
      '199123456',
      '112',
      'tel. 345/1234567 sig. Rossi',
      '345 1234567 int 3',
      '0',
      'x',
    ]) {
      expect(normalisePhone(text), text).toBeNull();
    }
  });

  it('splits two numbers in a cell and takes a slash for a prefix first', () => {
    expect(readPhones('051/123456').numbers).toEqual(['+39051123456']);
    for (const text of [
      '051 123456 / 345 1234567',
      '051123456;345-1234567',
      '051/123456 - 345/1234567',
      '051123456/3451234567',
      '051 123456\n345 1234567',
      '051123456 o 3451234567',
    ]) {
      expect(readPhones(text), text).toEqual({ numbers: ['+39051123456', '+393451234567'], refused: [] });
    }
    expect(readPhones('345 1234567, 345 1234567, boh')).toEqual({ numbers: ['+393451234567'], refused: ['boh'] });
    expect(readPhones(' ')).toEqual({ numbers: [], refused: [] });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        for (const number of readPhones(text).numbers) expect(number).toMatch(/^\+\d{6,15}$/);
      }),
    );
  });
});

describe('e-mail addresses', () => {
  it('trims, and lowers the case of the domain only', () => {
    expect(normaliseEmail(' Mario.Rossi@Posta.EXAMPLE ')).toEqual({ ok: true, value: 'Mario.Rossi@posta.example' });
    expect(normaliseEmail('mailto:a+b@c.example;')).toEqual({ ok: true, value: 'a+b@c.example' });
  });

  it('refuses two addresses, lengths and shapes', () => {
    const long = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(60)}.example`;
    const cases: [string, string][] = [
      ['a@b.example; c@d.example', 'EMAIL_MANY'],
      [long, 'EMAIL_TOO_LONG'],
      ['a@b', 'EMAIL_FORMAT'],
      ['a b@c.example', 'EMAIL_FORMAT'],
      ['.a@c.example', 'EMAIL_FORMAT'],
      ['a..b@c.example', 'EMAIL_FORMAT'],
      ['a@-c.example', 'EMAIL_FORMAT'],
      ['a@c..example', 'EMAIL_FORMAT'],
      ['a@127.0.0.1', 'EMAIL_FORMAT'],
      ['=a@c.example', 'EMAIL_FORMAT'],
      ['a@c.example\nBcc: x', 'EMAIL_FORMAT'],
      ['no', 'EMAIL_FORMAT'],
      [`${'a'.repeat(65)}@c.example`, 'EMAIL_FORMAT'],
    ];
    for (const [text, code] of cases) expect(normaliseEmail(text), text).toEqual({ ok: false, error: { code } });
  });
});

describe('provenance', () => {
  const tari = { code: 'TARI', health: false };
  const ticket = { code: 'TICKET', health: true };
  it('keeps the words and lets the profile decide the purposes', () => {
    expect(contactProvenance(' tributi 2023 ', undefined, tari)).toEqual({
      source: 'tributi 2023',
      purposes: ['TARI'],
    });
    expect(contactProvenance(null, ['TARI', 'IMU'], tari)).toEqual({ source: null, purposes: ['TARI', 'IMU'] });
  });
  it('gives a health contact of unknown source no purpose', () => {
    expect(contactProvenance(' ', undefined, ticket)).toEqual({ source: null, purposes: [] });
    expect(contactProvenance('cassa', undefined, ticket).purposes).toEqual(['TICKET']);
    expect(contactProvenance(null, undefined, tari).purposes).toEqual(['TARI']);
  });
});
