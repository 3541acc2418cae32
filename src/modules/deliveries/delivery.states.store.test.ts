import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { newId } from '../../kernel/ids.ts';
import { instant, type Tx } from '../../platform/db/index.ts';
import {
  type DeliveryEvent,
  type DeliveryState,
  deliveryMachine,
  STATE_CODE,
  sourceCodes,
  stateOfCode,
  targetCode,
} from './delivery.states.ts';
import { transitionMany } from './transition.ts';

describe('the table of a delivery’s life', () => {
  it('gives each state a code of its own and reads it back', () => {
    expect(new Set(Object.values(STATE_CODE)).size).toBe(deliveryMachine.states.length);
    for (const state of deliveryMachine.states) expect(stateOfCode(STATE_CODE[state])).toBe(state);
    expect(STATE_CODE.queued).toBe(0);
    expect(() => stateOfCode(42)).toThrow();
  });

  it('gives every event one target, so that it can be one UPDATE', () => {
    for (const event of deliveryMachine.events) {
      expect(stateOfCode(targetCode(event))).toBe(deliveryMachine.target(event));
      expect(sourceCodes(event).map(stateOfCode)).toEqual(deliveryMachine.sources(event));
    }
  });

  it('never leads from what may have reached somebody back to the queue', () => {
    const left = ['handingOver', 'handedOver', 'delivered', 'read', 'failed', 'expired', 'uncertain', 'void'] as const;
    const reachable = new Set<DeliveryState>(left);
    for (const from of reachable) {
      for (const event of deliveryMachine.events) {
        const to = deliveryMachine.next(from, event);
        if (to !== null) reachable.add(to);
      }
    }
    expect([...reachable]).not.toContain('queued');
    expect([...reachable]).not.toContain('taken');
  });
});

describe('transitionMany', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  async function deliveryIn(tx: Tx, state: DeliveryState): Promise<string> {
    const id = newId();
    await sql`insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id,
        channel, address_lookup, purpose_group, template_code, template_version, max_per_person, max_per_address, state,
        due_at, expires_at)
      values (1, ${id}, ${newId()}, 1, 1, ${newId()}, ${newId()}, ${newId()}, 'email', '\\x00', 'g', 't', 1, 2, 2,
        ${STATE_CODE[state]}, ${instant(0)}, ${instant(0)})`.execute(tx.kysely);
    return id;
  }

  const statesOf = async (tx: Tx, ids: readonly string[]) => {
    const { rows } = await sql<{ delivery_id: string; state: number }>`select delivery_id, state from delivery
      where ente_id = 1 and delivery_id = any(${[...ids]}::uuid[])`.execute(tx.kysely);
    const found = new Map(rows.map((row) => [row.delivery_id, stateOfCode(row.state)]));
    return ids.map((id) => found.get(id));
  };

  it('moves exactly what the table allows, for every state and event', async () => {
    await store.db.tenant(1, async (tx) => {
      for (const event of deliveryMachine.events) {
        const ids = [];
        for (const state of deliveryMachine.states) ids.push(await deliveryIn(tx, state));
        const moved = await transitionMany(tx, ids, event, { at: 1_000 });
        const after = await statesOf(tx, ids);
        for (const [i, from] of deliveryMachine.states.entries()) {
          const next = deliveryMachine.next(from, event);
          expect([from, event, after[i]]).toEqual([from, event, next ?? from]);
          expect(moved.includes(ids[i] as string)).toBe(next !== null);
        }
      }
    });
  });

  it('follows the table through any sequence of events', async () => {
    const sequence = fc.array(fc.constantFrom(...deliveryMachine.events), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(sequence, { minLength: 1, maxLength: 4 }), async (lives) => {
        await store.db.tenant(1, async (tx) => {
          for (const events of lives) {
            const id = await deliveryIn(tx, deliveryMachine.initial);
            let expected: DeliveryState = deliveryMachine.initial;
            for (const event of events as DeliveryEvent[]) {
              await transitionMany(tx, [id], event, { at: 1_000 });
              expected = deliveryMachine.next(expected, event) ?? expected;
            }
            expect(await statesOf(tx, [id])).toEqual([expected]);
          }
        });
      }),
      { numRuns: 25 },
    );
  });

  it('says when it ended, and only then', async () => {
    await store.db.tenant(1, async (tx) => {
      const id = await deliveryIn(tx, 'queued');
      const finished = async () =>
        (
          await sql<{ at: number | null }>`select finished_at as at from delivery
        where ente_id = 1 and delivery_id = ${id}`.execute(tx.kysely)
        ).rows[0]?.at;
      await transitionMany(tx, [id], 'take', { at: 1_000 });
      expect(await finished()).toBeNull();
      await transitionMany(tx, [id], 'cancel', { at: 2_000, reason: 'nothingLeft' });
      expect(await finished()).toBe(2_000);
    });
  });

  it('touches nothing for an empty list', async () => {
    expect(await store.db.tenant(1, (tx) => transitionMany(tx, [], 'take', { at: 1 }))).toEqual([]);
  });
});
