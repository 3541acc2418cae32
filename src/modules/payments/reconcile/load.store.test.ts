import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte } from '../../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../../test/support/store.ts';
import { civilDate } from '../../../kernel/civil-date.ts';
import { CodedError } from '../../../kernel/errors.ts';
import type { Tx } from '../../../platform/db/index.ts';
import {
  creditTexts,
  loadRemittance,
  loadTreasury,
  pullRemittances,
  reconcile,
  reconciliationSummary,
} from './index.ts';
import { addReceipt, credit, flow, flowIdOf, iuvOf, journal, line, TERMS, uriText } from './reconcile.fixtures.ts';
import type { FlowRef, RemittanceFlow, RemittanceSource, TreasuryMovement } from './reconcile.port.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

let lastEnte = 0;

async function body() {
  lastEnte += 1;
  const enteId = lastEnte;
  const { codiceFiscale } = await addEnte(store, enteId);
  const tx = <T>(work: (tx: Tx) => Promise<T>) => store.db.tenant(enteId, work);
  const now = store.clock.now();
  return {
    enteId,
    codiceFiscale,
    tx,
    now,
    flow: (lines: Parameters<typeof flow>[2], over: Partial<RemittanceFlow> = {}) =>
      flow(flowIdOf(1), codiceFiscale, lines, over),
    load: (one: RemittanceFlow) => tx((t) => loadRemittance(t, one, 'system', now)),
    bank: (id: string, ...movements: TreasuryMovement[]) =>
      tx((t) => loadTreasury(t, store.vaultOf(enteId), journal(id, movements), 'system', now)),
    reconcile: () => tx((t) => reconcile(t, TERMS, now)),
    sides: async () => (await tx((t) => reconciliationSummary(t, TERMS))).sides,
    flows: async () =>
      (
        await tx((t) =>
          sql<{ revision: number | null; state: string; counted_cents: number }>`select revision, state, counted_cents
            from remittance where ente_id = ${enteId} order by loaded_at, remittance_id`.execute(t.kysely),
        )
      ).rows,
    count: async (table: 'remittance_line' | 'treasury_movement' | 'match' | 'audit_leaf') =>
      Number(
        (
          await tx((t) =>
            sql<{ n: number }>`select count(*) as n from ${sql.table(table)} where ente_id = ${enteId}`.execute(
              t.kysely,
            ),
          )
        ).rows[0]?.n,
      ),
  };
}

const row = (n: number, amountCents: number, over = {}) =>
  line({ iuv: iuvOf(n), iur: `tok${n}`, amountCents, ...over });

