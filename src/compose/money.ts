import { romeDate } from '../kernel/rome-time.ts';
import { loadRules } from '../modules/creditors/index.ts';
import {
  type Pulled,
  pullRemittances,
  type Reconciled,
  type ReconcileTerms,
  type RemittanceSource,
  reconcile,
} from '../modules/payments/index.ts';
import type { Database, Tx } from '../platform/db/index.ts';

/** What is done with a body's money beside booking its receipts. */
export interface Money {
  /** Flows that pagoPA has published since; null where it is not configured. */
  pullRemittances(enteId: number): Promise<Pulled | null>;
  reconcile(enteId: number): Promise<Reconciled>;
  /** When what has not come is late, for this body today. */
  reconcileTerms(tx: Tx): Promise<ReconcileTerms>;
}

export function makeMoney(deps: {
  readonly db: Database;
  readonly now: () => number;
  readonly source: RemittanceSource | null;
}): Money {
  const { db, now, source } = deps;
  const reconcileTerms = async (tx: Tx): Promise<ReconcileTerms> => {
    const today = romeDate(now());
    return { today, days: (await loadRules(tx, today)).get<number>('remittanceDays', null).value };
  };
  return {
    reconcileTerms,
    pullRemittances: async (enteId) => (source === null ? null : pullRemittances(db, source, enteId, now)),
    reconcile: (enteId) => db.tenant(enteId, async (tx) => reconcile(tx, await reconcileTerms(tx), now())),
  };
}
