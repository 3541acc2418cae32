import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MultipartLimits, readMultipart } from './import-multipart.ts';

const LIMITS: MultipartLimits = { fieldBytes: 1_000, fileBytes: 10_000, parts: 10 };
const TYPE = 'multipart/form-data; boundary=----abc';

interface Part {
  readonly name: string;
  readonly fileName?: string;
  readonly content: Uint8Array;
}

const encode = (parts: readonly Part[], boundary = '----abc') =>
  Buffer.concat([
    ...parts.flatMap(({ name, fileName, content }) => [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
      Buffer.from(fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: text/csv`),
      Buffer.from('\r\n\r\n'),
      content,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 7, limits = LIMITS, type = TYPE) {
  const files: { field: string; fileName: string; content: Buffer }[] = [];
  const fields = await readMultipart(type, cut(bytes, size), limits, async ({ field, fileName, content }) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    files.push({ field, fileName, content: Buffer.concat(pieces) });
  });
  return { fields: { ...fields }, files };
}

const text = (value: string) => Buffer.from(value);

describe('a form with a file', () => {
  it('gives back any fields and any file, however it is cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    // Contents that look like the boundary are what breaks a careless reader.
    const nasty = fc.constantFrom('\r\n--', '\r\n----ab', '--', '\r\n', '----abc', '\r\n\r\n').map(text);
    const content = fc.array(fc.oneof(bytes, nasty), { maxLength: 6 }).map((list) => Buffer.concat(list));
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.string({ maxLength: 50 }),
        fc.integer({ min: 1, max: 400 }),
        async (file, value, size) => {
          fc.pre(!file.includes('\r\n------abc') && !text(value).includes('\r\n------abc'));
          const got = await read(
            encode([
              { name: 'tipo', content: text(value) },
              { name: 'file', fileName: 'tari.csv', content: file },
              { name: 'poi', content: text('sì') },
            ]),
            size,
          );
          expect(got.fields).toEqual({ tipo: text(value).toString('utf8'), poi: 'sì' });
          expect(got.files[0]?.content.equals(file)).toBe(true);
          expect(got.files.map((f) => f.fileName)).toEqual(['tari.csv']);
        },
      ),
    );
  });

  it('keeps only the last part of a path as the name', async () => {
    const { files } = await read(encode([{ name: 'f', fileName: 'C:\\Utenti\\anna\\tari.csv', content: text('a') }]));
    expect(files[0]?.fileName).toBe('tari.csv');
  });

  it('refuses what is too large: a field, a file, parts, a header', async () => {
    const refused = { code: 'UPLOAD_TOO_LARGE' };
    await expect(read(encode([{ name: 'a', content: Buffer.alloc(1_001) }]))).rejects.toMatchObject(refused);
    const file = { name: 'a', fileName: 'x', content: Buffer.alloc(10_001) };
    await expect(read(encode([file]))).rejects.toMatchObject(refused);
    const many = Array.from({ length: 11 }, () => ({ name: 'a', content: text('') }));
    await expect(read(encode(many))).rejects.toMatchObject(refused);
    await expect(read(encode([{ name: 'a'.repeat(9_000), content: text('') }]))).rejects.toMatchObject(refused);
  });

  it('refuses one that is cut short, and one that is no such form', async () => {
    const whole = encode([{ name: 'a', fileName: 'x', content: text('abc') }]);
    for (let length = 0; length < whole.length - 2; length += 1) {
      await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ code: 'UPLOAD_FORM' });
    }
    await expect(read(whole, 7, LIMITS, 'multipart/form-data')).rejects.toMatchObject({ code: 'UPLOAD_FORM' });
  });

  it('takes a field name that means something to objects as any other', async () => {
    const { fields } = await read(encode([{ name: '__proto__', content: text('x') }]));
    expect(Object.keys(fields)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
