import type { Operation } from './shapes.ts';

/**
 * How a call of a station went. `malformed`: no answer of the protocol; `refused`: an answer that means nothing the
 * node can use (sum, account, missing field).
 */
export type Outcome = 'OK' | 'KO' | 'timeout' | 'unreachable' | 'malformed' | 'refused';

/** One call of a creditor's station, with what was said. */
export interface Exchange {
  readonly operation: Operation;
  readonly stationId: string;
  /** The body that was asked: for a receipt it may not be the one of the notice. */
  readonly creditor: string;
  readonly noticeNumber: string | null;
  readonly receiptId: string | null;
  /** Simulated epoch ms of the call, and real ms until its answer. */
  readonly at: number;
  readonly ms: number;
  readonly request: string;
  readonly response: string | null;
  readonly outcome: Outcome;
  readonly faultCode: string | null;
  /** What was wrong with the answer; not empty for `malformed` and `refused`. */
  readonly problems: readonly string[];
}

/** Everything that passed between the node and the stations: the ground on which a station is judged. */
export interface Exchanges {
  readonly all: readonly Exchange[];
  ofNotice(noticeNumber: string): Exchange[];
  ofReceipt(receiptId: string): Exchange[];
  /** Those a station must not have: everything but a clean OK or KO. */
  broken(): Exchange[];
  /** Longest answer to an operation, real ms; 0 without any. */
  slowest(operation: Operation): number;
  counts(): Readonly<Record<Outcome, number>>;
  add(exchange: Exchange): void;
  clear(): void;
}

export function makeExchanges(): Exchanges {
  const all: Exchange[] = [];
  return {
    all,
    ofNotice: (noticeNumber) => all.filter((one) => one.noticeNumber === noticeNumber),
    ofReceipt: (receiptId) => all.filter((one) => one.receiptId === receiptId),
    broken: () => all.filter(({ outcome }) => outcome !== 'OK' && outcome !== 'KO'),
    slowest: (operation) =>
      all.reduce((longest, one) => (one.operation === operation ? Math.max(longest, one.ms) : longest), 0),
    counts() {
      const counts = { OK: 0, KO: 0, timeout: 0, unreachable: 0, malformed: 0, refused: 0 };
      for (const { outcome } of all) counts[outcome] += 1;
      return counts;
    },
    add: (exchange) => void all.push(exchange),
    clear: () => {
      all.length = 0;
    },
  };
}
