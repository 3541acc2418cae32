import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { validCf } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { newId } from '../../kernel/ids.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { loadPersons } from '../debtors/index.ts';
import { decideDispute, listDisputes, openDispute } from './disputes.store.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const noLines = async () => [];

async function ground() {
  const run = await runs.fresh({ patronDay: '12-07' });
  const debts = await run.addDebts([person(1, { cf: validCf(1) }), person(2, { cf: validCf(2) })]);
  const vault = run.store.vaultOf(run.enteId);
  const open = (over: Partial<{ who: number; debtId: string | null; kind: string; key: string }> = {}) =>
    run.tx(async (tx) => {
      const debtorId = debts[over.who ?? 0]?.debtorId as string;
      const who = (await loadPersons(tx, vault, [debtorId])).get(debtorId);
      if (who === undefined) throw new Error('no such person');
      return openDispute(tx, vault, {
        person: who,
        noticeId: newId(),
        debtId: over.debtId === undefined ? (debts[over.who ?? 0]?.debtId as string) : over.debtId,
        kind: over.kind ?? 'other',
        statement: 'Non mi risulta.',
        idempotencyKey: over.key ?? newId(),
        now: run.now(),
      });
    });
  const decide = (disputeId: string, accept: boolean, answer = 'Abbiamo controllato.') =>
    run.tx((tx) =>
      decideDispute(
        tx,
        vault,
        { disputeId, accept, answer, operatorId: run.clerk.operatorId, now: run.now() },
        noLines,
      ),
    );
  return { run, debts, vault, open, decide };
}

const state = async (run: CampaignRun, debtId: string | undefined) =>
  (
    await run.tx((tx) =>
      sql<{ state: string }>`select state from debt_now where ente_id = ${run.enteId} and debt_id = ${debtId}`.execute(
        tx.kysely,
      ),
    )
  ).rows[0]?.state;

describe('a dispute', () => {
  it('has a number of its own in the year, and a deadline that is a working day', async () => {
    const { run, open } = await ground();
    expect(await open()).toMatchObject({ number: '2026/1', deadline: '2026-10-07' });
    // 30 days after 7 November is the patron's day, a Monday, and the next one is a holiday.
    run.store.clock.advanceTo(romeInstant(civilDate('2026-11-07'), 600));
    expect(await open({ who: 1 })).toMatchObject({ number: '2026/2', deadline: '2026-12-09' });
    run.store.clock.advanceTo(romeInstant(civilDate('2027-01-04'), 600));
    expect((await open({ kind: 'exempt' })).number).toBe('2027/3');
  });

  it('numbers do not collide when many come at once', async () => {
    const { open } = await ground();
    const kinds = ['a', 'b', 'c', 'd', 'e'];
    const numbers = (await Promise.all(kinds.map((kind) => open({ kind })))).map((d) => d.number);
    expect([...numbers].sort()).toEqual([1, 2, 3, 4, 5].map((n) => `2026/${n}`));
  });

  it('about another person’s debt is refused, whoever asks', async () => {
    const { run, debts, open } = await ground();
    await expect(open({ debtId: debts[1]?.debtId as string })).rejects.toMatchObject({ code: 'DISPUTE_DEBT' });
    await expect(open({ debtId: newId() })).rejects.toMatchObject({ code: 'DISPUTE_DEBT' });
    expect(await run.tx((tx) => listDisputes(tx, run.store.vaultOf(run.enteId), 'open', 10))).toEqual([]);
  });

  it('keeps the words sealed', async () => {
    const { run, open, vault } = await ground();
    await open();
    const { rows } = await run.tx((tx) =>
      sql<{ plain: boolean }>`select position('risulta'::bytea in statement) > 0 as plain from dispute
        where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows).toEqual([{ plain: false }]);
    const [listed] = await run.tx((tx) => listDisputes(tx, vault, 'all', 10));
    expect(listed).toMatchObject({ statement: 'Non mi risulta.', creditTypes: ['TARI'], state: 'open' });
  });

  it('is listed by the nearest deadline, open ones unless all are asked for', async () => {
    const { run, open, decide, vault } = await ground();
    const first = await open();
    run.store.clock.advanceTo(run.now() + 3 * 86_400_000);
    const second = await open({ who: 1 });
    const list = (which: 'open' | 'all') => run.tx((tx) => listDisputes(tx, vault, which, 10));
    expect((await list('open')).map((d) => d.number)).toEqual([first.number, second.number]);
    await decide(first.disputeId, false);
    expect((await list('open')).map((d) => d.number)).toEqual([second.number]);
    expect(await list('all')).toHaveLength(2);
  });
});

describe('its answer', () => {
  it('accepted writes the named debt off in full, and names who decided', async () => {
    const { run, debts, open, decide } = await ground();
    const { disputeId } = await open();
    expect(await decide(disputeId, true)).toEqual({ debtorId: debts[0]?.debtorId, relieved: [debts[0]?.debtId] });
    expect(await state(run, debts[0]?.debtId)).toBe('cancelled');
    expect(await state(run, debts[1]?.debtId)).toBe('open');
    expect(await run.leaves('dispute.accepted')).toMatchObject([
      { actor: `operator:${run.clerk.operatorId}`, facts: { disputeId, relieved: [debts[0]?.debtId] } },
    ]);
  });

  it('rejected leaves it owed', async () => {
    const { run, debts, open, decide } = await ground();
    expect((await decide((await open()).disputeId, false)).relieved).toEqual([]);
    expect(await state(run, debts[0]?.debtId)).toBe('open');
  });

  it('is owed in words, is given once, and to a dispute that there is', async () => {
    const { open, decide } = await ground();
    const { disputeId } = await open();
    await expect(decide(disputeId, true, '  ')).rejects.toMatchObject({ code: 'DISPUTE_ANSWER' });
    await decide(disputeId, true);
    await expect(decide(disputeId, false)).rejects.toMatchObject({ code: 'DISPUTE_DECIDED' });
    await expect(decide(newId(), false)).rejects.toMatchObject({ code: 'DISPUTE_UNKNOWN' });
  });

  it('by two at once is one', async () => {
    const { open, decide } = await ground();
    const { disputeId } = await open();
    const both = await Promise.allSettled([decide(disputeId, true), decide(disputeId, false)]);
    expect(both.map((b) => b.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('lifts its own hold and leaves another one in force', async () => {
    const { run, open, decide } = await ground();
    const first = await open();
    await open({ kind: 'exempt' });
    await decide(first.disputeId, false);
    const { rows } = await run.tx((tx) =>
      sql<{
        n: number;
      }>`select count(*)::int as n from hold_now where ente_id = ${run.enteId} and until is null`.execute(tx.kysely),
    );
    expect(rows[0]?.n).toBe(1);
  });
});
