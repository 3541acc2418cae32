import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { makeOidcIdentity } from './adapters/identity/oidc/index.ts';
import { makeCheckout, noRail } from './adapters/payments/pagopa/checkout/index.ts';
import { makeFdrClient } from './adapters/payments/pagopa/fdr/index.ts';
import { makeStation } from './adapters/payments/pagopa/station/index.ts';
import { makeBackground } from './compose/background.ts';
import { makeTestSender, openEmail, openSms } from './compose/channels.ts';
import { openEngine, prepareDatabase } from './compose/engine.ts';
import { type Money, makeMoney } from './compose/money.ts';
import { openRates } from './compose/rates.ts';
import { openTelemetry } from './compose/telemetry.ts';
import { IMPORTS, watchTenants } from './compose/touched.ts';
import type { Config } from './config/load.ts';
import { type Clock, type Monotonic, systemClock, systemMonotonic } from './kernel/clocks.ts';
import { readExportedSeals } from './modules/audit/index.ts';
import {
  type CampaignDeps,
  planCampaign,
  type RunDeps,
  takeReceipt,
  takeSharedReceipt,
} from './modules/campaigns/index.ts';
import { type Dialogue, makeDialogue } from './modules/conversations/index.ts';
import { listTenants } from './modules/creditors/index.ts';
import { type ImportService, makeImports } from './modules/debts/index.ts';
import { ALL_GUARDS, type Channel, type Guards } from './modules/deliveries/index.ts';
import { makeTextPort } from './modules/notices/index.ts';
import { type ApiRole, apiKeyByKey, enteOfKey } from './modules/operators/index.ts';
import { type HighWater, openNumbering, type ReceiptInput } from './modules/payments/index.ts';
import { makePostWebhook } from './modules/webhooks/index.ts';
import type { Database, Engine } from './platform/db/index.ts';
import { FileHighWater } from './platform/files/high-water.ts';
import { openJobs } from './platform/jobs/index.ts';
import { makeLeader, soleLeader, touchChores } from './platform/leases/index.ts';
import { type Log, makeLog } from './platform/log/index.ts';
import { type EnteVault, loadMasterKey, makeVault } from './platform/secrets/index.ts';
import { type Metrics, observeEngine, observeLeader } from './platform/telemetry/index.ts';
import { ApiProblem, makePagopaServer, makeRateLimit, makeServer, type PagopaDeps } from './web/index.ts';

export { MIGRATIONS, migrateAll, openEngine } from './compose/engine.ts';

const DAY_MS = 86_400_000;

/** What a test or a simulation may put in the place of the real thing. `guards` is for the mutant tests alone. */
export interface Overrides {
  readonly clock?: Clock;
  readonly monotonic?: Monotonic;
  readonly guards?: Guards;
  readonly log?: Log;
  /** Opened by the caller, closed with the program. */
  readonly engine?: Engine;
}

export interface Bonario extends Money {
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
  /** The station behind TLS of our own, where one is configured. */
  readonly stationHttp: FastifyInstance | null;
  readonly metrics: Metrics;
  readonly portalUrl: string;
  readonly inboundPort: number;
  /** Runs everything that is due at the current legal time until nothing is left; when there is work next. */
  settle(): Promise<{ now: number; nextAt: number | null }>;
  sealAll(): Promise<number>;
  /** Reads anew what the results of large campaigns are shown from; how many campaigns were read. */
  keepAllFigures(): Promise<number>;
  tenants(): Promise<{ enteId: number; slug: string }[]>;
  /** Background loops of a real installation: due work, jobs, seals, daily chores; not these where others work. */
  start(work?: boolean): void;
  stop(): Promise<void>;
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
  const { engine: bare, unlock } = overrides.engine
    ? { engine: overrides.engine, unlock: () => {} }
    : await openEngine(config);
  const { engine, use } = observeEngine(bare);
  closing.push(unlock, () => engine.close());
  const raw = await prepareDatabase(config, engine, vault);
  const { db, flush } = watchTenants(raw, monotonic);
  const jobs = await openJobs(engine, (error, job) =>
    log.error({ err: error, job: job.name, jobId: job.id }, 'job failed'),
  );
  closing.push(() => jobs.close());
  const highWater = new FileHighWater(join(dirname(config.masterKeyFile), 'notice-numbers.json'));

