import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addEnte } from '../../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../../test/support/store.ts';
import type { Tx } from '../../../platform/db/index.ts';
import type { Operator, Role } from '../../operators/index.ts';
import {
  approveMatch,
  listReconciliation,
  loadRemittance,
  loadTreasury,
  type ManualPair,
  proposedMatches,
  proposeMatch,
  reconcile,
  reconciliationSummary,
  refuseMatch,
} from './index.ts';
import { addReceipt, credit, flow, flowIdOf, iuvOf, journal, line, TERMS } from './reconcile.fixtures.ts';

const operator = (n: number, ...roles: Role[]): Operator => ({
  operatorId: `018f0000-0000-7000-8000-00000000000${n}`,
  name: `Operatore ${n}`,
  roles,
});
const CLERK = operator(1, 'decide', 'approve');
const HEAD = operator(2, 'decide', 'approve');

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

let enteId = 0;
let fiscalCode = '';
let remittanceId = '';
const tx = <T>(work: (tx: Tx) => Promise<T>) => store.db.tenant(enteId, work);
const now = () => store.clock.now();
const reconciled = () => tx((t) => reconcile(t, TERMS, now()));
const sides = async () => (await tx((t) => reconciliationSummary(t, TERMS))).sides;
const receipt = (n: number, cents: number) =>
  tx((t) => addReceipt(t, fiscalCode, { receiptId: `tok${n}`, iuv: iuvOf(n), transfers: [{ no: 1, cents }] }));

const propose = (pair: ManualPair, by = CLERK, reason = 'la banca ha tolto le spese') =>
  tx((t) => proposeMatch(t, pair, reason, by, now()));
const approve = (matchId: string, by = HEAD) => tx((t) => approveMatch(t, matchId, by, now()));
const refuse = (matchId: string, by = HEAD) => tx((t) => refuseMatch(t, matchId, by, now()));

/** A flow of 100 cents whose line no receipt is for, and a credit of 98 that names nothing. */
beforeEach(async () => {
  enteId += 1;
  fiscalCode = (await addEnte(store, enteId)).codiceFiscale;
  const made = flow(flowIdOf(1), fiscalCode, [line({ iuv: iuvOf(1), iur: 'perso', amountCents: 100 })]);
  const loaded = await tx((t) => loadRemittance(t, made, 'system', now()));
  remittanceId = loaded.kind === 'loaded' ? loaded.remittanceId : '';
  await tx((t) =>
    loadTreasury(t, store.vaultOf(enteId), journal('G1', [credit(1, 98, 'ACCREDITO PSP')]), 'system', now()),
  );
  await receipt(1, 100);
  await reconciled();
});

const creditKey = credit(1, 98, '').key;
const flowPair = (): ManualPair => ({ kind: 'creditToFlow', movementKey: creditKey, remittanceId });
const linePair = (receiptId = 'tok1'): ManualPair => ({
  kind: 'lineToTransfer',
  remittanceId,
  lineNo: 1,
  receiptId,
  transferNo: 1,
});

