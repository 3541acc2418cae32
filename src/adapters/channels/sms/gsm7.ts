/**
 * Texts on the air: the GSM 7-bit alphabet where it suffices, UCS-2 otherwise, and the cut into parts
 * (3GPP TS 23.038 and 23.040; domain/channels.md §5.2). Septets travel one to a byte, as SMPP has it.
 */
export type Alphabet = 'gsm7' | 'ucs2';

export interface Segments {
  readonly alphabet: Alphabet;
  /** Septets (GSM) or UTF-16 units (UCS-2) of the whole text. */
  readonly units: number;
  readonly segments: number;
  /** Units that one segment of this message may hold. */
  readonly perSegment: number;
}

export interface WirePart {
  /** User data header that ties the parts together; null when the message is one part. */
  readonly udh: Buffer | null;
  readonly message: Buffer;
  /** 0 = the SMSC's default alphabet (GSM by contract), 8 = UCS-2. */
  readonly dataCoding: 0 | 8;
}

/** By code; the place of ESC (0x1B) is kept free, it is no character. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u0000ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESC = 0x1b;
/** Behind an ESC, so two septets each. */
const EXTENSION: readonly (readonly [string, number])[] = [
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
];
const SEPTETS: ReadonlyMap<string, readonly number[]> = new Map([
  ...[...BASIC].flatMap((ch, code): [string, number[]][] => (code === ESC ? [] : [[ch, [code]]])),
  ...EXTENSION.map(([ch, code]): [string, number[]] => [ch, [ESC, code]]),
]);

const ALONE = { gsm7: 160, ucs2: 70 } as const;
/** With the six bytes of header in each part. */
const IN_PARTS = { gsm7: 153, ucs2: 67 } as const;
const MAX_PARTS = 255;

/** Whether every character of the text is in the GSM alphabet or its extension. */
export function isGsm7(text: string): boolean {
  for (const ch of text) if (!SEPTETS.has(ch)) return false;
  return true;
}

/** One septet to a byte; throws a RangeError for a character outside the alphabet. */
export function encodeGsm7(text: string): Buffer {
  const septets: number[] = [];
  for (const ch of text) {
    const code = SEPTETS.get(ch);
    if (code === undefined) throw new RangeError('a character is not in the GSM alphabet');
    septets.push(...code);
  }
  return Buffer.from(septets);
}

/** UTF-16, most significant byte first. */
export function encodeUcs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** What the text costs: alphabet, units and segments as they will go out. */
export function segmentsOf(text: string): Segments {
  const alphabet = isGsm7(text) ? 'gsm7' : 'ucs2';
  let units = 0;
  for (const ch of text) units += unitsOf(ch, alphabet);
  if (units <= ALONE[alphabet]) return { alphabet, units, segments: 1, perSegment: ALONE[alphabet] };
  return { alphabet, units, segments: cut(text, alphabet).length, perSegment: IN_PARTS[alphabet] };
}

/**
 * The parts as they go on the wire. `ref` (its low 8 bits) ties them together and must differ between messages to one
 * phone that travel at the same time. Throws a RangeError beyond 255 parts, which the header cannot count.
 */
export function splitForWire(text: string, ref: number): WirePart[] {
  const { alphabet, segments } = segmentsOf(text);
  const encode = alphabet === 'gsm7' ? encodeGsm7 : encodeUcs2;
  const dataCoding = alphabet === 'gsm7' ? 0 : 8;
  if (segments === 1) return [{ udh: null, message: encode(text), dataCoding }];
  if (segments > MAX_PARTS) throw new RangeError('more parts than a header can count');
  return cut(text, alphabet).map((piece, i) => ({
    udh: Buffer.from([5, 0, 3, ref & 0xff, segments, i + 1]),
    message: encode(piece),
    dataCoding,
  }));
}

/** Iteration is by code point, so neither an escape nor a surrogate pair is ever cut in two. */
function cut(text: string, alphabet: Alphabet): string[] {
  const room = IN_PARTS[alphabet];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const ch of text) {
    const cost = unitsOf(ch, alphabet);
    if (used + cost > room) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += ch;
    used += cost;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function unitsOf(ch: string, alphabet: Alphabet): number {
  return alphabet === 'gsm7' ? (SEPTETS.get(ch)?.length ?? 0) : ch.length;
}
