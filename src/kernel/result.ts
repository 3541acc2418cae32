import type { CodedError } from './errors.ts';

/** The outcome of something expected to fail now and then (parsing what people type); throwing is for the rest. */
export type Result<T, E = CodedError> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
