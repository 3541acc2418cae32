import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRun, type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { validCf } from '../../../test/support/ground.ts';
import { openVisit } from '../../../test/support/visit.ts';
import { listDisputes } from '../disputes/index.ts';
import { DAY } from './conversations.fixtures.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const [A, B] = ['p1@posta.example', 'p2@posta.example'];
const visit = () =>
  openVisit(runs, [
    {
      rows: [
        person(1, { cf: validCf(1), documentNumber: 'BOL-0001' }),
        person(2, { cf: validCf(2), documentNumber: 'BOL-0002' }),
        person(3, { cf: validCf(1), email: A, taxYear: 2024, documentNumber: 'BOL-0003' }),
      ],
    },
  ]);
const report = (over: object = {}) =>
  ({ debtId: null, kind: 'alreadyPaid', text: 'Ho pagato a giugno.', idempotencyKey: 'k1', ...over }) as const;
const open = (run: CampaignRun) => run.tx((tx) => listDisputes(tx, run.store.vaultOf(run.enteId), 'open', 10));
const holds = async (run: CampaignRun) =>
  (
    await run.tx((tx) =>
      sql<{ kind: string; reason: string; until: number | null }>`select subject_kind as kind, reason, until
        from contact_hold where ente_id = ${run.enteId}`.execute(tx.kysely),
    )
  ).rows;

describe('"ho già pagato o non devo"', () => {
  it('from the link alone is about the whole message, and contact stops at once', async () => {
    const { run, dialogue, open: arrive } = await visit();
    const answer = await dialogue.openDispute(await arrive(A), report());
    expect(answer).toEqual({ number: '2026/1', deadline: '2026-10-07' });
    expect(await open(run)).toMatchObject([
      { number: '2026/1', kind: 'alreadyPaid', debtorName: 'Mario Rossi', statement: 'Ho pagato a giugno.' },
    ]);
    expect(await holds(run)).toEqual([{ kind: 'debtor', reason: 'dispute', until: null }]);
    await run.live(run.now() + 20 * DAY);
    expect(run.channel.to(A)).toHaveLength(1);
    expect(run.channel.to(B)).toHaveLength(2);
  });

  it('sent twice, or said again, is one; of something else it is another', async () => {
    const { run, dialogue, open: arrive } = await visit();
    const session = await arrive(A);
    const first = await dialogue.openDispute(session, report());
    expect(await dialogue.openDispute(session, report())).toEqual(first);
    expect(await dialogue.openDispute(session, report({ idempotencyKey: 'k2', text: 'di nuovo' }))).toEqual(first);
    expect((await dialogue.openDispute(session, report({ idempotencyKey: 'k3', kind: 'exempt' })))?.number).toBe(
      '2026/2',
    );
    expect(await open(run)).toHaveLength(2);
  });

  it('names a debt only after identity, and only one’s own', async () => {
    const { run, dialogue, open: arrive, identified, debts, real } = await visit();
    const [mine, other] = [debts[0]?.debtId as string, debts[1]?.debtId as string];
    expect(await dialogue.openDispute(await arrive(A), report({ debtId: mine }))).toBeNull();
    const session = await identified(A, 'BOL-0001');
    for (const debtId of [other, 'x', '00000000-0000-7000-8000-000000000000']) {
      expect(await dialogue.openDispute(session, report({ debtId }))).toBeNull();
    }
    expect(await open(run)).toEqual([]);
    expect(await holds(run)).toEqual([]);
    expect(await dialogue.openDispute(session, report({ debtId: mine }))).not.toBeNull();
    real.later(1_000);
    const positions = (await dialogue.view(session))?.positions.map((p) => [p.debtId, p.state]);
    expect(new Map(positions as [string, string][]).get(mine)).toBe('disputed');
  });

  it('accepted writes off what the message told, lets contact go on and nothing else', async () => {
    const { run, dialogue, open: arrive, debts } = await visit();
    // A debt that the message did not tell: loaded after it had gone out.
    const [late] = await run.addDebts([person(9, { cf: validCf(1), externalId: 'late', taxYear: 2023, email: A })]);
    await dialogue.openDispute(await arrive(A), report());
    const [dispute] = await open(run);
    const { relieved } = await run.decide(dispute?.id as string, true);
    expect([...relieved].sort()).toEqual([debts[0]?.debtId, debts[2]?.debtId].sort());
    const { rows } = await run.tx((tx) =>
      sql<{
        state: string;
      }>`select state from debt_now where ente_id = ${run.enteId} and debt_id = ${late?.debtId}`.execute(tx.kysely),
    );
    expect(rows).toEqual([{ state: 'open' }]);
    expect((await run.notices()).find((n) => n.debtorId === debts[0]?.debtorId)).toMatchObject({
      state: 'settled',
      stopReason: 'cancelled',
    });
    expect((await holds(run)).map((h) => h.until)).toEqual([run.now()]);
  });

  it('rejected writes nothing off, and the steps go on', async () => {
    const { run, dialogue, open: arrive } = await visit();
    await dialogue.openDispute(await arrive(A), report());
    await run.live(run.now() + 14 * DAY);
    expect(run.channel.to(A)).toHaveLength(1);
    const [dispute] = await open(run);
    expect((await run.decide(dispute?.id as string, false)).relieved).toEqual([]);
    await run.settle();
    expect(run.channel.to(A)).toHaveLength(2);
    await expect(run.decide(dispute?.id as string, true)).rejects.toMatchObject({ code: 'DISPUTE_DECIDED' });
  });
});

