import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startMailHost } from '../../sandbox/mail/mail-host.ts';
import type { StoredMail } from '../../sandbox/mail/stored-mail.ts';
import { type Bonario, compose } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SimulatedClock, systemClock, systemMonotonic } from '../../src/kernel/clocks.ts';
import { approve, rehearse, run, submit } from '../../src/modules/campaigns/index.ts';
import { ALL_GUARDS, LEASE_MS, reclaimLeases, stateOfCode, touchTenant } from '../../src/modules/deliveries/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../../src/modules/notices/index.ts';
import { createOperator, type Operator, type Role } from '../../src/modules/operators/index.ts';
import type { Tx } from '../../src/platform/db/index.ts';
import { campaignYaml } from '../support/campaign-run.ts';
import { addDebts, addEnte } from '../support/ground.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { openOwnDatabase } from '../support/store.ts';

const BIN = fileURLToPath(new URL('../../bin/bonario.mjs', import.meta.url));
export const PER_SECOND = 24;
const ENTE = 1;
const LAST_YEAR = new Date(systemClock.now()).getFullYear() - 1;

export interface Worker {
  /** As a machine that fails: SIGKILL. */
  kill(): Promise<void>;
  /** As a person ends it: SIGTERM; the exit code. */
  end(): Promise<number | null>;
}

