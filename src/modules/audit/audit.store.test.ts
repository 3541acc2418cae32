import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOwner } from '../../../test/support/ground.ts';
import { openTestStore, TEST_START, type TestStore } from '../../../test/support/store.ts';
import { digestOfIds, exportSeal, readExportedSeals, type Seal, sealNext, verifyAudit, writeLeaf } from './index.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

let lastEnte = 0;
const nextEnte = () => {
  lastEnte += 1;
  return lastEnte;
};

async function write(enteId: number, count: number, from = 0): Promise<void> {
  await store.db.tenant(enteId, async (tx) => {
    for (let i = from; i < from + count; i += 1) {
      const facts = { importId: `i${i}`, rows: i, ok: true, nothing: null, ids: ['b', 'a'] };
      await writeLeaf(tx, { at: TEST_START + i, kind: 'import.committed', actor: 'system', rowCount: i, facts });
    }
  });
}

const seal = (enteId: number, at = TEST_START + 1_000) => store.db.tenant(enteId, (tx) => sealNext(tx, at));
const verify = (enteId: number, exported: readonly Seal[] = []) =>
  store.db.tenant(enteId, (tx) => verifyAudit(tx, exported));

/** A body with two seals, of five and three leaves, and one leaf still unsealed. */
async function history(): Promise<{ ente: number; seals: Seal[] }> {
  const ente = nextEnte();
  await write(ente, 5);
  const first = await seal(ente);
  await write(ente, 3, 5);
  const second = await seal(ente, TEST_START + 2_000);
  await write(ente, 1, 8);
  return { ente, seals: [first, second].filter((one) => one !== null) };
}

describe('sealing', () => {
  it('takes what is unsealed, once, and says when there is nothing', async () => {
    const ente = nextEnte();
    expect(await seal(ente)).toBeNull();
    await write(ente, 5);
    expect(await seal(ente)).toMatchObject({ sealNo: 1, leafCount: 5, sealedAt: TEST_START + 1_000 });
    expect(await seal(ente)).toBeNull();
    await write(ente, 2);
    expect(await seal(ente)).toMatchObject({ sealNo: 2, leafCount: 2 });
  });

  it('counts sealed and unsealed leaves, and finds an untouched history whole', async () => {
    const { ente, seals } = await history();
    expect(await verify(ente, seals)).toEqual({
      events: 9,
      sealed: 8,
      unsealed: 1,
      seals: 2,
      valid: true,
      faults: [],
      lastChained: seals[1]?.chained,
    });
  });

  it('keeps bodies apart', async () => {
    const { ente } = await history();
    const other = nextEnte();
    await write(other, 1);
    expect(await verify(other)).toMatchObject({ events: 1, seals: 0, lastChained: null });
    expect(await seal(other)).toMatchObject({ sealNo: 1, leafCount: 1 });
    expect(await verify(ente)).toMatchObject({ events: 9 });
  });

  it('by several sealers at once seals every leaf exactly once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ente = nextEnte();
      await write(ente, 40);
      const made = await Promise.all(Array.from({ length: 4 }, (_, i) => seal(ente, TEST_START + i)));
      expect(made.flatMap((one) => (one === null ? [] : [one.leafCount]))).toEqual([40]);
      expect(await verify(ente)).toMatchObject({ sealed: 40, unsealed: 0, seals: 1, valid: true });
    }
  });

  it('does not lose a leaf that is written while a sealer works', async () => {
    const ente = nextEnte();
    await write(ente, 3);
    await Promise.all([seal(ente), write(ente, 3, 3), seal(ente), write(ente, 3, 6)]);
    while ((await seal(ente)) !== null);
    expect(await verify(ente)).toMatchObject({ events: 9, unsealed: 0, valid: true });
  });
});

