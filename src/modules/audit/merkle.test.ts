import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainSeal, merkleRoot } from './merkle.ts';

// The entries that implementations of RFC 6962 test themselves with, and the roots of their first n.
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The definition of RFC 6962 §2.1, word by word: split at the largest power of two below n. */
function byDefinition(entries: readonly Uint8Array[]): Buffer {
  const sum = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sum();
  if (entries.length === 1) return sum(Buffer.of(0), entries[0] as Uint8Array);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sum(Buffer.of(1), byDefinition(entries.slice(0, k)), byDefinition(entries.slice(k)));
}

const digests = fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
  minLength: 2,
  maxLength: 40,
  selector: (d) => Buffer.from(d).toString('hex'),
});

describe('merkleRoot', () => {
  it.each(ROOTS.map((root, n) => [n, root] as const))('of the first %i entries is the published one', (n, root) => {
    expect(merkleRoot(ENTRIES.slice(0, n).map((hex) => Buffer.from(hex, 'hex'))).toString('hex')).toBe(root);
  });

  it('follows the definition for any number of leaves', () => {
    fc.assert(
      fc.property(digests, (leaves) => {
        expect(merkleRoot(leaves).equals(byDefinition(leaves))).toBe(true);
      }),
    );
  });

  it('changes when a leaf is altered, dropped, doubled or moved', () => {
    fc.assert(
      fc.property(digests, fc.nat(), fc.nat(), (leaves, i, j) => {
        const root = merkleRoot(leaves);
        const a = i % leaves.length;
        const b = (a + 1 + (j % (leaves.length - 1))) % leaves.length;
        const altered = leaves.map((leaf, k) =>
          k === a ? leaf.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) : leaf,
        );
        const swapped = leaves.map((leaf, k) => (k === a ? leaves[b] : k === b ? leaves[a] : leaf) as Uint8Array);
        const doubled = leaves.flatMap((leaf, k) => (k === a ? [leaf, leaf] : [leaf]));
        for (const other of [altered, swapped, doubled, leaves.toSpliced(a, 1)]) {
          expect(merkleRoot(other).equals(root)).toBe(false);
        }
      }),
    );
  });

  it('does not take a node for a leaf', () => {
    const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(merkleRoot([merkleRoot([a, b])]).equals(merkleRoot([a, b]))).toBe(false);
  });
});

describe('chainSeal', () => {
  const seal = {
    enteId: 1,
    sealNo: 2,
    sealedAt: 3,
    leafCount: 4,
    root: Buffer.alloc(32, 5),
    previous: Buffer.alloc(32, 6),
  };

  it.each([
    { ...seal, enteId: 2 },
    { ...seal, sealNo: 3 },
    { ...seal, sealedAt: 4 },
    { ...seal, leafCount: 5 },
    { ...seal, root: Buffer.alloc(32, 6) },
    { ...seal, previous: Buffer.alloc(32, 5) },
  ])('changes with every part of a seal: %j', (other) => {
    expect(chainSeal(other).equals(chainSeal(seal))).toBe(false);
  });
});
