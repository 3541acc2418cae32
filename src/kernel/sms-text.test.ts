import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText, EXTENDED, GSM, gsmText } from '../../test/support/sms-texts.ts';
import { smsPieces, smsSegments } from './sms-text.ts';

describe('the text of an SMS', () => {
  it.each([
    ['', 'gsm7', 0, 1],
    ['a'.repeat(160), 'gsm7', 160, 1],
    ['a'.repeat(161), 'gsm7', 161, 2],
    ['a'.repeat(306), 'gsm7', 306, 2],
    ['a'.repeat(307), 'gsm7', 307, 3],
    ['a'.repeat(918), 'gsm7', 918, 6],
    ['€'.repeat(80), 'gsm7', 160, 1],
    // 76 of them fill 152 septets of a part: the 153rd cannot hold half an escape.
    ['€'.repeat(153), 'gsm7', 306, 3],
    ['È vero', 'ucs2', 6, 1],
    ['perché è così, più città', 'gsm7', 24, 1],
    ['dell’avviso', 'ucs2', 11, 1],
    ['ç', 'ucs2', 1, 1],
    ['\u001b', 'ucs2', 1, 1],
    ['\u0000', 'ucs2', 1, 1],
    ['ù'.repeat(70), 'gsm7', 70, 1],
    ['Ù'.repeat(70), 'ucs2', 70, 1],
    ['Ù'.repeat(71), 'ucs2', 71, 2],
    ['😀'.repeat(35), 'ucs2', 70, 1],
    // 33 pairs fill 66 units of 67.
    ['😀'.repeat(67), 'ucs2', 134, 3],
  ])('counts %j', (text, encoding, units, segments) => {
    // U+0000 stands for the place of ESC in the table and must never be taken for a character.
    expect(smsSegments(text)).toMatchObject({ encoding, units, segments });
  });

  it.each([
    ['Perché no', []],
    ['È l’avviso: È', ['È', '’']],
    ['😀 ç 😀', ['😀', 'ç']],
    ['1 € [ok]', []],
  ])('names what forces UCS-2 in %j', (text, forcing) => {
    expect(smsSegments(text).forcing).toEqual(forcing);
  });

  it('knows every character of the alphabet, and no other below U+2000', () => {
    for (let code = 0; code < 0x2000; code += 1) {
      const ch = String.fromCodePoint(code);
      expect(smsSegments(ch).encoding === 'gsm7', code.toString(16)).toBe(`${GSM}${EXTENDED}`.includes(ch));
    }
    expect(smsSegments('€').units).toBe(2);
  });

  it('is one segment exactly while the units fit', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText(200), anyText), (text) => {
        const { encoding, units, segments } = smsSegments(text);
        expect(segments === 1).toBe(units <= (encoding === 'gsm7' ? 160 : 70));
        expect(segments * (encoding === 'gsm7' ? 160 : 70)).toBeGreaterThanOrEqual(units);
      }),
    );
  });

  it('cuts into pieces that join to the text, none longer than a segment holds', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText(900), anyText), (text) => {
        const { encoding, segments } = smsSegments(text);
        const pieces = smsPieces(text);
        expect(pieces).toHaveLength(segments);
        expect(pieces.join('')).toBe(text);
        if (segments === 1) return;
        // A piece may hold only GSM characters of a UCS-2 text: it is counted as the whole text is.
        const room = encoding === 'gsm7' ? 153 : 67;
        const long = (piece: string) => (encoding === 'gsm7' ? smsSegments(piece).units : piece.length);
        for (const piece of pieces) expect(long(piece)).toBeLessThanOrEqual(room);
      }),
    );
  });
});
