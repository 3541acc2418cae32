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

/** Septets by UTF-16 unit, since every character of the alphabet is one; 0 for what is outside. */
const COST = new Uint8Array(0x10000);
for (const [ch, septets] of SEPTETS) COST[ch.charCodeAt(0)] = septets.length;

const ALONE = { gsm7: 160, ucs2: 70 } as const;
/** With the six bytes of header in each segment. */
const IN_PARTS = { gsm7: 153, ucs2: 67 } as const;

/** The septets of one character; null when it is outside the alphabet and its extension. */
export function gsmSeptets(ch: string): readonly number[] | null {
  return SEPTETS.get(ch) ?? null;
}

/** What the text costs: encoding, units and segments as they will go out. */
export function smsSegments(text: string): SmsSegments {
  const septets = septetsOf(text);
  const encoding = septets === null ? 'ucs2' : 'gsm7';
  const units = septets ?? text.length;
  const forcing = septets === null ? [...new Set(text)].filter((ch) => !SEPTETS.has(ch)) : [];
  const segments = units <= ALONE[encoding] ? 1 : cut(text, encoding).length;
  return { encoding, units, segments, forcing };
}

/** The text in the pieces that travel in one segment each. */
export function smsPieces(text: string): readonly string[] {
  const { encoding, segments } = smsSegments(text);
  return segments === 1 ? [text] : cut(text, encoding);
}

/** Null when a character is outside the alphabet. */
function septetsOf(text: string): number | null {
  let septets = 0;
  for (let i = 0; i < text.length; i += 1) {
    const cost = COST[text.charCodeAt(i)] as number;
    if (cost === 0) return null;
    septets += cost;
  }
  return septets;
}

/** Neither an escape, which is one unit of the text, nor a surrogate pair is ever cut in two. */
function cut(text: string, encoding: SmsEncoding): string[] {
  const room = IN_PARTS[encoding];
  const pieces: string[] = [];
  let from = 0;
  let used = 0;
  for (let i = 0; i < text.length; ) {
    const pair = (text.codePointAt(i) as number) > 0xffff ? 2 : 1;
    const cost = encoding === 'gsm7' ? (COST[text.charCodeAt(i)] as number) : pair;
    if (used + cost > room) {
      pieces.push(text.slice(from, i));
      from = i;
      used = 0;
    }
    used += cost;
    i += pair;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}
