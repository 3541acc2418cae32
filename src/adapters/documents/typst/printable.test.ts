import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../../../test/support/any-text.ts';
import { charactersOf, makePrintable } from './printable.ts';
import { readTextFonts } from './typst-compiler.ts';

const fonts = readTextFonts();
const printable = makePrintable(fonts);

describe('the fonts of the notice', () => {
  it('have what the languages of Italy need, in both weights', () => {
    for (const characters of fonts.map(charactersOf)) {
      const needed = 'àèéìòùÀÈÉÌÒÙçâêîôûëïöüäßÄÖÜčšžČŠŽđćłñãő€«»’‘“”–—…·ºª°§&@#%/\\"\'()[]{}<>|*_$^~`+=';
      expect([...needed].filter((one) => !characters.has(one.codePointAt(0) ?? 0))).toEqual([]);
      expect(characters.has('🙂'.codePointAt(0) ?? 0)).toBe(false);
      expect(characters.has('ש'.codePointAt(0) ?? 0)).toBe(false);
    }
  });

  it('refuse to be read when they are no fonts', () => {
    expect(() => charactersOf(Buffer.alloc(64))).toThrow(expect.objectContaining({ code: 'FONT_UNREADABLE' }));
  });
});

describe('a printable text', () => {
  it('is the text, where the fonts can show it', () => {
    for (const text of ['Niccolò Šimunović', '#eval(1) "x" \\ $a$ *b* _c_ @d <e>', 'Straße 1 · 12,00 €']) {
      expect(printable(text)).toBe(text);
    }
  });

  it('loses the accent that has no shape, and shows that something was there', () => {
    expect(printable('Ḽatin')).toBe('Latin');
    expect(printable('x\u0302')).toBe('x');
    expect(printable('שלום 🙂')).toBe('???? ?');
  });

  it('may be broken where a run is longer than a column, and says the same', () => {
    const long = 'W'.repeat(70);
    const broken = printable(long);
    expect(broken.split('\u200b').every((run) => run.length <= 24)).toBe(true);
    expect(broken.replaceAll('\u200b', '')).toBe(long);
  });

  it('holds nothing that a font cannot show, whatever it was', () => {
    const known = fonts.map(charactersOf);
    fc.assert(
      fc.property(anyText(150), (text) => {
        const shown = [...printable(text).replaceAll('\u200b', '')].map((one) => one.codePointAt(0) ?? 0);
        expect(shown.filter((one) => !known.every((characters) => characters.has(one)))).toEqual([]);
      }),
    );
  });
});
