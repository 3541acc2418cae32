import { describe, expect, it } from 'vitest';
import { SimulatedClock } from './clocks.ts';

describe('SimulatedClock', () => {
  it('stands still until moved', () => {
    const clock = new SimulatedClock(1000);
    expect(clock.now()).toBe(1000);
    clock.advanceTo(5000);
    clock.advanceTo(5000);
    expect(clock.now()).toBe(5000);
  });

  it('never goes back, nor to an instant that is none', () => {
    const clock = new SimulatedClock(1000);
    expect(() => clock.advanceTo(999)).toThrow(expect.objectContaining({ code: 'CLOCK_BACKWARDS' }));
    expect(() => clock.advanceTo(Number.NaN)).toThrow(expect.objectContaining({ code: 'INSTANT_RANGE' }));
    expect(() => new SimulatedClock(0.5)).toThrow(expect.objectContaining({ code: 'INSTANT_RANGE' }));
    expect(clock.now()).toBe(1000);
  });
});
