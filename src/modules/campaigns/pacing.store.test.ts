import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { TARI } from '../../../test/support/ground.ts';
import { weekday } from '../../kernel/civil-date.ts';
import { romeDate, romeMinutes } from '../../kernel/rome-time.ts';
import { findCampaign } from './campaigns.store.ts';
import { runTenant } from './run-due.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const HOUR = 3_600_000;
const MENSA = { ...TARI, code: 'MENSA', name: 'Mensa', nature: 'serviceFee', purposeGroup: 'scuola' } as const;
const state = (run: CampaignRun, code = 'giro') => run.tx(async (tx) => (await findCampaign(tx, code)).state);
const people = (n: number) => Array.from({ length: n }, (_, i) => person(i));

/** Messages that may have left, by what `key` makes of their instant. */
function tally<K>(run: CampaignRun, key: (at: number) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const { at } of run.channel.reached) counts.set(key(at), (counts.get(key(at)) ?? 0) + 1);
  return counts;
}
const most = (counts: ReadonlyMap<unknown, number>) => Math.max(...counts.values());
const hourOf = (at: number) => Math.floor(at / HOUR);

describe('the pace of a campaign', () => {
  it('is what the rehearsal showed, day by day, when nobody pays: closed days, both steps, the last day', async () => {
    const run = await runs.fresh({ patronDay: '09-10' });
    await run.addDebts(people(14));
    const cascata =
      '[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 1 }]';
    const counts = await run.launch(campaignYaml({ cascata, ritmo: '{ alGiorno: 5, allOra: 3 }' }));
    await run.live(run.now() + 30 * DAY);
    const shown = new Map(counts.pace?.days.map(({ day, contacts }) => [day, contacts]));
    expect(tally(run, romeDate)).toEqual(shown);
    expect(counts.pace).toMatchObject({ perDay: 5, perHour: 3, left: 0, pastDeadline: 0 });
    expect(counts.pace?.lastDay).toBe([...tally(run, romeDate).keys()].at(-1));
    expect(most(tally(run, hourOf))).toBe(3);
    expect(shown.has(romeDate(Date.UTC(2026, 8, 10)))).toBe(false);
    expect([...shown.keys()].map(weekday)).not.toContain(7);
    // First contacts go before anybody's second message, and nobody's second one comes sooner than it should.
    const sent = people(14).map(({ email }) => run.channel.to(email ?? '').map((one) => one.at));
    expect(sent.every(([first = 0, second = 0]) => second - first >= DAY)).toBe(true);
    const [firsts, seconds] = [0, 1].map((i) => sent.map((of) => of[i] ?? 0));
    expect(Math.max(...(firsts ?? []))).toBeLessThanOrEqual(Math.min(...(seconds ?? [])));
    expect(await state(run)).toBe('completed');
  });

  it('holds for weeks of trouble: refusals, payments, a pause, another campaign’s ceiling, two notices of one person', async () => {
    const run = await runs.fresh({ creditTypes: [TARI, MENSA] });
    const debts = await run.addDebts(people(18), 'TARI');
    await run.addDebts(
      Array.from({ length: 5 }, (_, i) => person(i, { externalId: `M${i}` })),
      'MENSA',
    );
    // Unpaced, and first: it fills the ceiling of five people for a week, who then all come free in the same hour.
    await run.launch(
      campaignYaml({
        codice: 'altra',
        crediti: '[MENSA]',
        cascata: '[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 0 }]',
      }),
    );
    await run.settle();
    const before = run.channel.sent.length;
    expect(before).toBe(10);
    // Of sixty answers, at 4,5% of contacts: 1,333 a day; the day's own figure is the smaller.
    const office = 'ufficio: { risposteAlGiorno: 60, quotaCheChiama: "4,5%" }';
    const counts = await run.launch(
      campaignYaml({
        crediti: '[TARI, MENSA]',
        cascata: '[{ canale: email, testo: primo-avviso }]',
        ritmo: `{ alGiorno: 6, allOra: 4, ${office} }`,
      }),
    );
    expect(counts.toContact).toBe(23);
    expect(counts.pace?.days[0]).toMatchObject({ contacts: 6, calls: 0 });
    run.channel.answer = (_, nth) => {
      if (nth % 7 === 3) return { kind: 'retryLater', afterMs: 60_000, code: '4.7.1' };
      return nth % 11 === 5 ? { kind: 'uncertain', code: 'timeout' } : null;
    };
    let days = 0;
    let waiting = 0;
    await run.live(run.now() + 20 * DAY, async () => {
      const paced = (await run.notices()).filter((n) => n.stopReason === 'pacing');
      waiting = Math.max(waiting, paced.length);
      expect(paced.every((n) => n.nextDueAt !== null)).toBe(true);
      days += 1;
      if (days === 2) await run.pay(debts[15]?.debtId ?? '', 10_000);
      if (days === 4) {
        await run.pauseCampaign();
        run.store.clock.advanceTo(run.now() + 3 * DAY);
        await run.resumeCampaign();
      }
    });
    expect(waiting).toBeGreaterThan(12);
    const mine = { ...run, channel: { ...run.channel, reached: run.channel.reached.slice(before) } } as CampaignRun;
    expect(most(tally(mine, romeDate))).toBeLessThanOrEqual(6);
    expect(most(tally(mine, hourOf))).toBeLessThanOrEqual(4);
    for (const { at } of mine.channel.reached)
      expect([romeMinutes(at) >= 480, romeMinutes(at) < 1200]).toEqual([true, true]);
    expect(await state(run)).toBe('completed');
    // Everybody but who paid was told, each of the two notices of the five too.
    const told = new Set(
      (await run.deliveries()).filter((d) => d.handedOverAt !== null || d.state === 'uncertain').map((d) => d.noticeId),
    );
    const untold = (await run.notices()).filter((n) => !told.has(n.noticeId));
    expect(untold.map((n) => n.stopReason)).toEqual(['paid']);
  });

  it('is one for all runners, two at once too, and goes on with who is next where somebody has paid', async () => {
    const run = await runs.fresh();
    const debts = await run.addDebts(people(18));
    await run.launch(campaignYaml({ ritmo: '{ allOra: 7 }', cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.plan();
    const never = new AbortController().signal;
    const hour = async () => {
      await Promise.all([runTenant(run.deps, run.enteId, never), runTenant(run.deps, run.enteId, never)]);
      return run.channel.sent.length;
    };
    expect(await hour()).toBe(7);
    const next = (await run.notices()).filter((n) => n.nextDueAt === hourOf(run.now() + HOUR) * HOUR);
    expect(next.map((n) => n.stopReason)).toEqual(Array.from({ length: 7 }, () => 'pacing'));
    for (const { debtorId } of next.slice(0, 3)) {
      await run.pay(debts.find((debt) => debt.debtorId === debtorId)?.debtId ?? '', 10_000);
    }
    run.store.clock.advanceTo(run.now() + HOUR);
    expect(await hour()).toBe(14);
    run.store.clock.advanceTo(run.now() + HOUR);
    expect(await hour()).toBe(15);
    expect(new Set(run.channel.sent.map((one) => one.message.to)).size).toBe(15);
  });
});
