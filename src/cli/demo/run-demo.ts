import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bonario, compose } from '../../compose.ts';
import type { Config } from '../../config/load.ts';
import { addDays, type CivilDate } from '../../kernel/civil-date.ts';
import { runningFrom, SimulatedClock, systemMonotonic } from '../../kernel/clocks.ts';
import { CodedError } from '../../kernel/errors.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { readExportedSeals, verifyAudit } from '../../modules/audit/index.ts';
import { DEFAULT_WAY, saveSignIn } from '../../modules/conversations/index.ts';
import { createEnte, loadRules, setEnteRule, type WindowRule } from '../../modules/creditors/index.ts';
import type { Guards } from '../../modules/deliveries/index.ts';
import { type EnteSummary, summarize } from '../../modules/insight/index.ts';
import { createApiKey, createOperator } from '../../modules/operators/index.ts';
import { makeLog } from '../../platform/log/index.ts';
import { startControl } from '../control-server.ts';
import { runCommand } from '../run-command.ts';
import { SAMPLE_BODIES, sampleCampaign } from './sample-bodies.ts';
import { type SandboxIdp, type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { type DemoSummary, mergeSummaries, type SandboxReport } from './summary.ts';

export interface DemoOptions {
  readonly debts: number;
  readonly days: number;
  readonly seed: string;
  readonly start: CivilDate;
  readonly port: number;
}

/** What happens, for whoever shows it; nothing here is needed for the result. */
export interface DemoEvents {
  step(title: string, detail: string): void;
  day(progress: DayProgress, days: number): void;
}

export interface DayProgress {
  readonly day: number;
  readonly at: number;
  readonly mails: number;
  readonly sms: number;
  readonly paid: number;
  readonly paidCents: number;
  readonly disputed: number;
  readonly notMe: number;
  readonly optedOut: number;
}

export interface RunningDemo {
  readonly summary: DemoSummary;
  /** What the citizens met that they should not have: broken pages, wrong answers. */
  readonly failures: readonly string[];
  /** One line per harm, at most 40. */
  readonly harmDetails: readonly string[];
  readonly app: Bonario;
  readonly sandbox: SandboxProcess;
  /** Ways into the console of the first body: for the clerk, and for the head of office, who approves. */
  invite(): Promise<readonly string[]>;
  /** Goes on at real speed from where the story ended. */
  goOn(): void;
  stop(): Promise<void>;
}

/** Half past seven: before the channel's hours, so that the first message shows that it waits for them. */
const START_MINUTES = 450;

interface Office {
  readonly slug: string;
  readonly clerkId: string;
  readonly clerkKey: string;
  readonly headId: string;
  readonly headKey: string;
  readonly apiKey: string;
}

/**
 * A whole campaign on this machine, over real wire protocols, in simulated time: files imported, campaigns rehearsed,
 * approved and run by the same commands a clerk gives, citizens acting on pages and messages alone.
 * `guards` is for the mutant tests: it switches off one thing that keeps people from harm.
 */
export async function runDemo(
  options: DemoOptions,
  events: DemoEvents,
  guards?: Guards,
  logTo?: NodeJS.WritableStream,
): Promise<RunningDemo> {
  const began = systemMonotonic.now();
  const folder = mkdtempSync(join(tmpdir(), 'bonario-demo-'));
  const sandbox = await startSandboxProcess();
  const undo: (() => Promise<void>)[] = [
    () => sandbox.stop(),
    async () => rmSync(folder, { recursive: true, force: true }),
  ];
  const stop = async () => {
    for (const step of undo.toReversed()) await step();
  };
  // Undone in this order: the program first, then the sandbox, then its folder.
  undo.reverse();
  try {
    const clock = new SimulatedClock(romeInstant(options.start, START_MINUTES));
    const config = demoConfig(folder, sandbox, await freePort(options.port));
    const app = await compose(config, {
      clock,
      ...(guards === undefined ? {} : { guards }),
      log: makeLog(logTo === undefined ? 'error' : 'info', logTo ?? null),
    });
    undo.push(() => app.stop());
    const control = await startControl(app, clock);
    undo.push(() => control.close());
    await app.http.listen({ host: config.host, port: config.port });
    events.step('Avvio', `portale su ${app.portalUrl}, posta, SMS e pagamenti simulati su questa macchina`);

    const offices = await openOffices(app, sandbox.idp, options.start);
    const imported = await importFiles(app, sandbox, offices, options, folder, events);
    await startCampaigns(app, offices, options, folder, events);
    const report = await play(app, sandbox, offices, control.path, options, events);

    await app.settle();
    await app.sealAll();
    const summary = mergeSummaries({
      creditors: offices.length,
      imported,
      enti: await eachEnte(app, (enteId) => app.db.tenant(enteId, (tx) => summarize(tx))),
      audits: await eachEnte(app, (enteId, slug) =>
        app.db.tenant(enteId, (tx) => verifyAudit(tx, readExportedSeals(config.sealsDir, slug))),
      ),
      report,
      seconds: Math.round((systemMonotonic.now() - began) / 100) / 10,
    });
    return {
      summary,
      failures: report.failures,
      harmDetails: report.harmDetails,
      app,
      sandbox,
      async invite() {
        const [office] = offices;
        const texts: string[] = [];
        for (const id of office === undefined ? [] : [office.clerkId, office.headId]) {
          texts.push((await give(app, office?.headKey ?? '', folder, ['operator', 'invite', id])).text);
        }
        return texts;
      },
      goOn() {
        app.setClock(runningFrom(clock.now(), systemMonotonic));
        app.start();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function eachEnte<T>(app: Bonario, work: (enteId: number, slug: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const { enteId, slug } of await app.tenants()) results.push(await work(enteId, slug));
  return results;
}

function demoConfig(folder: string, sandbox: SandboxProcess, port: number): Config {
  const local = (name: string) => join(folder, name);
  mkdirSync(local('keys'), { mode: 0o700 });
  return {
    db: { kind: 'pglite', dataDir: local('data') },
    dataDir: local('data'),
    masterKeyFile: local('keys/master.key'),
    host: '127.0.0.1',
    port,
    portalUrl: null,
    smtp: { host: '127.0.0.1', port: sandbox.ports.smtp, auth: null, connections: 4, perSecond: 500 },
    smpp: {
      host: '127.0.0.1',
      port: sandbox.ports.smsc,
      systemId: 'bonario',
      password: 'prova',
      // A number, not an alias: the simulated people can answer STOP. Its prefix belongs to nobody.
      sender: '+393000000000',
      // One at a time: when the simulated provider cuts the line, the same single message is in flight in every run.
      window: 1,
      perSecond: 500,
    },
    messageIdDomain: 'bonario.example',
    bounceDomain: 'rimbalzi.bonario.example',
    inboundPort: 0,
    railUrl: `http://127.0.0.1:${sandbox.ports.rail}`,
    sealsDir: local('seals'),
    webhookPrivate: false,
    apiPerSecond: 0,
    operatorKey: null,
    logLevel: 'error',
    secureCookies: false,
  };
}

/** `wanted` if it is free, else any. */
function freePort(wanted: number): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const { port: got } = server.address() as { port: number };
        server.close(() => resolve(got));
      });
    });
  return attempt(wanted).catch(() => attempt(0));
}

