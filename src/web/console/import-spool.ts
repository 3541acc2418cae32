import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CodedError } from '../../kernel/errors.ts';
import type { FileAnalysis, IntakeProfile, OpenFile } from '../../modules/debts/index.ts';

/** A file that was sent and not yet loaded. */
export interface SpooledFile {
  readonly id: string;
  readonly enteId: number;
  readonly operatorId: string;
  readonly fileName: string;
  readonly creditType: string;
  readonly open: OpenFile;
  /** Chosen by the person; null: the saved one, or the guess. */
  profile: IntakeProfile | null;
  /** What the dry run said with this profile. */
  analysis: FileAnalysis | null;
}

interface Kept extends SpooledFile {
  readonly path: string;
  readonly realAt: number;
}

const KEEP_MS = 60 * 60_000;
const MOST_FILES = 50;

export interface Spool {
  /** Takes the bytes in; an earlier file of the same person is forgotten. Error UPLOAD_BUSY. */
  put(
    about: { enteId: number; operatorId: string; fileName: string; creditType: string },
    content: AsyncIterable<Uint8Array>,
  ): Promise<SpooledFile>;
  /** Null for another body's or person's file, and for one no longer kept. */
  get(enteId: number, operatorId: string, id: string): SpooledFile | null;
  drop(id: string): void;
  close(): void;
}

/**
 * Keeps sent files between the pages of an import: on disk, since they may be large, and encrypted with a key that lives
 * in this process only, since they are full of personal data. What a crash leaves behind nobody can read.
 */
export function openSpool(realNow: () => number): Spool {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-import-'));
  const files = new Map<string, Kept>();
  const drop = (id: string) => {
    const file = files.get(id);
    files.delete(id);
    if (file !== undefined) rmSync(file.path, { force: true });
  };
  const sweep = () => {
    for (const file of files.values()) if (file.realAt < realNow() - KEEP_MS) drop(file.id);
  };
  return {
    async put(about, content) {
      sweep();
      for (const file of files.values()) {
        if (file.enteId === about.enteId && file.operatorId === about.operatorId) drop(file.id);
      }
      if (files.size >= MOST_FILES) throw new CodedError('UPLOAD_BUSY', 'too many files are being looked at');
      const id = randomUUID();
      const path = join(folder, id);
      // One key per file, so the counter may begin at nought.
      const key = randomBytes(32);
      const start = Buffer.alloc(16);
      const cipher = createCipheriv('aes-256-ctr', key, start);
      try {
        await pipeline(Readable.from(content), cipher, createWriteStream(path, { mode: 0o600 }));
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
      const open = () => {
        const decipher = createDecipheriv('aes-256-ctr', key, start);
        // Whoever stops reading early destroys the decipher, and pipeline closes the file with it.
        pipeline(createReadStream(path), decipher).catch((error: Error) => decipher.destroy(error));
        return decipher as AsyncIterable<Uint8Array>;
      };
      const file: Kept = { id, ...about, path, open, realAt: realNow(), profile: null, analysis: null };
      files.set(id, file);
      return file;
    },
    get(enteId, operatorId, id) {
      sweep();
      const file = files.get(id);
      return file !== undefined && file.enteId === enteId && file.operatorId === operatorId ? file : null;
    },
    drop,
    close() {
      files.clear();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
