import type { FaultCode } from './write-answer.ts';

/** A refusal with the code that the protocol has for it. */
export class Refused extends Error {
  readonly code: FaultCode;
  /** More than the code says, for whoever reads the node's log; no personal data. */
  readonly description: string | undefined;
  constructor(code: FaultCode, description?: string) {
    super(code);
    this.code = code;
    this.description = description;
  }
}