describe('"non sono io"', () => {
  it('binds the address for every debtor behind it, for good, and ends the session', async () => {
    const house = 'casa@posta.example';
    const {
      run,
      dialogue,
      open: arrive,
    } = await openVisit(runs, [
      {
        rows: [
          person(1, { cf: validCf(1), email: house }),
          person(2, { cf: validCf(2), email: house }),
          person(3, { cf: validCf(3) }),
        ],
      },
    ]);
    const before = run.channel.to(house).length;
    const session = await arrive(house);
    expect(await dialogue.notMe(session)).toEqual({ done: true });
    expect(await dialogue.view(session)).toBeNull();
    expect(await holds(run)).toEqual([{ kind: 'address', reason: 'notMe', until: null }]);
    await run.addDebts([person(4, { cf: validCf(4), email: house, externalId: 'new' })]);
    await run.live(run.now() + 30 * DAY);
    expect(run.channel.to(house)).toHaveLength(before);
    expect(run.channel.to('p3@posta.example')).toHaveLength(2);
    expect(await run.leaves('address.notMe')).toHaveLength(1);
  });
});

describe('opting out', () => {
  it('works by its own token only, again and again, also long after the message', async () => {
    const { run, dialogue, token } = await visit();
    expect(await dialogue.optOut(token(A, 'l'))).toBe(false);
    expect(await dialogue.optOut('x')).toBe(false);
    run.store.clock.advanceTo(run.now() + 400 * DAY);
    expect(await dialogue.optOut(token(A, 'o'))).toBe(true);
    expect(await dialogue.optOut(token(A, 'o'))).toBe(true);
    expect(await holds(run)).toEqual([{ kind: 'address', reason: 'optOut', until: null }]);
  });

  it('stops what waits at that address', async () => {
    const { run, dialogue, token } = await visit();
    await dialogue.optOut(token(A, 'o'));
    await run.live(run.now() + 20 * DAY);
    expect(run.channel.to(A)).toHaveLength(1);
    expect(run.channel.to(B)).toHaveLength(2);
  });
});

describe('paying from the page', () => {
  it('needs identity, finds only what is one’s own, and shows it in verification', async () => {
    const { dialogue, open: arrive, identified, debts, real } = await visit();
    const pay = (debtId: string) => ({ debtId, seenCents: 10_000, idempotencyKey: debtId });
    const [mine, other] = [debts[0]?.debtId as string, debts[1]?.debtId as string];
    expect(await dialogue.startPayment(await arrive(A), pay(mine))).toEqual({ kind: 'sessionExpired' });
    const session = await identified(A, 'BOL-0001');
    expect(await dialogue.startPayment(session, pay(other))).toEqual({ kind: 'notFound' });
    const started = await dialogue.startPayment(session, pay(mine));
    if (started.kind !== 'redirect') throw new Error(started.kind);
    expect(await dialogue.checkout(session, started.checkoutId)).toMatchObject({
      state: 'verifying',
      position: { state: 'verifying' },
    });
    real.later(60_000);
    const stranger = await identified(B, 'BOL-0002');
    expect(await dialogue.checkout(stranger, started.checkoutId)).toBeNull();
    await dialogue.checkoutReturned(stranger, started.checkoutId, 'cancelled');
    await dialogue.checkoutReturned(session, started.checkoutId, 'ok');
    expect(await dialogue.checkout(session, started.checkoutId)).toMatchObject({ state: 'verifying' });
    await dialogue.checkoutReturned(session, started.checkoutId, 'cancelled');
    expect(await dialogue.checkout(session, started.checkoutId)).toMatchObject({
      state: 'cancelled',
      position: { state: 'overdue' },
    });
    expect(await dialogue.checkout(session, 'x')).toBeNull();
  });
});

describe('what counts as read', () => {
  it('is an act of a person, not the opening of a link', async () => {
    const { run, dialogue, open: arrive } = await visit();
    const session = await arrive(A);
    await dialogue.view(session);
    expect(new Set((await run.deliveries()).map((d) => d.state))).toEqual(new Set(['handedOver']));
    await dialogue.requestCode(session);
    expect((await run.deliveries()).map((d) => d.state).sort()).toEqual(['handedOver', 'read']);
  });
});
