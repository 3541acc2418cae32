import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const MAX_OPENED = 200_000_000;

/** The one file in a ZIP, read by its directory; throws an Error for any other ZIP, or what is none. */
export function unzipOne(zip: Buffer): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > zip.length || zip.readUInt32LE(end) !== END) throw new Error('not a ZIP');
  if (zip.readUInt16LE(end + 10) !== 1) throw new Error('the ZIP must hold one file');
  const entry = zip.readUInt32LE(end + 16);
  if (zip.readUInt32LE(entry) !== ENTRY) throw new Error('the ZIP is broken');
  const method = zip.readUInt16LE(entry + 10);
  const packed = zip.readUInt32LE(entry + 20);
  const local = zip.readUInt32LE(entry + 42);
  // Name and extra field of the local header may be longer than those of the directory.
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const data = zip.subarray(start, start + packed);
  if (method === 0) return data;
  if (method !== 8) throw new Error('the ZIP is packed in a way that is not read');
  return inflateRawSync(data, { maxOutputLength: MAX_OPENED });
}
