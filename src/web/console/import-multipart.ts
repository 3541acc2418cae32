import { CodedError } from '../../kernel/errors.ts';

export interface MultipartLimits {
  /** Of each text field. */
  readonly fieldBytes: number;
  readonly fileBytes: number;
  readonly parts: number;
}

export interface MultipartFile {
  readonly field: string;
  readonly fileName: string;
  readonly content: AsyncIterable<Uint8Array>;
}

const HEADER_LIMIT = 8 * 1024;
const CRLF = Buffer.from('\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');

/**
 * Reads a `multipart/form-data` body (RFC 7578) as it arrives: text fields are collected, each file is handed to `onFile`
 * piece by piece, with the fields that stood before it, and must be read to its end there. Memory is bounded by the limits and by one chunk. Returns the fields.
 * Errors: UPLOAD_FORM (not such a body, or one cut short), UPLOAD_TOO_LARGE.
 */
export async function readMultipart(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  limits: MultipartLimits,
  onFile: (file: MultipartFile, before: Readonly<Record<string, string>>) => Promise<void>,
): Promise<Readonly<Record<string, string>>> {
  const boundary = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw broken('no boundary');
  const input = new Pieces(body);
  const delimiter = Buffer.from(`\r\n--${mark}`);
  // The first delimiter has no line before it: one is put there.
  input.prepend(CRLF);
  for await (const _ of input.until(delimiter, HEADER_LIMIT)) {
    // A preamble says nothing.
  }
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let parts = 0; ; parts += 1) {
    const after = await input.take(2);
    if (after.toString('latin1') === '--') return fields;
    if (!after.equals(CRLF)) throw broken('no line after the boundary');
    if (parts >= limits.parts) throw new CodedError('UPLOAD_TOO_LARGE', 'too many parts');
    // The end of a header may directly follow the boundary's line.
    input.prepend(CRLF);
    const head = await collect(input.until(HEADER_END, HEADER_LIMIT));
    const disposition = /\r\ncontent-disposition:\s*form-data;([^\r\n]*)/i.exec(head.toString('utf8'))?.[1] ?? '';
    const name = parameter(disposition, 'name');
    if (name === null) throw broken('a part without a name');
    const fileName = parameter(disposition, 'filename');
    if (fileName === null) {
      fields[name] = (await collect(input.until(delimiter, limits.fieldBytes))).toString('utf8');
      continue;
    }
    const content = input.until(delimiter, limits.fileBytes);
    // Browsers of old sent whole paths.
    await onFile({ field: name, fileName: fileName.split(/[\\/]/).at(-1) ?? '', content }, fields);
    for await (const _ of content) throw broken('a file was not read');
  }
}

/** `name="…"`; browsers write a quote in a value as %22. */
function parameter(disposition: string, name: string): string | null {
  const value = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(`;${disposition}`)?.[1];
  return value === undefined ? null : value.replaceAll('%22', '"').replace(/%0[ad]/gi, ' ');
}

function broken(detail: string): CodedError {
  return new CodedError('UPLOAD_FORM', `not a form with a file: ${detail}`);
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const list: Uint8Array[] = [];
  for await (const piece of pieces) list.push(piece);
  return Buffer.concat(list);
}

/** A stream of bytes that can be read up to a mark, without holding more than one chunk and the mark's length. */
class Pieces {
  private held: Buffer = Buffer.alloc(0);
  private readonly source: AsyncIterator<Uint8Array>;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.source = body[Symbol.asyncIterator]();
  }

  prepend(bytes: Buffer): void {
    this.held = Buffer.concat([bytes, this.held]);
  }

  async take(count: number): Promise<Buffer> {
    while (this.held.length < count) await this.more();
    const taken = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return taken;
  }

  /** Everything before the mark, which is consumed and not given. Error UPLOAD_TOO_LARGE above `limit` bytes. */
  async *until(mark: Buffer, limit: number): AsyncGenerator<Uint8Array> {
    let given = 0;
    for (;;) {
      const at = this.held.indexOf(mark);
      // What may be the beginning of the mark is kept back.
      const sure = at >= 0 ? at : Math.max(0, this.held.length - mark.length + 1);
      given += sure;
      if (given > limit) throw new CodedError('UPLOAD_TOO_LARGE', 'a part is too large', { limit });
      const piece = this.held.subarray(0, sure);
      this.held = this.held.subarray(at >= 0 ? at + mark.length : sure);
      if (piece.length > 0) yield piece;
      if (at >= 0) return;
      await this.more();
    }
  }

  private async more(): Promise<void> {
    const next = await this.source.next();
    if (next.done === true) throw broken('it ends in the middle');
    this.held = this.held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.held, next.value]);
  }
}
