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
import { validCf } from '../../../test/support/ground.ts';
import { markAddressDead } from '../debtors/index.ts';
import { relieveDebts } from '../debts/index.ts';
import { liftHold, placeHold, recordSignals, touchTenant } from '../deliveries/index.ts';
import { resumeHeld, settleNotices } from './index.ts';
import { noticeMachine } from './notice.states.ts';
import { planNotices } from './plan-notices.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const one = campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' });
const two = (onlyIf: string) =>
  campaignYaml({
    cascata: `[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 5, soloSe: ${onlyIf} }]`,
  });

/** Debts of these people, the campaign launched and its first messages gone. */
async function told(rows = [person(1)], yaml = campaignYaml()) {
  const run = await runs.fresh();
  const debts = await run.addDebts(rows);
  await run.launch(yaml);
  await run.settle();
  return { run, debts, debt: debts[0] as (typeof debts)[number] };
}

const subjectOf = (debtorId: string) => ({ kind: 'debtor', debtorId }) as const;

describe('the table of a notice’s life', () => {
  it('ends settled, stopped, recalled or exhausted, and only a payment or a recall still reaches an exhausted one', () => {
    expect(noticeMachine.states.filter((s) => noticeMachine.terminal(s)).sort()).toEqual([
      'recalled',
      'settled',
      'stopped',
    ]);
    expect(noticeMachine.next('exhausted', 'activate')).toBeNull();
    expect(noticeMachine.next('exhausted', 'settle')).toBe('settled');
    for (const event of noticeMachine.events) expect(() => noticeMachine.target(event)).not.toThrow();
  });
});

describe('planning', () => {
  it('makes one notice per person and purpose group, and twice makes no second one', async () => {
    const run = await runs.fresh();
    const [a] = await run.addDebts([
      person(1, { cf: validCf(1) }),
      person(2, { cf: validCf(1), taxYear: 2024 }),
      person(3),
    ]);
    await run.launch();
    expect(await run.plan()).toBe(2);
    const [notice] = await run.notices();
    const { rows } = await run.tx((tx) =>
      sql<{ campaign_id: string }>`select campaign_id from notice where ente_id = ${run.enteId} limit 1`.execute(
        tx.kysely,
      ),
    );
    const audience = sql`select ${a?.debtorId}::uuid as debtor_id, 'entrate' as purpose_group, false as health, 1 as office_id,
      array[${a?.debtId}::uuid] as debt_ids, array['TARI'] as told_types, null as reason`;
    const campaignId = rows[0]?.campaign_id as string;
    const again = await run.tx((tx) => planNotices(tx, campaignId, audience, sql`select 1`, run.now(), run.now()));
    expect(again).toBe(0);
    expect(await run.notices()).toHaveLength(2);
    expect(notice).toMatchObject({ state: 'planned', nextStep: 1, nextAttempt: 1, nextDueAt: run.now() });
  });
});

describe('a notice is settled', () => {
  it('by a full payment, which voids what still waited in the queue', async () => {
    const run = await runs.fresh();
    const [debt] = await run.addDebts([person(1)]);
    await run.launch(one);
    await run.queue();
    await run.pay(debt?.debtId as string, 10_000);
    expect(await run.notices()).toMatchObject([{ state: 'settled', stopReason: 'paid', nextDueAt: null }]);
    expect(await run.deliveries()).toMatchObject([{ state: 'void', reason: 'nothingLeft' }]);
    await run.live(run.now() + 30 * DAY);
    expect(run.channel.sent).toEqual([]);
  });

  it('when a part payment leaves less than the body’s minimum, and not when it leaves more', async () => {
    const { run, debt } = await told();
    await run.pay(debt.debtId, 8_800);
    await run.settle();
    expect(await run.notices()).toMatchObject([{ state: 'active' }]);
    await run.pay(debt.debtId, 1);
    await run.settle();
    expect(await run.notices()).toMatchObject([{ state: 'settled', stopReason: 'paid' }]);
  });

  it('by a write-off, told apart from a payment', async () => {
    const { run, debt } = await told();
    await run.tx((tx) => relieveDebts(tx, [debt.debtId], { at: run.now(), source: 'dispute', sourceRef: 'x' }));
    await run.tx((tx) => settleNotices(tx, { debtorId: debt.debtorId }));
    expect(await run.notices()).toMatchObject([{ state: 'settled', stopReason: 'cancelled' }]);
  });

  it('only when all its lines are', async () => {
    const { run, debts } = await told([person(1, { cf: validCf(1) }), person(2, { cf: validCf(1), taxYear: 2024 })]);
    await run.pay(debts[0]?.debtId as string, 10_000);
    expect(await run.notices()).toMatchObject([{ state: 'active' }]);
    await run.pay(debts[1]?.debtId as string, 10_000);
    expect(await run.notices()).toMatchObject([{ state: 'settled' }]);
  });

  it('after it was exhausted too, and its campaign is over then', async () => {
    const { run, debt } = await told([person(1)], one);
    expect(await run.notices()).toMatchObject([{ state: 'exhausted' }]);
    await run.pay(debt.debtId, 10_000);
    expect(await run.notices()).toMatchObject([{ state: 'settled' }]);
  });
});

