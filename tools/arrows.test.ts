import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { checkArrows } from './arrows.mjs';
import { looksLikeSql, namesInSql, readOwners } from './sql-names.mjs';

const planted: string[] = [];
afterEach(() => {
  for (const root of planted.splice(0)) rmSync(root, { recursive: true, force: true });
});

const MIGRATION = `-- module: platform
create table job_log (id bigint);
-- module: debts
create table debt (ente_id integer not null, id bigint);
create or replace view
  debt_open as select * from debt;
-- module: deliveries
create unlogged table if not exists delivery (ente_id integer not null);
create view delivery_due as select * from delivery;
`;

/** A house in order; each test plants one wrong thing in it. */
const RIGHT: Record<string, string> = {
  'migrations/0001_start.sql': MIGRATION,
  'src/kernel/money.ts': 'export const cents = 1;',
  'src/config/load.ts': "import '../kernel/money.ts'; export type Settings = { port: number };",
  'src/platform/db/index.ts':
    "import { cents } from '../../kernel/money.ts'; import type { Settings } from '../../config/load.ts'; export const q = `select ${cents} from job_log`; export type S = Settings;",
  'src/modules/audit/index.ts': 'export const seal = 1;',
  'src/modules/deliveries/index.ts': "import '../audit/index.ts'; export * from './queue.ts';",
  'src/modules/deliveries/queue.ts':
    'export const take = sql`with due as (select * from delivery) update delivery d set state = 1 from due where d.id = due.id`;',
  'src/modules/deliveries/channel.port.ts': 'export type Channel = { kind: string };',
  'src/modules/debts/index.ts':
    "import type { Channel } from '../deliveries/channel.port.ts'; export const open = sql`select * from debt join delivery_due using (id)`; export type C = Channel;",
  'src/modules/insight/index.ts': "import '../debts/index.ts'; export const funnel = db.selectFrom('debt_open as d');",
  'src/modules/debts/index.test.ts':
    "import '../../../test/factories.ts'; export const seen = sql`select * from delivery`; Date.now();",
  'src/adapters/channels/conformance.ts': "import '../../modules/deliveries/channel.port.ts';",
  'src/adapters/channels/email/index.ts': "import '../conformance.ts'; import './mime.ts';",
  'src/adapters/channels/email/mime.ts': 'export const at = (now: number) => new Date(now);',
  'src/web/ui/page.tsx': 'export const Page = () => <p>Seleziona un avviso da pagare.</p>;',
  'src/web/console/funnel.tsx':
    "import { Page } from '../ui/page.tsx'; import '../../modules/insight/index.ts'; export { Page };",
  'src/compose.ts':
    "import './web/console/funnel.tsx'; import './adapters/channels/email/index.ts'; import './config/load.ts';",
  'src/cli/serve.ts': "import '../compose.ts'; export const help = 'update debt without asking';",
  'src/main.ts': "const { help } = await import('./cli/serve.ts'); console.log(help);",
  'sandbox/mail.ts': "import '../src/kernel/money.ts'; import './world.ts';",
  'sandbox/world.ts': 'export const people = 3;',
  'test/factories.ts': 'export const debt = {};',
};

