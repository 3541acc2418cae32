import type { SmsBehaviour } from '../smsc/behaviour.ts';
import type { Town } from '../town/types.ts';

const SECOND = 1000;
/** What a provider usually keeps trying for. */
const VALIDITY_MS = 48 * 3_600_000;

/** What the network does with an SMS to each number of a town; numbers nobody has are refused at once. */
export function phoneBehaviour(town: () => Town | null): {
  behaviourOf(number: string): SmsBehaviour;
  /** Whether an SMS that was taken gets to somebody's eyes. */
  reaches(number: string): boolean;
  /** SMS that were taken before the line was cut. */
  cuts(): number;
  clear(): void;
} {
  /** Parts taken so far, by number whose line is to be cut. */
  const parts = new Map<string, number>();
  let cuts = 0;
  const stateOf = (number: string) => town()?.phones.get(number)?.state ?? 'unknownAtSubmit';
  return {
    behaviourOf(number) {
      switch (stateOf(number)) {
        case 'unknownAtSubmit':
          return { kind: 'unknown', at: 'submit' };
        case 'unknownLater':
          return { kind: 'unknown', at: 'receipt' };
        case 'off':
          return { kind: 'off', expiresAfterMs: VALIDITY_MS };
        case 'twice':
          return { kind: 'works', afterMs: 20 * SECOND, receipts: 2 };
        case 'cut': {
          const part = (parts.get(number) ?? 0) + 1;
          parts.set(number, part);
          // A notice has two parts: the phone has the whole of it when the line goes.
          if (part !== 2) return { kind: 'works', afterMs: 5 * SECOND };
          cuts += 1;
          return { kind: 'cut', afterMs: 5 * SECOND };
        }
        default:
          return { kind: 'works', afterMs: 5 * SECOND };
      }
    },
    reaches: (number) => ['works', 'twice', 'cut'].includes(stateOf(number)),
    cuts: () => cuts,
    clear() {
      parts.clear();
      cuts = 0;
    },
  };
}
