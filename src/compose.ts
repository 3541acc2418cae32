import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { makeEmailChannel, startInboundMail } from './adapters/channels/email/index.ts';
import { classifyReply, makeSmsChannel } from './adapters/channels/sms/index.ts';
import { makeOidcIdentity } from './adapters/identity/oidc/index.ts';
import { makeHttpRail, noRail } from './adapters/payments/http-rail/index.ts';
import type { Config } from './config/load.ts';
import { type Clock, type Monotonic, systemClock, systemMonotonic } from './kernel/clocks.ts';
import { CodedError } from './kernel/errors.ts';
import { exportSeal, readExportedSeals, sealNext, sealsAfter } from './modules/audit/index.ts';
import {
  type CampaignDeps,
  layWindows,
  planCampaign,
  type RunDeps,
  runDueTenants,
  takeReceipt,
} from './modules/campaigns/index.ts';
import { type Dialogue, makeDialogue, sweepAccess } from './modules/conversations/index.ts';
import { checkInstallation, installStatute, listTenants } from './modules/creditors/index.ts';
import { type ImportService, makeImports } from './modules/debts/index.ts';
import {
  ALL_GUARDS,
  type Channel,
  findProviderRef,
  type Guards,
  type RawSignal,
  recordSignals,
  saveProviderRef,
  stopAddress,
  sweepProviderRefs,
} from './modules/deliveries/index.ts';
import { makeTextPort } from './modules/notices/index.ts';
import { type ApiRole, apiKeyByKey, enteOfKey, sweepOperatorAccess } from './modules/operators/index.ts';
import { type HighWater, issueRequests } from './modules/payments/index.ts';
import { makePostWebhook, sendDueWebhooks, sweepWebhooks } from './modules/webhooks/index.ts';
import {
  type Database,
  type Engine,
  lockFolder,
  makeDatabase,
  migrate,
  missingMigrations,
  openPglite,
  openPostgres,
  refuseBypassingRole,
} from './platform/db/index.ts';
import { FileHighWater } from './platform/files/high-water.ts';
import { installJobs, openJobs } from './platform/jobs/index.ts';
import { type Log, makeLog } from './platform/log/index.ts';
import { type EnteVault, loadMasterKey, makeVault, type Vault } from './platform/secrets/index.ts';
import { ApiProblem, makeServer } from './web/index.ts';

export const MIGRATIONS = join(dirname(fileURLToPath(import.meta.url)), '..', 'migrations');

const DAY_MS = 86_400_000;
/** No provider answers for a message after a month. */
const REFS_KEPT_MS = 30 * DAY_MS;

/** What a test or a simulation may put in the place of the real thing. `guards` is for the mutant tests alone. */
export interface Overrides {
  readonly clock?: Clock;
  readonly monotonic?: Monotonic;
  readonly guards?: Guards;
  readonly log?: Log;
  readonly memory?: boolean;
}

export interface Bonario {
  readonly config: Config;
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly log: Log;
  readonly now: () => number;
  /** Real time, for what lives in it: sessions, codes, invitations. */
  readonly realNow: () => number;
  /** Replaces the clock (the end of a simulation). */
  setClock(clock: Clock): void;
  readonly imports: ImportService;
  readonly campaigns: CampaignDeps;
  readonly dialogue: Dialogue;
  readonly email: Channel;
  readonly highWater: HighWater;
  readonly http: FastifyInstance;
  readonly portalUrl: string;
  readonly inboundPort: number;
  /** Runs everything that is due at the current legal time until nothing is left; when there is work next. */
  settle(): Promise<{ now: number; nextAt: number | null }>;
  sealAll(): Promise<number>;
  tenants(): Promise<{ enteId: number; slug: string }[]>;
  /** Background loops of a real installation: due work, jobs, seals, daily chores. */
  start(): void;
  stop(): Promise<void>;
}

