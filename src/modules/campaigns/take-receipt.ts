import type { Database } from '../../platform/db/index.ts';
import { cancelEnded, touchTenant } from '../deliveries/index.ts';
import { settleNotices } from '../notices/index.ts';
import { bookReceipt, bookShared, type ReceiptBooked, type ReceiptInput } from '../payments/index.ts';

/**
 * A receipt reaches the program: booked, held and its notices settled in one transaction. From its commit on, nothing of
 * that person is handed over, beyond the one second in flight (architecture §3.10).
 */
export function takeReceipt(
  deps: { readonly db: Database; readonly now: () => number },
  enteId: number,
  input: ReceiptInput,
  actor: string,
): Promise<ReceiptBooked> {
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const booked = await bookReceipt(tx, input, actor, now);
    if (booked.debtorId !== null) {
      await settleNotices(tx, { debtorId: booked.debtorId });
      await cancelEnded(tx, now, booked.debtorId);
      // A notice that a tick was just moving is settled by the next one, and the last open one ends its campaign.
      await touchTenant(tx, now);
    }
    return booked;
  });
}

/** A receipt of another body's notice in which this one shares: nobody's debt moves (pagopa §3.3). */
export function takeSharedReceipt(
  deps: { readonly db: Database; readonly now: () => number },
  enteId: number,
  input: ReceiptInput,
  actor: string,
): Promise<ReceiptBooked> {
  return deps.db.tenant(enteId, (tx) => bookShared(tx, input, actor, deps.now()));
}
