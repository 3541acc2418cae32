/** What both engines give: one connection at a time, with parametrised queries and plain multi-statement text. */
export interface QueryOutcome {
  readonly rows: Record<string, unknown>[];
  readonly affected: number;
}

export interface Connection {
  /** `prepared`: a server parses and plans the statement once for each connection, and remembers it. */
  query(sql: string, parameters: readonly unknown[], reading?: Reading, prepared?: boolean): Promise<QueryOutcome>;
  /** Simple protocol: several statements in one message, no parameters; the rows of all of them. */
  exec(sql: string, reading?: Reading): Promise<QueryOutcome>;
}

/** How values are read: `ours` gives instants as epoch milliseconds; `plain` as Date, for libraries that send them back. */
export type Reading = 'ours' | 'plain';

export interface Engine {
  readonly kind: 'pglite' | 'postgres';
  /** `broken` tells the pool not to reuse the connection. */
  acquire(): Promise<{ connection: Connection; release(broken: boolean): void }>;
  close(): Promise<void>;
}

/** Instants travel as epoch milliseconds; text like `2026-09-07 06:00:00.5+00` comes from a session in UTC. */
export function parseTimestamptz(text: string): number {
  const at = Date.parse(`${text.replace(' ', 'T')}${/[+-]\d\d$/.test(text) ? ':00' : ''}`);
  if (Number.isNaN(at)) throw new Error(`not a timestamp: ${text}`);
  return at;
}

/** int8 → number; sums of cents and counters stay far below 2^53, and a larger one must not be rounded silently. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`int8 beyond 2^53: ${text}`);
  return value;
}

export const OID = { bytea: 17, int8: 20, date: 1082, timestamptz: 1184 } as const;

/** Of the types whose arrays may travel in their binary form (`binary-array.ts`). */
export const ARRAY_OIDS = [1000, 1001, 1007, 1009, 1016, 1182, 1185, 2951, 3807] as const;
