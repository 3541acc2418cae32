import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEnte, type Ground, makeGround, TARI, TICKET } from '../../../test/support/ground.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import {
  calendarOf,
  checkInstallation,
  creditTypeOf,
  listTenants,
  loadEnte,
  loadRules,
  officeOf,
  STATUTE,
  setEnteRule,
  type WindowRule,
  windowsBetween,
  writeWindows,
} from './index.ts';

let store: TestStore;
let ground: Ground;
beforeAll(async () => {
  store = await openTestStore();
  ground = await makeGround(store);
});
afterAll(() => store.close());

const coded = (code: string) => expect.objectContaining({ code });
const rulesOn = (enteId: number, day: string) => store.db.tenant(enteId, (tx) => loadRules(tx, civilDate(day)));

describe('bodies', () => {
  it('are read back as they were written', async () => {
    expect(await store.db.tenant(1, loadEnte)).toEqual(ground.comune.ente);
    expect(await store.db.tenant(3, loadEnte)).toEqual(ground.mixed.ente);
    expect(await store.db.system(listTenants)).toEqual([
      { enteId: 1, slug: 'ente-1' },
      { enteId: 2, slug: 'ente-2' },
      { enteId: 3, slug: 'ente-3' },
    ]);
  });

  it('that do not exist are an error', async () => {
    await expect(store.db.tenant(99, loadEnte)).rejects.toThrow(coded('ENTE_UNKNOWN'));
  });

  it.each([
    [
      'health in the group of taxes',
      { creditTypes: [TARI, { ...TICKET, purposeGroup: 'entrate' }] },
      'ENTE_HEALTH_GROUP',
    ],
    [
      'taxes in the group of health',
      { creditTypes: [TICKET, { ...TARI, purposeGroup: 'salute' }] },
      'ENTE_HEALTH_GROUP',
    ],
    ['a nature that no rule is for', { creditTypes: [{ ...TARI, nature: 'bollo' as never }] }, 'ENTE_NATURE'],
    [
      'a health credit that is not marked so',
      { creditTypes: [{ ...TARI, nature: 'missedAppointment' as const }] },
      'ENTE_HEALTH',
    ],
    ['a wrong codice fiscale', { codiceFiscale: '8000123456' }, 'ENTE_CODE'],
    ['a slug that is taken', { slug: 'ente-1' }, '23505'],
    ['a credit of an office it has not', { creditTypes: [{ ...TARI, officeId: 9 }] }, '23503'],
  ])('with %s are refused, and nothing of them stays', async (_, over, code) => {
    await expect(addEnte(store, 50, over)).rejects.toMatchObject({ code });
    await expect(store.db.tenant(50, loadEnte)).rejects.toThrow(coded('ENTE_UNKNOWN'));
    expect((await store.db.system(listTenants)).map((t) => t.enteId)).not.toContain(50);
  });

  it('know their credit types and offices', () => {
    const { ente } = ground.mixed;
    expect(creditTypeOf(ente, 'TICKET')).toEqual(TICKET);
    expect(() => creditTypeOf(ente, 'MULTA')).toThrow(coded('CREDIT_TYPE_UNKNOWN'));
    expect(officeOf(ente, 2).name).toBe('Ufficio IMU');
    expect(officeOf(ente, 77).officeId).toBe(1);
    expect(() => officeOf({ ...ente, offices: [] }, 1)).toThrow(coded('ENTE_NO_OFFICE'));
  });
});

