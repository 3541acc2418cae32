import { loadModule } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstReading, ranIn, statementsOf } from './sql-in-source.ts';
import { faultsOf, faultsOfMigration, faultsOfView } from './tenant-rules.ts';

const TENANTS = new Set(['notice', 'debt_now', 'delivery']);
beforeAll(() => loadModule());

describe('a statement that a distributed database would refuse, or ask every shard for', () => {
  it.each([
    ['no tenant at all', 'select 1 from notice where notice_id = $1', 'notice notice without'],
    [
      'the tenant by another table alone',
      'select 1 from notice n join debt_now d on d.ente_id = n.ente_id where n.ente_id = $1',
      'debt_now d without',
    ],
    ['the tenant under an or', 'select 1 from notice where ente_id = $1 or health', 'without its tenant'],
    [
      'a sub-select without it',
      'select 1 from notice n where n.ente_id = $1 and exists (select from debt_now d where d.ente_id = n.ente_id)',
      'debt_now d without',
    ],
    [
      'a lateral one without it',
      'select 1 from notice n cross join lateral (select 1 from debt_now d where d.debt_id = n.notice_id) x where n.ente_id = $1',
      'debt_now d without',
    ],
    ['a common table without it', 'with x as (select * from debt_now) select 1 from x', 'debt_now debt_now without'],
    ['a literal tenant', 'select 1 from notice where ente_id = 1', 'without its tenant'],
    ['a range of tenants', 'select 1 from notice where ente_id >= $1', 'without its tenant'],
    ['locked rows of all', 'select 1 from notice for update skip locked', 'and locks rows'],
    [
      'an update that joins loosely',
      'update notice n set health = true from debt_now d where n.ente_id = $1 and d.debt_id = n.notice_id',
      'debt_now d without',
    ],
    [
      'a delete without it',
      'delete from notice using debt_now d where notice.notice_id = d.debt_id and d.ente_id = $1',
      'notice notice without',
    ],
    [
      'an insert of a column',
      'insert into notice (ente_id, notice_id) select d.ente_id, d.debt_id from debt_now d where d.ente_id = $1',
      'insert into notice without',
    ],
    ['an insert of other columns', 'insert into notice (notice_id) values ($1)', 'insert into notice without'],
    ['an insert with the tenant behind', 'insert into notice (notice_id, ente_id) values ($1, $2)', 'not first'],
    ['a second row without it', 'insert into notice (ente_id) values ($1), (2)', 'insert into notice without'],
    [
      'a conflict on less',
      'insert into notice (ente_id, notice_id) values ($1, $2) on conflict (notice_id) do nothing',
      'conflict without',
    ],
    ['a row moved to another body', 'update notice set ente_id = $2 where ente_id = $1', 'moves a row'],
    ['the clock in an update', 'update notice set next_due_at = now() where ente_id = $1', 'now() in update'],
    [
      'the clock by its other name',
      'update notice set next_due_at = current_timestamp where ente_id = $1',
      'clock in update',
    ],
    ['chance in an update', 'update notice set n = n + random() where ente_id = $1', 'random() in update'],
    [
      'the clock in a conflict',
      'insert into notice (ente_id) values ($1) on conflict (ente_id) do update set at = now()',
      'now() in on conflict',
    ],
    [
      'grouping sets',
      'select count(*) from notice where ente_id = $1 group by grouping sets ((health), ())',
      'grouping sets',
    ],
    ['a rollup', 'select count(*) from notice where ente_id = $1 group by rollup (health)', 'grouping sets'],
    ['recursion', 'with recursive x as (select 1 as n union all select n + 1 from x) select * from x', 'recursive'],
    ['a place on the disk', 'select ctid from notice where ente_id = $1', 'ctid'],
    [
      'a merge',
      'merge into notice n using debt_now d on n.ente_id = $1 and d.ente_id = $1 when matched then do nothing',
      'merge',
    ],
    [
      'a case that is rebuilt wrongly',
      'insert into notice (ente_id, health) select $1, case d.state when 1 then d.a = d.b else false end from debt_now d where d.ente_id = $1',
      'boolean arms',
    ],
    ['several in one call', 'delete from notice where ente_id = 1; select 1', 'several statements'],
  ])('%s', (_, sql, fault) => {
    expect(faultsOf(sql, TENANTS).join('; ')).toContain(fault);
  });
});

