import fc from 'fast-check';

/**
 * Texts of any characters at all, half surrogate pairs too. (Of fast-check's own, `unit: 'binary'` first spends seconds on a
 * table of all characters.)
 */
export const anyText = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0, max: 0x2ff })), {
      minLength,
      maxLength,
    })
    .map((characters) => String.fromCodePoint(...characters));
