import { dueTenants } from '../deliveries/index.ts';
import { makeDueRounds } from './due-rounds.ts';
import type { RunDeps } from './run-deps.ts';

/** A round gives way after so long, real time, so that jobs and chores have their turn beside a million messages. */
const ROUND_MS = 1_000;

export interface DueRunner {
  /**
   * A round of every body that has work due at the current legal time: what was done, when there is work next, and
   * whether some is due already. A body that fails does not keep the others waiting: its error is thrown when they are
   * done.
   */
  run(signal: AbortSignal): Promise<{ moved: number; nextAt: number | null; waiting: boolean }>;
}

export function makeDueRunner(deps: RunDeps): DueRunner {
  const rounds = makeDueRounds(deps);
  // Processes begin at different bodies, so that they do not all tick the same ones first.
  const begin = deps.db.engine === 'postgres' ? process.pid : 0;
  return {
    async run(signal) {
      const { due, nextAt: soonest } = await deps.db.system((tx) => dueTenants(tx, deps.now()));
      if (due.length === 0) return { moved: 0, nextAt: soonest, waiting: false };
      const first = begin % due.length;
      const order = [...due.slice(first), ...due.slice(0, first)];
      const { moved, waiting, failures } = await rounds.round(order, signal, ROUND_MS);
      if (failures.length > 0) throw failures[0];
      const { nextAt } = await deps.db.system((tx) => dueTenants(tx, deps.now()));
      return { moved, nextAt, waiting: waiting && !signal.aborted };
    },
  };
}

/** One body alone, until nothing is due at this instant. Returns how much moved. */
export async function runTenant(deps: RunDeps, enteId: number, signal: AbortSignal): Promise<number> {
  const { moved, failures } = await makeDueRounds(deps).round([enteId], signal, Number.POSITIVE_INFINITY);
  if (failures.length > 0) throw failures[0];
  return moved;
}