async function openOffices(app: Bonario, idp: SandboxIdp, start: CivilDate): Promise<Office[]> {
  const offices: Office[] = [];
  for (const body of SAMPLE_BODIES) {
    offices.push(
      await app.db.tenant(body.enteId, async (tx) => {
        const vault = app.vaultOf(body.enteId);
        await createEnte(tx, body);
        await saveSignIn(tx, vault, {
          issuer: idp.issuer,
          clientId: idp.clientId,
          clientAuth: 'secretBasic',
          secret: idp.clientSecret,
          ways: { spid: DEFAULT_WAY, cie: DEFAULT_WAY },
        });
        for (const [channel, milliCents] of [
          ['email', 40],
          ['sms', 3_900],
        ] as const) {
          await setEnteRule(tx, {
            creditType: '*',
            key: `channelPrice.${channel}`,
            value: { milliCents, per: channel === 'sms' ? 'segment' : 'message' },
            validFrom: addDays(start, -365),
            legalBasis: 'Contratto con il gestore (di esempio)',
          });
        }
        for (const type of body.creditTypes.filter((t) => t.health)) {
          const rule = {
            creditType: type.code,
            validFrom: addDays(start, -365),
            legalBasis: 'Delibera D.G. n. 10 del 15/01/2026 (di esempio)',
          };
          await setEnteRule(tx, { ...rule, key: 'healthGeneralAct', value: 'Regolamento di esempio n. 3/2026' });
          await setEnteRule(tx, { ...rule, key: 'ticketLimitationYears', value: 10 });
        }
        const clerk = await createOperator(tx, vault, {
          name: 'Paola Bianchi',
          roles: ['see', 'import', 'write', 'decide'],
        });
        const head = await createOperator(tx, vault, { name: 'Luigi Verdi', roles: ['see', 'approve', 'manage'] });
        const partner = await createApiKey(tx, vault, { label: 'partner dei pagamenti', roles: ['receipts'] });
        return {
          slug: body.slug,
          clerkId: clerk.operatorId,
          clerkKey: clerk.key,
          headId: head.operatorId,
          headKey: head.key,
          apiKey: partner.key,
        };
      }),
    );
  }
  return offices;
}

/** A command as a person gives it; anything but "done" ends the demo with its reason. */
async function give(
  app: Bonario,
  key: string,
  cwd: string,
  argv: readonly string[],
): Promise<{ output: unknown; text: string }> {
  const answer = await runCommand({ app, key, cwd }, argv);
  if (answer.exit !== 0) throw new CodedError('DEMO_COMMAND', `${argv.join(' ')}: ${answer.text}`);
  return answer;
}

