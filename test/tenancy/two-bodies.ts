import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type MailHost, startMailHost } from '../../sandbox/mail/mail-host.ts';
import { sampleCampaign } from '../../src/cli/demo/sample-bodies.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { type Bonario, compose } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { addDays } from '../../src/kernel/civil-date.ts';
import { SimulatedClock, systemMonotonic } from '../../src/kernel/clocks.ts';
import { romeDate } from '../../src/kernel/rome-time.ts';
import { createEnte, type Ente } from '../../src/modules/creditors/index.ts';
import { createApiKey, createOperator } from '../../src/modules/operators/index.ts';
import { type DebtRowInput, debtsCsv, enteCf, OFFICE, openText, TARI, validCf } from '../support/ground.ts';
import { TEST_START } from '../support/store.ts';
import { openMigrated } from '../support/template.ts';

/** Somebody who got a message of a body. */
export interface Told {
  readonly enteId: number;
  readonly name: string;
  readonly codiceFiscale: string;
  readonly debtorId: string;
  /** In the order of the rows of the file. */
  readonly debtIds: readonly string[];
  readonly noticeNumbers: readonly string[];
  /** As a page would write them. */
  readonly amounts: readonly string[];
  readonly documentNumber: string;
  /** Tokens of the message: the page and the opt-out. */
  readonly link: string;
  readonly optOut: string;
  /** Every id of a row that is about this person at this body. */
  readonly ids: readonly string[];
}

export interface Body {
  readonly enteId: number;
  readonly slug: string;
  readonly operatorKey: string;
  readonly apiKey: string;
}

/** The whole program in memory with two bodies; Ada owes both of them, Bruno the first, Carla the second. */
export interface TwoBodies {
  readonly app: Bonario;
  readonly bodies: readonly [Body, Body];
  readonly ada1: Told;
  readonly bruno1: Told;
  readonly ada2: Told;
  readonly carla2: Told;
  stop(): Promise<void>;
}

const DUE = '16/06/2024';
const row = (who: 'ada' | 'bruno' | 'carla', body: number, n: number, amountCents: number): DebtRowInput => ({
  externalId: `${who}-${body}-${n}`,
  cf: validCf({ ada: 0, bruno: 1, carla: 2 }[who]),
  name: { ada: 'Ada', bruno: 'Bruno', carla: 'Carla' }[who],
  surname: { ada: 'Zanetti', bruno: 'Quaglia', carla: 'Wieser' }[who],
  email: `${who}@posta.example`,
  amountCents,
  dueDate: DUE,
  taxYear: 2023 + n,
  documentNumber: `BOLLETTA-${who}-${body}`,
});
const ROWS: Readonly<Record<number, readonly DebtRowInput[]>> = {
  1: [row('ada', 1, 1, 12_345), row('ada', 1, 2, 45_678), row('bruno', 1, 1, 33_311)],
  2: [row('ada', 2, 1, 78_912), row('carla', 2, 1, 55_522)],
};

function bodyOf(enteId: 1 | 2): Ente {
  return {
    enteId,
    slug: enteId === 1 ? 'valle-prima' : 'monte-secondo',
    name: enteId === 1 ? 'Comune di Valle Prima' : 'Comune di Monte Secondo',
    kind: 'comune',
    codiceFiscale: enteCf(enteId),
    codiceIpa: `c_t${enteId}`,
    website: `www.ente-${enteId}.example`,
    senderAddress: `avvisi@ente-${enteId}.example`,
    accent: '#00695c',
    patronDay: null,
    segregationCode: enteId === 1 ? '02' : '03',
    generatesNoticeNumbers: true,
    offices: [OFFICE],
    creditTypes: [TARI],
  };
}

