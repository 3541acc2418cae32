import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDate } from '../../kernel/civil-date.ts';
import { batchSize, freshState, type Grant, grant, type ProviderLimits, type RateState } from './provider-grant.ts';

const MONDAY = civilDate('2026-09-07');
const TUESDAY = civilDate('2026-09-08');
const FREE: ProviderLimits = { perSecond: 40, atOnce: null, perDay: null };

/** A provider, and who asks it: `ask` at an instant. */
function provider(limits: ProviderLimits) {
  let state: RateState = freshState(limits, 0, MONDAY);
  return (
    now: number,
    over: { holder?: string; unused?: number; late?: boolean; want?: number; day?: typeof MONDAY } = {},
  ): Grant => {
    const ask = { holder: 'a', unused: 0, late: false, want: batchSize(limits), day: MONDAY, now, ...over };
    const next = grant(state, limits, ask);
    state = next.state;
    return next.grant;
  };
}

describe('a provider’s rate', () => {
  it('is never passed over any span, whoever asks and whenever, and what comes back at once is not lost', () => {
    const asks = fc.array(
      fc.record({ step: fc.integer({ min: -50, max: 400 }), holder: fc.constantFrom('a', 'b', 'c'), back: fc.nat(20) }),
      { minLength: 1, maxLength: 120 },
    );
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 4_000 }), (list, perSecond) => {
        const limits = { ...FREE, perSecond };
        const ask = provider(limits);
        const went: { at: number; n: number }[] = [];
        let clock = 0;
        for (const { step, holder, back } of list) {
          // A clock that steps back gives nobody more.
          clock += step;
          const { granted } = ask(clock, { holder });
          const unused = Math.min(back, granted);
          ask(clock, { holder, want: 0, unused });
          ask(clock, { holder, want: 0, unused: 100, late: true });
          went.push({ at: Math.max(clock, went.at(-1)?.at ?? 0), n: granted - unused });
        }
        for (const [i, first] of went.entries()) {
          let sum = 0;
          for (const { at, n } of went.slice(i)) {
            sum += n;
            expect(sum).toBeLessThanOrEqual(((at - first.at) / 1000) * perSecond + batchSize(limits) + 1e-6);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('says how long to wait for a whole batch, and is then there', () => {
    const ask = provider(FREE);
    expect(ask(0)).toEqual({ granted: 10, waitMs: 0, dayOver: false });
    const { granted, waitMs } = ask(100);
    expect([granted, waitMs]).toEqual([0, 150]);
    expect(ask(100 + waitMs).granted).toBe(10);
  });
});

describe('the wire', () => {
  it('holds no more than its number at once; who died gives it back after a minute, who asks again at once', () => {
    const ask = provider({ ...FREE, perSecond: 2_000, atOnce: 600 });
    expect(ask(0).granted).toBe(500);
    expect(ask(1_000, { holder: 'b' }).granted).toBe(100);
    expect(ask(2_000, { holder: 'c' })).toMatchObject({ granted: 0, dayOver: false });
    expect(ask(2_000, { holder: 'b', want: 0 }).granted).toBe(0);
    expect(ask(3_000, { holder: 'c' }).granted).toBe(100);
    // `a` never asks again; `c` neither, but later.
    expect(ask(60_500, { holder: 'd' }).granted).toBe(500);
  });
});

describe('the day’s budget', () => {
  it('ends with its number, is new on the next legal day, and does not open again for a clock that is behind', () => {
    const ask = provider({ ...FREE, perSecond: 400, perDay: 250 });
    expect([ask(0), ask(1_000)].map((one) => one.granted)).toEqual([100, 100]);
    // Twenty came back.
    expect(ask(2_000, { unused: 20 }).granted).toBe(70);
    expect(ask(3_000)).toMatchObject({ granted: 0, dayOver: true });
    expect(ask(4_000, { day: TUESDAY }).granted).toBe(100);
    expect(ask(5_000, { day: MONDAY }).granted).toBe(100);
    expect(ask(6_000, { day: TUESDAY }).granted).toBe(50);
    expect(ask(7_000, { day: MONDAY }).dayOver).toBe(true);
  });

  it('is not lost to a clock that was a year ahead', () => {
    const ask = provider({ ...FREE, perSecond: 400, perDay: 100 });
    expect(ask(0, { day: civilDate('2027-09-07') }).granted).toBe(100);
    expect(ask(1_000, { day: MONDAY }).granted).toBe(100);
    expect(ask(2_000, { day: MONDAY }).dayOver).toBe(true);
  });
});
