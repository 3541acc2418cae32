import type { Clock, Monotonic } from '../../../../kernel/clocks.ts';
import type { ReceiptBooked, ReceiptInput } from '../../../../modules/payments/index.ts';
import type { Database } from '../../../../platform/db/index.ts';
import type { Log } from '../../../../platform/log/index.ts';
import type { EnteVault } from '../../../../platform/secrets/index.ts';

export interface StationDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly log: Log;
  /** Books a payment; `shared`: only some of its transfers are this body's. */
  readonly takeReceipt: (enteId: number, input: ReceiptInput, actor: string, shared: boolean) => Promise<ReceiptBooked>;
  /** Zone of the dates in receipts that name none (pagopa §15). */
  readonly zone: 'rome' | 'utc';
  /**
   * What is answered to a receipt that could not be stored: a refusal, of which nobody says whether it is told again, or
   * no answer, which is (pagopa §5).
   */
  readonly receiptsDown: 'refuse' | 'silence';
}
