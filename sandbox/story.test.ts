import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PlayRequest } from './play-types.ts';
import type { Report } from './report.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import type { ProgressLine } from './story.ts';
import { type Faults, startFakeProgram } from './testing/fake-program.ts';
import type { TownBody } from './town/types.ts';

const BODIES: TownBody[] = [
  {
    slug: 'colle',
    kind: 'comune',
    name: 'Comune di Colle',
    codiceFiscale: '12345678903',
    segregation: '02',
    iban: 'IT60X0542811101000000123456',
  },
  {
    slug: 'valle',
    kind: 'asl',
    name: 'Azienda della Valle',
    codiceFiscale: '00488410010',
    segregation: '03',
    iban: 'IT87C0760103200000001012345',
  },
];
const NONE = {
  contactsAfterPayment: 0,
  contactsAfterDispute: 0,
  duplicateDeliveries: 0,
  disclosuresToOthers: 0,
  overCeiling: 0,
  outsideWindow: 0,
};
/** People who read and act more than real ones, so that a small town has all kinds of journeys. */
const EAGER = { openRate: 0.9, followLink: 1, claimRight: 0.08, optOut: 0.04, strangerFollows: 1, strangerNotMe: 0.4 };

// A whole month is played: on a busy machine it may take a while.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  // The sandbox first: it holds a mail connection to the program.
  for (const thing of open) await thing.close();
  open = [];
});

interface Played {
  readonly report: Report;
  readonly lines: readonly ProgressLine[];
  readonly sandbox: Sandbox;
  readonly program: Awaited<ReturnType<typeof startFakeProgram>>;
}

async function play(faults: Faults = {}, debts = 300, seed = 11): Promise<Played> {
  const sandbox = await startSandbox();
  open.push(sandbox);
  const files = sandbox.town({ seed, debts, start: '2026-09-07', bodies: BODIES });
  const program = await startFakeProgram(files, BODIES, { ...sandbox.ports, ...sandbox.pagopa.checkout }, faults);
  open.push(program);
  const request: PlayRequest = {
    portalUrl: program.portalUrl,
    stationUrl: program.stationUrl,
    inboundSmtp: program.inboundSmtp,
    controlSocket: program.controlSocket,
    bodies: BODIES.map(({ slug }) => ({
      slug,
      apiKey: 'api',
      operatorKey: 'op',
      ceilingPerPerson: 2,
      ceilingPerAddress: 6,
      windows: { fromMinutes: 480, toMinutes: 1200, saturday: true },
      patron: '11-11',
    })),
    start: '2026-09-07',
    days: 30,
    seed,
    behaviour: EAGER,
  };
  const lines: ProgressLine[] = [];
  const report = await sandbox.play(request, (line) => lines.push(line));
  return { report, lines, sandbox, program };
}

describe('a story with a well-behaved program', () => {
  it('has every kind of journey, no harm, no surprises, and tells the same twice', async () => {
    const { report, lines, sandbox, program } = await play();
    // The fake program takes minors' rows as they are; the sandbox says so.
    expect(report.failures.filter((line) => !line.includes('minor') && !line.includes('cannot be read'))).toEqual([]);
    expect(report.harm).toEqual(NONE);
    expect(lines.map((line) => line.day)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    const last = lines.at(-1);
    expect(last?.paid).toBeGreaterThan(10);
    expect(last?.paid).toBe(program.receipts.size);
    expect(last?.disputed).toBe(program.disputes.length);
    expect(last?.disputed).toBeGreaterThan(0);
    expect(last?.notMe).toBeGreaterThan(0);
    expect(last?.optedOut).toBeGreaterThan(0);
    expect(report.bounced).toBe(program.bounced.length);
    expect(report.bounced).toBeGreaterThan(0);
    expect(report.outcomes).toMatchObject({
      identified: expect.any(Number),
      paidOnline: expect.any(Number),
      paidAtCounter: expect.any(Number),
      'stranger:mismatch': expect.any(Number),
      codeNotOffered: expect.any(Number),
      disputeRejected: expect.any(Number),
    });
    expect(program.disputes.some((dispute) => dispute.state !== 'open')).toBe(true);
    expect(sandbox.sample()).toMatchObject({ slug: 'colle', address: expect.stringContaining('@') });

    const again = await play();
    expect(again.report).toEqual(report);
    expect(again.lines).toEqual(lines);
  });
});

describe('a story with a harmful program', () => {
  it('counts contacts after payment and after objections', async () => {
    const { report } = await play({ ignoresPayments: true, ignoresStops: true }, 150);
    expect(report.harm.contactsAfterPayment).toBeGreaterThan(0);
    expect(report.harm.contactsAfterDispute).toBeGreaterThan(0);
    expect(report.harmDetails.length).toBeGreaterThan(0);
  });

  it('counts blind repeats, amounts in messages and messages at night', async () => {
    const { report } = await play({ resendsBlindly: true, saysAmounts: true, writesAtNight: true }, 600, 5);
    expect(report.cutAfterData).toBeGreaterThan(0);
    expect(report.harm.duplicateDeliveries).toBe(report.cutAfterData);
    expect(report.harm.disclosuresToOthers).toBeGreaterThanOrEqual(report.notices);
    expect(report.harm.outsideWindow).toBeGreaterThan(50);
  });

  it('counts what a stranger is shown', async () => {
    const { report } = await play({ believesAnyItem: true }, 200);
    expect(report.harm.disclosuresToOthers).toBeGreaterThan(0);
    expect(report.failures.join()).toContain('a stranger got in');
  });
});