describe('a flow', () => {
  it('told again is known, and one of before is older: nothing changes', async () => {
    const b = await body();
    expect(await b.load(b.flow([row(1, 100)], { revision: 2 }))).toMatchObject({ kind: 'loaded', superseded: null });
    const leaves = await b.count('audit_leaf');
    expect(await b.load(b.flow([row(1, 100)], { revision: 2 }))).toEqual({ kind: 'known' });
    expect(await b.load(b.flow([row(1, 300)], { revision: 1 }))).toEqual({ kind: 'older' });
    expect(await b.flows()).toEqual([{ revision: 2, state: 'consistent', counted_cents: 100 }]);
    expect(await b.count('audit_leaf')).toBe(leaves);
  });

  it('told with another content under the same revision is a conflict', async () => {
    const b = await body();
    await b.load(b.flow([row(1, 100)]));
    for (const other of [
      b.flow([row(1, 101)]),
      b.flow([row(1, 100, { iur: 'x' })]),
      b.flow([row(1, 100)], { regulationId: 'ALTRO' }),
    ]) {
      await expect(b.load(other)).rejects.toMatchObject({ code: 'REMITTANCE_CONFLICT' });
    }
  });

  it('told by two at once is kept once', async () => {
    const b = await body();
    const told = await Promise.all([1, 2, 3].map(() => b.load(b.flow([row(1, 100)]))));
    expect(told.map((one) => one.kind).sort()).toEqual(['known', 'known', 'loaded']);
    expect(await b.count('remittance_line')).toBe(1);
  });

  it('in a higher revision takes the place of the lower, and frees what was matched with it', async () => {
    const b = await body();
    await b.tx((t) =>
      addReceipt(t, b.codiceFiscale, { receiptId: 'tok1', iuv: iuvOf(1), transfers: [{ no: 1, cents: 100 }] }),
    );
    await b.load(b.flow([row(1, 100)]));
    await b.bank('G1', credit(1, 100, uriText(flowIdOf(1))));
    expect(await b.reconcile()).toEqual({ lines: 1, credits: 1 });
    const { superseded } = (await b.load(b.flow([row(1, 90)], { revision: 2 }))) as { superseded: string | null };
    expect(superseded).not.toBeNull();
    expect(await b.flows()).toMatchObject([{ state: 'superseded' }, { state: 'consistent', counted_cents: 90 }]);
    expect(await b.sides()).toMatchObject({
      transfers: { open: { cents: 100 } },
      lines: { all: { cents: 90 }, open: { cents: 90 } },
      flows: { all: { cents: 90 }, open: { cents: 90 } },
      credits: { open: { cents: 100 } },
    });
    await b.load(b.flow([row(1, 100)], { revision: 3 }));
    expect(await b.reconcile()).toEqual({ lines: 1, credits: 1 });
    expect(await b.sides()).toMatchObject({
      flows: { matched: { cents: 100 } },
      transfers: { matched: { cents: 100 } },
    });
  });

  it.each([
    ['more payments than it has', { declaredCount: 3 }],
    ['another sum', { declaredCents: 301 }],
  ])('that declares %s is inconsistent; its next revision may be sound', async (_, over) => {
    const b = await body();
    expect(await b.load(b.flow([row(1, 100), row(2, 200)], over))).toMatchObject({ state: 'inconsistent' });
    expect(await b.sides()).toMatchObject({ lines: { all: { count: 0 } }, flows: { anomaly: { count: 1 } } });
    expect(await b.load(b.flow([row(1, 100), row(2, 200)], { revision: 2 }))).toMatchObject({ state: 'consistent' });
    expect(await b.sides()).toMatchObject({ lines: { all: { cents: 300 } }, flows: { anomaly: { count: 0 } } });
  });

  it('with revoked payments may declare its sum with or without their sign: the credit is told by either', async () => {
    const lines = [row(1, 100), row(2, 30, { status: 'revoked' as const })];
    for (const [declaredCents, amount] of [
      [70, 70],
      [130, 70],
      [130, 130],
    ] as const) {
      const b = await body();
      expect(await b.load(b.flow(lines, { declaredCents }))).toMatchObject({ state: 'consistent' });
      await b.bank('G1', credit(1, amount, uriText(flowIdOf(1))));
      expect(await b.reconcile()).toMatchObject({ credits: 1 });
    }
  });

  it('that came as XML is followed by the second in which it was made, whichever way it comes', async () => {
    const b = await body();
    const xml = (madeAt: number, cents: number) =>
      b.flow([row(1, cents)], { source: 'xml', revision: null, publishedAt: null, madeAt });
    const at = Date.UTC(2026, 8, 4, 10);
    expect(await b.load(xml(at, 100))).toMatchObject({ kind: 'loaded' });
    expect(await b.load(b.flow([row(1, 100)], { madeAt: at + 300 }))).toEqual({ kind: 'known' });
    expect(await b.load(xml(at - 1_000, 90))).toEqual({ kind: 'older' });
    expect(await b.load(xml(at + 1_000, 110))).toMatchObject({ kind: 'loaded' });
    expect(await b.load(b.flow([row(1, 120)], { madeAt: at + 2_000, revision: 4 }))).toMatchObject({ kind: 'loaded' });
    expect(await b.load(b.flow([row(1, 130)], { madeAt: at, revision: 5 }))).toMatchObject({ kind: 'loaded' });
    expect((await b.flows()).map((one) => one.state)).toEqual(['superseded', 'superseded', 'superseded', 'consistent']);
  });

  it('for another body, or with two lines of one number, is refused', async () => {
    const b = await body();
    await expect(b.load(b.flow([row(1, 1)], { receiver: '80099999991' }))).rejects.toMatchObject({
      code: 'REMITTANCE_FOREIGN',
    });
    const twice = { ...b.flow([row(1, 1)]), lines: [row(1, 1), row(2, 1)] };
    await expect(b.load(twice)).rejects.toMatchObject({ code: 'REMITTANCE_LINES' });
  });

  it('that fails half way leaves what was there', async () => {
    const b = await body();
    await b.load(b.flow([row(1, 100)]));
    await b.bank('G1', credit(1, 100, uriText(flowIdOf(1))));
    await b.reconcile();
    const before = await b.sides();
    const many = Array.from({ length: 6_000 }, (_, i) => row(i, i === 5_999 ? 0 : 5));
    // The last line is one that the table refuses: the first part is written by then.
    await expect(b.load(b.flow(many, { revision: 2 }))).rejects.toThrow();
    await expect(
      b.tx(async (t) => {
        await loadRemittance(t, b.flow([row(1, 90)], { revision: 2 }), 'system', b.now);
        await reconcile(t, TERMS, b.now);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await b.sides()).toEqual(before);
    expect(await b.flows()).toHaveLength(1);
  });

  it('of many lines is matched line by line', async () => {
    const b = await body();
    const n = 12_000;
    await b.tx(async (t) => {
      const ids = sql`generate_series(1, ${n}::int) as g`;
      await sql`insert into receipt (ente_id, receipt_id, notice_number, amount_cents, paid_at, received_at, psp, state,
          content_sha256, channel, creditor_reference)
        select ${b.enteId}, 'tok' || g, '3' || g, g, '2026-09-03Z', '2026-09-03Z', 'p', 'booked', '\\x00', 'pagopa', 'iuv' || g
        from ${ids}`.execute(t.kysely);
      await sql`insert into receipt_transfer (ente_id, receipt_id, transfer_no, beneficiary_fiscal_code, amount_cents, iban, category)
        select ${b.enteId}, 'tok' || g, 1, ${b.codiceFiscale}, g, 'IT', 'x' from ${ids}`.execute(t.kysely);
    });
    const lines = Array.from({ length: n }, (_, i) =>
      line({ iuv: `iuv${i + 1}`, iur: `tok${i + 1}`, amountCents: i + 1 }),
    );
    await b.load(b.flow(lines));
    expect(await b.reconcile()).toEqual({ lines: n, credits: 0 });
    const sum = (n * (n + 1)) / 2;
    expect(await b.sides()).toMatchObject({
      lines: { matched: { cents: sum } },
      transfers: { matched: { cents: sum } },
    });
  });
});

describe('a journal', () => {
  it('told again is known; a movement that another journal tells again is kept once', async () => {
    const b = await body();
    const one = credit(1, 100, 'a');
    expect(await b.bank('G1', one)).toEqual({ kind: 'loaded', fresh: 1 });
    expect(await b.bank('G1', one)).toEqual({ kind: 'known', fresh: 0 });
    // Banks complete the text.
    expect(await b.bank('G2', { ...one, text: 'a b' }, credit(2, 50, 'b'))).toEqual({ kind: 'loaded', fresh: 1 });
    expect(await b.sides()).toMatchObject({ credits: { all: { count: 2, cents: 150 } } });
  });

  it('with another content, another sum for a movement, or one movement twice is refused whole', async () => {
    const b = await body();
    await b.bank('G1', credit(1, 100, 'a'));
    const conflict = { code: 'TREASURY_CONFLICT' };
    await expect(b.bank('G1', credit(1, 100, 'a'), credit(2, 1, 'b'))).rejects.toMatchObject(conflict);
    await expect(b.bank('G2', credit(3, 1, 'c'), credit(1, 101, 'a'))).rejects.toMatchObject(conflict);
    await expect(b.bank('G3', credit(4, 1, 'c'), credit(4, 1, 'c'))).rejects.toMatchObject(conflict);
    expect(await b.count('treasury_movement')).toBe(1);
  });

  it('of another body is refused', async () => {
    const b = await body();
    const other = { ...journal('G1', [credit(1, 1, 'a')]), fiscalCode: '80099999991' };
    await expect(b.tx((t) => loadTreasury(t, store.vaultOf(b.enteId), other, 'system', b.now))).rejects.toMatchObject({
      code: 'TREASURY_FOREIGN',
    });
  });

  it('keeps its texts sealed, and opens them for who may read them', async () => {
    const b = await body();
    const one = credit(1, 100, 'BONIFICO DI MARIO ROSSI');
    await b.bank('G1', one);
    const { rows } = await b.tx((t) =>
      sql<{ text: Uint8Array }>`select text from treasury_movement where ente_id = ${b.enteId}`.execute(t.kysely),
    );
    expect(Buffer.from(rows[0]?.text ?? []).toString('latin1')).not.toContain('ROSSI');
    const texts = await b.tx((t) => creditTexts(t, store.vaultOf(b.enteId), [one.key, 'altro']));
    expect([...texts]).toEqual([[one.key, one.text]]);
  });
});

describe('pulling flows from the platform', () => {
  /** A platform with these flows; `fail` says with which error a flow answers. */
  function platform(all: readonly RemittanceFlow[], fail: Record<string, string> = {}) {
    const asked: (number | null)[] = [];
    const read: string[] = [];
    const source: RemittanceSource = {
      async list(_, publishedAfter) {
        asked.push(publishedAfter);
        return all.map(({ flowId, psp, revision, publishedAt }): FlowRef => {
          return { flowId, psp, revision: revision ?? 0, publishedAt: publishedAt ?? 0 };
        });
      },
      async read(_, ref) {
        read.push(`${ref.flowId.slice(-1)}.${ref.revision}`);
        const code = fail[ref.flowId];
        if (code !== undefined) throw new CodedError(code, 'as the test wants');
        const found = all.find((one) => one.flowId === ref.flowId && one.revision === ref.revision);
        if (found === undefined) throw new Error('no such flow');
        return found;
      },
    };
    return { source, asked, read };
  }

  it('takes what is new, in the order of its publishing, and asks again a while back', async () => {
    const b = await body();
    const made = (n: number, revision: number, at: number) =>
      flow(flowIdOf(n), b.codiceFiscale, [row(n, 100 * revision)], { revision, publishedAt: at });
    const at = Date.UTC(2026, 8, 5);
    const first = platform([made(2, 1, at + 2), made(1, 1, at), made(1, 2, at + 3)]);
    const now = () => b.now;
    expect(await pullRemittances(store.db, first.source, b.enteId, now)).toEqual({ loaded: 3, failed: [] });
    expect(first).toMatchObject({ asked: [null], read: ['1.1', '2.1', '1.2'] });
    const second = platform([made(2, 1, at + 2), made(1, 2, at + 3), made(3, 1, at + 9)]);
    expect(await pullRemittances(store.db, second.source, b.enteId, now)).toEqual({ loaded: 1, failed: [] });
    expect(second.read).toEqual(['3.1']);
    expect(second.asked[0]).toBeLessThan(at - 5 * 86_400_000);
  });

  it('goes past a flow that cannot be read, and tries it again', async () => {
    const b = await body();
    const all = [1, 2, 3].map((n) => flow(flowIdOf(n), b.codiceFiscale, [row(n, 100)], { publishedAt: n }));
    const broken = { [flowIdOf(2)]: 'FDR_ANSWER' };
    const now = () => b.now;
    const half = await pullRemittances(store.db, platform(all, broken).source, b.enteId, now);
    expect(half).toEqual({ loaded: 2, failed: [{ flowId: flowIdOf(2), code: 'FDR_ANSWER' }] });
    expect(await pullRemittances(store.db, platform(all).source, b.enteId, now)).toEqual({ loaded: 1, failed: [] });
  });

  it.each(['FDR_BUSY', 'FDR_UNAVAILABLE'])('ends with %s and goes on from there the next time', async (code) => {
    const b = await body();
    const all = [1, 2, 3].map((n) => flow(flowIdOf(n), b.codiceFiscale, [row(n, 100)], { publishedAt: n }));
    const busy = platform(all, { [flowIdOf(2)]: code });
    const now = () => b.now;
    await expect(pullRemittances(store.db, busy.source, b.enteId, now)).rejects.toMatchObject({ code });
    expect(busy.read).toEqual(['1.1', '2.1']);
    expect(await pullRemittances(store.db, platform(all).source, b.enteId, now)).toEqual({ loaded: 2, failed: [] });
  });

  it('keeps a flow that does not add up, and one for another body not at all', async () => {
    const b = await body();
    const regulationDate = civilDate('2026-09-04');
    const all = [
      flow(flowIdOf(1), b.codiceFiscale, [row(1, 100)], { declaredCents: 1, regulationDate }),
      flow(flowIdOf(2), '80099999991', [row(1, 100)]),
    ];
    expect(await pullRemittances(store.db, platform(all).source, b.enteId, () => b.now)).toEqual({
      loaded: 1,
      failed: [{ flowId: flowIdOf(2), code: 'REMITTANCE_FOREIGN' }],
    });
    expect(await b.flows()).toMatchObject([{ state: 'inconsistent' }]);
  });
});
