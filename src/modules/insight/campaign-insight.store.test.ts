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
import { recordSignals, waitForBudget } from '../deliveries/index.ts';
import {
  campaignDetail,
  campaignProgress,
  campaignResults,
  campaignRows,
  type ListPlace,
  peopleAfter,
  peopleOf,
  type ResultList,
  textVersions,
} from './index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const idOf = async (run: CampaignRun) => (await run.tx((tx) => campaignDetail(tx, 'giro')))?.campaignId ?? '';
const progressOf = async (run: CampaignRun) => {
  const id = await idOf(run);
  return run.tx((tx) => campaignProgress(tx, id, run.now()));
};
const resultsOf = async (run: CampaignRun) => {
  const id = await idOf(run);
  return run.tx((tx) => campaignResults(tx, id, run.now()));
};

/** Three with an address, one below the minimum, one without an address. */
const ROWS = [
  person(1),
  person(2, { amountCents: 20_000 }),
  person(3),
  person(4, { amountCents: 100 }),
  { externalId: 'P5', phone: '+39 347 1234567', amountCents: 10_000, dueDate: '2026-06-16' },
];

describe('what the console reads of a campaign', () => {
  it('tells its life: document, writers, rehearsal, facts', async () => {
    const run = await runs.fresh();
    expect(await run.tx((tx) => campaignDetail(tx, 'giro'))).toBeNull();
    await run.addDebts(ROWS);
    const yaml = campaignYaml();
    const counts = await run.launch(yaml);
    const detail = await run.tx((tx) => campaignDetail(tx, 'giro'));
    expect(detail).toMatchObject({ code: 'giro', name: 'Avviso di prova', state: 'running', version: 1, yaml });
    expect(detail?.writers).toEqual([run.clerk.operatorId]);
    expect(detail?.approvedBy).toBe(run.head.operatorId);
    expect(detail?.rehearsal?.counts).toEqual(counts);
    expect(detail?.history.map((fact) => fact.kind)).toEqual([
      'campaign.started',
      'campaign.approved',
      'campaign.submitted',
    ]);
    expect((await run.tx((tx) => campaignRows(tx))).map((row) => row.code)).toEqual(['giro']);
    const texts = await run.tx((tx) => textVersions(tx, 'primo-avviso'));
    expect(texts.map((text) => text.version)).toEqual([1]);
  });

  it('tells how many wait because the channel takes no more today', async () => {
    const run = await runs.fresh();
    await run.addDebts(ROWS);
    await run.launch();
    await run.queue();
    expect((await progressOf(run)).overBudget).toEqual({ n: 0, nextAt: null });
    expect(await run.tx((tx) => waitForBudget(tx, 'email', run.now(), run.now() + DAY, 2))).toBe(2);
    expect((await progressOf(run)).overBudget).toEqual({ n: 2, nextAt: expect.any(Number) });
  });

  it('shows another body none of it', async () => {
    const [run, other] = [await runs.fresh(), await runs.fresh()];
    await run.addDebts(ROWS);
    await run.launch();
    await run.settle();
    const id = await idOf(run);
    expect(await other.tx((tx) => campaignDetail(tx, 'giro'))).toBeNull();
    expect((await other.tx((tx) => campaignProgress(tx, id, run.now()))).total).toBe(0);
    expect((await other.tx((tx) => campaignResults(tx, id, run.now()))).funnel.audience).toBe(0);
    expect((await other.tx((tx) => peopleOf(tx, id, { list: 'planned', reason: null, step: null }, 1))).total).toBe(0);
    expect(await other.tx((tx) => textVersions(tx, null))).toEqual([]);
  });

  it('keeps what waits, what was accepted, what arrived and what failed apart', async () => {
    const run = await runs.fresh();
    await run.addDebts(ROWS);
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.queue();
    expect(await progressOf(run)).toMatchObject({ total: 3, queued: 3, handedOver: 0, people: { total: 3 } });
    run.channel.answer = (_message, nth) => (nth === 0 ? { kind: 'rejected', code: '5.7.1', fault: 'policy' } : null);
    await run.settle();
    const [message] = run.channel.sent.map((one) => one.message).slice(-1);
    if (message === undefined) throw new Error('not sent');
    await run.tx((tx) => recordSignals(tx, [signalOf(message, 'delivered')], run.now()));
    const now = await progressOf(run);
    expect(now).toMatchObject({ queued: 0, handedOver: 1, delivered: 1, lastHour: 2 });
    expect(now.failed).toBe(1);
    expect(now.failures).toEqual([{ reason: '5.7.1', n: 1 }]);
    const { queued, onTheWire, handedOver, delivered, failed, uncertain, expired } = now;
    expect(now.stuck).toEqual([]);
    expect(queued + onTheWire + handedOver + delivered + failed + uncertain + expired + now.void).toBe(now.total);
  });

  it('adds up money day by day, and every number has its people', async () => {
    const run = await runs.fresh();
    const debts = await run.addDebts(ROWS);
    const counts = await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.settle();
    await run.pay(debts[0]?.debtId ?? '', 10_000);
    run.store.clock.advanceTo(run.now() + 2 * DAY);
    await run.pay(debts[1]?.debtId ?? '', 5_000);
    // Somebody whom the campaign did not write to paid as well: not among its results.
    await run.pay(debts[4]?.debtId ?? '', 10_000);
    const results = await resultsOf(run);
    expect(results.funnel).toEqual({ audience: counts.audience, planned: 3, contacted: 3, read: 0, paid: 2 });
    expect(results.money).toEqual({ toldCents: 40_000, paidCents: 15_000 });
    expect(results.byDay).toEqual([
      { day: '2026-09-06', cents: 0 },
      { day: '2026-09-07', cents: 10_000 },
      { day: '2026-09-08', cents: 10_000 },
      { day: '2026-09-09', cents: 15_000 },
    ]);
    expect(results.byChannel).toEqual([{ channel: 'email', step: 1, accepted: 3, read: 0, failed: 0 }]);
    expect(Object.fromEntries(results.exclusions.map((one) => [one.reason, one.n]))).toEqual(counts.excluded);
    const id = await idOf(run);
    const total = async (list: ResultList, reason: string | null = null) =>
      (await run.tx((tx) => peopleOf(tx, id, { list, reason, step: null }, 1))).total;
    expect(await total('planned')).toBe(results.funnel.planned);
    expect(await total('contacted')).toBe(results.funnel.contacted);
    expect(await total('read')).toBe(0);
    expect(await total('paid')).toBe(results.funnel.paid);
    expect(await total('excluded')).toBe(2);
    for (const { reason, n } of results.exclusions) expect(await total('excluded', reason)).toBe(n);
    const { people } = await run.tx((tx) => peopleOf(tx, id, { list: 'paid', reason: null, step: null }, 1));
    expect(people.map((one) => one.debtorId).sort()).toEqual([debts[0]?.debtorId, debts[1]?.debtorId].sort());
  });

  it('narrows a list to one step, and reads any list to its end in pieces, each person once', async () => {
    const run = await runs.fresh();
    await run.addDebts(Array.from({ length: 7 }, (_, n) => person(n)));
    await run.launch();
    await run.settle();
    const id = await idOf(run);
    const filter = { list: 'contacted', reason: null, step: null } as const;
    const pageOf = (over: object) => run.tx((tx) => peopleOf(tx, id, { ...filter, ...over }, 1));
    const whole = (await pageOf({})).people.map((one) => one.debtorId);
    expect(whole).toHaveLength(7);
    expect((await pageOf({ step: 1 })).total).toBe(7);
    expect((await pageOf({ step: 2 })).total).toBe(0);
    for (const limit of [1, 3, 7, 50]) {
      const seen: string[] = [];
      let after: ListPlace | null = null;
      for (;;) {
        const place: ListPlace | null = after;
        const piece: Awaited<ReturnType<typeof peopleAfter>> = await run.tx((tx) =>
          peopleAfter(tx, id, filter, place, limit),
        );
        if (piece.length === 0) break;
        expect(piece.length).toBeLessThanOrEqual(limit);
        seen.push(...piece.map((one) => one.debtorId));
        after = piece.at(-1) ?? null;
      }
      expect(seen, `${limit} at a time`).toEqual(whole);
    }
  });

  it('says what stands, since when and why, and what waits to be tried again', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1), person(2)]);
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.queue();
    const due = run.now();
    run.store.clock.advanceTo(due + 14 * 60_000);
    expect((await progressOf(run)).stuck).toEqual([]);
    run.store.clock.advanceTo(due + 16 * 60_000);
    const stands = { channel: 'email', n: 2, since: due };
    expect((await progressOf(run)).stuck).toEqual([{ ...stands, reason: 'program' }]);
    // Another campaign that runs.
    const other = newId();
    await run.tx((tx) =>
      sql`insert into campaign select (jsonb_populate_record(c, jsonb_build_object('campaign_id', ${other}::text, 'code', 'altra'))).*
        from campaign c where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    const elsewhere = (channel: string) =>
      run.tx((tx) =>
        sql`insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id,
            channel, address_lookup, purpose_group, template_code, template_version, max_per_person, max_per_address, state,
            due_at, expires_at, handed_over_at)
          select ente_id, gen_random_uuid(), gen_random_uuid(), 1, 1, ${other}, debtor_id, contact_id, ${channel},
            address_lookup, purpose_group, template_code, template_version, 9, 9, 3, due_at, expires_at,
            ${new Date(run.now()).toISOString()}::timestamptz from delivery where ente_id = ${run.enteId} limit 1`.execute(
          tx.kysely,
        ),
      );
    await elsewhere('sms');
    expect((await progressOf(run)).stuck).toEqual([{ ...stands, reason: 'channel' }]);
    await elsewhere('email');
    expect((await progressOf(run)).stuck).toEqual([{ ...stands, reason: 'otherCampaigns' }]);
    await run.tx((tx) => sql`delete from campaign where ente_id = ${run.enteId} and code = 'altra'`.execute(tx.kysely));
    await run.pauseCampaign();
    expect((await progressOf(run)).stuck).toEqual([]);
    await run.resumeCampaign();
    run.channel.answer = () => ({ kind: 'rejected', code: 'ECONNREFUSED', fault: 'technical' });
    await run.settle();
    const now = await progressOf(run);
    expect(now).toMatchObject({ failed: 2, stuck: [], retrying: { n: 2, nextAt: run.now() + 3_600_000 } });
  });
});
