import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ground, makeGround } from '../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import {
  apiKeyByKey,
  createApiKey,
  createOperator,
  enteOfKey,
  listOperators,
  operatorByKey,
  ROLES,
  requireRole,
  withdrawApiKey,
  withdrawOperator,
} from './index.ts';

let store: TestStore;
let ground: Ground;
beforeAll(async () => {
  store = await openTestStore();
  ground = await makeGround(store);
});
afterAll(() => store.close());

const operator = (enteId: number, key: string) =>
  store.db.tenant(enteId, (tx) => operatorByKey(tx, store.vaultOf(enteId), key));
const program = (enteId: number, key: string) =>
  store.db.tenant(enteId, (tx) => apiKeyByKey(tx, store.vaultOf(enteId), key));
const unknown = expect.objectContaining({ code: 'KEY_UNKNOWN' });

describe('keys', () => {
  it('name their body in the clear and open for their owner, with his roles', async () => {
    const { clerk, head } = ground.asl;
    expect(enteOfKey(clerk.key)).toBe(2);
    expect(await operator(2, clerk.key)).toEqual({
      operatorId: clerk.operatorId,
      name: 'Paola Bianchi',
      roles: ['see', 'import', 'write', 'decide'],
    });
    expect(await operator(2, head.key)).toMatchObject({ name: 'Luigi Verdi', roles: ['see', 'approve', 'manage'] });
    expect(await program(2, ground.asl.apiKey.key)).toEqual({
      apiKeyId: ground.asl.apiKey.apiKeyId,
      roles: ['receipts'],
    });
  });

  it.each(['', 'bo_1_', 'bo_x_abc', `bo_0001_${'a'.repeat(42)}`, `bx_1_${'a'.repeat(43)}`, `bo_1_${'a'.repeat(43)} `])(
    'that are not shaped like one name no body: %j',
    (key) => {
      expect(enteOfKey(key)).toBeNull();
    },
  );

  it('that are almost right are unknown', async () => {
    const { key } = ground.clerk;
    const last = key.endsWith('A') ? 'B' : 'A';
    for (const wrong of [`${key.slice(0, -1)}${last}`, key.replace('bo_', 'bk_'), key.replace('bo_1_', 'bo_2_'), '']) {
      await expect(operator(1, wrong)).rejects.toThrow(unknown);
      expect(await program(1, wrong)).toBeNull();
    }
  });

  it('of another body open nothing, there or here', async () => {
    await expect(operator(2, ground.comune.clerk.key)).rejects.toThrow(unknown);
    await expect(operator(1, ground.asl.clerk.key)).rejects.toThrow(unknown);
    expect(await program(1, ground.asl.apiKey.key)).toBeNull();
  });

  it('of another body open nothing even when their row is copied over: the hash is keyed by the body', async () => {
    const { key } = ground.asl.clerk;
    await store.db.tenant(1, (tx) =>
      sql`insert into operator (ente_id, operator_id, name, roles, key_hash)
        values (1, gen_random_uuid(), 'Copia', '{manage}', ${store.vaultOf(2).lookup('key', key)})`.execute(tx.kysely),
    );
    await expect(operator(1, key)).rejects.toThrow(unknown);
  });

  it('of operators are none of programs, and the other way round', async () => {
    expect(await program(1, ground.clerk.key)).toBeNull();
    await expect(operator(1, ground.apiKey.key)).rejects.toThrow(unknown);
  });

  it('are nowhere in the database', async () => {
    await store.db.tenant(1, async (tx) => {
      const { rows } = await sql<{ all: string }>`select o::text as all from operator o
        union all select k::text from api_key k`.execute(tx.kysely);
      const secret = ground.clerk.key.slice(5);
      expect(rows.length).toBeGreaterThan(2);
      expect(rows.some((r) => r.all.includes(secret) || r.all.includes(ground.apiKey.key.slice(5)))).toBe(false);
    });
  });
});

describe('withdrawn keys', () => {
  it('of an operator are answered like wrong ones, and his name stays', async () => {
    const vault = store.vaultOf(1);
    const { operatorId, key } = await store.db.tenant(1, (tx) =>
      createOperator(tx, vault, { name: 'Andrea Gialli', roles: ['see'] }),
    );
    expect(await operator(1, key)).toMatchObject({ operatorId });
    expect(await store.db.tenant(2, (tx) => withdrawOperator(tx, operatorId))).toBe(false);
    expect(await store.db.tenant(1, (tx) => withdrawOperator(tx, operatorId))).toBe(true);
    expect(await store.db.tenant(1, (tx) => withdrawOperator(tx, operatorId))).toBe(false);
    await expect(operator(1, key)).rejects.toThrow(unknown);
    const list = await store.db.tenant(1, listOperators);
    expect(list).toContainEqual({ operatorId, name: 'Andrea Gialli', roles: ['see'], active: false });
  });

  it('of a program open nothing', async () => {
    const { apiKeyId, key } = await store.db.tenant(1, (tx) =>
      createApiKey(tx, store.vaultOf(1), { label: 'vecchio partner', roles: ['receipts'] }),
    );
    expect(await program(1, key)).toMatchObject({ apiKeyId });
    expect(await store.db.tenant(2, (tx) => withdrawApiKey(tx, apiKeyId))).toBe(false);
    expect(await store.db.tenant(1, (tx) => withdrawApiKey(tx, apiKeyId))).toBe(true);
    expect(await program(1, key)).toBeNull();
  });
});

describe('roles', () => {
  it.each(ROLES)('%s is given by itself alone', (role) => {
    const others = ROLES.filter((r) => r !== role);
    const who = { operatorId: 'x', name: 'Paola Bianchi' };
    expect(() => requireRole({ ...who, roles: [role] }, role)).not.toThrow();
    expect(() => requireRole({ ...who, roles: others }, role)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });
});