describe('a person under a hold', () => {
  it('is left alone until it ends, then goes on with the same step', async () => {
    const { run, debt } = await told();
    const paid = run.now() + 4 * DAY;
    await run.live(paid);
    await run.pay(debt.debtId, 1_000);
    await run.live(paid + 7 * DAY - 1);
    expect(run.channel.sent).toHaveLength(1);
    await run.live(paid + 8 * DAY);
    expect(run.channel.sent).toHaveLength(2);
    expect(run.channel.sent[1]?.at).toBe(paid + 7 * DAY);
  });

  it('without an end waits for its lifting, however long', async () => {
    const { run, debt } = await told();
    const hold = { subject: subjectOf(debt.debtorId), reason: 'dispute', sourceRef: 'd1' } as const;
    await run.tx((tx) => placeHold(tx, { ...hold, since: run.now(), until: null }));
    await run.live(run.now() + 30 * DAY);
    expect(run.channel.sent).toHaveLength(1);
    expect(await run.notices()).toMatchObject([{ state: 'active', stopReason: 'held:dispute', nextDueAt: null }]);
    await run.tx(async (tx) => {
      await liftHold(tx, { ...hold, at: run.now() });
      expect(await resumeHeld(tx, debt.debtorId, run.now())).toBe(1);
      await touchTenant(tx, run.now());
    });
    await run.settle();
    expect(run.channel.sent).toHaveLength(2);
  });

  it('of two holds waits for the longer', async () => {
    const { run, debt } = await told();
    const first = { subject: subjectOf(debt.debtorId), reason: 'dispute', sourceRef: 'd1' } as const;
    await run.tx(async (tx) => {
      await placeHold(tx, { ...first, since: run.now(), until: null });
      await placeHold(tx, { ...first, sourceRef: 'd2', since: run.now(), until: null });
    });
    await run.live(run.now() + 6 * DAY);
    await run.tx(async (tx) => {
      await liftHold(tx, { ...first, at: run.now() });
      await resumeHeld(tx, debt.debtorId, run.now());
      await touchTenant(tx, run.now());
    });
    await run.settle();
    expect(run.channel.sent).toHaveLength(1);
    expect(await run.notices()).toMatchObject([{ stopReason: 'held:dispute' }]);
  });
});

describe('the condition of a step', () => {
  it('notReached: passed over when an earlier message was taken, walked when it came back', async () => {
    const good = await told([person(1)], two('nonRaggiunto'));
    await good.run.live(good.run.now() + 20 * DAY);
    expect(good.run.channel.sent).toHaveLength(1);
    expect(await good.run.notices()).toMatchObject([{ state: 'exhausted', nextStep: 3 }]);

    const bad = await told([person(1)], two('nonRaggiunto'));
    const message = bad.run.channel.sent[0]?.message;
    if (message === undefined) throw new Error('nothing was sent');
    const bounce = signalOf(message, 'bounced', { fault: 'temporary', code: '4.4.7' });
    await bad.run.tx((tx) => recordSignals(tx, [bounce], bad.run.now()));
    await bad.run.live(bad.run.now() + 20 * DAY);
    expect(bad.run.channel.sent).toHaveLength(2);
  });

  it('unread: passed over when somebody acted on a message, walked when nobody did', async () => {
    const { run, debts } = await told([person(1), person(2)], two('nonLetto'));
    const read = run.channel.sent.find((s) => s.message.to === 'p1@posta.example')?.message;
    if (read === undefined) throw new Error('nothing was sent');
    await run.tx((tx) => recordSignals(tx, [signalOf(read, 'read')], run.now()));
    await run.live(run.now() + 20 * DAY);
    expect(run.channel.sent.map((s) => s.message.to).sort()).toEqual([
      'p1@posta.example',
      'p2@posta.example',
      'p2@posta.example',
    ]);
    expect((await run.notices()).map((n) => n.state)).toEqual(['exhausted', 'exhausted']);
    expect(debts).toHaveLength(2);
  });
});

