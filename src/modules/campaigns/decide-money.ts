import type { Database } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { touchTenant } from '../deliveries/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import {
  acceptPlan,
  decideRefund as decide,
  forfeitPlan,
  type HighWater,
  notePlanReminder,
  refusePlan,
} from '../payments/index.ts';

interface Deps {
  readonly db: Database;
  readonly now: () => number;
}

/**
 * What the office does with a plan of installments, in the name of whoever may decide. Errors: those of the plan itself,
 * FORBIDDEN.
 */
export function decidePlan(
  deps: Deps & { readonly vault: EnteVault; readonly highWater: HighWater },
  enteId: number,
  decision: {
    readonly planId: string;
    readonly what: 'accept' | 'refuse' | 'remind' | 'forfeit';
    readonly reason: string;
  },
  operator: Operator,
): Promise<void> {
  requireRole(operator, 'decide');
  const { planId, what, reason } = decision;
  const by = operator.operatorId;
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    if (what === 'accept') await acceptPlan(tx, deps, { planId, by, now });
    else if (what === 'refuse') await refusePlan(tx, { planId, by, reason, now });
    else if (what === 'remind') await notePlanReminder(tx, planId, by, now);
    else await forfeitPlan(tx, planId, by, now);
    await touchTenant(tx, now);
  });
}

/** Whether money that came too much goes back. Errors: those of the refund itself, FORBIDDEN. */
export function decideRefund(
  deps: Deps,
  enteId: number,
  decision: { readonly refundId: string; readonly state: 'ordered' | 'dismissed'; readonly note: string },
  operator: Operator,
): Promise<void> {
  requireRole(operator, 'decide');
  const { refundId, state, note } = decision;
  return deps.db.tenant(enteId, (tx) =>
    decide(tx, refundId, { state, note, operatorId: operator.operatorId, at: deps.now() }),
  );
}
