import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LookupKind, makeVault, randomToken, sameBytes } from './index.ts';
import { keyedHash } from './keyed-hash.ts';

const master = Buffer.alloc(32, 7);
const vault = makeVault(master);
const body = vault.forEnte(1);
const refused = expect.objectContaining({ code: 'SEALED_VALUE' });

describe('sealed values', () => {
  it('give back any text at their own place', () => {
    const { key } = body.newKey();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (plain, aad) => {
        expect(body.open(key, aad, body.seal(key, aad, plain))).toBe(plain.toWellFormed());
      }),
    );
  });

  it('begin with the version byte and never repeat, nor hold the text', () => {
    const { key } = body.newKey();
    const [a, b] = [body.seal(key, 'debtor|x', 'Mario Rossi'), body.seal(key, 'debtor|x', 'Mario Rossi')];
    expect(a[0]).toBe(1);
    expect(a.equals(b)).toBe(false);
    expect(a.includes('Rossi')).toBe(false);
    expect(a.length).toBe(1 + 12 + 'Mario Rossi'.length + 16);
  });

  it('are refused once a single bit of them is changed', () => {
    const { key } = body.newKey();
    const sealed = body.seal(key, 'debtor|x', 'Mario Rossi');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const altered = Buffer.from(sealed);
        altered[at] = (altered[at] ?? 0) ^ (1 << bit);
        expect(() => body.open(key, 'debtor|x', altered)).toThrow(refused);
      }),
    );
  });

  it.each([
    ['another row', 'debtor|y'],
    ['another table', 'contact|x'],
    ['no place', ''],
  ])('are refused when moved to %s', (_, aad) => {
    const { key } = body.newKey();
    expect(() => body.open(key, aad, body.seal(key, 'debtor|x', 'Mario Rossi'))).toThrow(refused);
  });

  it('are refused when moved to another body, even with the person’s key', () => {
    const { key } = body.newKey();
    const sealed = body.seal(key, 'debtor|x', 'Mario Rossi');
    expect(() => vault.forEnte(2).open(key, 'debtor|x', sealed)).toThrow(refused);
  });

  it('are refused with another person’s key', () => {
    const sealed = body.seal(body.newKey().key, 'debtor|x', 'Mario Rossi');
    expect(() => body.open(body.newKey().key, 'debtor|x', sealed)).toThrow(refused);
  });

  it.each([0, 2, 255])('are refused with version byte %i', (version) => {
    const { key } = body.newKey();
    const sealed = Buffer.from(body.seal(key, 'a', 'b'));
    sealed[0] = version;
    expect(() => body.open(key, 'a', sealed)).toThrow(refused);
  });

  it('are refused when cut short, down to nothing', () => {
    const { key } = body.newKey();
    const sealed = body.seal(key, 'a', 'bcd');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => body.open(key, 'a', sealed.subarray(0, length))).toThrow(refused);
    }
  });

  it('open from a view into a larger buffer, as database drivers give them', () => {
    const { key } = body.newKey();
    const sealed = body.seal(key, 'a', 'testo');
    const large = Buffer.concat([randomBytes(5), sealed, randomBytes(5)]);
    expect(body.open(key, 'a', new Uint8Array(large.buffer, large.byteOffset + 5, sealed.length))).toBe('testo');
  });
});

describe('keys', () => {
  it('come back from their wrapping', () => {
    const { key, wrapped } = body.newKey();
    expect(body.open(body.unwrap(wrapped), 'a', body.seal(key, 'a', 'testo'))).toBe('testo');
  });

  it('cannot be unwrapped by another body or under another master key', () => {
    const { wrapped } = body.newKey();
    expect(() => vault.forEnte(2).unwrap(wrapped)).toThrow(refused);
    expect(() => makeVault(Buffer.alloc(32, 8)).forEnte(1).unwrap(wrapped)).toThrow(refused);
  });

  it('that were destroyed say so', () => {
    expect(() => body.unwrap(null)).toThrow(expect.objectContaining({ code: 'KEY_DESTROYED' }));
  });

  it('are the same after a restart with the same master key, and prove it', () => {
    const again = makeVault(Buffer.from(master));
    const { key, wrapped } = body.newKey();
    const sealed = body.seal(key, 'a', 'testo');
    const same = again.forEnte(1);
    expect(same.open(same.unwrap(wrapped), 'a', sealed)).toBe('testo');
    expect(again.keyCheck.equals(vault.keyCheck)).toBe(true);
    expect(makeVault(Buffer.alloc(32, 8)).keyCheck.equals(vault.keyCheck)).toBe(false);
  });

  it('differ by purpose', () => {
    expect(vault.deriveKey('return path').equals(vault.deriveKey('form'))).toBe(false);
  });

  it('need a master key of 32 bytes', () => {
    expect(() => makeVault(randomBytes(16))).toThrow(expect.objectContaining({ code: 'MASTER_KEY' }));
  });
});

describe('look-ups', () => {
  const kinds: LookupKind[] = ['codiceFiscale', 'surname', 'address', 'item', 'token', 'code', 'key'];

  it('are 16 bytes, stable, and differ by kind and by body', () => {
    const seen = new Set<string>();
    for (const enteId of [1, 2, 11]) {
      for (const kind of kinds) {
        const lookup = vault.forEnte(enteId).lookup(kind, 'RSSMRA85T10A562S');
        expect(lookup).toHaveLength(16);
        expect(makeVault(master).forEnte(enteId).lookup(kind, 'RSSMRA85T10A562S').equals(lookup)).toBe(true);
        seen.add(lookup.toString('hex'));
      }
    }
    expect(seen.size).toBe(3 * kinds.length);
  });

  it('cannot be computed without the master key', () => {
    const other = makeVault(Buffer.alloc(32, 8)).forEnte(1);
    expect(other.lookup('codiceFiscale', 'X').equals(body.lookup('codiceFiscale', 'X'))).toBe(false);
    expect(other.commitment('X')).not.toBe(body.commitment('X'));
    expect(vault.forEnte(2).commitment('X')).not.toBe(body.commitment('X'));
  });
});

describe('keyed hashes', () => {
  it('are HMAC-SHA-256 for any text, long ones after short ones too', () => {
    const keys = fc.uint8Array({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(keys, fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1 }), (key, texts) => {
        const hashed = keyedHash(key);
        for (const text of texts) {
          expect(hashed(text).equals(createHmac('sha256', key).update(text).digest())).toBe(true);
        }
      }),
    );
    expect(() => keyedHash(new Uint8Array(65))).toThrow(RangeError);
  });
});

describe('small helpers', () => {
  it('compare bytes, lengths included', () => {
    expect(sameBytes(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
    expect(sameBytes(Buffer.from('ab'), Buffer.from('ac'))).toBe(false);
    expect(sameBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
  });

  it('make tokens of the promised size that a URL takes', () => {
    expect(randomToken(128)).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(randomToken(256)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(randomToken(128)).not.toBe(randomToken(128));
  });
});
