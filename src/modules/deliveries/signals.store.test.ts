import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { signalOf } from '../../../test/support/fake-channel.ts';
import { newId } from '../../kernel/ids.ts';
import type { ChannelSignal } from './channel.port.ts';
import { uncertainOf } from './due.ts';
import { placeHold } from './holds.ts';
import { recordSignals } from './record-signals.ts';
import { resolveUncertain } from './resolve-uncertain.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const tell = (run: CampaignRun, ...signals: ChannelSignal[]) => run.tx((tx) => recordSignals(tx, signals, run.now()));

/** One message on its way. */
async function sent(over: Parameters<typeof person>[1] = {}, yaml = campaignYaml()) {
  const run = await runs.fresh();
  const debts = await run.addDebts([person(1, over)]);
  await run.launch(yaml);
  await run.settle();
  const message = run.channel.sent[0]?.message;
  if (message === undefined) throw new Error('nothing was sent');
  return { run, debts, message };
}

describe('signals', () => {
  it('are stored once, however often they are told', async () => {
    const { run, message } = await sent();
    const delivered = signalOf(message, 'delivered');
    expect(await tell(run, delivered, delivered)).toBe(1);
    expect(await tell(run, delivered)).toBe(0);
    const { rows } = await run.tx((tx) =>
      sql<{ n: number }>`select count(*)::int as n from delivery_signal where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    expect(rows[0]?.n).toBe(1);
    expect(await run.deliveries()).toMatchObject([{ state: 'delivered' }]);
  });

  it('only move a delivery forward, in whatever order they come', async () => {
    const order = fc.shuffledSubarray(['delivered', 'read', 'delayed', 'autoReply', 'unknown'] as const, {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(order, async (kinds) => {
        const { run, message } = await sent();
        for (const kind of kinds) await tell(run, signalOf(message, kind));
        const expected = kinds.includes('read') ? 'read' : kinds.includes('delivered') ? 'delivered' : 'handedOver';
        expect(await run.deliveries()).toMatchObject([{ state: expected }]);
      }),
      { numRuns: 6 },
    );
  });

  it('that come before the send’s own answer wait for it', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch();
    run.channel.whileSending = async ([message]) => {
      if (message !== undefined) await tell(run, signalOf(message, 'read'));
      expect(await run.deliveries()).toMatchObject([{ state: 'handingOver' }]);
    };
    await run.settle();
    expect(await run.deliveries()).toMatchObject([{ state: 'read' }]);
  });

  it('that come at the very moment of the answer are not lost', async () => {
    const run = await runs.fresh();
    await run.addDebts(Array.from({ length: 8 }, (_, i) => person(i)));
    await run.launch();
    let told: Promise<unknown>[] = [];
    run.channel.whileSending = async (batch) => {
      // Not awaited: they run against the recording of the outcomes.
      told = batch.map((message) => tell(run, signalOf(message, 'delivered')));
    };
    await run.settle();
    await Promise.all(told);
    expect((await run.deliveries()).map((d) => d.state)).toEqual(Array(8).fill('delivered'));
  });

  it('about nobody we know change nothing', async () => {
    const { run } = await sent();
    expect(
      await tell(run, signalOf({ enteId: run.enteId, deliveryId: newId() }, 'bounced', { fault: 'permanent' })),
    ).toBe(1);
    expect(await run.deliveries()).toMatchObject([{ state: 'handedOver' }]);
  });

  it('a complaint or an opt-out binds the address for good', async () => {
    for (const kind of ['complaint', 'optOut'] as const) {
      const { run, message } = await sent();
      await tell(run, signalOf(message, kind));
      const { rows } = await run.tx((tx) =>
        sql<{ reason: string; until: number | null }>`select reason, until from contact_hold
          where ente_id = ${run.enteId} and subject_kind = 'address'`.execute(tx.kysely),
      );
      expect(rows).toEqual([{ reason: kind, until: null }]);
      await run.live(run.now() + 20 * DAY);
      expect(run.channel.sent).toHaveLength(1);
    }
  });
});

describe('a message that comes back', () => {
  const waitTen = campaignYaml({
    cascata:
      '[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 10, soloSe: nonRaggiunto }]',
  });

  it('is failed, was handed over all the same, and keeps the code', async () => {
    const { run, message } = await sent();
    await tell(run, signalOf(message, 'bounced', { fault: 'permanent', code: '5.1.1' }));
    expect(await run.deliveries()).toMatchObject([
      { state: 'failed', reason: '5.1.1', fault: 'permanent', handedOverAt: run.now() },
    ]);
  });

  it('makes the next step due at once where it goes another way', async () => {
    const { run, message } = await sent({}, waitTen);
    await run.tx((tx) =>
      sql`update campaign_step set channel = 'sms' where ente_id = ${run.enteId} and step_no = 2`.execute(tx.kysely),
    );
    run.store.clock.advanceTo(run.now() + DAY);
    await tell(run, signalOf(message, 'bounced', { fault: 'temporary', code: '4.4.7' }));
    await run.settle();
    // Nobody here has a phone: the step was walked at once, and it was the last one.
    expect(await run.notices()).toMatchObject([{ state: 'exhausted', nextDueAt: null }]);
  });

  it('keeps the wait where the next step is the same mailbox again', async () => {
    const { run, message } = await sent({}, waitTen);
    const before = (await run.notices())[0]?.nextDueAt;
    run.store.clock.advanceTo(run.now() + DAY);
    await tell(run, signalOf(message, 'bounced', { fault: 'temporary', code: '4.4.7' }));
    await run.settle();
    expect(run.channel.sent).toHaveLength(1);
    expect((await run.notices())[0]?.nextDueAt).toBe(before);
  });

  it('ends the notice where there is none', async () => {
    const { run, message } = await sent({}, campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await tell(run, signalOf(message, 'bounced', { fault: 'permanent', code: '5.1.1' }));
    expect(await run.settle()).toBeNull();
    expect(await run.notices()).toMatchObject([{ state: 'exhausted', nextDueAt: null }]);
  });

  it('hastens nothing for a person under a hold', async () => {
    const { run, debts, message } = await sent({}, waitTen);
    const subject = { kind: 'debtor', debtorId: debts[0]?.debtorId as string } as const;
    await run.tx((tx) => placeHold(tx, { subject, reason: 'dispute', sourceRef: 'x', since: run.now(), until: null }));
    const before = (await run.notices())[0]?.nextDueAt;
    await tell(run, signalOf(message, 'bounced', { fault: 'temporary', code: '4.4.7' }));
    await run.settle();
    expect((await run.notices())[0]?.nextDueAt).toBe(before);
  });
});

describe('an uncertain delivery that a person resolves', () => {
  async function uncertain() {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    run.channel.answer = (_message, nth) => (nth === 0 ? { kind: 'uncertain', code: 'ECONNRESET' } : null);
    await run.launch();
    await run.settle();
    const [found] = await run.tx((tx) => uncertainOf(tx, 10));
    if (found === undefined) throw new Error('nothing is uncertain');
    return { run, deliveryId: found.deliveryId };
  }
  const slotsOf = async (run: CampaignRun) =>
    (
      await run.tx((tx) =>
        sql<{ n: number }>`select count(*)::int as n from contact_slot where ente_id = ${run.enteId}`.execute(
          tx.kysely,
        ),
      )
    ).rows[0]?.n;

  it('as handed over is dated to when it left', async () => {
    const { run, deliveryId } = await uncertain();
    const left = run.now();
    run.store.clock.advanceTo(left + DAY);
    await run.tx((tx) => resolveUncertain(tx, deliveryId, 'handedOver', run.clerk.operatorId, run.now()));
    expect(await run.deliveries()).toMatchObject([
      { state: 'handedOver', handedOverAt: left, reason: 'resolvedByOperator' },
    ]);
    expect(await run.tx((tx) => uncertainOf(tx, 10))).toEqual([]);
    expect(await slotsOf(run)).toBe(2);
  });

  it('as failed gives the budget back and makes the next step due', async () => {
    const { run, deliveryId } = await uncertain();
    await run.tx((tx) => resolveUncertain(tx, deliveryId, 'failed', run.clerk.operatorId, run.now()));
    expect(await run.deliveries()).toMatchObject([{ state: 'failed', fault: 'technical', handedOverAt: null }]);
    expect(await slotsOf(run)).toBe(0);
    await run.settle();
    expect((await run.deliveries()).map((d) => [d.stepNo, d.state])).toEqual([
      [1, 'failed'],
      [2, 'handedOver'],
    ]);
  });

  it('is resolved once, and the audit names who did it', async () => {
    const { run, deliveryId } = await uncertain();
    await run.tx((tx) => resolveUncertain(tx, deliveryId, 'failed', run.clerk.operatorId, run.now()));
    expect(await run.leaves('delivery.resolved')).toMatchObject([
      { actor: `operator:${run.clerk.operatorId}`, facts: { deliveryId, outcome: 'failed' } },
    ]);
    const again = run.tx((tx) => resolveUncertain(tx, deliveryId, 'handedOver', run.clerk.operatorId, run.now()));
    await expect(again).rejects.toMatchObject({ code: 'DELIVERY_NOT_UNCERTAIN' });
  });

  it('may be resolved by a late signal instead', async () => {
    const { run, deliveryId } = await uncertain();
    await tell(run, signalOf({ enteId: run.enteId, deliveryId }, 'delivered'));
    expect(await run.deliveries()).toMatchObject([{ state: 'delivered', handedOverAt: run.now() }]);
    const late = run.tx((tx) => resolveUncertain(tx, deliveryId, 'failed', run.clerk.operatorId, run.now()));
    await expect(late).rejects.toMatchObject({ code: 'DELIVERY_NOT_UNCERTAIN' });
  });

  it('may be refused by the provider after all: never accepted, the budget back, the next step due', async () => {
    const { run, deliveryId } = await uncertain();
    const refused = signalOf({ enteId: run.enteId, deliveryId }, 'refused', { fault: 'temporary', code: 'smpp:8' });
    expect(await tell(run, refused, refused)).toBe(1);
    expect(await run.deliveries()).toMatchObject([
      { state: 'failed', fault: 'temporary', reason: 'smpp:8', handedOverAt: null },
    ]);
    expect(await slotsOf(run)).toBe(0);
    await run.settle();
    expect((await run.deliveries()).map((d) => [d.stepNo, d.state])).toEqual([
      [1, 'failed'],
      [2, 'handedOver'],
    ]);
  });

  it('is not refused once it is known to have arrived, and neither is its address', async () => {
    const { run, deliveryId } = await uncertain();
    await tell(run, signalOf({ enteId: run.enteId, deliveryId }, 'delivered'));
    const refused = { fault: 'permanent', code: 'smpp:11' } as const;
    await tell(run, signalOf({ enteId: run.enteId, deliveryId }, 'refused', refused));
    expect(await run.deliveries()).toMatchObject([{ state: 'delivered', reason: 'ECONNRESET' }]);
    expect(await slotsOf(run)).toBe(2);
    const { rows } = await run.tx((tx) =>
      sql<{ dead: boolean }>`select dead from contact_now where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows).toEqual([{ dead: false }]);
  });

  it('that is refused while its batch is still on the wire stays refused', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    run.channel.answer = () => ({ kind: 'uncertain', code: 'NO_ANSWER' });
    run.channel.whileSending = async ([message]) => {
      if (message === undefined) throw new Error('nothing is sent');
      await tell(run, signalOf(message, 'refused', { fault: 'policy', code: 'smpp:10' }));
    };
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.settle();
    expect(await run.deliveries()).toMatchObject([{ state: 'failed', reason: 'smpp:10', handedOverAt: null }]);
    expect(await slotsOf(run)).toBe(0);
  });

  it('cannot be resolved while it is on the wire', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch();
    run.channel.whileSending = async ([message]) => {
      const early = run.tx((tx) =>
        resolveUncertain(tx, message?.deliveryId as string, 'failed', run.clerk.operatorId, run.now()),
      );
      await expect(early).rejects.toMatchObject({ code: 'DELIVERY_NOT_UNCERTAIN' });
    };
    await run.settle();
    expect(await run.deliveries()).toMatchObject([{ state: 'handedOver' }]);
  });
});
