import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineName, openTestStore, type TestStore } from '../../../test/support/store.ts';
import { newId } from '../../kernel/ids.ts';
import { type BulkColumn, instant, unnestRows } from './index.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

describe('the database port', () => {
  it('reads every kind of value alike on both engines', async () => {
    const at = Date.UTC(2026, 8, 7, 8, 0, 0, 123);
    const rows = unnestRows({
      a: { type: 'uuid', values: ['018f0000-0000-7000-8000-000000000000'] },
      b: { type: 'bytea', values: [Buffer.from([1, 2])] },
      c: { type: 'timestamptz', values: [at] },
      d: { type: 'int8', values: [9_007_199_254_740_991] },
      e: { type: 'date', values: ['2026-02-28'] },
      f: { type: 'bool', values: [true] },
      g: { type: 'text', values: [null] },
    });
    const { rows: found } = await store.db.system((tx) =>
      sql<Record<string, unknown>>`select * from ${rows}`.execute(tx.kysely),
    );
    const row = found[0] ?? {};
    expect({ ...row, b: [...(row.b as Uint8Array)] }).toEqual({
      a: '018f0000-0000-7000-8000-000000000000',
      b: [1, 2],
      c: at,
      d: 9_007_199_254_740_991,
      e: '2026-02-28',
      f: true,
      g: null,
    });
  });

  it('takes rows by the thousand as they are: values that differ, that are all alike, none at all', async () => {
    const ids = Array.from({ length: 2 }, () => newId());
    const varied = {
      id: { type: 'uuid', values: ids },
      bytes: { type: 'bytea', values: [Buffer.alloc(0), null] },
      words: { type: 'text', values: ['È “così”, {a,\\b}', null] },
      data: { type: 'jsonb', values: ['{"a":[1,"è"]}', null] },
      day: { type: 'date', values: ['1899-12-31', '2024-02-29'] },
      at: { type: 'timestamptz', values: [-1, Date.UTC(2026, 8, 7, 8, 0, 0, 123)] },
      small: { type: 'int4', values: [-2_147_483_648, null] },
      large: { type: 'int8', values: [-9_007_199_254_740_991, 7] },
      flag: { type: 'bool', values: [false, true] },
      same: { type: 'timestamptz', values: [5, 5] },
      none: { type: 'date', values: [null, null] },
    } as const;
    const read = (columns: Readonly<Record<string, BulkColumn>>) =>
      store.db.system(async (tx) => {
        const { rows } = await sql<Record<string, unknown>>`select u.* from ${unnestRows(columns)}`.execute(tx.kysely);
        return rows.map((row) => ({ ...row, ...(row.bytes ? { bytes: [...(row.bytes as Uint8Array)] } : {}) }));
      });
    const expected = ids.map((_, i) =>
      Object.fromEntries(
        Object.entries(varied).map(([name, { values }]) => {
          const value = values[i] ?? null;
          return [
            name,
            name === 'data' && value !== null
              ? JSON.parse(String(value))
              : value instanceof Buffer
                ? [...value]
                : value,
          ];
        }),
      ),
    );
    expect(await read(varied)).toEqual(expected);
    const alike = { a: { type: 'int4', values: [1, 1, 1] }, b: { type: 'text', values: ['x', 'x', 'x'] } } as const;
    expect(await read(alike)).toEqual(Array.from({ length: 3 }, () => ({ a: 1, b: 'x' })));
    expect(await read({ a: { type: 'uuid', values: [] }, b: { type: 'bytea', values: [] } })).toEqual([]);
  });

  it('refuses an int8 that a number cannot hold, instead of rounding it', async () => {
    const beyond = store.db.system((tx) => sql`select 9007199254740993::int8 as n`.execute(tx.kysely));
    await expect(beyond).rejects.toThrow();
  });

  it('says how many rows a statement touched', async () => {
    await store.db.tenant(7, async (tx) => {
      const done =
        await sql`insert into tenant_due (ente_id, next_at) values (7, ${instant(0)}), (8, ${instant(0)})`.execute(
          tx.kysely,
        );
      expect(done.numAffectedRows).toBe(2n);
    });
  });

  it('rolls everything back when the work throws, and is usable after', async () => {
    const failing = store.db.tenant(7, async (tx) => {
      await sql`insert into tenant (ente_id, slug) values (77, 'gone')`.execute(tx.kysely);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const left = await store.db.system((tx) => sql`select 1 from tenant where ente_id = 77`.execute(tx.kysely));
    expect(left.rows).toEqual([]);
  });

  it('refuses to begin inside a transaction: on PGlite it would wait for ever', async () => {
    const nested = store.db.tenant(7, () => store.db.tenant(7, async () => 1));
    await expect(nested).rejects.toMatchObject({ code: 'NESTED_TRANSACTION' });
  });

  it('runs as the role that is bound by row-level security, whoever connected', async () => {
    const who = await store.db.system((tx) => sql<{ u: string }>`select current_user as u`.execute(tx.kysely));
    expect(who.rows[0]?.u).toBe('bonario_app');
  });

  it('keeps transactions of two callers apart', async () => {
    const both = await Promise.allSettled([
      store.db.system(async (tx) => {
        await sql`insert into tenant (ente_id, slug) values (90, 'stays')`.execute(tx.kysely);
      }),
      store.db.system(async (tx) => {
        await sql`insert into tenant (ente_id, slug) values (91, 'goes')`.execute(tx.kysely);
        throw new Error('only mine');
      }),
    ]);
    expect(both.map((b) => b.status)).toEqual(['fulfilled', 'rejected']);
    const { rows } = await store.db.system((tx) =>
      sql<{ slug: string }>`select slug from tenant where ente_id in (90, 91)`.execute(tx.kysely),
    );
    expect(rows.map((r) => r.slug)).toEqual(['stays']);
  });

  it('gives errors of the database with their SQLSTATE', async () => {
    const twice = store.db.system((tx) =>
      sql`insert into tenant (ente_id, slug) values (90, 'again')`.execute(tx.kysely),
    );
    await expect(twice).rejects.toMatchObject({ code: '23505' });
  });

  it('says which engine it is', () => {
    expect(store.db.engine).toBe(engineName());
  });
});
