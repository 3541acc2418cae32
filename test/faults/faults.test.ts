import { describe, expect, it } from 'vitest';
import { killRound } from './kills.ts';

/**
 * The smallest of the fault runs, on the embedded engine: the program as a real process between providers that survive
 * it. `npm run test:faults` has the others (docs/testing.md).
 */
const SEED = '1';

describe('kill -9', () => {
  it('on the wire: nobody twice, nobody lost', { timeout: 180_000 }, async () => {
    const shape = { mail: 12, families: 1, silent: 3 };
    const { broken, kills, evidence } = await killRound(
      { engine: 'pglite', shape, perSecond: 12, quietMs: 1_100 },
      SEED,
      1,
    );
    expect(broken).toEqual([]);
    expect(kills.import + kills.plan + kills.dispatch).toBe(1);
    expect(evidence.heard.length).toBeGreaterThan(0);
  });
});
