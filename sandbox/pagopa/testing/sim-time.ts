/** Simulated time under a test's hand, and what is to happen in it. */
export interface SimTime {
  readonly now: () => number;
  readonly later: (afterMs: number, label: string, run: () => Promise<void>) => void;
  /** Moves on, running what falls due in its order; labels must be unique. */
  advance(ms: number): Promise<void>;
  readonly labels: readonly string[];
}

export function makeSimTime(start: number): SimTime {
  let at = start;
  const due: { readonly at: number; readonly run: () => Promise<void> }[] = [];
  const labels: string[] = [];
  return {
    labels,
    now: () => at,
    later(afterMs, label, run) {
      labels.push(label);
      due.push({ at: at + afterMs, run });
    },
    async advance(ms) {
      const until = at + ms;
      for (;;) {
        const next = due.sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        due.shift();
        at = next.at;
        await next.run();
      }
      at = until;
    },
  };
}
