import type { Monotonic } from '../kernel/clocks.ts';
import type { ImportService } from '../modules/debts/index.ts';

/** Between two looks at a body that has files on their way. */
const LOOK_AGAIN_MS = 30_000;
/** A file that was announced is written down within so long: until then nothing to be seen means nothing. */
const ANNOUNCED_MS = 60_000;

interface Seen {
  readonly mark: string;
  readonly since: number;
}

/**
 * The leader's look at a body's imports: one that has not moved between looks for `importStaleMs`, real time, is taken over.
 * What was seen is kept in memory: a new leader begins to watch anew, and finishes what the dead one would have a little
 * later. Returns when to look again; null: nothing is on its way.
 */
export function makeWatchImports(deps: {
  readonly imports: Pick<ImportService, 'open' | 'takeOver'>;
  readonly monotonic: Monotonic;
  readonly importStaleMs: number;
}): (enteId: number, announcedAt: number) => Promise<number | null> {
  const { imports, monotonic } = deps;
  const bodies = new Map<number, ReadonlyMap<string, Seen>>();

  return async (enteId, announcedAt) => {
    const before = bodies.get(enteId);
    const now = monotonic.now();
    const open = await imports.open(enteId);
    const seen = new Map<string, Seen>();
    for (const { importId, mark } of open) {
      const earlier = before?.get(importId);
      seen.set(importId, earlier?.mark === mark ? earlier : { mark, since: now });
    }
    if (open.length === 0) bodies.delete(enteId);
    else bodies.set(enteId, seen);
    for (const one of open) {
      if (now - (seen.get(one.importId)?.since ?? now) < deps.importStaleMs) continue;
      await imports.takeOver(enteId, one);
    }
    const over = open.length === 0 && now - announcedAt >= ANNOUNCED_MS;
    return over ? null : monotonic.now() + LOOK_AGAIN_MS;
  };
}