/** One database, one mail host, an approved campaign of one message a person, and workers of one's own. */
export interface World {
  startWorker(name: string): Promise<Worker>;
  /** Starts the campaign, at whatever hour this runs: the workers plan it, and every message is due at once. */
  send(): Promise<void>;
  mails(): readonly StoredMail[];
  /** How many processes have taken messages. */
  takers(): Promise<number>;
  /** Deliveries by state. */
  states(): Promise<Readonly<Record<string, number>>>;
  /** Who leads, by the row; null: nobody. */
  leader(): Promise<string | null>;
  /** As if a minute had passed over what nobody answers for. */
  endLeases(): Promise<void>;
  until(what: string, is: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

/** What was opened, in order; a start that fails half way leaves nothing running. */
type Closing = (() => unknown)[];

async function closeAll(closing: Closing): Promise<void> {
  for (const close of closing.splice(0).toReversed()) await close();
}

export async function openWorld(binaries: string, people: number): Promise<World> {
  const closing: Closing = [];
  try {
    return await buildWorld(binaries, people, closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function buildWorld(binaries: string, people: number, closing: Closing): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bonario-workers-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const server = await startPostgres(binaries);
  closing.push(() => server.stop());
  await untilAnswering(server.url);
  const database = await openOwnDatabase(server.url);
  await database.engine.close();
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  closing.push(() => owner.end());
  const host = await startMailHost({
    mailboxOf: () => undefined,
    isTownDomain: () => false,
    simNow: () => systemClock.now(),
    realNow: () => systemMonotonic.now(),
    onMail: () => {},
  });
  closing.push(() => host.close());
  const settings = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: database.url,
    BONARIO_DATABASE_CONNECTIONS: '4',
    BONARIO_DATA_DIR: join(folder, 'data'),
    BONARIO_MASTER_KEY_FILE: join(folder, 'keys', 'master.key'),
    BONARIO_SEALS_DIR: join(folder, 'seals'),
    BONARIO_SMTP_PORT: String(host.port),
    BONARIO_EMAIL_PER_SECOND: String(PER_SECOND),
    BONARIO_LOG_LEVEL: 'info',
  };
  const app = await compose(loadConfig({ ...settings, BONARIO_LOG_LEVEL: 'silent' }));
  closing.push(() => app.stop());
  const send = await approveCampaign(app, people);
  const alive = new Set<ChildProcess>();
  closing.push(() => {
    for (const child of alive) child.kill('SIGKILL');
  });

  return {
    async send() {
      // Opened before today: starting a campaign lays the windows of today and later anew.
      await owner.query(`insert into calendar_window (ente_id, channel, opens_at, closes_at)
        values (${ENTE}, 'email', now() - interval '2 days', now() + interval '1 hour')`);
      await send();
    },
    mails: () => host.mails,
    async takers() {
      const { rows } = await owner.query<{ n: number }>('select count(distinct lease_owner)::int as n from delivery');
      return rows[0]?.n ?? 0;
    },
    async startWorker(name) {
      const child = spawn(process.execPath, [BIN, 'worker'], {
        cwd: folder,
        env: settings,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      alive.add(child);
      const ended = new Promise<number | null>((resolve) => {
        child.once('exit', (code) => {
          alive.delete(child);
          resolve(code);
        });
      });
      await new Promise<void>((resolve, reject) => {
        let said = '';
        child.stderr?.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (said.includes('bonario works')) resolve();
        });
        void ended.then((code) => reject(new Error(`worker ${name} ended with ${code}: ${said}`)));
      });
      return {
        async kill() {
          child.kill('SIGKILL');
          await ended;
        },
        end() {
          child.kill('SIGTERM');
          return ended;
        },
      };
    },
    async states() {
      const { rows } = await owner.query<{ state: number; n: number }>(
        'select state, count(*)::int as n from delivery group by 1',
      );
      return Object.fromEntries(rows.map((row) => [stateOfCode(row.state), row.n]));
    },
    async leader() {
      const { rows } = await owner.query<{ holder: string }>('select holder from leader_lease');
      return rows[0]?.holder ?? null;
    },
    async endLeases() {
      await app.db.tenant(ENTE, async (tx) => {
        await reclaimLeases(tx, app.now(), systemMonotonic.now() + LEASE_MS + 1_000, ALL_GUARDS);
        await touchTenant(tx, app.now());
      });
    },
    async until(what, is) {
      for (let looked = 0; looked < 600; looked += 1) {
        if (await is()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`there was never ${what}`);
    },
    close: () => closeAll(closing),
  };
}

/** A server takes connections a moment before it answers: SQLSTATE `cannot_connect_now`. */
async function untilAnswering(url: string): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if ((error as { code?: string }).code !== '57P03') throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A body, its people and an approved campaign; what starts it. */
async function approveCampaign(app: Bonario, people: number): Promise<() => Promise<void>> {
  const now = app.now();
  const store = {
    ...{ engine: null as never, close: async () => {} },
    db: app.db,
    vaultOf: app.vaultOf,
    clock: new SimulatedClock(now),
  };
  await addEnte(store, ENTE);
  await addDebts(
    store,
    ENTE,
    Array.from({ length: people }, (_, n) => ({
      externalId: `P${n}`,
      email: `p${n}@posta.example`,
      amountCents: 10_000,
      dueDate: `${LAST_YEAR}-06-16`,
    })),
  );
  const tx = <T>(work: (t: Tx) => Promise<T>) => app.db.tenant(ENTE, work);
  const operator = (name: string, roles: readonly Role[]) =>
    tx(async (t): Promise<Operator> => {
      const { operatorId } = await createOperator(t, app.vaultOf(ENTE), { name, roles });
      return { operatorId, name, roles };
    });
  const clerk = await operator('Paola Bianchi', ['see', 'import', 'write', 'decide']);
  const head = await operator('Luigi Verdi', ['see', 'approve', 'manage']);
  await tx(async (t) => {
    for (const text of DEFAULT_TEMPLATES) await saveTemplate(t, { ...text, authorId: clerk.operatorId, now });
  });
  const yaml = campaignYaml({
    pubblico: `{ scadenzaEntro: ${LAST_YEAR}-12-31, importoMinimo: "12,00" }`,
    cascata: '[{ canale: email, testo: primo-avviso }]',
  });
  const { campaign, counts } = await rehearse(app.campaigns, ENTE, yaml, clerk);
  await submit(app.campaigns, ENTE, campaign.code, clerk);
  await approve(app.campaigns, ENTE, campaign.code, counts.toContact, head);
  return () => run(app.campaigns, ENTE, campaign.code, head);
}

/** How many messages came in the `spanMs` from each of them on. */
export function inSpans(mails: readonly StoredMail[], spanMs: number): number[] {
  return mails.map(
    ({ realAt }) => mails.filter((mail) => mail.realAt >= realAt && mail.realAt < realAt + spanMs).length,
  );
}