describe('verifying', () => {
  const where = (ente: number, rest: string) => `where ente_id = ${ente} and ${rest}`;
  const leaf = (ente: number, set: string, rest: string) => `update audit_leaf set ${set} ${where(ente, rest)}`;
  const at = (ente: number, sealNo: number, position: number) =>
    `(select leaf_ids[${position + 1}] from audit_order ${where(ente, `seal_no = ${sealNo}`)})`;
  const sealed = (ente: number, sealNo: number, position: number) => `leaf_id = ${at(ente, sealNo, position)}`;
  const order = (ente: number, sealNo: number, ids: string) =>
    `update audit_order set leaf_ids = ${ids} ${where(ente, `seal_no = ${sealNo}`)}`;
  const wait = (ente: number, leaves: string) =>
    `insert into audit_unsealed select ente_id, leaf_id, digest from audit_leaf ${where(ente, leaves)}`;
  const forget = (ente: number) => `delete from audit_unsealed where ente_id = ${ente}`;
  const WAITING = 'leaf_id in (select leaf_id from audit_unsealed)';

  it.each<[string, (ente: number) => string, RegExp]>([
    [
      'a leaf with other facts',
      (e) => leaf(e, `facts = '{"rows":99}'`, sealed(e, 1, 2)),
      /\(import.committed\) was altered/,
    ],
    ['a leaf of another kind', (e) => leaf(e, `kind = 'receipt.booked'`, sealed(e, 1, 0)), /was altered/],
    ['a leaf at another time', (e) => leaf(e, `at = at + interval '1 ms'`, sealed(e, 2, 0)), /was altered/],
    ['a leaf by another actor', (e) => leaf(e, `actor = 'operator:x'`, sealed(e, 2, 1)), /was altered/],
    [
      'a leaf with another digest',
      (e) => leaf(e, `digest = sha256('x')`, sealed(e, 1, 4)),
      /seal 1: the root does not match/,
    ],
    ['an unsealed leaf altered', (e) => leaf(e, 'row_count = 77', WAITING), /was altered/],
    ['a leaf dropped', (e) => `delete from audit_leaf ${where(e, sealed(e, 1, 3))}`, /seal 1: 4 leaves instead of 5/],
    ['the last leaf dropped', (e) => `delete from audit_leaf ${where(e, sealed(e, 2, 2))}`, /2 leaves instead of 3/],
    ['a leaf unsealed again', (e) => `${wait(e, sealed(e, 1, 0))}; ${order(e, 1, 'leaf_ids[2:]')}`, /4 leaves instead/],
    [
      'a leaf of one seal moved to the other',
      (e) => `${order(e, 2, `leaf_ids || ${at(e, 1, 4)}`)}; ${order(e, 1, 'leaf_ids[:4]')}`,
      /4 leaves instead of 5/,
    ],
    ['a leaf hidden from the sealer', forget, /stands in no seal and waits for none/],
    [
      'a leaf hidden under a seal that is not there',
      (e) => `insert into audit_order select ente_id, 99, array_agg(leaf_id) from audit_unsealed
        where ente_id = ${e} group by 1; ${forget(e)}`,
      /stands in no seal and waits for none/,
    ],
    ['a leaf that is to be sealed twice', (e) => wait(e, sealed(e, 1, 0)), /stands in 2 places/],
    [
      'an unsealed leaf dropped',
      (e) => `delete from audit_leaf ${where(e, WAITING)}`,
      /waits for a seal, is not there/,
    ],
    [
      'another digest that waits for the seal',
      (e) => `update audit_unsealed set digest = sha256('x') where ente_id = ${e}`,
      /was altered/,
    ],
    [
      'leaves in another order',
      (e) => order(e, 1, 'leaf_ids[2:2] || leaf_ids[1:1] || leaf_ids[3:]'),
      /root does not match/,
    ],
    [
      'a leaf put in',
      (e) => `insert into audit_leaf select ente_id, gen_random_uuid(), at, kind, actor, row_count, facts, digest
        from audit_leaf ${where(e, sealed(e, 1, 0))};
        ${order(e, 1, `leaf_ids || (select leaf_id from audit_leaf ${where(e, `digest = (select digest from audit_leaf ${where(e, sealed(e, 1, 0))}) and leaf_id <> ${at(e, 1, 0)}`)})`)}`,
      /6 leaves instead of 5/,
    ],
    [
      'a seal at another time',
      (e) => `update audit_seal set sealed_at = sealed_at + interval '1 day' ${where(e, 'seal_no = 1')}`,
      /seal 1: the chain is broken/,
    ],
    [
      'a seal with another root',
      (e) => `update audit_seal set merkle_root = sha256('x') ${where(e, 'seal_no = 2')}`,
      /root does not match/,
    ],
    [
      'a seal with another link',
      (e) => `update audit_seal set chained = sha256('x') ${where(e, 'seal_no = 1')}`,
      /seal 2: the chain is broken/,
    ],
    [
      'the first seal dropped',
      (e) => `delete from audit_seal ${where(e, 'seal_no = 1')}`,
      /seal 2: the number before it is missing/,
    ],
  ])('finds %s', async (_, statement, fault) => {
    const { ente } = await history();
    await asOwner(store, statement(ente));
    const report = await verify(ente);
    expect(report.valid).toBe(false);
    expect(report.faults.join('\n')).toMatch(fault);
  });

  it('counts a leaf that stands in no seal among the events', async () => {
    const { ente } = await history();
    await asOwner(store, forget(ente));
    expect(await verify(ente)).toMatchObject({ events: 9, sealed: 8, unsealed: 0 });
  });

  it('finds the last seal dropped only with the exported ones', async () => {
    const { ente, seals } = await history();
    const last = `leaf_id in (select unnest(leaf_ids) from audit_order ${where(ente, 'seal_no = 2')})`;
    await asOwner(store, wait(ente, last));
    for (const table of ['audit_order', 'audit_seal']) {
      await asOwner(store, `delete from ${table} ${where(ente, 'seal_no = 2')}`);
    }
    expect(await verify(ente)).toMatchObject({ valid: true, unsealed: 4 });
    expect((await verify(ente, seals)).faults).toEqual(['seal 2 is not the one that was exported']);
  });

  it('finds a history that the owner wrote anew, consistent in itself, only with the exported ones', async () => {
    const { ente, seals } = await history();
    await asOwner(
      store,
      ['audit_leaf', 'audit_unsealed', 'audit_order', 'audit_seal']
        .map((table) => `delete from ${table} where ente_id = ${ente}`)
        .join(';'),
    );
    await write(ente, 4, 20);
    await seal(ente);
    await write(ente, 3, 30);
    await seal(ente);
    expect(await verify(ente)).toMatchObject({ valid: true, seals: 2 });
    const { valid, faults } = await verify(ente, seals);
    expect(valid).toBe(false);
    expect(faults).toHaveLength(2);
  });
});

