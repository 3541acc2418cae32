import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailHost, startMailHost } from '../../sandbox/mail/mail-host.ts';
import { type Smsc, startSmsc } from '../../sandbox/smsc/smsc.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { type Bonario, compose } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SimulatedClock, systemMonotonic } from '../../src/kernel/clocks.ts';
import { createEnte } from '../../src/modules/creditors/index.ts';
import { summarize } from '../../src/modules/insight/index.ts';
import { createOperator } from '../../src/modules/operators/index.ts';
import { enteCf, OFFICE, TARI, validCf } from '../support/ground.ts';
import { TEST_START } from '../support/store.ts';
import { openMigrated } from '../support/template.ts';

/** Only a phone; a phone and a mailbox that does not exist; a phone shared by two people of a family. */
const ROWS = [
  ['p-1', validCf(0), 'Zanetti', 'Ada', '', '+393331000001'],
  ['p-2', validCf(1), 'Quaglia', 'Bruno', 'bruno@nessuno.example', '+393331000002'],
  ['p-3', validCf(2), 'Wieser', 'Carla', '', '+393331000003'],
  ['p-4', validCf(3), 'Wieser', 'Dario', '', '+393331000003'],
];
const CSV = ['id_posizione;codice_fiscale;cognome;nome;email;telefono;scadenza;importo;anno']
  .concat(ROWS.map((cells) => [...cells, '16/06/2024', '123,45', '2024'].join(';')))
  .join('\r\n');
const CAMPAIGN = `versione: 1
codice: telefono
nome: Chi ha solo il telefono
crediti: [TARI]
pubblico: { scadenzaEntro: 2026-06-30 }
cascata:
  - { canale: email, testo: primo-avviso }
  - { canale: sms, testo: sms-avviso, attesaGiorni: 1, soloSe: nonRaggiunto }
limiti: { perPersona: 2, perIndirizzo: 1 }
`;
const DAY_MS = 86_400_000;

let folder: string;
let clock: SimulatedClock;
let mail: MailHost;
let smsc: Smsc;
let app: Bonario;
let keys: { clerk: string; head: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bonario-sms-'));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  writeFileSync(join(folder, 'password'), 'segreta', { mode: 0o600 });
  writeFileSync(join(folder, 'campagna.yaml'), CAMPAIGN);
  writeFileSync(join(folder, 'posizioni.csv'), `${CSV}\r\n`);
  clock = new SimulatedClock(TEST_START);
  const clocks = { simNow: () => clock.now(), realNow: () => systemMonotonic.now() };
  mail = await startMailHost({ mailboxOf: () => undefined, isTownDomain: () => true, onMail: () => {}, ...clocks });
  smsc = await startSmsc({
    systemId: 'prova',
    password: 'segreta',
    behaviourOf: () => ({ kind: 'works' }),
    later: (_afterMs, _label, run) => void setImmediate(() => void run()),
    ...clocks,
  });
  const config = loadConfig({
    BONARIO_DATA_DIR: join(folder, 'data'),
    BONARIO_MASTER_KEY_FILE: join(folder, 'keys', 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_SMTP_PORT: String(mail.port),
    BONARIO_SMPP_HOST: '127.0.0.1',
    BONARIO_SMPP_PORT: String(smsc.port),
    BONARIO_SMPP_SYSTEM_ID: 'prova',
    BONARIO_SMPP_PASSWORD_FILE: join(folder, 'password'),
    BONARIO_SMPP_SENDER: '+393400000000',
    BONARIO_SMS_PER_SECOND: '100',
    BONARIO_PORTAL_URL: 'https://avvisi.prova.example',
    BONARIO_LOG_LEVEL: 'silent',
  });
  app = await compose(config, { clock, engine: await openMigrated() });
  keys = await app.db.tenant(1, async (tx) => {
    await createEnte(tx, {
      enteId: 1,
      slug: 'prova',
      name: 'Comune di Prova',
      kind: 'comune',
      codiceFiscale: enteCf(1),
      codiceIpa: 'c_p1',
      website: 'www.prova.example',
      senderAddress: 'avvisi@prova.example',
      accent: null,
      patronDay: null,
      segregationCode: '02',
      generatesNoticeNumbers: true,
      offices: [OFFICE],
      creditTypes: [TARI],
    });
    const clerk = await createOperator(tx, app.vaultOf(1), { name: 'Anna', roles: ['see', 'import', 'write'] });
    const head = await createOperator(tx, app.vaultOf(1), { name: 'Luca', roles: ['see', 'approve'] });
    return { clerk: clerk.key, head: head.key };
  });
});
afterAll(async () => {
  await app.stop();
  await smsc.close();
  await mail.close();
  rmSync(folder, { recursive: true, force: true });
});