describe('a match by hand', () => {
  it('is proposed by one and approved by another, who are both on record', async () => {
    const matchId = await propose(flowPair());
    expect(await sides()).toMatchObject({ credits: { elsewhere: { cents: 98 } }, flows: { open: { cents: 100 } } });
    expect(await tx(proposedMatches)).toEqual([
      {
        matchId,
        pair: flowPair(),
        amountCents: 98,
        reason: 'la banca ha tolto le spese',
        proposedBy: CLERK.operatorId,
        proposedAt: now(),
      },
    ]);
    await expect(approve(matchId, CLERK)).rejects.toMatchObject({ code: 'SAME_PERSON' });
    await approve(matchId);
    expect(await tx(proposedMatches)).toEqual([]);
    expect(await sides()).toMatchObject({ credits: { matched: { cents: 98 } }, flows: { matched: { cents: 100 } } });
    // The rules do not undo it.
    await reconciled();
    expect(await sides()).toMatchObject({ credits: { matched: { cents: 98 } } });
    const leaves = await tx((t) =>
      sql<{ kind: string; actor: string; facts: unknown }>`select kind, actor, facts from audit_leaf
        where ente_id = ${enteId} and kind like 'match.%' order by leaf_id`.execute(t.kysely),
    );
    const facts = { match: matchId, amountCents: 98 };
    expect(leaves.rows).toEqual([
      { kind: 'match.proposed', actor: `operator:${CLERK.operatorId}`, facts },
      { kind: 'match.approved', actor: `operator:${HEAD.operatorId}`, facts },
    ]);
  });

  it('of a line with a transfer, or of a credit with a transfer, holds likewise', async () => {
    await approve(await propose(linePair()));
    expect(await sides()).toMatchObject({ lines: { matched: { cents: 100 } }, transfers: { matched: { cents: 100 } } });
    await receipt(2, 98);
    await approve(
      await propose({ kind: 'creditToTransfer', movementKey: creditKey, receiptId: 'tok2', transferNo: 1 }),
    );
    expect(await sides()).toMatchObject({
      credits: { matched: { cents: 98 } },
      transfers: { matched: { cents: 198 } },
    });
  });

  it('takes the place of what the rules were not sure of', async () => {
    await receipt(3, 70);
    const made = flow(flowIdOf(2), fiscalCode, [
      line({ iuv: iuvOf(3), iur: 'tok3', amountCents: 71 }),
      line({ iuv: iuvOf(9), iur: 'tok9', amountCents: 70 }),
    ]);
    const loaded = await tx((t) => loadRemittance(t, made, 'system', now()));
    await reconciled();
    expect((await sides()).transfers.anomaly.cents).toBe(70);
    const second = loaded.kind === 'loaded' ? loaded.remittanceId : '';
    await approve(
      await propose({ kind: 'lineToTransfer', remittanceId: second, lineNo: 2, receiptId: 'tok3', transferNo: 1 }),
    );
    await reconciled();
    const matched = await tx((t) => listReconciliation(t, TERMS, { side: 'lines', bucket: 'matched', limit: 9 }));
    expect(matched.rows).toMatchObject([{ iur: 'tok9', cents: 70, kind: 'manual' }]);
    const anomalies = await tx((t) => listReconciliation(t, TERMS, { side: 'lines', bucket: 'anomaly', limit: 9 }));
    expect(anomalies.rows.map((one) => [one.iur, one.kind])).toContainEqual(['tok3', 'remittedTwice']);
  });

  it('that is refused moves nothing, and is decided once', async () => {
    const matchId = await propose(flowPair());
    await refuse(matchId);
    expect(await sides()).toMatchObject({ credits: { elsewhere: { cents: 98 } } });
    for (const again of [approve, refuse]) await expect(again(matchId)).rejects.toMatchObject({ code: 'MATCH_STATE' });
    await expect(approve(remittanceId)).rejects.toMatchObject({ code: 'MATCH_UNKNOWN' });
  });

  it('needs a reason, and people who may', async () => {
    await expect(propose(flowPair(), CLERK, '  ')).rejects.toMatchObject({ code: 'MATCH_REASON' });
    await expect(propose(flowPair(), operator(3, 'see', 'approve'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const matchId = await propose(flowPair());
    await expect(approve(matchId, operator(3, 'decide'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('of what is not there, or is matched, is not proposed', async () => {
    const stale = { code: 'MATCH_STALE' };
    await expect(propose(linePair('altro'))).rejects.toMatchObject(stale);
    await expect(propose({ ...flowPair(), movementKey: 'altro' } as ManualPair)).rejects.toMatchObject(stale);
    await approve(await propose(flowPair()));
    await expect(propose(flowPair())).rejects.toMatchObject(stale);
  });

  it('that another match has overtaken is not approved', async () => {
    const [first, second] = [await propose(linePair()), await propose(linePair())];
    await approve(first);
    await expect(approve(second)).rejects.toMatchObject({ code: 'MATCH_STALE' });
  });

  it('of a flow that is replaced falls with it, proposed or approved', async () => {
    await approve(await propose(flowPair()));
    await propose(linePair());
    const made = flow(flowIdOf(1), fiscalCode, [line({ iuv: iuvOf(1), iur: 'tok1', amountCents: 100 })], {
      revision: 2,
    });
    await tx((t) => loadRemittance(t, made, 'system', now()));
    await reconciled();
    expect(await tx(proposedMatches)).toEqual([]);
    expect(await sides()).toMatchObject({
      lines: { matched: { cents: 100 } },
      flows: { open: { cents: 100 } },
      credits: { elsewhere: { cents: 98 } },
    });
  });
});
