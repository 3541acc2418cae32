import type { Database } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { cancelEnded, touchTenant } from '../deliveries/index.ts';
import { decideDispute } from '../disputes/index.ts';
import { linesOf, resumeHeld, settleNotices } from '../notices/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import { takeTurn } from './turn.ts';

/** An operator answers a dispute; what it held goes on, or ends where nothing is owed any more. */
export function answerDispute(
  deps: { readonly db: Database; readonly vaultOf: (enteId: number) => EnteVault; readonly now: () => number },
  enteId: number,
  input: { readonly disputeId: string; readonly accept: boolean; readonly answer: string },
  operator: Operator,
): Promise<{ relieved: readonly string[] }> {
  requireRole(operator, 'decide');
  return deps.db.tenant(enteId, async (tx) => {
    await takeTurn(tx);
    const now = deps.now();
    const decision = { ...input, operatorId: operator.operatorId, now };
    const decided = await decideDispute(tx, deps.vaultOf(enteId), decision, linesOf);
    await settleNotices(tx, { debtorId: decided.debtorId });
    await cancelEnded(tx, now, decided.debtorId);
    await resumeHeld(tx, decided.debtorId, now);
    await touchTenant(tx, now);
    return { relieved: decided.relieved };
  });
}