export interface ImportTotals {
  readonly imported: number;
  readonly rejected: number;
  readonly quarantined: number;
}

async function importFiles(
  app: Bonario,
  sandbox: SandboxProcess,
  offices: readonly Office[],
  options: DemoOptions,
  folder: string,
  events: DemoEvents,
): Promise<ImportTotals> {
  const { files } = await sandbox.post<{ files: { slug: string; creditType: string; name: string; csv: string }[] }>(
    '/town',
    {
      seed: options.seed,
      debts: options.debts,
      start: options.start,
      bodies: SAMPLE_BODIES.map(({ slug, kind, name, codiceFiscale, segregationCode }) => ({
        slug,
        kind,
        name,
        codiceFiscale,
        segregation: segregationCode,
      })),
    },
  );
  const totals = { imported: 0, rejected: 0, quarantined: 0 };
  for (const file of files) {
    const path = join(folder, `${file.slug}-${file.creditType}.csv`);
    writeFileSync(path, file.csv, { mode: 0o600 });
    const office = officeFor(offices, file.slug);
    const { output } = await give(app, office.clerkKey, folder, [
      'import',
      path,
      '--type',
      file.creditType,
      '--commit',
      '--skip-bad',
    ]);
    const counts = (output as { import: { accepted: number; rejected: number; quarantined: number; rows: number } })
      .import;
    totals.imported += counts.accepted;
    totals.rejected += counts.rejected;
    totals.quarantined += counts.quarantined;
    events.step(
      `Importazione ${file.creditType}`,
      `${counts.rows} righe: ${counts.accepted} caricate, ${counts.rejected} con errori da correggere, ${counts.quarantined} messe da parte`,
    );
  }
  return totals;
}

async function startCampaigns(
  app: Bonario,
  offices: readonly Office[],
  options: DemoOptions,
  folder: string,
  events: DemoEvents,
): Promise<void> {
  for (const body of SAMPLE_BODIES) {
    const { clerkKey, headKey } = officeFor(offices, body.slug);
    const path = join(folder, `${body.slug}.yaml`);
    writeFileSync(path, sampleCampaign(body, addDays(options.start, -30)));
    await give(app, clerkKey, folder, ['template', 'defaults']);
    const { output } = await give(app, clerkKey, folder, ['campaign', 'rehearse', path]);
    const { counts } = output as { counts: { audience: number; toContact: number } };
    await give(app, clerkKey, folder, ['campaign', 'submit', 'primo-giro']);
    await give(app, headKey, folder, ['campaign', 'approve', 'primo-giro', '--people', String(counts.toContact)]);
    await give(app, headKey, folder, ['campaign', 'run', 'primo-giro']);
    events.step(
      `Campagna ${body.name}`,
      `${counts.audience} persone nel pubblico, ${counts.toContact} da contattare; provata, approvata da una seconda persona, avviata`,
    );
  }
}

async function play(
  app: Bonario,
  sandbox: SandboxProcess,
  offices: readonly Office[],
  controlSocket: string,
  options: DemoOptions,
  events: DemoEvents,
): Promise<SandboxReport> {
  const bodies = [];
  for (const body of SAMPLE_BODIES) {
    const [windows, smsWindows] = await app.db.tenant(body.enteId, async (tx) => {
      const rules = await loadRules(tx, options.start);
      const hours = (channel: string) => {
        const { fromMinutes, toMinutes, days } = rules.get<WindowRule>(`window.${channel}`, null).value;
        return { fromMinutes, toMinutes, saturday: days.includes(6) };
      };
      return [hours('email'), hours('sms')] as const;
    });
    const { apiKey, clerkKey } = officeFor(offices, body.slug);
    bodies.push({
      slug: body.slug,
      apiKey,
      operatorKey: clerkKey,
      ceilingPerPerson: 2,
      ceilingPerAddress: 2,
      windows,
      smsWindows,
      ...(body.patronDay === null ? {} : { patron: body.patronDay }),
    });
  }
  const request = {
    portalUrl: app.portalUrl,
    inboundSmtp: app.inboundPort,
    controlSocket,
    bodies,
    start: options.start,
    days: options.days,
    seed: options.seed,
  };
  for await (const line of sandbox.stream('/play', request)) {
    if ('error' in line) throw new CodedError('SANDBOX', String(line.error));
    if ('report' in line) return line.report as SandboxReport;
    events.day(line as unknown as DayProgress, options.days);
  }
  throw new CodedError('SANDBOX', 'the story ended without a report');
}

function officeFor(offices: readonly Office[], slug: string): Office {
  const office = offices.find((o) => o.slug === slug);
  if (office === undefined) throw new CodedError('SANDBOX', `no office for ${slug}`);
  return office;
}

export type { EnteSummary };
