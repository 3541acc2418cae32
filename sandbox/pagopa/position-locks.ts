import { sha256Hex } from '../../src/kernel/hash.ts';
import type { Asked } from './ask-creditor.ts';
import type { NodeFault, Notice, Psp } from './types.ts';

/** A payment under way: while it is, nobody else may start one for the notice (pagopa §3.2). */
export interface Attempt {
  readonly notice: Notice;
  readonly token: string;
  /** Null until the creditor has answered. */
  asked: (Asked & { readonly psp: Psp; readonly paymentNote: string | null }) | null;
}

export interface PositionLocks {
  /** `again`: also what is already paid, so that a notice can be paid twice. */
  lock(notice: Notice, again: boolean): Attempt | NodeFault;
  /** The attempt of a token, which ends with it; also when its half hour is over. */
  take(token: string): Attempt | undefined;
  free(token: string): void;
  paid(attempt: Attempt): void;
  /** Why no payment may start now; null when one may. */
  barred(notice: Notice): NodeFault | null;
  clear(): void;
}

/** The platform's default; a PSP may choose another (pagopa §10). */
export const TOKEN_LIFE_MS = 30 * 60_000;

export function makePositionLocks(simNow: () => number): PositionLocks {
  const attempts = new Map<string, Attempt>();
  const holders = new Map<string, { readonly token: string; readonly until: number }>();
  const paid = new Set<string>();
  const tries = new Map<string, number>();
  const keyOf = ({ creditor, noticeNumber }: Notice): string => `${creditor}|${noticeNumber}`;

  function free(token: string): void {
    const attempt = attempts.get(token);
    if (attempt === undefined) return;
    attempts.delete(token);
    const key = keyOf(attempt.notice);
    if (holders.get(key)?.token === token) holders.delete(key);
  }

  function barred(notice: Notice, again = false): NodeFault | null {
    const key = keyOf(notice);
    if (paid.has(key) && !again) return { code: 'PPT_PAGAMENTO_DUPLICATO' };
    return (holders.get(key)?.until ?? 0) > simNow() ? { code: 'PPT_PAGAMENTO_IN_CORSO' } : null;
  }

  return {
    barred: (notice) => barred(notice),
    lock({ creditor, noticeNumber }, again) {
      const notice = { creditor, noticeNumber };
      const bar = barred(notice, again);
      if (bar !== null) return bar;
      const key = keyOf(notice);
      const n = (tries.get(key) ?? 0) + 1;
      tries.set(key, n);
      // From the notice and the count alone: the same story has the same tokens, whatever goes on beside it.
      const token = sha256Hex(`${key}|${n}`).slice(0, 32);
      const attempt: Attempt = { notice, token, asked: null };
      attempts.set(token, attempt);
      holders.set(key, { token, until: simNow() + TOKEN_LIFE_MS });
      return attempt;
    },
    take(token) {
      const attempt = attempts.get(token);
      free(token);
      return attempt;
    },
    free,
    paid(attempt) {
      paid.add(keyOf(attempt.notice));
      free(attempt.token);
    },
    clear() {
      for (const map of [attempts, holders, tries]) map.clear();
      paid.clear();
    },
  };
}
