/** Something a citizen, a mail server or a clerk will do. */
export interface SimEvent {
  /** Simulated epoch ms. */
  readonly at: number;
  /** What it is, for messages of failure. */
  readonly name: string;
  /** Events of one group never run at the same time. */
  readonly group: string;
  /** Orders events of one instant; unique, and the same in every run. */
  readonly label: string;
  readonly run: () => Promise<void>;
}

/** Events by time, then by label: never by the order in which they were put in. */
export interface EventQueue {
  push(event: SimEvent): void;
  /** The earliest instant, or null. */
  nextAt(): number | null;
  /** Removes the events of the earliest instant. */
  takeNext(): SimEvent[];
  size(): number;
}

export function makeEventQueue(): EventQueue {
  // Events come in far fewer instants than there are events: one bucket each, and a heap of instants.
  const buckets = new Map<number, SimEvent[]>();
  const heap: number[] = [];

  function up(start: number): void {
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (at(parent) <= at(i)) return;
      swap(i, parent);
      i = parent;
    }
  }

  function down(): void {
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && at(left + 1) < at(left) ? left + 1 : left;
      if (at(i) <= at(child)) return;
      swap(i, child);
      i = child;
    }
  }

  function at(i: number): number {
    return heap[i] ?? Number.POSITIVE_INFINITY;
  }

  function swap(i: number, j: number): void {
    const kept = at(i);
    heap[i] = at(j);
    heap[j] = kept;
  }

  return {
    push(event) {
      const bucket = buckets.get(event.at);
      if (bucket) return void bucket.push(event);
      buckets.set(event.at, [event]);
      heap.push(event.at);
      up(heap.length - 1);
    },
    nextAt: () => heap[0] ?? null,
    takeNext() {
      const first = heap[0];
      if (first === undefined) return [];
      const last = heap.pop();
      if (heap.length > 0 && last !== undefined) {
        heap[0] = last;
        down();
      }
      const events = buckets.get(first) ?? [];
      buckets.delete(first);
      return events.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
    },
    size: () => [...buckets.values()].reduce((sum, bucket) => sum + bucket.length, 0),
  };
}

/** Runs the events of one instant: groups side by side, at most `width` of them, each group in order. */
export async function runEvents(
  events: readonly SimEvent[],
  width: number,
  onError: (event: SimEvent, error: unknown) => void,
): Promise<void> {
  const groups = new Map<string, SimEvent[]>();
  for (const event of events) groups.set(event.group, [...(groups.get(event.group) ?? []), event]);
  const waiting = [...groups.values()];
  const worker = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      for (const event of group) await event.run().catch((error: unknown) => onError(event, error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, waiting.length) }, worker));
}
