import { createHash } from 'node:crypto';

/**
 * Merkle root over leaf digests, with the two prefixes of RFC 6962 §2.1 so that a node can never pass for a leaf.
 * An odd node is carried up unchanged. The root of nothing is the digest of nothing.
 */
export function merkleRoot(digests: readonly Uint8Array[]): Buffer {
  let level = digests.map((digest) => hash(Buffer.of(0), digest));
  if (level.length === 0) return hash();
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Buffer;
      const right = level[i + 1];
      above.push(right === undefined ? left : hash(Buffer.of(1), left, right));
    }
    level = above;
  }
  return level[0] as Buffer;
}

/** What chains a seal to the one before it: changing, dropping or reordering any earlier seal changes this one. */
export function chainSeal(seal: {
  enteId: number;
  sealNo: number;
  sealedAt: number;
  leafCount: number;
  root: Uint8Array;
  previous: Uint8Array;
}): Buffer {
  const head = `${seal.enteId}|${seal.sealNo}|${seal.sealedAt}|${seal.leafCount}|`;
  return hash(Buffer.from(head), seal.previous, seal.root);
}

function hash(...parts: Uint8Array[]): Buffer {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest();
}
