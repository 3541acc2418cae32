import { gsmSeptets, smsPieces, smsSegments } from '../../../kernel/sms-text.ts';

/** The bytes of a text on the air (3GPP TS 23.038 and 23.040). Septets travel one to a byte, as SMPP has it. */
export interface WirePart {
  /** User data header that ties the parts together; null when the message is one part. */
  readonly udh: Buffer | null;
  readonly message: Buffer;
  /** 0 = the SMSC's default alphabet (GSM by contract), 8 = UCS-2. */
  readonly dataCoding: 0 | 8;
}

const MAX_PARTS = 255;

/** One septet to a byte; throws a RangeError for a character outside the alphabet. */
export function encodeGsm7(text: string): Buffer {
  const septets: number[] = [];
  for (const ch of text) {
    const codes = gsmSeptets(ch);
    if (codes === null) throw new RangeError('a character is not in the GSM alphabet');
    septets.push(...codes);
  }
  return Buffer.from(septets);
}

/** UTF-16, most significant byte first. */
export function encodeUcs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/**
 * The parts as they go on the wire. `ref` (its low 8 bits) ties them together and must differ between messages to one
 * phone that travel at the same time. Throws a RangeError beyond 255 parts, which the header cannot count.
 */
export function splitForWire(text: string, ref: number): WirePart[] {
  const { encoding } = smsSegments(text);
  const encode = encoding === 'gsm7' ? encodeGsm7 : encodeUcs2;
  const dataCoding = encoding === 'gsm7' ? 0 : 8;
  const pieces = smsPieces(text);
  if (pieces.length === 1) return [{ udh: null, message: encode(text), dataCoding }];
  if (pieces.length > MAX_PARTS) throw new RangeError('more parts than a header can count');
  return pieces.map((piece, i) => ({
    udh: Buffer.from([5, 0, 3, ref & 0xff, pieces.length, i + 1]),
    message: encode(piece),
    dataCoding,
  }));
}
