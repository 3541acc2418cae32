import { CodedError } from '../../../../kernel/errors.ts';
import type { Modules } from './modules.ts';
import { makeReedSolomon } from './reed-solomon.ts';

// ISO/IEC 16022 (ECC 200) for the text of the postal slip: numbers first, then a long column of capitals and blanks. Own
// code for the same reason as the QR code's.
interface Size {
  readonly size: number;
  /** Regions on each side, every one with a border of its own. */
  readonly regions: number;
  readonly words: number;
  readonly checkWords: number;
  readonly blocks: number;
}

const SIZES: readonly Size[] = [
  { size: 48, regions: 2, words: 174, checkWords: 68, blocks: 1 },
  { size: 52, regions: 2, words: 204, checkWords: 84, blocks: 2 },
  { size: 64, regions: 4, words: 280, checkWords: 112, blocks: 2 },
];
const TO_C40 = 230;
const TO_ASCII = 254;
const PAD = 129;
const DARK = -1;
const LIGHT = -2;

const reedSolomon = makeReedSolomon(0x12d, 1);
const layouts = new Map<number, Int16Array>();

/**
 * The smallest square Data Matrix of 48 modules or more for an ASCII text. From character `capitalsFrom` on it is written
 * in the scheme for capitals, where that is shorter. Throws SYMBOL when it does not fit or has other characters.
 */
export function dataMatrix(text: string, capitalsFrom: number): Modules {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new CodedError('SYMBOL', 'not a text of basic Latin');
  const tail = text.slice(capitalsFrom);
  const capitals = c40(tail);
  const plain = ascii(tail);
  const data = [...ascii(text.slice(0, capitalsFrom)), ...(capitals.length < plain.length ? capitals : plain)];
  const size = SIZES.find((one) => one.words >= data.length);
  if (size === undefined) throw new CodedError('SYMBOL', 'too long for a Data Matrix here', { words: data.length });
  return draw(withChecks(padded(data, size.words), size), size);
}

/** A word a character, two digits in one. */
function ascii(text: string): number[] {
  return [...text.matchAll(/\d\d|./g)].map(([one]) => (one.length === 2 ? 130 + Number(one) : one.charCodeAt(0) + 1));
}

/** Two words for three values; what is left over at the end, a value a character, goes back to ASCII. */
function c40(text: string): number[] {
  const values = [...text].map((one) => c40Values(one.charCodeAt(0)));
  const over = values.flat().length % 3;
  if (values.slice(values.length - over).some((one) => one.length > 1)) return ascii(text);
  const inThrees = values.slice(0, values.length - over).flat();
  const words: number[] = [TO_C40];
  for (let i = 0; i < inThrees.length; i += 3) {
    const three = 1600 * (inThrees[i] ?? 0) + 40 * (inThrees[i + 1] ?? 0) + (inThrees[i + 2] ?? 0) + 1;
    words.push(three >> 8, three & 255);
  }
  return [...words, TO_ASCII, ...ascii(text.slice(text.length - over))];
}

function c40Values(code: number): number[] {
  if (code === 0x20) return [3];
  if (code >= 0x30 && code <= 0x39) return [code - 0x30 + 4];
  if (code >= 0x41 && code <= 0x5a) return [code - 0x41 + 14];
  // Signs come after a shift.
  if (code < 0x30) return [1, code - 0x21];
  if (code < 0x41) return [1, code - 0x3a + 15];
  return code < 0x60 ? [1, code - 0x5b + 22] : [2, code - 0x60];
}

/** Filled up to the size, after the first pad with numbers that look random, so that no pattern shows. */
function padded(data: readonly number[], words: number): number[] {
  return Array.from({ length: words }, (_, i) => {
    if (i <= data.length) return data[i] ?? PAD;
    const pad = PAD + ((149 * (i + 1)) % 253) + 1;
    return pad > 254 ? pad - 254 : pad;
  });
}

