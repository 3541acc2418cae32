import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeEventQueue, runEvents, type SimEvent } from './event-queue.ts';

const event = (at: number, label: string, run: () => Promise<void> = async () => undefined): SimEvent => ({
  at,
  name: 'x',
  group: label.charAt(0),
  label,
  run,
});

describe('the queue', () => {
  it('gives events by time and label, whatever the order they came in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.string({ minLength: 1, maxLength: 3 }))), (pairs) => {
        const queue = makeEventQueue();
        for (const [at, label] of pairs) queue.push(event(at, label));
        expect(queue.size()).toBe(pairs.length);
        const out: [number, string][] = [];
        while (queue.nextAt() !== null) {
          const at = queue.nextAt();
          for (const taken of queue.takeNext()) {
            expect(taken.at).toBe(at);
            out.push([taken.at, taken.label]);
          }
        }
        const sorted = [...pairs].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : x > y ? 1 : 0));
        expect(out).toEqual(sorted);
      }),
    );
  });

  it('takes events pushed while others run', () => {
    const queue = makeEventQueue();
    queue.push(event(5, 'a'));
    expect(queue.takeNext()).toHaveLength(1);
    queue.push(event(5, 'b'));
    expect(queue.nextAt()).toBe(5);
  });
});

describe('running them', () => {
  it('keeps a group in order, runs groups side by side up to the width, and goes on after an error', async () => {
    const log: string[] = [];
    let running = 0;
    let widest = 0;
    const work = (label: string): SimEvent =>
      event(0, label, async () => {
        running += 1;
        widest = Math.max(widest, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        log.push(label);
        if (label === 'b1') throw new Error('no');
      });
    const errors: string[] = [];
    const labels = ['a1', 'a2', 'b1', 'b2', 'c1', 'd1'];
    await runEvents(labels.map(work), 2, (failed) => errors.push(failed.label));
    expect(log.filter((label) => label.startsWith('a'))).toEqual(['a1', 'a2']);
    expect(log.filter((label) => label.startsWith('b'))).toEqual(['b1', 'b2']);
    expect([...log].sort()).toEqual(labels);
    expect(widest).toBe(2);
    expect(errors).toEqual(['b1']);
  });
});
