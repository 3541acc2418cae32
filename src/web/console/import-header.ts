import { parse } from 'csv-parse/sync';
import type { OpenFile } from '../../modules/debts/index.ts';

const HEAD_BYTES = 64 * 1024;

/**
 * The names of the columns as the file writes them, to offer them in the form; empty when there is no header to be read.
 * What a column really is, the import itself decides.
 */
export async function headerOf(open: OpenFile): Promise<string[]> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of open()) {
    pieces.push(piece);
    size += piece.length;
    if (size >= HEAD_BYTES) break;
  }
  const line =
    decode(Buffer.concat(pieces))
      .split(/\r?\n/)
      .find((one) => one.trim() !== '') ?? '';
  const counted = [';', ',', '\t', '|'].map((mark) => ({ mark, n: line.split(mark).length }));
  const delimiter = counted.reduce((best, one) => (one.n > best.n ? one : best)).mark;
  try {
    const rows: string[][] = parse(line, { delimiter, relax_column_count: true });
    return (rows[0] ?? []).map((name) => name.trim()).filter((name) => name !== '');
  } catch {
    return [];
  }
}

function decode(bytes: Buffer): string {
  try {
    // A cut in the middle of a character is no reason to think of another encoding.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
