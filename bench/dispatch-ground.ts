import { sql } from 'kysely';
import { FEMALE_NAMES, SURNAMES } from '../sandbox/town/names.ts';
import type { Bonario } from '../src/compose.ts';
import { rehearse } from '../src/modules/campaigns/index.ts';
import { addContacts, type ContactInput } from '../src/modules/debtors/index.ts';
import type { Operator } from '../src/modules/operators/index.ts';
import { instant, unnestRows } from '../src/platform/db/index.ts';
import { loadPeople } from './campaign-ground.ts';
import { ENTE } from './console-ground.ts';
import type { BenchDatabase } from './database.ts';

export type WireChannel = 'email' | 'sms';

/** One whom the benchmark writes to; the same number gives the same person in every run. */
export interface Recipient {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
}

export function recipient(i: number): Recipient {
  return {
    name: `${FEMALE_NAMES[(i * 7) % FEMALE_NAMES.length]} ${SURNAMES[i % SURNAMES.length]}`,
    email: `persona${100_000 + i}@posta.example`,
    phone: `+39333${1_000_000 + i}`,
  };
}

const BATCH = 5_000;

/** The body of `campaign-ground.ts` with people whose names and addresses open with their keys, and one debt each. */
export async function loadRecipients(database: BenchDatabase, program: Bonario, people: number): Promise<Operator> {
  const { writer } = await loadPeople(database, program, { people, debts: people });
  await database.owner(`delete from contact_point where ente_id = ${ENTE}`);
  const ids = await database.owner(`select debtor_id from debtor where ente_id = ${ENTE} order by debtor_id`);
  for (let from = 0; from < ids.length; from += BATCH) {
    const debtorIds = ids.slice(from, from + BATCH).map((row) => String(row.debtor_id));
    await openable(program, debtorIds, from);
  }
  await database.owner('vacuum analyze');
  return writer;
}

/** Keys, names and addresses, sealed as debtors/ does. */
async function openable(program: Bonario, debtorIds: readonly string[], from: number): Promise<void> {
  const vault = program.vaultOf(ENTE);
  const contacts: ContactInput[] = [];
  const wrapped: Buffer[] = [];
  const personal: Buffer[] = [];
  for (const [i, debtorId] of debtorIds.entries()) {
    const { name, email, phone } = recipient(from + i);
    const made = vault.newKey();
    const debtor = { debtorId, key: made.key, revived: false };
    const [first = '', ...rest] = name.split(' ');
    const none = { companyName: null, address: null, postalCode: null, city: null };
    const words = { codiceFiscale: 'RSSMRA80A01H501U', name: first, surname: rest.join(' '), ...none };
    wrapped.push(made.wrapped);
    personal.push(vault.seal(made.key, `debtor|${debtorId}`, JSON.stringify(words)));
    const common = { debtor, source: 'dichiarazione del cittadino', purposes: ['TARI', 'IMU'] };
    contacts.push({ ...common, channel: 'email', address: email }, { ...common, channel: 'sms', address: phone });
  }
  await program.db.tenant(ENTE, async (tx) => {
    await sql`update debtor d set key_wrapped = u.wrapped, personal = u.personal from ${unnestRows({
      id: { type: 'uuid', values: debtorIds },
      wrapped: { type: 'bytea', values: wrapped },
      personal: { type: 'bytea', values: personal },
    })} where d.ente_id = ${ENTE} and d.debtor_id = u.id`.execute(tx.kysely);
    await addContacts(tx, vault, contacts);
  });
}

/** The text of each channel, one of those that a body begins with. */
export const TEXT: Readonly<Record<WireChannel, string>> = { email: 'primo-avviso', sms: 'sms-avviso' };

/** A campaign that the rounds are copies of; it never runs itself. */
export async function rehearseModel(program: Bonario, writer: Operator, channel: WireChannel): Promise<void> {
  const document = `versione: 1
codice: modello
nome: Avviso di prova
crediti: [TARI, IMU]
pubblico: { scadenzaEntro: 2026-06-30, importoMinimo: "12,00" }
cascata:
  - { canale: ${channel}, testo: ${TEXT[channel]} }
`;
  const { problems } = await rehearse(program.campaigns, ENTE, document, writer);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
}

/** A running campaign with one message for each of the people from `first` on, all due at `at`, as a tick leaves them. */
export async function queueRound(
  database: BenchDatabase,
  writer: Operator,
  channel: WireChannel,
  round: { readonly no: number; readonly first: number; readonly size: number; readonly at: number },
): Promise<void> {
  const campaign = `(select campaign_id from campaign where ente_id = ${ENTE} and code = 'giro-${round.no}')`;
  const at = `'${instant(round.at)}'::timestamptz`;
  for (const statement of [
    `insert into campaign (ente_id, campaign_id, code, state, version, approved_version, submitted_by, approved_by, started_at)
      select ${ENTE}, gen_random_uuid(), 'giro-${round.no}', 'running', 1, 1, '${writer.operatorId}', '${writer.operatorId}', ${at}`,
    `insert into campaign_version (ente_id, campaign_id, version, document, yaml, sha256, author_id, at)
      select ${ENTE}, ${campaign}, 1, v.document || jsonb_build_object('code', 'giro-${round.no}'), v.yaml, v.sha256, v.author_id, ${at}
      from campaign_version v join campaign c on c.ente_id = v.ente_id and c.campaign_id = v.campaign_id
      where v.ente_id = ${ENTE} and c.code = 'modello'`,
    `insert into campaign_step (ente_id, campaign_id, step_no, channel, template_code, template_version, wait_days, only_if,
        max_per_person, max_per_address)
      select ${ENTE}, ${campaign}, 1, '${channel}', '${TEXT[channel]}', 1, 7, 'always', 2, 2`,
    `insert into notice (ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, office_id, state, next_step, next_attempt,
        created_at)
      select ${ENTE}, gen_random_uuid(), ${campaign}, debtor_id, 'entrate', false, 1, 'active', 1, 1, ${at}
      from (select debtor_id from debtor where ente_id = ${ENTE} order by debtor_id offset ${round.first} limit ${round.size}) d`,
    `insert into notice_line (ente_id, campaign_id, notice_id, debt_id)
      select ${ENTE}, n.campaign_id, n.notice_id, d.debt_id from notice n
      join debt d on d.ente_id = n.ente_id and d.debtor_id = n.debtor_id
      where n.ente_id = ${ENTE} and n.campaign_id = ${campaign}`,
    `insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel, address_lookup,
        purpose_group, template_code, template_version, max_per_person, max_per_address, due_at, expires_at)
      select ${ENTE}, gen_random_uuid(), n.notice_id, 1, 1, n.campaign_id, n.debtor_id, c.contact_id, c.channel, c.address_lookup,
        'entrate', '${TEXT[channel]}', 1, 2, 2, ${at}, ${at} + interval '3 days'
      from notice n join contact_point c on c.ente_id = n.ente_id and c.debtor_id = n.debtor_id and c.channel = '${channel}'
      where n.ente_id = ${ENTE} and n.campaign_id = ${campaign}`,
    `insert into tenant_due (ente_id, next_at) values (${ENTE}, ${at})
      on conflict (ente_id) do update set next_at = least(tenant_due.next_at, excluded.next_at)`,
    'vacuum analyze notice, notice_line, delivery',
  ]) {
    await database.owner(statement);
  }
}
