import bwip from 'bwip-js/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSymbols } from '../../../../../test/support/read-symbols.ts';
import { dataMatrix } from './data-matrix.ts';
import type { Modules } from './modules.ts';
import { qrCode } from './qr-code.ts';

/** The modules that another maker draws for the same text. */
function drawnByOthers(kind: string, text: string, options: object): number[] {
  const [symbol] = bwip.raw(kind, text, options) as { pixs: number[] }[];
  return symbol?.pixs ?? [];
}

/** Four dots a module and a white border, as a reader needs it. */
function photograph({ size, dark }: Modules) {
  const side = 4 * (size + 8);
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let y = 0; y < 4 * size; y += 1) {
    for (let x = 0; x < 4 * size; x += 1) {
      const at = 4 * ((y + 16) * side + x + 16);
      if (dark[(y >> 2) * size + (x >> 2)] === 1) data.fill(0, at, at + 3);
    }
  }
  return { width: side, height: side, data };
}

const printed = (minLength: number, maxLength: number) =>
  fc
    .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength, maxLength })
    .map((codes) => String.fromCharCode(...codes));

describe('the QR code', () => {
  it('is, module by module, the one that another maker draws with the same mask', () => {
    // Small letters: of these the other maker cannot write any in a shorter way than as bytes.
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z|]{1,62}$/), (said) => {
        const { dark, mask } = qrCode(said);
        const options = { version: '4', eclevel: 'M', fixedeclevel: true, mask: mask + 1 };
        expect(Buffer.from(dark).toString('hex')).toBe(
          Buffer.from(drawnByOthers('qrcode', said, options)).toString('hex'),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('says what it was made for, at level M of version 4', async () => {
    await fc.assert(
      fc.asyncProperty(printed(1, 62), async (said) => {
        const [read, ...more] = await readSymbols(photograph(qrCode(said)));
        expect(more).toEqual([]);
        expect(read).toEqual({ format: 'QRCode', text: said, level: 'M', version: '4' });
      }),
      { numRuns: 60 },
    );
  });

  it('refuses what does not fit', () => {
    expect(() => qrCode('à'.repeat(32))).toThrow(expect.objectContaining({ code: 'SYMBOL' }));
    expect(qrCode('a'.repeat(62)).size).toBe(33);
  });
});

describe('the Data Matrix', () => {
  it('says what it was made for, whatever is in the columns', async () => {
    await fc.assert(
      fc.asyncProperty(printed(0, 193), fc.nat(193), async (tail, blanks) => {
        const said = `codfase=NBPA;${'7'.repeat(50)}${tail.slice(0, 193 - blanks)}`.padEnd(255).concat('A');
        const [read, ...more] = await readSymbols(photograph(dataMatrix(said, 63)));
        expect(more).toEqual([]);
        expect(read).toMatchObject({ format: 'DataMatrix', text: said });
      }),
      { numRuns: 60 },
    );
  });

  it('grows with its text, and refuses what does not fit', () => {
    expect([10, 200, 280, 350].map((length) => dataMatrix('A'.repeat(length), 0).size)).toEqual([48, 48, 52, 64]);
    expect(() => dataMatrix('~'.repeat(300), 0)).toThrow(expect.objectContaining({ code: 'SYMBOL' }));
    expect(() => dataMatrix('à', 0)).toThrow(expect.objectContaining({ code: 'SYMBOL' }));
  });
});
