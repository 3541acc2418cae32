import fc from 'fast-check';
import { PDU } from 'smpp';
import { describe, expect, it } from 'vitest';
import { encodeGsm7, isGsm7, segmentsOf, splitForWire } from './gsm7.ts';

const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENDED = '\f^{}\\[~]|€';
const gsmText = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...GSM, ...EXTENDED, ...EXTENDED, '€'), maxLength });
/** Any UTF-16, lone surrogates included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 500 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 400 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('😀', 'a', 'ç', '𝒜'), maxLength: 300 }),
);

/** The package's own decoder, as an independent reader of our bytes. */
function readBack(message: Buffer, dataCoding: number): string {
  const pdu = new PDU('deliver_sm', { data_coding: dataCoding, short_message: message });
  const read = new PDU(pdu.toBuffer()).short_message as { message: string };
  return read.message;
}
const ucs2 = (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le');

describe('gsm7', () => {
  it.each([
    ['', 'gsm7', 0, 1, 160],
    ['a'.repeat(160), 'gsm7', 160, 1, 160],
    ['a'.repeat(161), 'gsm7', 161, 2, 153],
    ['a'.repeat(306), 'gsm7', 306, 2, 153],
    ['a'.repeat(307), 'gsm7', 307, 3, 153],
    ['a'.repeat(918), 'gsm7', 918, 6, 153],
    ['€'.repeat(80), 'gsm7', 160, 1, 160],
    // 76 of them fill 152 septets of a part: the 153rd cannot hold half an escape.
    ['€'.repeat(153), 'gsm7', 306, 3, 153],
    ['È vero', 'ucs2', 6, 1, 70],
    ['perché è così, più città', 'gsm7', 24, 1, 160],
    ['dell’avviso', 'ucs2', 11, 1, 70],
    ['ç', 'ucs2', 1, 1, 70],
    ['\u001b', 'ucs2', 1, 1, 70],
    ['\u0000', 'ucs2', 1, 1, 70],
    ['ù'.repeat(70), 'gsm7', 70, 1, 160],
    ['Ù'.repeat(70), 'ucs2', 70, 1, 70],
    ['Ù'.repeat(71), 'ucs2', 71, 2, 67],
    ['😀'.repeat(35), 'ucs2', 70, 1, 70],
    // 33 pairs fill 66 units of 67.
    ['😀'.repeat(67), 'ucs2', 134, 3, 67],
  ])('counts %j', (text, alphabet, units, segments, perSegment) => {
    // U+0000 stands for the place of ESC in the table and must never be taken for a character.
    expect(segmentsOf(text)).toEqual({ alphabet, units, segments, perSegment });
  });

  it('encodes the whole alphabet as another implementation reads it', () => {
    for (const ch of [...GSM, ...EXTENDED]) {
      expect(isGsm7(ch), ch).toBe(true);
      expect(readBack(encodeGsm7(ch), 0), ch).toBe(ch);
    }
    expect(encodeGsm7('€@à').toString('hex')).toBe('1b65007f');
    expect(() => encodeGsm7('ç')).toThrow(RangeError);
    expect(() => splitForWire('a'.repeat(153 * 256), 1)).toThrow(RangeError);
    expect(splitForWire('a'.repeat(153 * 255), 1)).toHaveLength(255);
  });

  it('splits GSM text so that the parts join to the text and no escape is broken', () => {
    fc.assert(
      fc.property(gsmText(1200), fc.nat(0xffff), (text, ref) => {
        const parts = splitForWire(text, ref);
        expect(parts).toHaveLength(segmentsOf(text).segments);
        expect(Buffer.concat(parts.map((p) => p.message))).toEqual(encodeGsm7(text));
        for (const part of parts) {
          expect(part.dataCoding).toBe(0);
          expect(part.message.at(-1)).not.toBe(0x1b);
          expect(part.message.length).toBeLessThanOrEqual(parts.length === 1 ? 160 : 153);
        }
        expect(parts.map((p) => readBack(p.message, 0)).join('')).toBe(text);
      }),
    );
  });

  it('splits any other text without breaking a pair, headers counted from one', () => {
    fc.assert(
      fc.property(anyText, fc.nat(255), (text, ref) => {
        const parts = splitForWire(text, ref);
        const gsm = isGsm7(text);
        if (!gsm) expect(parts.map((p) => ucs2(p.message)).join('')).toBe(text);
        for (const [i, part] of parts.entries()) {
          expect(part.dataCoding).toBe(gsm ? 0 : 8);
          expect(part.udh).toEqual(parts.length === 1 ? null : Buffer.from([5, 0, 3, ref, parts.length, i + 1]));
          if (gsm) continue;
          expect(part.message.length).toBeLessThanOrEqual(parts.length === 1 ? 140 : 134);
          const next = parts[i + 1];
          if (next === undefined) continue;
          const high = part.message.readUInt16BE(part.message.length - 2);
          const low = next.message.readUInt16BE(0);
          expect(high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000).toBe(false);
        }
      }),
    );
  });

  it('is one segment exactly while the units fit', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText(200), anyText), (text) => {
        const { alphabet, units, segments, perSegment } = segmentsOf(text);
        expect(segments === 1).toBe(units <= (alphabet === 'gsm7' ? 160 : 70));
        expect(segments * perSegment).toBeGreaterThanOrEqual(units);
      }),
    );
  });
});
