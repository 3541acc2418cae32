import type { Tx } from '../../../platform/db/index.ts';
import { digestOfIds, writeLeaf } from '../../audit/index.ts';
import { groundOf, type ReconcileTerms } from './ground.ts';
import { matchCredits } from './match-credits.ts';
import { matchLines } from './match-lines.ts';
import { takeTurn } from './turn.ts';
import { onWholeTables } from './whole-tables.ts';

export interface Reconciled {
  /** Matches made now that stay: of lines with transfers, of credits with flows or transfers. */
  readonly lines: number;
  readonly credits: number;
}

/**
 * Matches what is open: lines of flows with transfers of receipts, credits of the treasury with flows. It may run after
 * every receipt, flow and journal, in whatever order they come: what is sure stays, everything else is looked at anew.
 */
export async function reconcile(tx: Tx, terms: ReconcileTerms, now: number): Promise<Reconciled> {
  await takeTurn(tx);
  const ground = await groundOf(tx, terms);
  const [lines, credits] = await onWholeTables(tx, async () => [
    await matchLines(tx, ground, now),
    await matchCredits(tx, ground, now),
  ]);
  const made = [...lines, ...credits];
  if (made.length > 0) {
    const facts = { lines: lines.length, credits: credits.length, digest: digestOfIds(made) };
    await writeLeaf(tx, { at: now, kind: 'reconciliation.matched', actor: 'system', rowCount: made.length, facts });
  }
  return { lines: lines.length, credits: credits.length };
}
