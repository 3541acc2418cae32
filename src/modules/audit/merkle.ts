import { createHash, hash as hashOnce } from 'node:crypto';

const SIZE = 32;

/**
 * Merkle root over leaf digests, with the two prefixes of RFC 6962 §2.1 so that a node can never pass for a leaf.
 * An odd node is carried up unchanged. The root of nothing is the digest of nothing.
 */
export function merkleRoot(digests: readonly Uint8Array[]): Buffer {
  if (digests.length === 0) return hash();
  // One hash over one piece of memory a node, since that is what sealing spends its time on.
  const level = Buffer.allocUnsafe(digests.length * SIZE);
  for (const [i, digest] of digests.entries()) hashOnce('sha256', prefixed(0, digest), 'buffer').copy(level, i * SIZE);
  const node = Buffer.alloc(1 + 2 * SIZE, 1);
  for (let nodes = digests.length; nodes > 1; nodes = Math.ceil(nodes / 2)) {
    for (let i = 0; i + 1 < nodes; i += 2) {
      level.copy(node, 1, i * SIZE, (i + 2) * SIZE);
      hashOnce('sha256', node, 'buffer').copy(level, (i / 2) * SIZE);
    }
    if (nodes % 2 === 1) level.copy(level, ((nodes - 1) / 2) * SIZE, (nodes - 1) * SIZE, nodes * SIZE);
  }
  return level.subarray(0, SIZE);
}

function prefixed(prefix: number, digest: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(1 + digest.length);
  bytes[0] = prefix;
  bytes.set(digest, 1);
  return bytes;
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