describe('the program’s own role', () => {
  const asProgram = (ente: number, statement: string) =>
    store.db.tenant(ente, (tx) => sql.raw(statement).execute(tx.kysely));

  it.each([
    `update audit_leaf set kind = 'x'`,
    `update audit_leaf set facts = '{}'`,
    `update audit_leaf set digest = ''`,
    'update audit_leaf set at = at',
    'delete from audit_leaf',
    'update audit_unsealed set digest = digest',
    `update audit_order set leaf_ids = '{}'`,
    'delete from audit_order',
    'truncate audit_leaf',
    'update audit_seal set leaf_count = 0',
    'delete from audit_seal',
    'alter table audit_leaf disable row level security',
  ])('may not: %s', async (statement) => {
    const { ente, seals } = await history();
    await expect(asProgram(ente, statement)).rejects.toMatchObject({ code: '42501' });
    expect(await verify(ente, seals)).toMatchObject({ valid: true, events: 9 });
  });
});

describe('exported seals', () => {
  it('come back from their file as they were, a file a body', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bonario-seals-'));
    try {
      const { seals } = await history();
      for (const one of seals) exportSeal(join(folder, 'deep'), 'borgo', one);
      expect(readExportedSeals(join(folder, 'deep'), 'borgo')).toEqual(seals);
      expect(readExportedSeals(join(folder, 'deep'), 'altro')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('digestOfIds', () => {
  it('does not depend on the order, but on every id', () => {
    expect(digestOfIds(['a', 'b', 'c'])).toBe(digestOfIds(['c', 'a', 'b']));
    expect(digestOfIds(['a', 'b'])).not.toBe(digestOfIds(['a', 'c']));
    expect(digestOfIds(['a', 'b'])).not.toBe(digestOfIds(['a']));
  });
});