async function give(key: string, ...argv: string[]): Promise<unknown> {
  const answer = await runCommand({ app, key, cwd: folder }, argv);
  if (answer.exit !== 0) throw new Error(answer.text);
  return answer.output;
}

/** Lets days pass as the driver does: only when everything is quiet. */
async function pass(days: number): Promise<void> {
  const end = clock.now() + days * DAY_MS;
  for (;;) {
    const { nextAt } = await app.settle();
    while (smsc.pending() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    if (nextAt === null || nextAt > end) break;
    clock.advanceTo(nextAt);
  }
  clock.advanceTo(end);
  await app.settle();
}

describe('a cascade from e-mail to SMS', () => {
  beforeAll(async () => {
    await give(keys.clerk, 'import', 'posizioni.csv', '--type', 'TARI', '--commit');
    await give(keys.clerk, 'template', 'defaults');
    const { counts } = (await give(keys.clerk, 'campaign', 'rehearse', 'campagna.yaml')) as {
      counts: { toContact: number };
    };
    expect(counts.toContact).toBe(4);
    await give(keys.clerk, 'campaign', 'submit', 'telefono');
    await give(keys.head, 'campaign', 'approve', 'telefono', '--people', '4');
    await give(keys.head, 'campaign', 'run', 'telefono');
    await pass(3);
  });

  it('reaches whoever has only a phone, and whoever’s mailbox refused the e-mail', () => {
    const reached = new Set(smsc.messages.map((sms) => sms.to));
    expect([...reached].sort()).toEqual(['+393331000001', '+393331000002', '+393331000003']);
  });

  it('says nothing of the debt, and offers a way out', () => {
    for (const { text } of smsc.messages) {
      expect(text).toMatch(/^Comune di Prova: /);
      expect(text).not.toMatch(/€|euro|123|tari|rifiuti|debit|pag[ao]|scad|importo|Ada|Zanetti/i);
      expect(text).toMatch(
        /https:\/\/avvisi\.prova\.example\/l\/1-[\w-]{22} .*https:\/\/avvisi\.prova\.example\/o\/1-[\w-]{22}/,
      );
    }
  });

  it('leaves only in the hours of SMS', () => {
    for (const sms of smsc.messages) {
      const hour = Number(
        new Intl.DateTimeFormat('it-IT', { hour: 'numeric', timeZone: 'Europe/Rome' }).format(sms.simAt),
      );
      expect(hour).toBeGreaterThanOrEqual(9);
      expect(hour).toBeLessThan(19);
    }
  });

  it('writes once a week to a phone that a family shares', () => {
    expect(smsc.inbox('+393331000003')).toHaveLength(1);
  });

  it('knows from the receipts what was delivered', async () => {
    const { deliveries } = await app.db.tenant(1, (tx) => summarize(tx));
    expect(deliveries.sms).toMatchObject({ handedOver: 3, outcomes: { delivered: 3, bounced: 0 } });
  });

  it('stops for everybody behind a phone that answered STOP', async () => {
    await smsc.reply('+393331000003', '+393400000000', 'Stop.');
    await pass(30);
    expect(smsc.inbox('+393331000003')).toHaveLength(1);
    const { people, unexplained } = await app.db.tenant(1, (tx) => summarize(tx));
    expect(people.optedOut).toBe(1);
    expect(people.audience).toBe(4);
    expect(people.contacted).toBe(3);
    expect(unexplained).toBe(0);
  });
});