function withChecks(data: readonly number[], { checkWords, blocks }: Size): number[] {
  const checks = Array.from({ length: blocks }, (_, block) =>
    reedSolomon(Uint8Array.from(data.filter((_, i) => i % blocks === block)), checkWords / blocks),
  );
  return [...data, ...Array.from({ length: checkWords }, (_, i) => checks[i % blocks]?.[Math.floor(i / blocks)] ?? 0)];
}

function draw(words: readonly number[], { size, regions }: Size): Modules {
  const layout = layouts.get(size) ?? layOut(size, regions);
  layouts.set(size, layout);
  const dark = new Uint8Array(size * size);
  for (let at = 0; at < dark.length; at += 1) {
    const bit = layout[at] ?? LIGHT;
    dark[at] = bit < 0 ? bit - LIGHT : ((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
  }
  return { size, dark };
}

/** For each module of a size, which bit of the words it shows, or that it is a dark or a light one of a border. */
function layOut(size: number, regions: number): Int16Array {
  const region = size / regions;
  const inner = size - 2 * regions;
  const bits = place(inner);
  const layout = new Int16Array(size * size).fill(LIGHT);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [rx, ry] = [x % region, y % region];
      const [column, row] = [x - 1 - 2 * Math.floor(x / region), y - 1 - 2 * Math.floor(y / region)];
      // Solid on the left and below, every other one above and on the right.
      const border = rx === 0 || ry === region - 1 || (ry === 0 && rx % 2 === 0) || (rx === region - 1 && ry % 2 === 1);
      if (border) layout[y * size + x] = DARK;
      else if (ry > 0 && rx < region - 1) layout[y * size + x] = bits[row * inner + column] ?? LIGHT;
    }
  }
  return layout;
}

/** For each module of the data area, which bit of the words it shows (the standard's annex F, for sides divisible by 4). */
function place(side: number): Int16Array {
  const FREE = -1;
  const bits = new Int16Array(side * side).fill(FREE);
  let word = 0;
  const put = (row: number, column: number, bit: number) => {
    let [r, c] = [row, column];
    if (r < 0) [r, c] = [r + side, c + 4 - ((side + 4) % 8)];
    if (c < 0) [r, c] = [r + 4 - ((side + 4) % 8), c + side];
    bits[r * side + c] = 8 * word + bit;
  };
  const putAll = (places: readonly (readonly [row: number, column: number])[]) => {
    for (const [bit, [row, column]] of places.entries()) put(row, column, bit);
    word += 1;
  };
  const free = (row: number, column: number) =>
    row >= 0 && row < side && column >= 0 && column < side && bits[row * side + column] === FREE;
  const utah = (r: number, c: number) =>
    putAll([
      [r - 2, c - 2],
      [r - 2, c - 1],
      [r - 1, c - 2],
      [r - 1, c - 1],
      [r - 1, c],
      [r, c - 2],
      [r, c - 1],
      [r, c],
    ]);
  const end = side - 1;
  let [row, column] = [4, 0];
  do {
    if (row === side && column === 0) {
      putAll([
        [end, 0],
        [end, 1],
        [end, 2],
        [0, end - 1],
        [0, end],
        [1, end],
        [2, end],
        [3, end],
      ]);
    }
    if (row === side - 2 && column === 0 && side % 8 === 4) {
      putAll([
        [end - 2, 0],
        [end - 1, 0],
        [end, 0],
        [0, end - 1],
        [0, end],
        [1, end],
        [2, end],
        [3, end],
      ]);
    }
    if (row === side + 4 && column === 2 && side % 8 === 0) {
      putAll([
        [end, 0],
        [end, end],
        [0, end - 2],
        [0, end - 1],
        [0, end],
        [1, end - 2],
        [1, end - 1],
        [1, end],
      ]);
    }
    do {
      if (free(row, column)) utah(row, column);
      row -= 2;
      column += 2;
    } while (row >= 0 && column < side);
    row += 1;
    column += 3;
    do {
      if (free(row, column)) utah(row, column);
      row += 2;
      column -= 2;
    } while (row < side && column >= 0);
    row += 3;
    column += 1;
  } while (row < side || column < side);
  return bits;
}
