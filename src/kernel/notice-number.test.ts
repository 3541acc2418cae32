import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNoticeNumber, iuvOf, makeNoticeNumber, parseNoticeNumber } from './notice-number.ts';

describe('makeNoticeNumber', () => {
  it.each([
    ['02', 12_345, '302000000001234559'],
    ['47', 2_024_000_000_001n, '347202400000000144'],
    ['00', 1, '300000000000000104'],
    ['01', 2_024_000_123_456, '301202400012345615'],
  ])('segregation %s, base %s → %s', (segregation, base, notice) => {
    expect(makeNoticeNumber(segregation, base)).toBe(notice);
  });

  it('refuses what does not fit', () => {
    const range = expect.objectContaining({ code: 'NN_RANGE' });
    for (const segregation of ['', '2', '002', 'AB']) expect(() => makeNoticeNumber(segregation, 1)).toThrow(range);
    for (const base of [-1, 1.5, 10 ** 13, 10n ** 13n, 2 ** 60, Number.NaN]) {
      expect(() => makeNoticeNumber('02', base)).toThrow(range);
    }
    expect(makeNoticeNumber('02', 10 ** 13 - 1)).toMatch(/^3029999999999999\d\d$/);
  });

  it('makes 18 digits that parse back, and any change of one digit of the base shows', () => {
    const code = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
    const at = fc.integer({ min: 1, max: 15 });
    fc.assert(
      fc.property(code, fc.bigInt({ min: 0n, max: 10n ** 13n - 1n }), at, (segregation, base, i) => {
        const notice = makeNoticeNumber(segregation, base);
        const parsed = parseNoticeNumber(formatNoticeNumber(notice));
        expect(parsed).toEqual({
          ok: true,
          value: { noticeNumber: notice, aux: '3', iuv: notice.slice(1), segregation, checkOk: true },
        });
        expect(notice.slice(3, 16)).toBe(String(base).padStart(13, '0'));
        // A digit changed by d times a power of ten never leaves the remainder by 93 as it was (3 divides 93, but 31
        // divides neither d nor 10).
        const digit = String((Number(notice.charAt(i)) + 1) % 10);
        expect(parseNoticeNumber(notice.slice(0, i) + digit + notice.slice(i + 1))).toMatchObject({
          value: { checkOk: false },
        });
      }),
    );
  });
});

describe('parseNoticeNumber', () => {
  it('takes old layouts apart', () => {
    expect(parseNoticeNumber('001000000001234516')).toEqual({
      ok: true,
      value: {
        noticeNumber: '001000000001234516',
        aux: '0',
        iuv: '000000001234516',
        segregation: null,
        checkOk: true,
      },
    });
    expect(parseNoticeNumber('230202400000001730')).toMatchObject({
      value: { aux: '2', iuv: '30202400000001730', segregation: null, checkOk: true },
    });
    expect(parseNoticeNumber('123456789012345678')).toMatchObject({
      value: { aux: '1', iuv: '23456789012345678', segregation: null, checkOk: true },
    });
  });

  it('verifies a real number', () => {
    expect(parseNoticeNumber('347164993070184562')).toMatchObject({ value: { segregation: '47', checkOk: true } });
  });

  it.each(['302000100440009424', '302012387654312384', '311111111112222222'])(
    'accepts %s but says it is off',
    (raw) => {
      expect(parseNoticeNumber(raw)).toMatchObject({ ok: true, value: { checkOk: false } });
    },
  );

  it('reads printed groups', () => {
    expect(parseNoticeNumber(' 3020 0000 0001 2345 59 ')).toMatchObject({
      value: { noticeNumber: '302000000001234559' },
    });
    expect(formatNoticeNumber('302000000001234559')).toBe('3020 0000 0001 2345 59');
  });

  it.each([
    '',
    '30200000000123455',
    '3020000000012345590',
    '402000000001234559',
    '30200000000123455X',
    '3020-0000-0001-2345-59',
  ])('refuses %j', (raw) => {
    expect(parseNoticeNumber(raw)).toEqual({ ok: false, error: { code: 'NN_FORMAT' } });
  });

  it('gives the IUV', () => {
    expect(iuvOf('302000000001234559')).toBe('02000000001234559');
    expect(() => iuvOf('x')).toThrow(expect.objectContaining({ code: 'NN_FORMAT' }));
  });
});
