/**
 * How a text travels as SMS: the GSM 7-bit alphabet where it suffices, UCS-2 otherwise, and the cut into segments
 * (3GPP TS 23.038 and 23.040; domain/channels.md §5.2). A value of the kernel, since the office sees before sending
 * what the channel will count when it sends.
 */
export type SmsEncoding = 'gsm7' | 'ucs2';

export interface SmsSegments {
  readonly encoding: SmsEncoding;
  /** Septets (GSM) or UTF-16 units (UCS-2) of the whole text. */
  readonly units: number;
  /** What a provider bills. An empty text is one segment. */
  readonly segments: number;
  /** The characters, each once and in order, without which the text would fit the GSM alphabet. */
  readonly forcing: readonly string[];
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
/** With the six bytes of header in each segment. */
const IN_PARTS = { gsm7: 153, ucs2: 67 } as const;

/** The septets of one character; null when it is outside the alphabet and its extension. */
export function gsmSeptets(ch: string): readonly number[] | null {
  return SEPTETS.get(ch) ?? null;
}

/** What the text costs: encoding, units and segments as they will go out. */
export function smsSegments(text: string): SmsSegments {
  const forcing = [...new Set(text)].filter((ch) => !SEPTETS.has(ch));
  const encoding = forcing.length === 0 ? 'gsm7' : 'ucs2';
  let units = 0;
  for (const ch of text) units += unitsOf(ch, encoding);
  const segments = units <= ALONE[encoding] ? 1 : cut(text, encoding).length;
  return { encoding, units, segments, forcing };
}

/** The text in the pieces that travel in one segment each. */
export function smsPieces(text: string): readonly string[] {
  const { encoding, segments } = smsSegments(text);
  return segments === 1 ? [text] : cut(text, encoding);
}

/** Iteration is by code point, so neither an escape nor a surrogate pair is ever cut in two. */
function cut(text: string, encoding: SmsEncoding): string[] {
  const room = IN_PARTS[encoding];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const ch of text) {
    const cost = unitsOf(ch, encoding);
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

function unitsOf(ch: string, encoding: SmsEncoding): number {
  return encoding === 'gsm7' ? (SEPTETS.get(ch)?.length ?? 0) : ch.length;
}
