import { hash } from 'node:crypto';

/** Of SHA-256: what it takes at once, and what it gives. */
const BLOCK = 64;
const DIGEST = 32;

/**
 * HMAC-SHA-256 (RFC 2104) of texts under one key, as two one-shot hashes. Node's own makes two objects for each value,
 * which the garbage collector has to follow into native memory: three times slower, and look-ups are most of an import's
 * arithmetic. `vault.test.ts` compares the two.
 */
export function keyedHash(key: Uint8Array): (value: string) => Buffer {
  if (key.length > BLOCK) throw new RangeError('a key is no longer than a block');
  let inner: Buffer = padded(key, 0x36, BLOCK);
  const outer = padded(key, 0x5c, DIGEST);
  return (value) => {
    // UTF-8 takes at most three bytes for a unit of the text.
    const longest = BLOCK + 3 * value.length;
    if (inner.length < longest) inner = Buffer.concat([inner.subarray(0, BLOCK)], longest);
    const length = BLOCK + inner.write(value, BLOCK);
    outer.write(hash('sha256', inner.subarray(0, length), 'binary'), BLOCK, 'latin1');
    return Buffer.from(hash('sha256', outer, 'binary'), 'latin1');
  };
}

/** The key's block under one of the two patterns, with room behind it. */
function padded(key: Uint8Array, pattern: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK + room);
  for (let i = 0; i < BLOCK; i += 1) block[i] = (key[i] ?? 0) ^ pattern;
  return block;
}
