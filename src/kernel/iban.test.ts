import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIban } from './iban.ts';

describe('an IBAN', () => {
  // The example of the registry for Italy and San Marino.
  const GOOD = ['IT60X0542811101000000123456', 'SM86U0322509800000000270100', 'DE89370400440532013000'];

  it('is taken when its check digits are right', () => {
    for (const iban of GOOD) expect(isIban(iban)).toBe(true);
  });

  it('is refused with any one character changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...GOOD),
        fc.nat(),
        fc.constantFrom(...'0123456789ABCDEFGHJKLXYZ'),
        (iban, n, other) => {
          const at = n % iban.length;
          fc.pre(iban[at] !== other);
          expect(isIban(iban.slice(0, at) + other + iban.slice(at + 1))).toBe(false);
        },
      ),
    );
  });

  it('is refused with blanks, in small letters, and where Italy has another form', () => {
    for (const text of ['IT60 X054 2811 1010 0000 0123 456', 'it60x0542811101000000123456', 'IT6000000000000', '']) {
      expect(isIban(text)).toBe(false);
    }
  });
});