describe('a statement that it takes as it is', () => {
  it.each([
    'select 1 from notice n join debt_now d on d.ente_id = $1 and d.debt_id = n.notice_id where n.ente_id = $1::int for update of n skip locked',
    'select 1 from notice n where $1 = n.ente_id and not exists (select from debt_now d where d.ente_id = $2 and d.debt_id = n.notice_id)',
    'with x as (select * from debt_now where ente_id = $1) update notice n set health = true from x where n.ente_id = $1 and x.debt_id = n.notice_id',
    'insert into notice (ente_id, health) select $1, case when d.state = 1 then true else d.a = d.b end from debt_now d where d.ente_id = $1 on conflict (ente_id, health) do update set at = excluded.at',
    'insert into notice (ente_id, n) select $1, u.n from unnest($2::int[]) as u(n)',
    'select * from statute_rule r left join notice n on n.ente_id = $1 and n.n = r.n',
    'select pg_advisory_xact_lock($1, $2)',
    'begin; select set_config($$role$$, $$x$$, true)',
  ])('%s', (sql) => {
    expect(faultsOf(sql, TENANTS)).toEqual([]);
  });
});

describe('what acts for whoever asks, or for all bodies at once', () => {
  const loosely = 'd.debt_id = n.notice_id';
  const tied = 'd.ente_id = n.ente_id and d.debt_id = n.notice_id';
  it('is a view whose tables are tied by the tenant', () => {
    const view = (on: string) => faultsOfView('v', `select d.ente_id from notice n join debt_now d on ${on}`, TENANTS);
    expect(view(loosely)).toEqual(['v: n, d not tied by the tenant']);
    expect(view(tied)).toEqual([]);
  });

  it('is a migration that moves rows within their tenant, and makes no trigger', () => {
    const move = (on: string) => faultsOfMigration(`update notice n set x = d.x from debt_now d where ${on}`, TENANTS);
    expect(move(loosely)).toEqual(['d, n not tied by the tenant']);
    expect(move(tied)).toEqual([]);
    const trigger = 'create trigger t before insert on notice for each row execute function f()';
    expect(faultsOfMigration(trigger, TENANTS)).toEqual(['a trigger']);
  });
});

describe('a statement in a file', () => {
  const source = [
    'const mine = sql`n.ente_id = @{ente}`;',
    'const all = sql`select 1 from notice n where @{mine} @{lock ? sql`for update` : sql``}`;',
    'const rows = sql`insert into notice (ente_id) select @{ente} from @{unnestRows({})}`;',
    'const piece = sql`and exists (select from debt_now d where d.ente_id = n.ente_id)`;',
  ];
  const found = statementsOf('x.ts', source.join('\n').replaceAll('@', '$'));

  it('is read with its pieces in their places, and a piece with tables of its own as what it is a piece of', () => {
    expect(found.map(({ line, text }) => [line, text])).toEqual([
      [2, 'select 1 from notice n where n.ente_id = $1 for update'],
      [3, 'insert into notice (ente_id) select $1 from unnest($1::int[]) as u'],
      [4, 'and exists (select from debt_now d where d.ente_id = n.ente_id)'],
    ]);
    expect(found.map((one) => firstReading(one, (sql) => faultsOf(sql, TENANTS)))).toEqual([
      [],
      [],
      ['debt_now d without its tenant as a parameter'],
    ]);
  });

  it('is known again where it runs', () => {
    const ran = ['insert into notice (ente_id) select $7 from unnest($8) as u(a)'];
    expect(found.map((one) => ranIn(ran, one))).toEqual([false, true, false]);
  });
});
