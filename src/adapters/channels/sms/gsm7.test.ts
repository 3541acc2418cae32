import fc from 'fast-check';
import { PDU } from 'smpp';
import { describe, expect, it } from 'vitest';
import { anyText, EXTENDED, GSM, gsmText } from '../../../../test/support/sms-texts.ts';
import { smsSegments } from '../../../kernel/sms-text.ts';
import { encodeGsm7, splitForWire } from './gsm7.ts';

/** The package's own decoder, as an independent reader of our bytes. */
function readBack(message: Buffer, dataCoding: number): string {
  const pdu = new PDU('deliver_sm', { data_coding: dataCoding, short_message: message });
  const read = new PDU(pdu.toBuffer()).short_message as { message: string };
  return read.message;
}
const ucs2 = (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le');

describe('gsm7', () => {
  it('encodes the whole alphabet as another implementation reads it', () => {
    for (const ch of [...GSM, ...EXTENDED]) {
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
        expect(parts).toHaveLength(smsSegments(text).segments);
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
        const gsm = smsSegments(text).encoding === 'gsm7';
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
});
