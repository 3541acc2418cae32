import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { STATE_CODE } from './delivery.states.ts';
import { lockDeliveries } from './record-signals.ts';
import { releaseSlots } from './take.ts';
import { touchTenant } from './tenant-due.ts';
import { transitionMany } from './transition.ts';

/**
 * A person says what became of a delivery nobody was sure of, having asked the provider (architecture §4.7).
 * `handedOver` dates it to when it was taken, the latest instant we know of; `failed` gives its budget back and makes
 * the next step due. Error DELIVERY_NOT_UNCERTAIN: unknown, or resolved by a signal meanwhile.
 */
export async function resolveUncertain(
  tx: Tx,
  deliveryId: string,
  outcome: 'handedOver' | 'failed',
  operatorId: string,
  now: number,
): Promise<void> {
  // What is on the wire now has its own answer to come: only `uncertain` may be decided by a person.
  if ((await lockDeliveries(tx, [deliveryId])).get(deliveryId) !== STATE_CODE.uncertain) {
    throw new CodedError('DELIVERY_NOT_UNCERTAIN', 'nothing is uncertain about this delivery');
  }
  const reason = 'resolvedByOperator';
  const moved =
    outcome === 'handedOver'
      ? await transitionMany(tx, [deliveryId], 'accept', {
          at: now,
          reason,
          set: sql`handed_over_at = coalesce((select max(s.at) from contact_slot s where s.ente_id = ${enteOf(tx)}
            and s.delivery_id = ${deliveryId}), ${instant(now)}::timestamptz)`,
        })
      : await transitionMany(tx, [deliveryId], 'reject', { at: now, reason, set: sql`fault = 'technical'` });
  if (outcome === 'failed') await releaseSlots(tx, moved);
  await writeLeaf(tx, {
    at: now,
    kind: 'delivery.resolved',
    actor: `operator:${operatorId}`,
    rowCount: 1,
    facts: { deliveryId, outcome },
  });
  await touchTenant(tx, now);
}
