import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { CodedError } from '../../kernel/errors.ts';
import { keyedHash } from './keyed-hash.ts';

/**
 * Personal data apart (architecture §4.4): AES-256-GCM under a key per person, that key wrapped by the body's; equality
 * look-ups by HMAC under other keys of the body. All the body's keys come from the master key by HKDF, so nothing but
 * the master key file has to be kept outside the database.
 *
 * Layout of a sealed value: version byte 1 | 12 bytes IV | ciphertext | 16 bytes tag.
 */
export interface Vault {
  forEnte(enteId: number): EnteVault;
  /** 32 bytes that prove the master key at start, without telling it. */
  readonly keyCheck: Buffer;
  /** A key for one purpose outside the tenants (return paths, form tokens). */
  deriveKey(purpose: string): Buffer;
}

export interface EnteVault {
  /** Keyed hash of a normalised value, 16 bytes. Different kinds never collide. */
  lookup(kind: LookupKind, value: string): Buffer;
  newKey(): { key: KeyObject; wrapped: Buffer };
  /** Throws KEY_DESTROYED when the wrapped key is null: the person was erased. */
  unwrap(wrapped: Uint8Array | null): KeyObject;
  /** `aad` binds the ciphertext to its place: table and id; the body is added here. */
  seal(key: KeyObject, aad: string, plain: string): Buffer;
  open(key: KeyObject, aad: string, sealed: Uint8Array): string;
  /** Salted commitment for the audit: says nothing without the body's key. */
  commitment(value: string): string;
}

export type LookupKind = 'codiceFiscale' | 'surname' | 'address' | 'item' | 'token' | 'code' | 'key';

const VERSION = 1;
const KEY_LENGTH = 32;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** `master`: 32 random bytes from the key file. */
export function makeVault(master: Buffer): Vault {
  if (master.length !== 32) throw new CodedError('MASTER_KEY', 'the master key must be 32 bytes');
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', master, 'bonario', purpose, 32));
  const enti = new Map<number, EnteVault>();
  return {
    keyCheck: derive('key check'),
    deriveKey: derive,
    forEnte(enteId) {
      const known = enti.get(enteId);
      if (known !== undefined) return known;
      const made = makeEnteVault(enteId, derive);
      enti.set(enteId, made);
      return made;
    },
  };
}

function makeEnteVault(enteId: number, derive: (purpose: string) => Buffer): EnteVault {
  const wrapKey = createSecretKey(derive(`ente ${enteId} wrap`));
  const lookups = new Map<LookupKind, (value: string) => Buffer>();
  const commit = keyedHash(derive(`ente ${enteId} commitment`));
  const ivs = makeRandomPool(IV_LENGTH);
  const rawKeys = makeRandomPool(KEY_LENGTH);
  return {
    lookup(kind, value) {
      const hashed = lookups.get(kind) ?? keyedHash(derive(`ente ${enteId} lookup ${kind}`));
      lookups.set(kind, hashed);
      return hashed(value).subarray(0, 16);
    },
    newKey() {
      const raw = rawKeys();
      const wrapped = seal(wrapKey, `${enteId}|key`, raw, ivs());
      const key = createSecretKey(raw);
      raw.fill(0);
      return { key, wrapped };
    },
    unwrap(wrapped) {
      if (wrapped === null) throw new CodedError('KEY_DESTROYED', 'the key of this person was destroyed');
      return createSecretKey(open(wrapKey, `${enteId}|key`, wrapped));
    },
    seal: (key, aad, plain) => seal(key, `${enteId}|${aad}`, Buffer.from(plain, 'utf8'), ivs()),
    open: (key, aad, sealed) => open(key, `${enteId}|${aad}`, sealed).toString('utf8'),
    commitment: (value) => commit(value).toString('hex').slice(0, 32),
  };
}

function seal(key: KeyObject, aad: string, plain: Uint8Array, iv: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(aad));
  const body = cipher.update(plain);
  cipher.final();
  const sealed = Buffer.allocUnsafe(1 + IV_LENGTH + body.length + TAG_LENGTH);
  sealed[0] = VERSION;
  sealed.set(iv, 1);
  sealed.set(body, 1 + IV_LENGTH);
  sealed.set(cipher.getAuthTag(), 1 + IV_LENGTH + body.length);
  return sealed;
}

function open(key: KeyObject, aad: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes[0] !== VERSION || bytes.length < 1 + IV_LENGTH + TAG_LENGTH) {
    throw new CodedError('SEALED_VALUE', 'not a sealed value');
  }
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + IV_LENGTH));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_LENGTH));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + IV_LENGTH, bytes.length - TAG_LENGTH)), decipher.final()]);
  } catch (cause) {
    throw new CodedError('SEALED_VALUE', 'the value was altered, moved, or sealed with another key', {}, { cause });
  }
}

/** Random values from a pool: one system call for 1,024 of them instead of one each (measured, dependencies §5). */
function makeRandomPool(length: number): () => Buffer {
  let pool = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used + length > pool.length) {
      pool = randomBytes(1024 * length);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
}

/** Equality that takes the same time wherever the values differ; false for different lengths. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A random token of 256 bits for sessions and keys, or of 128 for links, URL-safe. */
export function randomToken(bits: 128 | 256): string {
  return randomBytes(bits / 8).toString('base64url');
}
