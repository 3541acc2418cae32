import { argon2, randomBytes } from 'node:crypto';
import { sameBytes } from '../../platform/secrets/index.ts';

/** 19 MiB, two passes, one lane: what OWASP recommends for Argon2id where memory is shared with other work. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 200;

/** Each hashing holds 19 MiB and a core: more at once would only make all of them slower. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** The same password however the keyboard composes its accents. */
const bytesOf = (password: string) => Buffer.from(password.normalize('NFKC'), 'utf8');

/** `argon2id$<memory KiB>$<passes>$<salt>$<tag>`, so that the cost may grow and old hashes still open. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, salt, COST.memory, COST.passes);
  return ['argon2id', COST.memory, COST.passes, salt.toString('base64url'), tag.toString('base64url')].join('$');
}

/** Null (nobody, or not yet enrolled) costs the same time and is never right. */
export async function checkPassword(password: string, stored: string | null): Promise<boolean> {
  const parts = /^argon2id\$(\d{1,7})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(stored ?? '');
  if (parts === null) {
    await derive(password, Buffer.alloc(SALT_BYTES), COST.memory, COST.passes);
    return false;
  }
  const [, memory, passes, salt = '', tag = ''] = parts;
  const made = await derive(password, Buffer.from(salt, 'base64url'), Number(memory), Number(passes));
  return sameBytes(made, Buffer.from(tag, 'base64url'));
}

async function derive(password: string, nonce: Uint8Array, memory: number, passes: number): Promise<Buffer> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  else running += 1;
  try {
    return await new Promise<Buffer>((done, fail) => {
      const input = { message: bytesOf(password), nonce, parallelism: COST.parallelism, tagLength: TAG_BYTES };
      argon2('argon2id', { ...input, memory, passes }, (error, key) => (error === null ? done(key) : fail(error)));
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