/** Opens the engine of the configuration and brings an embedded one to the head of its schema. */
export async function openEngine(config: Config, memory = false): Promise<{ engine: Engine; unlock: () => void }> {
  if (config.db.kind === 'postgres') {
    return { engine: openPostgres(config.db.url, config.db.connections), unlock: () => {} };
  }
  if (memory) return { engine: await openPglite(null), unlock: () => {} };
  mkdirSync(config.db.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(config.db.dataDir);
  try {
    return { engine: await openPglite(join(config.db.dataDir, 'pglite')), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Schema, queues and shipped rules: what `bonario migrate` does, as the owner. */
export async function migrateAll(engine: Engine): Promise<readonly string[]> {
  const { applied } = await migrate(engine, MIGRATIONS);
  await installJobs(engine);
  await installStatute(engine);
  return applied;
}

/** What was opened, in order: closed from the last, at the end or when the start fails half way. */
type Closing = (() => unknown)[];

async function closeAll(closing: Closing): Promise<void> {
  for (const close of closing.splice(0).toReversed()) await close();
}

/** Builds and connects everything; the one place that sees it all (architecture §2). A start that fails leaves nothing open. */
export async function compose(config: Config, overrides: Overrides = {}): Promise<Bonario> {
  const closing: Closing = [];
  try {
    return await assemble(config, overrides, closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function assemble(config: Config, overrides: Overrides, closing: Closing): Promise<Bonario> {
  const log = overrides.log ?? makeLog(config.logLevel, null);
  let clock = overrides.clock ?? systemClock;
  const now = () => clock.now();
  const monotonic = overrides.monotonic ?? systemMonotonic;
  const guards = overrides.guards ?? ALL_GUARDS;

  const vault = makeVault(loadMasterKey(config.masterKeyFile));
  const vaultOf = (enteId: number) => vault.forEnte(enteId);
  const { engine, unlock } = await openEngine(config, overrides.memory);
  closing.push(unlock, () => engine.close());
  const db = await prepareDatabase(config, engine, vault);
  const jobs = await openJobs(engine, (error, job) =>
    log.error({ err: error, job: job.name, jobId: job.id }, 'job failed'),
  );
  closing.push(() => jobs.close());
  const highWater = new FileHighWater(join(dirname(config.masterKeyFile), 'notice-numbers.json'));

  const email = makeEmailChannel({
    host: config.smtp.host,
    port: config.smtp.port,
    secure: config.smtp.port === 465,
    ...(config.smtp.auth === null ? {} : { auth: config.smtp.auth }),
    maxConnections: config.smtp.connections,
    messageIdDomain: config.messageIdDomain,
    bounceDomain: config.bounceDomain,
    returnPathKey: vault.deriveKey('return path'),
    greetingTimeoutMs: 10_000,
    socketTimeoutMs: 30_000,
    log,
  });
  closing.push(() => email.close());
  const inbound = await startInboundMail({
    port: config.inboundPort,
    bounceDomain: config.bounceDomain,
    maxBytes: 1024 * 1024,
    onMessage: (raw) => takeMail(raw),
  });
  closing.push(() => inbound.close());
  async function takeMail(raw: RawSignal): Promise<void> {
    for (const signal of await email.parseSignal(raw)) {
      await db.tenant(signal.enteId, (tx) => recordSignals(tx, [signal], now()));
    }
  }

  const sms = config.smpp === null ? null : openSms(config.smpp, { db, vaultOf, log, now, monotonic });
  if (sms !== null) closing.push(() => sms.close());

  const channels = sms === null ? [email] : [email, sms];
  const rail = config.railUrl === null ? noRail : makeHttpRail(config.railUrl);
  const portalUrl = (config.portalUrl ?? `http://${config.host}:${config.port}`).replace(/\/$/, '');
  const texts = makeTextPort({ vaultOf, portalUrl });
  const identity = makeOidcIdentity({
    realNow: () => monotonic.now(),
    onRefusal: (fields) => log.warn(fields, 'sign-in refused'),
  });
  const dialogue = makeDialogue({
    db,
    vaultOf,
    clock: { now },
    monotonic,
    channels,
    rail,
    portalUrl,
    guards,
    identity,
  });
  const imports = makeImports({
    db,
    vaultOf,
    now,
    afterFlip: async (tx, importId) => {
      await issueRequests(tx, vaultOf(tx.enteId as number), importId, highWater);
    },
  });
  const campaigns: CampaignDeps = { db, jobs, now };
  jobs.handle('planCampaign', async ({ enteId, campaignId }) => {
    await planCampaign(campaigns, enteId, campaignId);
    await db.analyze();
  });
  const tenants = () => db.system((tx) => listTenants(tx));
  const running = new AbortController();
  const runner: RunDeps = {
    db,
    vaultOf,
    texts,
    now,
    monotonic,
    channels,
    perSecond: (kind) => (kind === 'sms' ? (config.smpp?.perSecond ?? 1) : config.smtp.perSecond),
    guards,
  };

  const http = makeServer({
    log,
    portal: {
      dialogue,
      baseUrl: portalUrl,
      extraFormActions: rail.origin === '' ? [] : [rail.origin],
      now,
      secureCookies: config.secureCookies,
    },
    api: {
      now,
      authenticate: (request, role) => authenticate(request, role),
      takeReceipt: (enteId, input, actor) => takeReceipt({ db, now }, enteId, input, actor),
      v1: { db, vaultOf, now, monotonic, imports, campaigns, allowPrivateWebhooks: config.webhookPrivate },
    },
    console: {
      db,
      vaultOf,
      now,
      realNow: () => monotonic.now(),
      imports,
      campaigns,
      tenants,
      exportedSeals: (slug) => readExportedSeals(config.sealsDir, slug),
      baseUrl: portalUrl,
      secureCookies: config.secureCookies,
    },
    health: async () => ({ ok: await db.system(async () => true) }),
  });
  closing.push(() => http.close());
  async function authenticate(request: FastifyRequest, role: ApiRole) {
    const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const enteId = enteOfKey(key);
    const found = enteId === null ? null : await db.tenant(enteId, (tx) => apiKeyByKey(tx, vaultOf(enteId), key));
    if (enteId === null || found === null) throw new ApiProblem(401, 'KEY_UNKNOWN', 'La chiave non è valida.');
    if (!found.roles.includes(role)) throw new ApiProblem(403, 'FORBIDDEN', `Questa chiave non ha il ruolo ${role}.`);
    return { enteId, apiKeyId: found.apiKeyId };
  }

  async function sealAll(): Promise<number> {
    let sealed = 0;
    for (const { enteId, slug } of await tenants()) {
      const seal = await db.tenant(enteId, (tx) => sealNext(tx, now()));
      sealed += seal?.leafCount ?? 0;
      // From what the exported file lacks, not from what was sealed now: an export that a crash cut short is made good.
      const last = readExportedSeals(config.sealsDir, slug).at(-1)?.sealNo ?? 0;
      const missing = await db.tenant(enteId, (tx) => sealsAfter(tx, last));
      for (const one of missing) exportSeal(config.sealsDir, slug, one);
    }
    return sealed;
  }

  let choresDay = '';
  /** Once a legal day: opening hours laid ahead, ended sessions swept, the day's leaves sealed. */
  async function chores(): Promise<void> {
    const day = new Date(now()).toISOString().slice(0, 10);
    if (day === choresDay) return;
    choresDay = day;
    for (const { enteId } of await tenants()) {
      await db.tenant(enteId, async (tx) => {
        await layWindows(tx, now());
        await sweepAccess(tx, monotonic.now());
        await sweepOperatorAccess(tx, monotonic.now());
        await sweepWebhooks(tx, monotonic.now());
      });
    }
    await db.system((tx) => sweepProviderRefs(tx, monotonic.now() - REFS_KEPT_MS));
    await sealAll();
  }

  async function settle(): Promise<{ now: number; nextAt: number | null }> {
    await chores();
    for (;;) {
      const drained = await jobs.drain();
      const { moved, nextAt } = await runDueTenants(runner, running.signal);
      if (drained + moved > 0) continue;
      // Work that is due and does not move would spin for ever: it is reported, and looked at again in an hour.
      const stuck = nextAt !== null && nextAt <= now();
      if (stuck) log.warn({ nextAt }, 'due work did not move');
      return { now: now(), nextAt: stuck ? now() + 3_600_000 : nextAt };
    }
  }

  // Apart from the other loops: a receiver that hangs is waited for ten seconds.
  const post = makePostWebhook(config.webhookPrivate);
  let telling: Promise<unknown> | null = null;
  const tell = () => {
    telling ??= sendDueWebhooks({ db, vaultOf, monotonic, tenants, post, signal: running.signal })
      .catch((error: unknown) => log.error({ err: error }, 'webhooks failed'))
      .finally(() => {
        telling = null;
      });
  };

  const timers: NodeJS.Timeout[] = [];
  let busy: Promise<unknown> = Promise.resolve();
  const every = (ms: number, work: () => Promise<unknown>) => {
    timers.push(
      setInterval(() => {
        // One at a time: a slow round is not overtaken by the next.
        busy = busy.then(work).catch((error: unknown) => log.error({ err: error }, 'background work failed'));
      }, ms),
    );
  };

  // Alone on an embedded database, whatever is half done is ours; on a server another process may be at it.
  const begunBefore = config.db.kind === 'pglite' ? now() : now() - DAY_MS;
  for (const { enteId } of await tenants()) await imports.resume(enteId, begunBefore);
  return {
    config,
    db,
    vaultOf,
    log,
    now,
    realNow: () => monotonic.now(),
    setClock(next) {
      clock = next;
    },
    imports,
    campaigns,
    dialogue,
    email,
    highWater,
    http,
    portalUrl,
    inboundPort: inbound.port,
    settle,
    sealAll,
    tenants,
    start() {
      every(1_000, settle);
      every(60_000, sealAll);
      timers.push(setInterval(tell, 5_000));
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      running.abort();
      await busy;
      await telling;
      await closeAll(closing);
    },
  };
}

/** The SMS channel, what its receipts stand for, and STOP, which binds the address for every body that writes to it. */
function openSms(
  smpp: NonNullable<Config['smpp']>,
  deps: { db: Database; vaultOf: (enteId: number) => EnteVault; log: Log; now: () => number; monotonic: Monotonic },
): Channel {
  const { db, vaultOf, log, now, monotonic } = deps;
  return makeSmsChannel({
    ...smpp,
    systemType: '',
    source: /^\+\d+$/.test(smpp.sender) ? { numeric: smpp.sender } : { alphanumeric: smpp.sender },
    log,
    monotonic,
    refs: {
      save: (ref, enteId, deliveryId) =>
        db.system((tx) => saveProviderRef(tx, 'smpp', ref, { enteId, deliveryId }, monotonic.now())),
      find: (ref) => db.system((tx) => findProviderRef(tx, 'smpp', ref)),
    },
    async onSignal(signals) {
      for (const signal of signals) await db.tenant(signal.enteId, (tx) => recordSignals(tx, [signal], now()));
    },
    async onReply(from, text) {
      if (classifyReply(text) !== 'stop') return;
      for (const { enteId } of await db.system((tx) => listTenants(tx))) {
        await db.tenant(enteId, (tx) => stopAddress(tx, vaultOf(enteId), 'sms', from, now()));
      }
    },
  });
}

async function prepareDatabase(config: Config, engine: Engine, vault: Vault): Promise<Database> {
  if (config.db.kind === 'pglite') {
    await migrateAll(engine);
  } else {
    await refuseBypassingRole(engine);
    const missing = await missingMigrations(engine, MIGRATIONS);
    if (missing.length > 0) {
      throw new CodedError('MIGRATIONS_MISSING', `run \`bonario migrate\` first: ${missing.length} to apply`, {
        missing: missing.length,
      });
    }
  }
  const db = makeDatabase(engine);
  if (!(await db.system((tx) => checkInstallation(tx, vault.keyCheck)))) {
    throw new CodedError('MASTER_KEY', 'this data was written with another master key');
  }
  return db;
}