  const tenants = () => db.system((tx) => listTenants(tx));
  const { leader, leading } = observeLeader(
    config.db.kind === 'pglite' ? soleLeader : makeLeader(raw, 'chores', monotonic),
  );
  const telemetry = await openTelemetry(
    { byBody: config.metrics.byBody, traces: config.traces },
    { db: raw, log, now, monotonic, tenants, pool: use, leading },
  );
  closing.push(() => telemetry.close());
  const channelDeps = { onSignals: telemetry.signals, db, vaultOf, log, now, monotonic };
  const { email, inboundPort, close } = await openEmail(config, vault, channelDeps);
  closing.push(close);
  const sms = config.smpp === null ? null : openSms(config.smpp, channelDeps);
  if (sms !== null) closing.push(() => sms.close());

  const channels = (sms === null ? [email] : [email, sms]).map(telemetry.channel);
  const rail = config.checkout === null ? noRail : makeCheckout(config.checkout);
  const portalUrl = (config.portalUrl ?? `http://${config.host}:${config.port}`).replace(/\/$/, '');
  const texts = telemetry.texts(makeTextPort({ vaultOf, portalUrl }));
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
    highWater,
  });
  const imports = makeImports({
    db,
    vaultOf,
    now,
    numbering: (tx) => openNumbering(tx, vaultOf(tx.enteId as number), highWater),
    watch: (enteId) => raw.system((tx) => touchChores(tx, [IMPORTS], [enteId], monotonic.now())),
  });
  const campaigns: CampaignDeps = { db, jobs, now };
  jobs.handle('planCampaign', async ({ enteId, campaignId }) => {
    await planCampaign(campaigns, enteId, campaignId);
    await db.analyze();
  });
  const runner: RunDeps = {
    db,
    vaultOf,
    texts,
    now,
    monotonic,
    channels,
    rates: openRates(config, raw, monotonic),
    guards,
  };

  const money = makeMoney({ db, now, source: config.fdr === null ? null : makeFdrClient(config.fdr) });
  const background = makeBackground({
    money,
    db: raw,
    jobs,
    log,
    vaultOf,
    now,
    monotonic,
    runner,
    tenants,
    flush,
    leader,
    sealsDir: config.sealsDir,
    imports,
    importStaleMs: config.importStaleMinutes * 60_000,
    webhookPrivate: config.webhookPrivate,
  });

  async function receive(enteId: number, input: ReceiptInput, actor: string, shared = false) {
    if (shared) return takeSharedReceipt({ db, now }, enteId, input, actor);
    const booked = await takeReceipt({ db, now }, enteId, input, actor);
    if (booked.debtId !== null) telemetry.paid(enteId, booked.debtId);
    return booked;
  }
  const { zone, receiptsDown, tls, ...access } = config.pagopa;
  const { answer } = makeStation({
    db,
    vaultOf,
    clock: { now },
    monotonic,
    log,
    takeReceipt: receive,
    zone,
    receiptsDown,
  });
  const pagopa: PagopaDeps = { access, answer };
  const stationHttp = tls === null ? null : makePagopaServer(log, pagopa, tls);
  if (stationHttp !== null) closing.push(() => stationHttp.close());

  const http = makeServer({
    log,
    pagopa,
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
      rateLimit: makeRateLimit(config.apiPerSecond, monotonic),
      takeReceipt: receive,
      v1: { db, vaultOf, now, monotonic, imports, campaigns, allowPrivateWebhooks: config.webhookPrivate },
    },
    console: {
      db,
      vaultOf,
      now,
      realNow: () => monotonic.now(),
      imports,
      campaigns,
      highWater,
      reconcileTerms: money.reconcileTerms,
      tenants,
      postWebhook: makePostWebhook(config.webhookPrivate),
      allowPrivateWebhooks: config.webhookPrivate,
      exportedSeals: (slug) => readExportedSeals(config.sealsDir, slug),
      baseUrl: portalUrl,
      secureCookies: config.secureCookies,
      sendTest: makeTestSender(email, db),
    },
    metrics: { metrics: telemetry.metrics, token: config.metrics.token },
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
    stationHttp,
    metrics: telemetry.metrics,
    portalUrl,
    inboundPort,
    ...money,
    settle: background.settle,
    sealAll: background.sealAll,
    keepAllFigures: background.keepAllFigures,
    tenants,
    start: (work = true) => background.start(work),
    async stop() {
      await background.stop();
      await closeAll(closing);
    },
  };
}
