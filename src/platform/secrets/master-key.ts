import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '../../kernel/errors.ts';

/**
 * Reads the master key (64 hex digits) from its file, outside the data folder; makes one on first use.
 * Error MASTER_KEY: unreadable, or readable by others.
 */
export function loadMasterKey(path: string): Buffer {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new CodedError('MASTER_KEY', `the master key file may be read by others: chmod 600 ${path}`);
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length !== 32) throw new CodedError('MASTER_KEY', `the master key file must hold 64 hex digits: ${path}`);
  return key;
}
