export type ErrorDetails = Readonly<Record<string, string | number>>;

/**
 * An error with a stable `code`. The message is English, for engineers; the Italian sentence for people is chosen at
 * the edges from the code. `details` hold ids and numbers only, never personal data, because they reach the logs.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
    this.details = details;
  }
}

/** True for a CodedError, and, when `code` is given, only for that code. */
export function isCoded(e: unknown, code?: string): e is CodedError {
  return e instanceof CodedError && (code === undefined || e.code === code);
}
