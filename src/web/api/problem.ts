/** An answer of the API that is not what was asked for (RFC 9457). `detail` is Italian and may be shown to people. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  constructor(status: number, code: string, detail: string) {
    super(code);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

export function problemBody(status: number, code: string, detail: string) {
  return { type: `urn:bonario:${code}`, title: code, status, code, detail };
}
