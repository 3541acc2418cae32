import { randomBytes } from 'node:crypto';
import type { Bonario } from '../src/compose.ts';
import { approve, rehearse, run, submit } from '../src/modules/campaigns/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../src/modules/notices/index.ts';
import { createOperator, type Operator, ROLES } from '../src/modules/operators/index.ts';
import { createBody, ENTE } from './console-ground.ts';
import type { BenchDatabase } from './database.ts';

/** Monday 7 September 2026, 10:00 in Rome: every channel is open. */
export const TODAY = Date.UTC(2026, 8, 7, 8, 0);

/**
 * A body with `people` who each have an e-mail address, and `debts` positions of theirs that are due, loaded as the owner
 * in a few statements: as wide as the import writes them, but their ciphertext opens with no key.
 */
export async function loadPeople(
  database: BenchDatabase,
  program: Bonario,
  size: { readonly people: number; readonly debts: number },
): Promise<{ writer: Operator; approver: Operator }> {
  const desk = await program.db.tenant(ENTE, async (tx) => {
    await createBody(tx);
    const vault = program.vaultOf(ENTE);
    const operator = async (name: string): Promise<Operator> => ({
      operatorId: (await createOperator(tx, vault, { name, roles: [...ROLES] })).operatorId,
      name,
      roles: [...ROLES],
    });
    const writer = await operator('Paola Bianchi');
    for (const text of DEFAULT_TEMPLATES)
      await saveTemplate(tx, { ...text, authorId: writer.operatorId, now: program.now() });
    return { writer, approver: await operator('Luigi Verdi') };
  });
  for (const statement of rowsOf(size, desk.writer.operatorId)) await database.owner(statement);
  await database.owner('vacuum analyze');
  return desk;
}

/** From the document to `running`, as two operators do it; the plan is left to the caller. Returns the campaign's id. */
export async function launch(program: Bonario, desk: { writer: Operator; approver: Operator }): Promise<string> {
  const { campaign, counts, problems } = await rehearse(program.campaigns, ENTE, DOCUMENT, desk.writer);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await submit(program.campaigns, ENTE, campaign.code, desk.writer);
  await approve(program.campaigns, ENTE, campaign.code, counts.toContact, desk.approver);
  await run(program.campaigns, ENTE, campaign.code, desk.approver);
  return campaign.campaignId;
}

const DOCUMENT = `versione: 1
codice: giro
nome: Avviso di prova
crediti: [TARI, IMU]
pubblico: { scadenzaEntro: 2026-06-30, importoMinimo: "12,00" }
cascata:
  - { canale: email, testo: primo-avviso }
  - { canale: email, testo: secondo-avviso, attesaGiorni: 7 }
`;

/** Ids that grow, as the import gives them; `kind` tells the tables apart. */
const idOf = (kind: number, number: string) =>
  `(lpad(to_hex(1756000000000 + ${number} / 4), 12, '0') || '7' || lpad(to_hex(${number} % 4), 3, '0') || '8'
    || lpad(to_hex(${kind}), 3, '0') || substr(md5((${number})::text), 1, 12))::uuid`;
const digestOf = (salt: string, number: string) => `sha256(('${salt}' || ${number})::bytea)`;
const blob = (bytes: number) => `'\\x${randomBytes(bytes).toString('hex')}'::bytea`;

function rowsOf({ people, debts }: { people: number; debts: number }, operatorId: string): string[] {
  const importId = idOf(1, '0');
  return [
    `insert into debtor (ente_id, debtor_id, cf_lookup, surname_lookup, key_wrapped, personal, is_person)
      select ${ENTE}, ${idOf(2, 'p')}, ${digestOf('cf', 'p')}, ${digestOf('sn', 'p % 3000')}, ${blob(60)}, ${blob(150)}, true
      from generate_series(1, ${people}::bigint) p`,
    `insert into contact_point (ente_id, contact_id, debtor_id, channel, address_lookup, address, source, purposes)
      select ${ENTE}, ${idOf(3, 'p')}, ${idOf(2, 'p')}, 'email', ${digestOf('at', 'p')}, ${blob(56)},
        'dichiarazione del cittadino', '{TARI,IMU}'
      from generate_series(1, ${people}::bigint) p`,
    `insert into import (ente_id, import_id, credit_type, file_name, file_sha256, state, operator_id, at)
      select ${ENTE}, ${importId}, 'TARI', 'ruolo.csv', '', 'committed', '${operatorId}', '${new Date(TODAY).toISOString()}'`,
    `insert into debt (ente_id, debt_id, debtor_id, credit_type, external_id, import_id, line, tax_year, due_date, details,
        due_cents, paid_cents, deadline_kind, deadline_on, deadline_fact, deadline_missing)
      select ${ENTE}, ${idOf(4, 'd')}, ${idOf(2, `(1 + d % ${people})`)}, case when d % 2 = 0 then 'TARI' else 'IMU' end, 'P' || d,
        ${importId}, d, 2025, '2026-06-16', ${blob(90)}, 2000 + d * 7 % 48000, 0, 'decadence', '2031-12-31', 'dueDate', null
      from generate_series(1, ${debts}::bigint) d`,
  ];
}

/** How long it took, ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
