import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { handOver, newOwner, takeDue } from '../deliveries/index.ts';
import { findRecall } from './recall.store.ts';
import { approveRecall, requestRecall } from './recall-actions.ts';
import { isPrepared, prepareRecall } from './recall-prepare.ts';
import { tick } from './tick.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const CODE = 'rettifica-1';
const never = new AbortController().signal;

/** Six people were told; one of their campaigns is asked to be recalled and approved, and nothing has looked since. */
async function approved(): Promise<CampaignRun> {
  const run = await runs.fresh();
  await run.addDebts([0, 1, 2, 3, 4, 5].map((n) => person(n)));
  await run.launch();
  await run.settle();
  const cause = { kind: 'campaign', code: 'giro' } as const;
  await requestRecall(run.campaigns, run.enteId, { cause, note: 'Non erano dovuti.', texts: {} }, run.clerk);
  await approveRecall(run.campaigns, run.enteId, CODE, run.head);
  return run;
}
const found = (run: CampaignRun) => run.tx((tx) => findRecall(tx, CODE));
const corrections = async (run: CampaignRun) =>
  (
    await run.tx((tx) =>
      sql<{
        id: string;
      }>`select debtor_id as id from delivery where ente_id = ${run.enteId} and passes_holds is not null`.execute(
        tx.kysely,
      ),
    )
  ).rows.length;
/** One part, two people at most; `dies`: with the process, before it is committed. */
async function part(run: CampaignRun, dies = false): Promise<void> {
  const work = run.tx(async (tx) => {
    await prepareRecall(tx, await findRecall(tx, CODE, true), run.now(), 2);
    if (dies) throw new Error('killed');
  });
  await work.catch((error: unknown) => {
    if (!dies) throw error;
  });
}

describe('the corrections of an approved recall', () => {
  it('are no work of whoever approves: the approval is on record, and nothing is queued yet', async () => {
    const run = await approved();
    expect(await found(run)).toMatchObject({ state: 'running', preparation: null });
    expect(await corrections(run)).toBe(0);
    expect(await run.leaves('recall.approved')).toHaveLength(1);
    expect(await run.leaves('recall.started')).toEqual([]);
    // Nobody has told the worker anything but the body's own date.
    await run.settle();
    expect(await found(run)).toMatchObject({ state: 'completed' });
    expect(await corrections(run)).toBe(6);
  });

  it('are queued a part at a time; a process that dies in any of them leaves nothing twice and nothing out', async () => {
    const run = await approved();
    const seen: unknown[] = [];
    for (let parts = 0; !isPrepared(await found(run)); parts += 1) {
      expect(parts).toBeLessThan(5);
      const before = await found(run);
      await part(run, true);
      expect(await found(run)).toEqual(before);
      await part(run);
      const { preparation } = await found(run);
      seen.push([preparation?.ready, preparation?.people, await corrections(run)]);
    }
    expect(seen).toEqual([
      [0, 6, 0],
      [2, 6, 2],
      [4, 6, 4],
      [6, 6, 6],
    ]);
    expect(await run.leaves('recall.started')).toMatchObject([{ rowCount: 6, facts: { recalled: 6, waitingOnly: 0 } }]);
    expect(await run.leaves('recall.prepared')).toMatchObject([{ rowCount: 6, facts: { people: 6 } }]);
    const before = run.channel.sent.length;
    await run.settle();
    await run.live(run.now() + 10 * DAY);
    expect(
      run.channel.sent
        .slice(before)
        .map(({ message }) => message.to)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5].map((n) => `p${n}@posta.example`));
    expect(await found(run)).toMatchObject({ state: 'completed' });
  });

  it('do not end while a part is missing, though those queued so far have all gone out', async () => {
    const run = await approved();
    await part(run);
    await part(run);
    const { taken } = await run.tx((tx) => takeDue(tx, 'email', 10, newOwner(), run.now(), 0, run.deps.guards));
    expect(taken).toHaveLength(2);
    await handOver(run.deps, run.enteId, run.channel, taken, never);
    await run.tx((tx) => tick(tx, run.deps));
    expect(await found(run)).toMatchObject({ state: 'running', preparation: { ready: 6 } });
    await run.settle();
    expect(await found(run)).toMatchObject({ state: 'completed' });
    expect(await corrections(run)).toBe(6);
  });
});
