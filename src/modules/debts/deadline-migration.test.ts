import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { migrate, openPglite } from '../../platform/db/index.ts';

const ALL = new URL('../../../migrations/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'bonario-migrations-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a database of an older version keeps its decadence, and says of the rest that nobody has reckoned it yet', async () => {
  const older = readdirSync(ALL).filter((name) => name < '0016');
  for (const name of older) cpSync(join(ALL, name), join(folder, name));
  const engine = await openPglite(null);
  await migrate(engine, folder);
  const { connection, release } = await engine.acquire();
  const U = (n: number) => `'00000000-0000-7000-8000-00000000000${n}'`;
  await connection.exec(`
    insert into tenant values (1, 'prova');
    insert into ente (ente_id, name, kind, codice_fiscale, codice_ipa, website, sender_address)
      values (1, 'Comune', 'comune', '80000000000', 'c', 'w', 's');
    insert into office values (1, 1, 'Ufficio', '', '', '', '', '', '');
    insert into credit_type values (1, 'TARI', 'TARI', 'tax', false, 'entrate', 1);
    insert into import (ente_id, import_id, credit_type, file_name, file_sha256, state, operator_id, at)
      values (1, ${U(1)}, 'TARI', 'f', 'x', 'committed', ${U(9)}, '2026-01-01');
    insert into debtor (ente_id, debtor_id, cf_lookup, surname_lookup, personal, is_person) values (1, ${U(2)}, '\\x01', '\\x01', '\\x01', true);
    insert into debt (ente_id, debt_id, debtor_id, credit_type, external_id, import_id, line, due_date, decadence_deadline, details, due_cents, paid_cents)
      values (1, ${U(3)}, ${U(2)}, 'TARI', 'A', ${U(1)}, 1, '2024-06-30', '2029-12-31', '\\x01', 100, 0),
             (1, ${U(4)}, ${U(2)}, 'TARI', 'B', ${U(1)}, 2, '2024-06-30', null, '\\x01', 100, 0)`);
  release(false);
  await migrate(engine, ALL);
  const after = await engine.acquire();
  const { rows } = await after.connection.query(
    `select external_id, decadence_deadline::text, deadline_on::text, deadline_fact, deadline_missing from debt_now order by external_id`,
    [],
  );
  const forced = await after.connection.query(
    "select relforcerowsecurity as forced from pg_class where relname = 'debt'",
    [],
  );
  after.release(false);
  await engine.close();
  expect(rows).toEqual([
    {
      external_id: 'A',
      decadence_deadline: '2029-12-31',
      deadline_on: '2029-12-31',
      deadline_fact: 'dueDate',
      deadline_missing: null,
    },
    { external_id: 'B', decadence_deadline: null, deadline_on: null, deadline_fact: null, deadline_missing: 'stale' },
  ]);
  expect(forced.rows).toEqual([{ forced: true }]);
});
