import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { romeDate } from '../../src/kernel/rome-time.ts';
import {
  approveRecall,
  endRecallDoubt,
  type RecallCause,
  type RecallInput,
  rehearse,
  requestRecall,
} from '../../src/modules/campaigns/index.ts';
import { askPayment } from '../../src/modules/payments/index.ts';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../support/campaign-run.ts';
import { validCf } from '../support/ground.ts';
import { openVisit } from '../support/visit.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const ROWS = [1, 2].map((n) => person(n, { cf: validCf(n), documentNumber: `BOL-000${n}` }));

/** Two people told of a debt each; the first has come to the page. */
async function told() {
  const visit = await openVisit(runs, [{ rows: ROWS }]);
  const { run, dialogue, debts } = visit;
  const session = await visit.identified('p1@posta.example', 'BOL-0001');
  const [mine = '', other = ''] = debts.map((debt) => debt.debtId);
  const recall = async (cause: RecallCause, over: Partial<RecallInput> = {}) => {
    const input = { cause, note: 'Sbagliato.', texts: {}, ...over };
    const { code } = await requestRecall(run.campaigns, run.enteId, input, run.clerk);
    await approveRecall(run.campaigns, run.enteId, code, run.head);
    await run.settle();
    return code;
  };
  const pay = () =>
    dialogue.startPayment(session, { debtId: mine, seenCents: 10_000, idempotencyKey: `k${Math.random()}` });
  const state = async () => (await dialogue.view(session))?.positions[0]?.state;
  const asked = (debtId: string) => run.tx(async (tx) => (await askPayment(tx, debtId, romeDate(run.now()))).kind);
  const reload = (...rows: Parameters<typeof run.addDebts>[0]) => {
    run.store.clock.advanceTo(run.now() + 60_000);
    return run.addDebts(rows);
  };
  return { run, mine, other, recall, pay, state, asked, reload };
}
const list = (...externalIds: string[]): RecallCause => ({ kind: 'debts', creditType: 'TARI', externalIds });
const GIRO: RecallCause = { kind: 'campaign', code: 'giro' };

describe('a debt that a recall took back', () => {
  it('is not asked for and cannot be paid, and no other is touched', async () => {
    const { mine, other, recall, pay, state, asked, run } = await told();
    expect([await state(), await asked(mine)]).toEqual(['overdue', 'payable']);
    await recall(list('P1'));
    expect([await state(), await asked(mine), await asked(other)]).toEqual(['doubted', 'inDoubt', 'payable']);
    expect(await pay()).toEqual({ kind: 'inDoubt' });
    expect(await run.leaves('recall.started')).toMatchObject([{ facts: { doubted: 1 } }]);
  });

  it('is payable again once a later file names it: with another amount, or with the same', async () => {
    const { mine, other, recall, pay, state, asked, reload } = await told();
    await recall(list('P1', 'P2'));
    await reload({ ...person(1, { cf: validCf(1), documentNumber: 'BOL-0001' }), amountCents: 7_000 });
    expect([await state(), await asked(mine), await asked(other)]).toEqual(['overdue', 'payable', 'inDoubt']);
    expect(await pay()).toEqual({ kind: 'amountChanged', outstandingCents: 7_000 });
    await reload(person(2, { cf: validCf(2), documentNumber: 'BOL-0002' }), person(9, { cf: validCf(9) }));
    expect(await asked(other)).toBe('payable');
  });

  it('is payable again once the office says that it stands, unless another recall doubts it too', async () => {
    const { mine, recall, asked, run } = await told();
    const first = await recall(list('P1'));
    const second = await recall(list('P1', 'P2'));
    const end = (code: string, operator = run.head) => endRecallDoubt(run.campaigns, run.enteId, code, operator);
    await expect(end(first, run.clerk)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await end(first)).toBe(1);
    expect(await asked(mine)).toBe('inDoubt');
    expect(await end(second)).toBe(2);
    expect(await asked(mine)).toBe('payable');
    expect(await end(second)).toBe(0);
    expect(await run.leaves('recall.doubtEnded')).toMatchObject([{ rowCount: 1 }, { rowCount: 2 }]);
  });

  it('stays in doubt when the file that names it was begun before the recall', async () => {
    const { run, mine, recall, asked } = await told();
    await recall(list('P1'));
    // At the very instant of the recall: nobody knows which came first.
    await run.addDebts([person(1, { cf: validCf(1), documentNumber: 'BOL-0001' }), person(9, { cf: validCf(9) })]);
    expect(await asked(mine)).toBe('inDoubt');
  });

  it('stays settled when it was paid, and is open to a payment under way', async () => {
    const { run, mine, recall, pay, state } = await told();
    await pay();
    await recall(list('P1'));
    expect(await state()).toBe('verifying');
    await run.pay(mine, 10_000);
    expect(await state()).toBe('paid');
  });
});

describe('a debt in doubt and other campaigns', () => {
  const audience = async (run: CampaignRun, codice: string) =>
    (await rehearse(run.campaigns, run.enteId, campaignYaml({ codice }), run.clerk)).counts;

  it('is picked by none', async () => {
    const { run, recall } = await told();
    await recall(list('P1'));
    expect(await audience(run, 'altro')).toMatchObject({ toContact: 0, excluded: { inDoubt: 1, otherCampaign: 1 } });
  });

  it('is not told of by one that had picked it before', async () => {
    const run = await runs.fresh();
    await run.addDebts(ROWS);
    const recalled = campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' });
    await run.launch(recalled);
    await run.live(run.now() + 40 * DAY);
    await run.launch(campaignYaml({ codice: 'altro' }));
    await run.settle();
    const { code } = await requestRecall(
      run.campaigns,
      run.enteId,
      { cause: GIRO, note: 'Sbagliato.', texts: {} },
      run.clerk,
    );
    await approveRecall(run.campaigns, run.enteId, code, run.head);
    await run.live(run.now() + 20 * DAY);
    // The first of each campaign, and the correction.
    expect(run.channel.to('p1@posta.example')).toHaveLength(3);
    expect((await run.notices()).filter((one) => one.stopReason === 'inDoubt')).toHaveLength(2);
    expect(await run.leaves('recall.started')).toMatchObject([{ facts: { doubted: 2, othersStopped: 2 } }]);
  });
});

describe('which causes put debts in doubt', () => {
  it('a wrong text does not: what is owed is right', async () => {
    const { recall, pay, state } = await told();
    await recall({ kind: 'text', code: 'primo-avviso', version: 1 });
    expect(await state()).toBe('overdue');
    expect(await pay()).toMatchObject({ kind: 'redirect' });
  });

  it('a campaign does, unless whoever asks says that the amounts are right', async () => {
    const wrong = await told();
    await wrong.recall(GIRO);
    expect([await wrong.state(), await wrong.asked(wrong.other)]).toEqual(['doubted', 'inDoubt']);
    const early = await told();
    await early.recall(GIRO, { amountsStand: true });
    expect([await early.state(), await early.asked(early.other)]).toEqual(['overdue', 'payable']);
  });

  it('a file does for every debt that came with it, told of or not', async () => {
    const { run, mine, recall, asked } = await told();
    const { rows } = await run.tx((tx) =>
      sql<{ id: string }>`select import_id as id from debt where debt_id = ${mine}`.execute(tx.kysely),
    );
    const [later] = await run.addDebts([person(3, { cf: validCf(3) })]);
    await recall({ kind: 'import', importId: rows[0]?.id ?? '' });
    expect([await asked(mine), await asked(later?.debtId ?? '')]).toEqual(['inDoubt', 'payable']);
  });
});
