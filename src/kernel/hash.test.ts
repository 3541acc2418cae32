import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededFraction, sha256, sha256Hex, stableJson } from './hash.ts';

describe('sha256', () => {
  it('gives the known digests, of text and bytes alike', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256Hex('abc')).toBe(abc);
    expect(sha256Hex(new Uint8Array([97, 98, 99]))).toBe(abc);
    expect(sha256('abc').toString('hex')).toBe(abc);
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('è')).toBe(sha256Hex(Buffer.from('è', 'utf8')));
  });
});

describe('stableJson', () => {
  it('sorts keys at every depth and drops undefined', () => {
    expect(stableJson({ b: [2, { z: null, a: 'è' }], a: true, c: undefined })).toBe(
      '{"a":true,"b":[2,{"a":"è","z":null}]}',
    );
  });

  it('does not depend on the order of keys and keeps the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(stableJson(reversed)).toBe(stableJson(value));
        expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    undefined,
    new Date(0),
    new Map(),
    () => 1,
    Symbol('x'),
    [undefined],
  ])('refuses %s', (value) => {
    expect(() => stableJson(value)).toThrow(expect.objectContaining({ code: 'NOT_STABLE' }));
  });
});

describe('seededFraction', () => {
  it('is fixed for ever: a seed tells the same story in every release', () => {
    expect(seededFraction(7, 'person-1', 'answers', 0)).toBe(0.5606533594580705);
    expect(seededFraction('7', 'person-1', 'answers', '0')).toBe(seededFraction(7, 'person-1', 'answers', 0));
  });

  it('keeps parts apart', () => {
    expect(seededFraction(1, 'a', 'bc')).not.toBe(seededFraction(1, 'ab', 'c'));
    expect(seededFraction(1, 'a,b')).not.toBe(seededFraction(1, 'a', 'b'));
    expect(seededFraction(1, 'a')).not.toBe(seededFraction(2, 'a'));
  });

  it('spreads evenly over [0, 1)', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i += 1) {
      const tenth = Math.floor(seededFraction('spread', i) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(tenths).toHaveLength(10);
    // Six standard deviations around 2000, on fixed input.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(255);
  });
});
