import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bonario, compose } from '../../compose.ts';
import { runningFrom, SimulatedClock, systemMonotonic } from '../../kernel/clocks.ts';
import { CodedError } from '../../kernel/errors.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { readExportedSeals, verifyAudit } from '../../modules/audit/index.ts';
import { loadRules, type WindowRule } from '../../modules/creditors/index.ts';
import type { Guards } from '../../modules/deliveries/index.ts';
import { summarize } from '../../modules/insight/index.ts';
import { makeLog } from '../../platform/log/index.ts';
import { startControl } from '../control-server.ts';
import { demoConfig, freePort } from './demo-config.ts';
import type { DayProgress, DemoEvents, DemoOptions } from './demo-types.ts';
import { give, importFiles, startCampaigns } from './desk.ts';
import { countMoney } from './money.ts';
import { type Office, officeFor, openOffices } from './offices.ts';
import { SAMPLE_BODIES } from './sample-bodies.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { type DemoSummary, mergeSummaries, type SandboxReport } from './summary.ts';

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
    const money = await countMoney(app, sandbox, offices, folder, clock, events);
    await app.sealAll();
    const summary = mergeSummaries({
      creditors: offices.length,
      imported,
      enti: await eachEnte(app, (enteId) => app.db.tenant(enteId, (tx) => summarize(tx))),
      audits: await eachEnte(app, (enteId, slug) =>
        app.db.tenant(enteId, (tx) => verifyAudit(tx, readExportedSeals(config.sealsDir, slug))),
      ),
      report,
      money,
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
