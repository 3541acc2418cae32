import { CodedError } from '../../../../kernel/errors.ts';
import type { Modules } from './modules.ts';
import { makeReedSolomon } from './reed-solomon.ts';

// ISO/IEC 18004 for the one symbol that pagoPA wants (pagopa §2): version 4, level M, bytes. Own code, since a general
// library takes longer for it than Typst for the whole page (docs/payment-notice.md).
const SIZE = 33;
const BLOCKS = 2;
const BLOCK_WORDS = 32;
const CHECK_WORDS = 18;
const MAX_BYTES = BLOCKS * BLOCK_WORDS - 2;

const reedSolomon = makeReedSolomon(0x11d, 0);
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];
const { fixed, path, turned } = layOut();

/** The QR code of a text of at most 62 bytes in UTF-8, with the mask that the standard's penalties choose. Throws SYMBOL. */
export function qrCode(text: string): Modules & { readonly mask: number } {
  const words = wordsOf(Buffer.from(text));
  const plain = fixed.slice();
  // The last seven places are left over.
  for (let i = 0; i < 8 * words.length; i += 1) plain[path[i] ?? 0] = ((words[i >> 3] ?? 0) >> (7 - (i & 7))) & 1;
  let best = { size: SIZE, dark: plain, mask: -1 };
  let least = Number.POSITIVE_INFINITY;
  for (const [mask, turns] of turned.entries()) {
    const dark = new Uint8Array(SIZE * SIZE);
    for (let place = 0; place < dark.length; place += 1) dark[place] = (plain[place] ?? 0) ^ (turns[place] ?? 0);
    const cost = penalty(dark);
    if (cost < least) {
      least = cost;
      best = { size: SIZE, dark, mask };
    }
  }
  return best;
}

/** Data and check words of both blocks, in turn. */
function wordsOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_BYTES) throw new CodedError('SYMBOL', 'too long for this QR code', { bytes: bytes.length });
  // The mode (0100), the count and the bytes are four bits off the words; the end (0000) fills the last one.
  const data = new Uint8Array(BLOCKS * BLOCK_WORDS);
  const halves = [0x4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((one) => [one >> 4, one & 15]), 0];
  for (const [i, half] of halves.entries()) data[i >> 1] = ((data[i >> 1] ?? 0) << 4) | half;
  for (let i = halves.length / 2; i < data.length; i += 1) data[i] = (i - halves.length / 2) % 2 === 0 ? 0xec : 0x11;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => data.subarray(i * BLOCK_WORDS, (i + 1) * BLOCK_WORDS));
  const checks = blocks.map((block) => reedSolomon(block, CHECK_WORDS));
  const inTurn = (parts: readonly Uint8Array[], length: number) =>
    Array.from({ length: BLOCKS * length }, (_, i) => parts[i % BLOCKS]?.[Math.floor(i / BLOCKS)] ?? 0);
  return Uint8Array.from([...inTurn(blocks, BLOCK_WORDS), ...inTurn(checks, CHECK_WORDS)]);
}

interface Layout {
  /** Everything but the data, with the format of the first mask. */
  readonly fixed: Uint8Array<ArrayBuffer>;
  /** The way that the data take. */
  readonly path: Int16Array;
  /** For each mask, the modules that it turns over, those of the format too. */
  readonly turned: readonly Uint8Array[];
}

function layOut(): Layout {
  const drawn = new Int8Array(SIZE * SIZE).fill(-1);
  const put = (x: number, y: number, value: boolean) => {
    if (x >= 0 && x < SIZE && y >= 0 && y < SIZE) drawn[y * SIZE + x] = value ? 1 : 0;
  };
  const square = (cx: number, cy: number, reach: number, darkAt: (ring: number) => boolean) => {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) put(cx + dx, cy + dy, darkAt(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let i = 0; i < SIZE; i += 1) {
    put(6, i, i % 2 === 0);
    put(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [
    [3, 3],
    [SIZE - 4, 3],
    [3, SIZE - 4],
  ] as const) {
    square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  }
  square(SIZE - 7, SIZE - 7, 2, (ring) => ring !== 1);
  const format = (mask: number, set: (x: number, y: number, value: boolean) => void) => {
    let rest = mask;
    for (let i = 0; i < 10; i += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((mask << 10) | rest) ^ 0x5412;
    for (let i = 0; i < 15; i += 1) {
      const bit = ((bits >> i) & 1) === 1;
      set(i < 8 ? 8 : i === 8 ? 7 : 14 - i, i < 6 ? i : i < 8 ? i + 1 : 8, bit);
      set(i < 8 ? SIZE - 1 - i : 8, i < 8 ? 8 : SIZE - 15 + i, bit);
    }
    set(8, SIZE - 8, true);
  };
  format(0, put);

  const path: number[] = [];
  for (let right = SIZE - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const upwards = ((right + 1) & 2) === 0;
    for (let step = 0; step < SIZE; step += 1) {
      const y = upwards ? SIZE - 1 - step : step;
      for (const x of [right, right - 1]) if (drawn[y * SIZE + x] === -1) path.push(y * SIZE + x);
    }
  }
  const fixed = Uint8Array.from(drawn, (value) => (value === 1 ? 1 : 0));
  const turned = MASKS.map((turns, mask) => {
    const over = new Uint8Array(SIZE * SIZE);
    for (const place of path) if (turns(place % SIZE, Math.floor(place / SIZE))) over[place] = 1;
    format(mask, (x, y, value) => {
      over[y * SIZE + x] = (value ? 1 : 0) ^ (fixed[y * SIZE + x] ?? 0);
    });
    return over;
  });
  return { fixed, path: Int16Array.from(path), turned };
}

/** How hard a symbol is to read: long runs, squares, what looks like a finder pattern, too much of one colour. */
function penalty(dark: Uint8Array): number {
  let cost = 0;
  let total = 0;
  for (let line = 0; line < SIZE; line += 1) cost += linePenalty(dark, line * SIZE, 1) + linePenalty(dark, line, SIZE);
  for (let place = 0; place < dark.length; place += 1) {
    const value = dark[place] ?? 0;
    total += value;
    const inside = place % SIZE < SIZE - 1 && place < SIZE * (SIZE - 1);
    if (inside && value === dark[place + 1] && value === dark[place + SIZE] && value === dark[place + SIZE + 1])
      cost += 3;
  }
  return cost + 10 * Math.floor(Math.abs((20 * total) / dark.length - 10));
}

function linePenalty(dark: Uint8Array, start: number, step: number): number {
  let cost = 0;
  let run = 0;
  let last = -1;
  let window = 0;
  for (let i = 0; i < SIZE; i += 1) {
    const value = dark[start + i * step] ?? 0;
    run = value === last ? run + 1 : 1;
    last = value;
    if (run === 5) cost += 3;
    else if (run > 5) cost += 1;
    window = ((window << 1) | value) & 0x7ff;
    if (i >= 10 && (window === 0x5d0 || window === 0x05d)) cost += 40;
  }
  return cost;
}