describe('a person who cannot be reached', () => {
  it.each([
    [
      'deadContact',
      async (run: CampaignRun) => {
        const { rows } = await run.tx((tx) =>
          sql<{
            address_lookup: Uint8Array;
          }>`select address_lookup from contact_point where ente_id = ${run.enteId}`.execute(tx.kysely),
        );
        await run.tx((tx) => markAddressDead(tx, rows[0]?.address_lookup as Uint8Array, '5.1.1', run.now()));
      },
    ],
    [
      'addressHeld',
      async (run: CampaignRun) => {
        const { rows } = await run.tx((tx) =>
          sql<{
            address_lookup: Uint8Array;
          }>`select address_lookup from contact_point where ente_id = ${run.enteId}`.execute(tx.kysely),
        );
        const subject = { kind: 'address', lookup: rows[0]?.address_lookup as Uint8Array } as const;
        await run.tx((tx) =>
          placeHold(tx, { subject, reason: 'optOut', sourceRef: 'x', since: run.now(), until: null }),
        );
      },
    ],
    [
      'contactPurpose',
      async (run: CampaignRun) => {
        await run.tx((tx) =>
          sql`update contact_point set purposes = '{IMU}' where ente_id = ${run.enteId}`.execute(tx.kysely),
        );
      },
    ],
    [
      'noContact',
      async (run: CampaignRun) => {
        await run.tx((tx) =>
          sql`update contact_point set channel = 'sms' where ente_id = ${run.enteId}`.execute(tx.kysely),
        );
      },
    ],
    [
      'deceased',
      async (run: CampaignRun) => {
        await run.tx((tx) => sql`update debtor set deceased = true where ente_id = ${run.enteId}`.execute(tx.kysely));
      },
    ],
    [
      'minor',
      async (run: CampaignRun) => {
        await run.tx((tx) => sql`update debtor set minor = true where ente_id = ${run.enteId}`.execute(tx.kysely));
      },
    ],
    [
      'erased',
      async (run: CampaignRun) => {
        await run.tx((tx) =>
          sql`update debtor set key_wrapped = null where ente_id = ${run.enteId}`.execute(tx.kysely),
        );
      },
    ],
  ])('ends stopped, with the reason %s', async (reason, spoil) => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch();
    await run.plan();
    await spoil(run);
    expect(await run.settle()).toBeNull();
    expect(await run.notices()).toMatchObject([{ state: 'stopped', stopReason: reason, nextDueAt: null }]);
    expect(run.channel.sent).toEqual([]);
  });

  it('at one address is tried at the other', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { cf: validCf(1) })]);
    await run.addDebts([person(2, { cf: validCf(1), email: 'altro@posta.example', taxYear: 2024 })]);
    await run.launch();
    run.channel.answer = (_message, nth) =>
      nth === 0 ? { kind: 'rejected', code: '5.1.1', fault: 'permanent' } : null;
    await run.settle();
    expect(new Set(run.channel.sent.map((s) => s.message.to)).size).toBe(2);
    // The same step, not the one that says "we wrote to you before".
    expect((await run.deliveries()).map((d) => [d.stepNo, d.attempt, d.state])).toEqual([
      [1, 1, 'failed'],
      [1, 2, 'handedOver'],
    ]);
  });

  it('and was refused everywhere is stopped with the provider’s own code', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch(one);
    run.channel.answer = () => ({ kind: 'rejected', code: '5.7.1', fault: 'policy' });
    await run.settle();
    expect(await run.notices()).toMatchObject([{ state: 'stopped', stopReason: '5.7.1' }]);
  });
});