export async function openTwoBodies(): Promise<TwoBodies> {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-two-'));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const clock = new SimulatedClock(TEST_START);
  const mail = await startMailHost({
    mailboxOf: () => undefined,
    isTownDomain: () => false,
    simNow: () => clock.now(),
    realNow: () => systemMonotonic.now(),
    onMail: () => {},
  });
  const config = loadConfig({
    BONARIO_DATA_DIR: join(folder, 'data'),
    BONARIO_MASTER_KEY_FILE: join(folder, 'keys', 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_SMTP_PORT: String(mail.port),
    BONARIO_LOG_LEVEL: 'silent',
  });
  const app = await compose(config, { clock, engine: await openMigrated() });
  const stop = async () => {
    await app.stop();
    await mail.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const bodies = [await openBody(app, folder, 1), await openBody(app, folder, 2)] as const;
    await app.settle();
    const told = (enteId: number, who: string) => toldOf(app, mail, enteId, who);
    return {
      app,
      bodies,
      ada1: await told(1, 'ada'),
      bruno1: await told(1, 'bruno'),
      ada2: await told(2, 'ada'),
      carla2: await told(2, 'carla'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Files loaded, campaign rehearsed, approved by a second person and run, as an office does it. */
async function openBody(app: Bonario, folder: string, enteId: 1 | 2): Promise<Body> {
  const ente = bodyOf(enteId);
  const vault = app.vaultOf(enteId);
  const { clerk, head, partner } = await app.db.tenant(enteId, async (tx) => {
    await createEnte(tx, ente);
    return {
      clerk: await createOperator(tx, vault, { name: 'Paola Bianchi', roles: ['see', 'import', 'write', 'decide'] }),
      head: await createOperator(tx, vault, { name: 'Luigi Verdi', roles: ['see', 'approve', 'manage'] }),
      partner: await createApiKey(tx, vault, { label: 'partner dei pagamenti', roles: ['receipts'] }),
    };
  });
  const open = openText(debtsCsv(ROWS[enteId] ?? []));
  const request = { enteId, creditType: 'TARI', fileName: 'tari.csv', open, profile: null };
  const loaded = await app.imports.load(
    request,
    { skipBad: false, releaseQuarantined: false },
    `operator:${clerk.operatorId}`,
  );
  if (loaded.kind !== 'committed') throw new Error(`the file of body ${enteId} did not come in: ${loaded.kind}`);
  const path = join(folder, `${enteId}.yaml`);
  writeFileSync(path, sampleCampaign({ ...ente, file: 'TARI' }, addDays(romeDate(TEST_START), -30)));
  const give = async (key: string, ...argv: string[]) => {
    const answer = await runCommand({ app, key, cwd: folder }, argv);
    if (answer.exit !== 0) throw new Error(`${argv.join(' ')}: ${answer.text}`);
    return answer.output as { counts?: { toContact: number } };
  };
  await give(clerk.key, 'template', 'defaults');
  const { counts } = await give(clerk.key, 'campaign', 'rehearse', path);
  await give(clerk.key, 'campaign', 'submit', 'primo-giro');
  await give(head.key, 'campaign', 'approve', 'primo-giro', '--people', String(counts?.toContact));
  await give(head.key, 'campaign', 'run', 'primo-giro');
  return { enteId, slug: ente.slug, operatorKey: clerk.key, apiKey: partner.key };
}

async function toldOf(app: Bonario, mail: MailHost, enteId: number, who: string): Promise<Told> {
  const rows = (ROWS[enteId] ?? []).filter(({ externalId }) => externalId.startsWith(`${who}-`));
  const first = rows[0];
  const message = mail.inbox(`${who}@posta.example`).find(({ link }) => link?.includes(`/l/${enteId}-`));
  if (first === undefined || !message?.link || !message.optOutUrl)
    throw new Error(`no message for ${who} of ${enteId}`);
  const found = await app.db.tenant(enteId, async (tx) => {
    const ids = rows.map(({ externalId }) => externalId);
    const debts = await sql<{ debt_id: string; debtor_id: string; notice_number: string }>`
      select d.debt_id, d.debtor_id, r.notice_number from debt_now d
      join request_now r on r.ente_id = d.ente_id and r.debt_id = d.debt_id
      where d.ente_id = ${enteId} and d.external_id = any(${ids}::text[]) order by d.external_id`.execute(tx.kysely);
    const debtorId = debts.rows[0]?.debtor_id ?? '';
    const about = await sql<{ id: string }>`
      select contact_id::text as id from contact_now where ente_id = ${enteId} and debtor_id = ${debtorId}
      union select notice_id::text from notice_now where ente_id = ${enteId} and debtor_id = ${debtorId}
      union select delivery_id::text from delivery_now where ente_id = ${enteId} and debtor_id = ${debtorId}
      union select encode(address_lookup, 'hex') from contact_now where ente_id = ${enteId} and debtor_id = ${debtorId}
      union select replace(debtor_id::text, '-', '') from debtor_now where ente_id = ${enteId} and debtor_id = ${debtorId}`.execute(
      tx.kysely,
    );
    return { debts: debts.rows, debtorId, about: about.rows.map(({ id }) => id) };
  });
  return {
    enteId,
    name: `${first.name} ${first.surname}`,
    codiceFiscale: first.cf ?? '',
    debtorId: found.debtorId,
    debtIds: found.debts.map((debt) => debt.debt_id),
    noticeNumbers: found.debts.map((debt) => debt.notice_number),
    amounts: rows.map(({ amountCents }) => (amountCents / 100).toFixed(2).replace('.', ',')),
    documentNumber: first.documentNumber ?? '',
    link: message.link.split('/').at(-1) ?? '',
    optOut: message.optOutUrl.split('/').at(-1) ?? '',
    ids: [found.debtorId, ...found.debts.map((debt) => debt.debt_id), ...found.about],
  };
}

/** A fresh session by the person's own link; `identified` as code and item would make it. */
export async function sessionOf(app: Bonario, told: Told, level: 'link' | 'identified'): Promise<string> {
  const opened = await app.dialogue.openLink(told.link);
  if (opened === null) throw new Error(`the link of ${told.name} opens nothing`);
  await app.db.tenant(told.enteId, (tx) =>
    sql`update portal_session set level = ${level} where ente_id = ${told.enteId}
      and session_hash = ${app.vaultOf(told.enteId).lookup('token', opened.session)}`.execute(tx.kysely),
  );
  return opened.session;
}