describe('rules', () => {
  it('of the statute are the shipped rows', async () => {
    const rules = await rulesOn(1, '2026-09-07');
    expect(STATUTE.length).toBeGreaterThan(100);
    for (const row of STATUTE) {
      const credit = row.nature === '*' ? null : { code: 'TARI', nature: row.nature };
      const onItsDay = row.to === undefined ? rules : rules.at(civilDate(row.to));
      const expected = { value: row.value, legalBasis: row.basis, from: 'statute' };
      expect(onItsDay.get(row.key, credit), `${row.key} of ${row.nature}`).toEqual(expected);
    }
  });

  it('end with their validity: the minimum for taxes of c. 168 is not known in 2027', async () => {
    expect((await rulesOn(1, '2026-12-31')).get('taxMinimumCents', TARI).value).toBe(1200);
    const next = await rulesOn(1, '2027-01-01');
    expect(() => next.get('taxMinimumCents', TARI)).toThrow(coded('RULE_UNKNOWN'));
    expect(next.get('decadenceYears', TARI).value).toBe(5);
  });

  it('of a body’s regulation count for that body, that credit and from that day', async () => {
    await store.db.tenant(3, (tx) =>
      setEnteRule(tx, {
        key: 'sendingFloorCents',
        creditType: 'IMU',
        validFrom: civilDate('2026-10-01'),
        value: 2500,
        legalBasis: 'Delibera C.C. n. 12 del 03/09/2026',
      }),
    );
    const imu = { code: 'IMU', nature: 'imu' };
    expect((await rulesOn(3, '2026-10-01')).get('sendingFloorCents', imu)).toEqual({
      value: 2500,
      legalBasis: 'Delibera C.C. n. 12 del 03/09/2026',
      from: 'regulation',
    });
    expect((await rulesOn(3, '2026-09-30')).get('sendingFloorCents', imu).from).toBe('statute');
    expect((await rulesOn(3, '2026-10-01')).get('sendingFloorCents', TARI).from).toBe('statute');
    expect((await rulesOn(1, '2026-10-01')).get('sendingFloorCents', imu).from).toBe('statute');
  });

  it.each(['', '   '])('without their deliberation are refused («%s»)', async (legalBasis) => {
    const rule = { key: 'x', creditType: '*', validFrom: civilDate('2026-01-01'), value: 1, legalBasis };
    await expect(store.db.tenant(1, (tx) => setEnteRule(tx, rule))).rejects.toThrow(coded('RULE_WITHOUT_BASIS'));
    expect((await rulesOn(1, '2026-06-01')).find('x', null)).toBeNull();
  });

  it.each([
    ['sendingFloor', 2500, 'RULE_KEY_UNKNOWN'],
    ['decadenceYears', 7, 'RULE_FIXED'],
    ['ticketLimitationYears', 7, 'RULE_VALUE'],
  ])('that say %s = %s are refused', async (key, value, code) => {
    const rule = { key, creditType: '*', validFrom: civilDate('2026-01-01'), value, legalBasis: 'Delibera n. 1/2026' };
    await expect(store.db.tenant(1, (tx) => setEnteRule(tx, rule))).rejects.toThrow(coded(code));
  });

  it('of the statute say how sure they are', async () => {
    const entries = (await rulesOn(1, '2026-09-07')).entries(TARI);
    expect(entries.find((e) => e.key === 'decadenceYears')).toMatchObject({
      mark: 'C',
      level: 'category',
      scope: 'tax',
    });
  });

  it('of the statute cannot be changed by the program', async () => {
    const change = store.db.tenant(1, (tx) => sql`update statute_rule set value = '0'`.execute(tx.kysely));
    await expect(change).rejects.toMatchObject({ code: '42501' });
  });
});

describe('opening hours', () => {
  const rule: WindowRule = { fromMinutes: 480, toMinutes: 1200, days: [1, 2, 3, 4, 5, 6] };
  const lay = (enteId: number, channel: string, patronDay: string | null, from: string, days: number) =>
    store.db.tenant(enteId, (tx) => {
      const day = civilDate(from);
      return writeWindows(tx, channel, day, windowsBetween(rule, calendarOf({ patronDay }), day, days));
    });
  const laid = (enteId: number, channel: string) =>
    store.db.tenant(enteId, async (tx) => {
      const { rows } = await sql<{ opens_at: number }>`select opens_at from calendar_window_now
        where ente_id = ${enteId} and channel = ${channel} order by opens_at`.execute(tx.kysely);
      return rows.map((r) => r.opens_at);
    });
  const eight = (day: string) => romeInstant(civilDate(day), 480);

  it('are laid again without harm, and follow a changed patron’s day from that day on', async () => {
    await lay(1, 'email', '09-29', '2026-09-26', 6);
    await lay(1, 'email', '09-29', '2026-09-26', 6);
    const before = ['2026-09-26', '2026-09-28', '2026-09-30', '2026-10-01'].map(eight);
    expect(await laid(1, 'email')).toEqual(before);
    await lay(1, 'email', '09-30', '2026-09-28', 4);
    expect(await laid(1, 'email')).toEqual(['2026-09-26', '2026-09-28', '2026-09-29', '2026-10-01'].map(eight));
  });

  it('of one channel and one body leave the others alone', async () => {
    await lay(2, 'email', null, '2026-09-26', 1);
    await lay(2, 'sms', null, '2026-09-26', 3);
    await lay(1, 'email', null, '2026-09-01', 0);
    expect(await laid(1, 'email')).toEqual([]);
    expect(await laid(2, 'email')).toEqual([eight('2026-09-26')]);
    expect(await laid(2, 'sms')).toHaveLength(2);
  });
});

describe('the installation', () => {
  it('remembers the first master key and knows any other for wrong', async () => {
    const [first, other] = [randomBytes(32), randomBytes(32)];
    const check = (key: Buffer) => store.db.system((tx) => checkInstallation(tx, key));
    expect([await check(first), await check(other), await check(first)]).toEqual([true, false, true]);
  });
});
