import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeReturnPath, readReturnPath, returnPathOf } from './return-path.ts';

const KEY = Buffer.from('k'.repeat(32));
const DOMAIN = 'ritorni.example';

describe('return paths', () => {
  it('come back as they went, in any case, and fit a local part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999 }), fc.uuid(), fc.boolean(), (enteId, deliveryId, upper) => {
        const path = returnPathOf(KEY, DOMAIN, { enteId, deliveryId });
        expect(path.indexOf('@')).toBeLessThanOrEqual(64);
        expect(looksLikeReturnPath(path, DOMAIN)).toBe(true);
        const seen = upper ? path.toUpperCase() : path;
        expect(readReturnPath(KEY, DOMAIN, seen)).toEqual({ enteId, deliveryId: deliveryId.toLowerCase() });
      }),
    );
  });

  it('are worth nothing with one character changed, or under another key', () => {
    const path = returnPathOf(KEY, DOMAIN, { enteId: 12, deliveryId: '01920000-0000-7000-8000-000000000001' });
    fc.assert(
      fc.property(fc.nat({ max: path.length - 1 }), fc.constantFrom(...'0123456789abcdef.+@-'), (i, c) => {
        const changed = path.slice(0, i) + c + path.slice(i + 1);
        fc.pre(changed !== path);
        expect(readReturnPath(KEY, DOMAIN, changed)).toBeNull();
      }),
    );
    expect(readReturnPath(Buffer.alloc(32), DOMAIN, path)).toBeNull();
  });

  it('refuse a number too long for a local part', () => {
    expect(() =>
      returnPathOf(KEY, DOMAIN, { enteId: 123_456_789, deliveryId: '01920000-0000-7000-8000-000000000001' }),
    ).toThrow(RangeError);
  });

  it('take any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readReturnPath(KEY, DOMAIN, text)).toBeNull();
        expect(readReturnPath(KEY, DOMAIN, `${text}@${DOMAIN}`)).toBeNull();
      }),
    );
  });
});
