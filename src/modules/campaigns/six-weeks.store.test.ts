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
import { civilDate, weekday } from '../../kernel/civil-date.ts';
import { romeDate, romeInstant, romeMinutes } from '../../kernel/rome-time.ts';
import { recordSignals, touchTenant } from '../deliveries/index.ts';
import { findCampaign } from './campaigns.store.ts';
import { ownRates } from './run-deps.ts';
import { makeDueRunner, runTenant } from './run-due.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const never = new AbortController().signal;
const state = (run: CampaignRun) => run.tx(async (tx) => (await findCampaign(tx, 'giro')).state);
const many = campaignYaml({
  cascata: `[${Array.from({ length: 8 }, (_, i) => `{ canale: email, testo: primo-avviso, attesaGiorni: ${i === 0 ? 0 : 6} }`).join(', ')}]`,
});

describe('six weeks of a campaign', () => {
  it('write to nobody on a Sunday, a holiday, the patron’s day or outside the hours, also as summer time ends', async () => {
    const run = await runs.fresh({ patronDay: '10-05' });
    await run.addDebts(Array.from({ length: 12 }, (_, i) => person(i)));
    await run.launch(many);
    // Saturday evening: the first wave has to wait for Monday.
    run.store.clock.advanceTo(romeInstant(civilDate('2026-09-26'), 22 * 60));
    await run.live(romeInstant(civilDate('2026-11-08'), 0));
    const days = new Set(run.channel.sent.map((s) => romeDate(s.at)));
    for (const { at } of run.channel.sent) {
      expect(weekday(romeDate(at))).not.toBe(7);
      expect(romeMinutes(at)).toBeGreaterThanOrEqual(8 * 60);
      expect(romeMinutes(at)).toBeLessThan(20 * 60);
    }
    expect([...days].sort()[0]).toBe('2026-09-28');
    // The patron's day, St Francis (a holiday from 2026) and the Sunday on which the clocks go back.
    for (const closed of ['2026-10-04', '2026-10-05', '2026-10-25', '2026-11-01']) {
      expect(days).not.toContain(closed);
    }
    expect(run.channel.sent.length).toBeGreaterThan(12 * 5);
    // On both sides of the change the first message leaves at eight by the clock on the wall.
    const atEight = run.channel.sent.filter((s) => romeMinutes(s.at) === 8 * 60).map((s) => romeDate(s.at));
    expect(atEight.length).toBeGreaterThan(0);
  });

  it('open the window at eight on the wall on the Monday after the clocks went back', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso, attesaGiorni: 47 }]' }));
    await run.plan();
    // 47 days after 7 September, 10:00 is 24 October, a Saturday: nobody is there until its evening.
    run.store.clock.advanceTo(romeInstant(civilDate('2026-10-24'), 21 * 60));
    await run.live(romeInstant(civilDate('2026-10-27'), 0));
    expect(run.channel.sent.map((s) => s.at)).toEqual([romeInstant(civilDate('2026-10-26'), 480)]);
    expect(new Date(run.channel.sent[0]?.at ?? 0).getUTCHours()).toBe(7);
  });

  it('tell everybody what is due to him and end: each with a state and a reason', async () => {
    const run = await runs.fresh();
    const debts = await run.addDebts(Array.from({ length: 10 }, (_, i) => person(i)));
    const yaml = campaignYaml({
      cascata:
        '[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 5, soloSe: nonLetto }, { canale: email, testo: secondo-avviso, attesaGiorni: 14, soloSe: nonLetto }]',
    });
    run.channel.answer = (message, nth) => {
      if (message.to === 'p1@posta.example') return { kind: 'rejected', code: '5.1.1', fault: 'permanent' };
      return message.to === 'p2@posta.example' && nth < 12 ? { kind: 'retryLater', afterMs: 1, code: '4.7.1' } : null;
    };
    await run.launch(yaml);
    await run.settle();
    const read = run.channel.sent.find((s) => s.message.to === 'p3@posta.example')?.message;
    if (read === undefined) throw new Error('p3 was not written to');
    await run.tx((tx) => recordSignals(tx, [signalOf(read, 'read')], run.now()));
    await run.live(run.now() + 2 * DAY);
    await run.pay(debts[4]?.debtId as string, 10_000);
    await run.live(run.now() + 40 * DAY);

    expect(await state(run)).toBe('completed');
    const ends = new Map((await run.notices()).map((n) => [n.debtorId, `${n.state} ${n.stopReason ?? ''}`.trim()]));
    expect(debts.map((d) => ends.get(d.debtorId))).toEqual([
      'exhausted',
      'stopped deadContact',
      'exhausted',
      'exhausted',
      'settled paid',
      'exhausted',
      'exhausted',
      'exhausted',
      'exhausted',
      'exhausted',
    ]);
    expect(run.channel.to('p3@posta.example')).toHaveLength(1);
    expect(run.channel.to('p4@posta.example')).toHaveLength(1);
    expect(run.channel.to('p5@posta.example')).toHaveLength(3);
    const rows = await run.deliveries();
    expect(rows.every((d) => !['queued', 'taken', 'handingOver'].includes(d.state))).toBe(true);
    expect(
      rows.filter((d) => ['failed', 'expired', 'void', 'uncertain'].includes(d.state)).every((d) => d.reason !== null),
    ).toBe(true);
    const { rows: due } = await run.store.db.system((tx) =>
      sql`select 1 from tenant_due where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(due).toEqual([]);
  });
});

describe('pause, resume, stop', () => {
  it('a pause takes effect within the batch that is on the wire', async () => {
    const run = await runs.fresh();
    await run.addDebts(Array.from({ length: 6 }, (_, i) => person(i)));
    await run.launch();
    const deps = { ...run.deps, rates: ownRates(8, run.deps.monotonic) };
    run.channel.whileSending = async () => {
      if (run.channel.batches === 1) await run.pauseCampaign();
    };
    await run.plan();
    await runTenant(deps, run.enteId, never);
    expect(run.channel.sent).toHaveLength(2);
    expect((await run.deliveries()).filter((d) => d.state === 'queued')).toHaveLength(4);
    await run.resumeCampaign();
    await run.settle();
    expect(new Set(run.channel.sent.map((s) => s.message.to)).size).toBe(6);
    expect(run.channel.sent).toHaveLength(6);
  });

  it('a paused campaign has nothing due, and goes on where it was', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch();
    await run.settle();
    await run.pauseCampaign();
    expect(await run.settle()).toBeNull();
    run.store.clock.advanceTo(run.now() + 21 * DAY);
    expect(await run.settle()).toBeNull();
    await run.resumeCampaign();
    await run.settle();
    expect(run.channel.sent).toHaveLength(2);
  });

  it('a stop voids what waits, ends every notice, and cannot be undone', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1), person(2)]);
    await run.launch();
    await run.queue();
    await run.stopCampaign();
    expect((await run.deliveries()).map((d) => [d.state, d.reason])).toEqual([
      ['void', 'campaignStopped'],
      ['void', 'campaignStopped'],
    ]);
    expect((await run.notices()).every((n) => n.state === 'stopped' && n.stopReason === 'campaignStopped')).toBe(true);
    expect(await run.settle()).toBeNull();
    await expect(run.resumeCampaign()).rejects.toMatchObject({ code: 'CAMPAIGN_STATE' });
  });

  it('a stop while a message is on the wire lets its outcome be recorded', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch();
    run.channel.whileSending = async () => run.stopCampaign();
    await run.settle();
    expect(await run.deliveries()).toMatchObject([{ state: 'handedOver' }]);
    expect(await run.notices()).toMatchObject([{ state: 'stopped', stopReason: 'campaignStopped' }]);
  });
});

describe('many bodies, one program', () => {
  it('one that fails does not keep the others waiting, and its error is told', async () => {
    const broken = await runs.fresh();
    const fine = await runs.fresh();
    for (const run of [broken, fine]) {
      await run.addDebts([person(1)]);
      await run.launch();
      await run.plan();
    }
    await broken.tx((tx) => touchTenant(tx, 0));
    await broken.tx((tx) => sql`delete from template_version where ente_id = ${broken.enteId}`.execute(tx.kysely));
    await expect(makeDueRunner(fine.deps).run(never)).rejects.toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
    expect(fine.channel.sent.filter((s) => s.message.enteId === fine.enteId)).toHaveLength(1);
    await broken.tx((tx) => sql`delete from delivery where ente_id = ${broken.enteId}`.execute(tx.kysely));
    await broken.tx((tx) => sql`delete from tenant_due where ente_id = ${broken.enteId}`.execute(tx.kysely));
  });

  it('work that is told of while a round ends is not forgotten', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    await run.launch();
    // The plan comes at every moment of a round of work, which may plan it as a forgotten one before the job does.
    await Promise.all([run.plan(), run.settle(), run.settle()]);
    await run.settle();
    expect(run.channel.sent).toHaveLength(1);
  });
});
