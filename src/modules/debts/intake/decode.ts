import { createHash } from 'node:crypto';
import { intakeError } from './file-errors.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type ByteChunks = AsyncIterable<Uint8Array>;

export interface BytesReport {
  readonly encoding: TextEncoding;
  readonly bytes: number;
  /** Of the bytes as they came, lower-case hex. */
  readonly sha256: string;
}

export const MAX_FILE_BYTES = 2 ** 31;
/** 65,536 characters of at most four bytes: nothing longer can be a row. */
const MAX_LINE_BYTES = 4 * 65_536;
const HEAD_BYTES = 512;
const PIECE_BYTES = 65_536;

const SIGNATURES: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'un file Excel (.xlsx) o un archivio ZIP'],
  [[0x50, 0x4b, 0x05, 0x06], 'un archivio ZIP vuoto'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'un vecchio file Excel (.xls)'],
  [[0x25, 0x50, 0x44, 0x46], 'un PDF'],
  [[0x1f, 0x8b], 'un archivio compresso (.gz)'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'un archivio compresso (.7z)'],
  [[0x7b, 0x5c, 0x72, 0x74, 0x66], 'un documento RTF'],
  [[0x89, 0x50, 0x4e, 0x47], 'un’immagine'],
  [[0xff, 0xd8, 0xff], 'un’immagine'],
];

/**
 * First pass over a whole file: its encoding, size and digest, in constant memory. UTF-8 unless the bytes are not
 * valid, then windows-1252 for all of it; UTF-16 only with its byte order mark. Guessing libraries are not used because
 * they are wrong on short files. Throws INTAKE_NOT_TEXT (details.looksLike, Italian), INTAKE_MIXED_ENCODING (mostly
 * UTF-8 with a few broken bytes: decoding all of it as 1252 would silently spoil every accented name),
 * INTAKE_UNREADABLE (a line no row can have), INTAKE_TOO_LARGE, INTAKE_EMPTY.
 */
export async function inspectBytes(chunks: ByteChunks, maxBytes: number = MAX_FILE_BYTES): Promise<BytesReport> {
  const digest = createHash('sha256');
  const scan = new ByteScan();
  let head = new Uint8Array(0);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw intakeError('INTAKE_TOO_LARGE', 'file over the size limit', { limit: maxBytes });
    digest.update(chunk);
    if (head.length < HEAD_BYTES) {
      head = Uint8Array.from([...head, ...chunk.subarray(0, HEAD_BYTES - head.length)]);
      if (head.length >= HEAD_BYTES) refuseKnownFormats(head);
    }
    if (!isUtf16(byteOrderMark(head))) scan.add(chunk, head);
  }
  if (bytes === 0) throw intakeError('INTAKE_EMPTY', 'file has no bytes');
  refuseKnownFormats(head);
  const mark = byteOrderMark(head);
  const encoding = isUtf16(mark) ? mark : scan.encoding(mark === 'utf-8');
  return { encoding, bytes, sha256: digest.digest('hex') };
}

/** The encoding part of `inspectBytes`, with its errors. */
export async function detectEncoding(chunks: ByteChunks): Promise<TextEncoding> {
  return (await inspectBytes(chunks)).encoding;
}

/**
 * Text of the bytes, without byte order mark, in pieces of at most 64 KiB of input. Throws INTAKE_BAD_TEXT where bytes
 * are not valid in `encoding` (the file changed after it was inspected, or a broken UTF-16).
 */
export async function* decodeStream(chunks: ByteChunks, encoding: TextEncoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw intakeError('INTAKE_BAD_TEXT', 'bytes are not valid in the encoding', { encoding });
    }
  };
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const text = decode(chunk.subarray(at, at + PIECE_BYTES));
      if (text !== '') yield text;
    }
  }
  const rest = decode(undefined);
  if (rest !== '') yield rest;
}

function byteOrderMark(head: Uint8Array): TextEncoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return null;
}

function isUtf16(mark: TextEncoding | null): mark is 'utf-16le' | 'utf-16be' {
  return mark === 'utf-16le' || mark === 'utf-16be';
}

function refuseKnownFormats(head: Uint8Array): void {
  for (const [signature, looksLike] of SIGNATURES) {
    if (signature.every((byte, i) => head[i] === byte)) throw notText(looksLike);
  }
  // Office programs often export a web page under an .xls name.
  const start = new TextDecoder('windows-1252').decode(head).trimStart().toLowerCase();
  if (/^(?:\u00ef\u00bb\u00bf)?<(?:!doctype|html|table)/.test(start)) throw notText('una pagina web (HTML)');
  if (/^(?:\u00ef\u00bb\u00bf)?<\?xml/.test(start)) throw notText('un file XML');
  if (/^[[{]\s*["{[\]}]/.test(start)) throw notText('un file JSON');
}

function notText(looksLike: string): Error {
  return intakeError('INTAKE_NOT_TEXT', 'file is not delimited text', { looksLike });
}

/** Watches bytes for NUL, endless lines and UTF-8 validity across chunk borders. */
class ByteScan {
  private line = 1;
  private lineBytes = 0;
  private pending = 0;
  private low = 0x80;
  private high = 0xbf;
  private sequences = 0;
  private broken = 0;
  private firstBrokenLine = 0;

  add(chunk: Uint8Array, head: Uint8Array): void {
    let lineBytes = this.lineBytes;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i] ?? 0;
      lineBytes += 1;
      if (byte >= 0x80 || this.pending > 0) this.step(byte);
      if (byte === 0x0a) {
        this.line += 1;
        lineBytes = 0;
      } else if (byte === 0x0d) {
        lineBytes = 0;
      } else if (byte === 0) {
        refuseKnownFormats(head);
        throw notText('un file binario');
      } else if (lineBytes > MAX_LINE_BYTES) {
        refuseKnownFormats(head);
        throw intakeError('INTAKE_UNREADABLE', 'a line is too long', {
          line: this.line,
          lastGoodLine: this.line - 1,
          reason: 'LINE_TOO_LONG',
        });
      }
    }
    this.lineBytes = lineBytes;
  }

  encoding(marked: boolean): TextEncoding {
    if (this.pending > 0) this.breakHere();
    if (this.broken === 0) return 'utf-8';
    // In 1252 text two bytes that form valid UTF-8 ("Ã¨") hardly ever happen, so many of them tell a spoiled UTF-8 file.
    if (marked || this.sequences > this.broken) {
      throw intakeError('INTAKE_MIXED_ENCODING', 'UTF-8 with invalid bytes', { line: this.firstBrokenLine });
    }
    return 'windows-1252';
  }

  private step(byte: number): void {
    if (this.pending > 0) {
      if (byte >= this.low && byte <= this.high) {
        this.low = 0x80;
        this.high = 0xbf;
        this.pending -= 1;
        if (this.pending === 0) this.sequences += 1;
        return;
      }
      this.breakHere();
      if (byte < 0x80) return;
    }
    if (byte >= 0xc2 && byte <= 0xdf) this.pending = 1;
    else if (byte >= 0xe0 && byte <= 0xef) this.pending = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) this.pending = 3;
    else this.breakHere();
    // Overlong forms, surrogates and values over U+10FFFF show in the second byte (RFC 3629, section 4).
    this.low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  }

  private breakHere(): void {
    this.pending = 0;
    this.low = 0x80;
    this.high = 0xbf;
    this.broken += 1;
    if (this.firstBrokenLine === 0) this.firstBrokenLine = this.line;
  }
}
