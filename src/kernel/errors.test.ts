import { describe, expect, it } from 'vitest';
import { CodedError, isCoded } from './errors.ts';
import { err, ok } from './result.ts';

describe('CodedError', () => {
  it('keeps code, message, details and cause', () => {
    const cause = new Error('socket closed');
    const error = new CodedError('SMTP_LOST', 'connection lost', { provider: 'a', tries: 3 }, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'SMTP_LOST', message: 'connection lost', name: 'CodedError', cause });
    expect(error.details).toEqual({ provider: 'a', tries: 3 });
    expect(new CodedError('X', 'x').details).toEqual({});
  });

  it('is told from other errors and other codes', () => {
    const error: unknown = new CodedError('A', 'a');
    expect(isCoded(error)).toBe(true);
    expect(isCoded(error, 'A')).toBe(true);
    expect(isCoded(error, 'B')).toBe(false);
    expect(isCoded(Object.assign(new Error('a'), { code: 'A' }), 'A')).toBe(false);
    expect(isCoded(null)).toBe(false);
  });
});

describe('Result', () => {
  it('is a value or an error', () => {
    expect(ok(1)).toEqual({ ok: true, value: 1 });
    expect(err('no')).toEqual({ ok: false, error: 'no' });
  });
});