function plant(changes: Record<string, string> = {}, base: Record<string, string> = RIGHT): string {
  const root = mkdtempSync(path.join(tmpdir(), 'arrows-'));
  planted.push(root);
  for (const [file, text] of Object.entries({ ...base, ...changes })) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

/** The violations of a planted tree, as `file:line rule`. */
function broken(changes: Record<string, string>): string[] {
  return checkArrows({ root: plant(changes) }).violations.map(
    (found: { file: string; line: number; rule: string }) => `${found.file}:${found.line} ${found.rule}`,
  );
}

describe('checkArrows', () => {
  it('passes a house in order, having looked at all of it', () => {
    const { files, modules, imports, sqlNames, violations } = checkArrows({ root: plant() });
    expect(violations).toEqual([]);
    // job_log; delivery twice (the inner name of `due` and the updated one); debt, delivery_due; debt_open
    expect({ files, modules, imports, sqlNames }).toEqual({ files: 20, modules: 4, imports: 20, sqlNames: 6 });
  });

  it.each<[name: string, file: string, text: string, rule: string]>([
    ['an arrow that runs up', 'src/kernel/up.ts', "\nimport '../platform/db/index.ts';", '2 upward'],
    ['an upward dynamic import', 'src/platform/up.ts', "await import('../modules/audit/index.ts');", '1 upward'],
    [
      'a module that imports upward',
      'src/modules/audit/x.ts',
      "import type { C } from '../debts/index.ts';",
      '1 upward',
    ],
    ['an upward import in a type', 'src/modules/audit/x.ts', "type C = import('../debts/index.ts').C;", '1 upward'],
    ['a re-export upward', 'src/modules/audit/x.ts', "export { C } from '../debts/index.ts';", '1 upward'],
    ['a module of the same row', 'src/modules/creditors/x.ts', "import '../audit/index.ts';", '1 sideways'],
    ['insight read by a module', 'src/modules/campaigns/x.ts', "import '../insight/index.ts';", '1 upward'],
    ['insight read by an adapter', 'src/adapters/x/a.ts', "import '../../modules/insight/index.ts';", '1 upward'],
    ['web and adapters meeting', 'src/web/api/a.ts', "import '../../adapters/channels/conformance.ts';", '1 sideways'],
    ['one adapter in another', 'src/adapters/channels/sms/a.ts', "import '../email/mime.ts';", '1 sideways'],
    ['one part of web in another', 'src/web/portal/a.ts', "import '../console/funnel.tsx';", '1 sideways'],
    ['a private file of a module', 'src/modules/debts/x.ts', "import '../deliveries/queue.ts';", '1 private'],
    ['a private file, from the edge', 'src/web/api/a.ts', "import '../../modules/deliveries/queue.ts';", '1 private'],
    ['settings read by a module', 'src/modules/debts/x.ts', "import '../../config/load.ts';", '1 config'],
    ['sandbox in the program', 'src/cli/demo.ts', "import '../../sandbox/world.ts';", '1 sandbox'],
    ['the program in the sandbox', 'sandbox/x.ts', "import '../src/platform/db/index.ts';", '1 sandbox'],
    ['test helpers in the program', 'src/cli/x.ts', "import '../../test/factories.ts';", '1 outside'],
    ['a file that is not there', 'src/cli/x.ts', "import './serve';", '1 unresolved'],
    ['a folder without a floor', 'src/helpers/x.ts', 'export {};', '1 floor'],
    ['a module without a row', 'src/modules/letters/x.ts', 'export {};', '1 floor'],
    ['the wall clock', 'src/modules/debts/x.ts', '\n\nexport const now = Date.now();', '3 clock'],
    ['a bare new Date', 'src/web/api/a.ts', 'export const now = new Date();', '1 clock'],
    ['code that does not parse', 'src/web/api/a.ts', 'export const = ;', '1 parse'],
    ['a foreign table in sql``', 'src/modules/debts/x.ts', 'sql<Row>`select 1\n from delivery`;', '2 sql'],
    [
      'a foreign table joined',
      'src/modules/debts/x.ts',
      "db.selectFrom('debt').innerJoin('delivery as d', 'a', 'b');",
      '1 sql',
    ],
    ['a foreign table in an array', 'src/modules/debts/x.ts', "db.selectFrom(['debt', 'delivery as d']);", '1 sql'],
    ['a foreign table inserted into', 'src/modules/audit/x.ts', "db.insertInto('debt').values({});", '1 sql'],
    ['a foreign table updated', 'src/modules/audit/x.ts', "db.updateTable('public.debt');", '1 sql'],
    ['a foreign table deleted from', 'src/modules/audit/x.ts', "db.deleteFrom('debt');", '1 sql'],
    ['a foreign table in a fragment', 'src/modules/audit/x.ts', "const tail = ' join debt d ' + 'on true';", '1 sql'],
    ['a foreign table in a string', 'src/modules/audit/x.ts', "run('delete from debt where id = $1');", '1 sql'],
    [
      'a foreign table in a nested fragment',
      'src/modules/audit/x.ts',
      'sql`select ${sql`(select 1 from debt)`}`;',
      '1 sql',
    ],
    [
      'a table hidden behind its own CTE',
      'src/modules/audit/x.ts',
      'sql`with debt as (select * from debt) select 1`;',
      '1 sql',
    ],
    ['a module table in platform', 'src/platform/x.ts', 'sql`truncate debt`;', '1 sql'],
    ['a table in insight', 'src/modules/insight/x.ts', 'sql`select count(*) from debt`;', '1 sql'],
    ['a table in the console', 'src/web/console/x.ts', 'sql`select count(*) from debt`;', '1 sql'],
  ])('sees %s', (_name, file, text, rule) => {
    expect(broken({ [file]: text })).toEqual([`${file}:${rule}`]);
  });

  it('sees a cycle, type-only imports included, once and with its whole round', () => {
    const { violations } = checkArrows({
      root: plant({
        'src/kernel/a.ts': "import type { B } from './b.ts'; export type A = B;",
        'src/kernel/b.ts': "export * from './c.ts'; export type B = 1;",
        'src/kernel/c.ts': "import './a.ts';",
      }),
    });
    expect(violations).toEqual([
      {
        file: 'src/kernel/a.ts',
        line: 1,
        rule: 'cycle',
        detail: 'src/kernel/a.ts → src/kernel/b.ts → src/kernel/c.ts → src/kernel/a.ts',
      },
    ]);
  });

  it('sees a file that imports itself', () => {
    expect(broken({ 'src/kernel/a.ts': "import './a.ts';" })).toEqual(['src/kernel/a.ts:1 cycle']);
  });

  it('sees tables that no module owns', () => {
    expect(broken({ 'migrations/0000_early.sql': 'create table orphan (id int);' })).toEqual([
      'migrations/0000_early.sql:1 owner',
    ]);
    expect(broken({ 'migrations/0002_more.sql': '-- module: letters\ncreate table letter (id int);' })).toEqual([
      'migrations:1 owner',
    ]);
  });

  it('is not content with an empty tree', () => {
    expect(checkArrows({ root: plant({}, {}) }).violations.map((found: { rule: string }) => found.rule)).toEqual([
      'nothing',
    ]);
  });

  it('exits 1 from the command line on a violation, 0 on a house in order', () => {
    const script = fileURLToPath(new URL('./arrows.mjs', import.meta.url));
    const run = (root: string) => execFileSync(process.execPath, [script, root], { encoding: 'utf8' });
    expect(run(plant())).toContain('; 0 violations');
    expect(() => run(plant({ 'src/kernel/up.ts': "import '../main.ts';" }))).toThrow(/Command failed/);
  });
});

describe('namesInSql', () => {
  const names = (text: string) => namesInSql(text).map((found: { name: string }) => found.name);

  it.each<[string, string[]]>([
    ['select * from a, b x, only c', ['a', 'b', 'c']],
    ['select * from a left join b using (c, d), e', ['a', 'b', 'e']],
    ['select * from unnest($1::int[], d) as t(a, b), e', ['e']],
    ['select * from (select 1 from a) x, b where c in (select d from e)', ['a', 'b', 'e']],
    ['select * from (a join b on true)', ['a', 'b']],
    ['select extract(epoch from a.at) is distinct from b.c from d', ['at', 'd']],
    ['insert into a (b, c) select d, e from f on conflict (g) do update set b = 1, c = 2', ['a', 'f']],
    ['select 1 from a for update of a skip locked', ['a']],
    ['update a as x set b = 1, c = 2 from d, e where true', ['a', 'd', 'e']],
    ['delete from a using b, c where true', ['a', 'b', 'c']],
    ["select 'from a' -- from b\n from /* from c */ d", ['d']],
    ['with a as materialized (select * from b), c(d) as (select 1 from a) select * from a, c', ['b']],
    ['with recursive a as (select 1 union all select 1 from a) select * from a', []],
    ['select * from app."Weird", public.b', ['Weird', 'b']],
    ['copy a (b, c) from stdin', ['a', 'stdin']],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('says where each name stands', () => {
    const text = 'select 1\nfrom debt';
    expect(namesInSql(text)).toEqual([{ name: 'debt', offset: text.indexOf('debt') }]);
  });

  it('tells SQL from prose', () => {
    expect(looksLikeSql('left join debt d')).toBe(true);
    expect(looksLikeSql('the answer came from debt collectors')).toBe(false);
    expect(looksLikeSql('update debt when paid')).toBe(false);
  });
});

describe('readOwners', () => {
  it('knows tables, views, partitions and renamed tables', () => {
    const text = `-- module: debts
create table debt (id int);
create table debt_2026 partition of debt for values in (1);
create materialized view debt_sum as select 1;
alter table debt rename to position;
create temp table scratch (id int);`;
    const { relations, problems } = readOwners(new Map([['1.sql', text]]));
    expect(problems).toEqual([]);
    expect([...relations].map(([name, { kind, owner }]) => `${name} ${kind} ${owner}`)).toEqual([
      'debt table debts',
      'debt_2026 table debts',
      'debt_sum view debts',
      'position table debts',
    ]);
  });
});
