import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCoded } from '../../../kernel/errors.ts';
import { decodeStream, detectEncoding, inspectBytes } from './decode.ts';
import { explainIntakeError } from './file-errors.ts';
import { bytesOf, collect } from './intake.fixtures.ts';

const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const read = async (data: Uint8Array, size?: number) => {
  const encoding = await detectEncoding(bytesOf(data, size));
  return { encoding, text: (await collect(decodeStream(bytesOf(data, size), encoding))).join('') };
};

describe('encodings', () => {
  it('reads UTF-8 with and without its mark, which is not part of the text', async () => {
    const text = 'nome;città\r\nNiccolò;€ 12,00\r\n';
    for (const mark of ['', '\ufeff']) {
      for (const size of [1, 2, 3, 64]) {
        expect(await read(new TextEncoder().encode(mark + text), size)).toEqual({ encoding: 'utf-8', text });
      }
    }
  });

  it('reads windows-1252, with 0x80 as the euro sign', async () => {
    const data = latin('nome;importo\nNiccol\xf2 D\x92Al\xec;\x80 12,00\n');
    for (const size of [1, 5, 64]) {
      expect(await read(data, size)).toEqual({
        encoding: 'windows-1252',
        text: 'nome;importo\nNiccolò D’Alì;€ 12,00\n',
      });
    }
  });

  it('reads UTF-16 by its mark, either order', async () => {
    const text = 'nome\tcittà\n';
    const le = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(await read(le)).toEqual({ encoding: 'utf-16le', text });
    expect(await read(Buffer.from(le).swap16(), 3)).toEqual({ encoding: 'utf-16be', text });
  });

  it('refuses a UTF-8 file with broken bytes and says where', async () => {
    const data = Buffer.concat([Buffer.from('città\nperché\nè '), Buffer.from([0xe8]), Buffer.from('\n')]);
    await expect(detectEncoding(bytesOf(data))).rejects.toMatchObject({
      code: 'INTAKE_MIXED_ENCODING',
      details: { line: 3 },
    });
  });

  it('agrees with the platform on what is valid UTF-8, however it is cut', async () => {
    const byte = fc.oneof(
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom(0xc3, 0xa8, 0xe2, 0x82, 0xac, 0xf0, 0xed, 0x9f),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(byte, { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (list, size) => {
          // A letter first: no byte order mark and no known signature can come up.
          const data = Uint8Array.from([0x61, ...list]);
          let valid = true;
          try {
            new TextDecoder('utf-8', { fatal: true }).decode(data);
          } catch {
            valid = false;
          }
          const found = await detectEncoding(bytesOf(data, size)).catch((e: unknown) =>
            isCoded(e, 'INTAKE_MIXED_ENCODING') ? 'mixed' : Promise.reject(e),
          );
          expect(found === 'utf-8').toBe(valid);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('agrees with the platform at every border of a UTF-8 sequence', async () => {
    const disagree: string[] = [];
    for (let lead = 0x80; lead <= 0xff; lead += 1) {
      for (const second of [0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]) {
        for (const tail of [[], [0x80], [0x80, 0xbf], [0x80, 0x80, 0x80]]) {
          const data = Buffer.from([0x61, lead, second, ...tail]);
          const found = await detectEncoding(bytesOf(data)).catch(() => 'mixed');
          if ((found === 'utf-8') !== isUtf8(data)) disagree.push(data.toString('hex'));
        }
      }
    }
    expect(disagree).toEqual([]);
  });

  it('refuses what is not text and names it', async () => {
    const cases: [Uint8Array, RegExp][] = [
      [latin('PK\x03\x04\x14\x00\x06\x00'), /xlsx/],
      [latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00'), /\.xls/],
      [latin('%PDF-1.7\n'), /PDF/],
      [latin('  <html><table>'), /HTML/],
      [latin('<?xml version="1.0"?>'), /XML/],
      [latin('{"a":1}'), /JSON/],
      [latin('a;b\n1;\x00\n'), /binario/],
    ];
    for (const [data, looksLike] of cases) {
      for (const size of [1, 512]) {
        const error = await detectEncoding(bytesOf(data, size)).catch((e: unknown) => e);
        expect(isCoded(error, 'INTAKE_NOT_TEXT')).toBe(true);
        if (isCoded(error)) expect(explainIntakeError(error)).toMatch(looksLike);
      }
    }
  });

  it('stops at the size limit, at nothing at all, and at a line no row can have', async () => {
    await expect(inspectBytes(bytesOf('abcdef', 2), 5)).rejects.toMatchObject({ code: 'INTAKE_TOO_LARGE' });
    await expect(inspectBytes(bytesOf(''))).rejects.toMatchObject({ code: 'INTAKE_EMPTY' });
    let given = 0;
    const endless = async function* () {
      yield new TextEncoder().encode('a;b\n');
      for (; given < 3200; given += 1) yield new Uint8Array(65_536).fill(0x78);
    };
    await expect(inspectBytes(endless())).rejects.toMatchObject({
      code: 'INTAKE_UNREADABLE',
      details: { line: 2, lastGoodLine: 1 },
    });
    expect(given).toBeLessThan(10);
  });

  it('tells a broken UTF-16 apart', async () => {
    const data = Uint8Array.from([0xff, 0xfe, 0x00, 0xd8, 0x61, 0x00]);
    await expect(collect(decodeStream(bytesOf(data), 'utf-16le'))).rejects.toMatchObject({ code: 'INTAKE_BAD_TEXT' });
  });
});
