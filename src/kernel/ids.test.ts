import { describe, expect, it } from 'vitest';
import { isUuid, newId, uuidBytes, uuidFromBytes } from './ids.ts';

describe('ids', () => {
  it('are distinct version 7 UUIDs that sort in the order of making, also within a millisecond', () => {
    const made = Array.from({ length: 20_000 }, newId);
    expect(new Set(made).size).toBe(made.length);
    expect([...made].sort()).toEqual(made);
    expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
  });

  it('go to bytes and back', () => {
    const id = '01932c07-209b-7e2c-8a5d-0123456789ab';
    expect(Buffer.from(uuidBytes(id)).toString('hex')).toBe('01932c07209b7e2c8a5d0123456789ab');
    expect(uuidFromBytes(uuidBytes(id))).toBe(id);
    expect(() => uuidBytes('nope')).toThrow(TypeError);
    expect(isUuid(id)).toBe(true);
    expect(isUuid(`${id}0`)).toBe(false);
  });
});
