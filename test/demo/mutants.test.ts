import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Behaviour } from '../../sandbox/profile.ts';
import { type DemoOptions, runDemo } from '../../src/cli/demo/run-demo.ts';
import type { SandboxProcess } from '../../src/cli/demo/sandbox-process.ts';
import type { DemoSummary } from '../../src/cli/demo/summary.ts';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { ALL_GUARDS, type Guards } from '../../src/modules/deliveries/index.ts';

/**
 * One story in which every guard is needed, though the citizens of the default profile would seldom need the first:
 * whoever acts on a message is passed over by the later steps (`soloSe: nonLetto`), so a hold bites only between queue and
 * hand-over. Here everybody reads on the Sunday after a Tuesday's message, when the second one is queued for Monday.
 */
const LATE_READERS: Partial<Behaviour> = {
  openRate: 1,
  openDelay: [
    [0, 7_350],
    [1, 7_500],
  ],
  followLink: 1,
  claimRight: 0.5,
  // The others pay one of their debts at once: a part payment, which silences for seven days (architecture §3.10).
  payAfterSeeing: 1,
  payDelay: [
    [0, 5],
    [1, 60],
  ],
  payAll: 0,
  payAtCounterAfterSeeing: 0,
  // Whoever shares or was given somebody else's mailbox is curious, and never says "non sono io".
  relativeReads: 1,
  strangerFollows: 1,
  strangerNotMe: 0,
  strangerTriesCode: 1,
};
/** A Tuesday; the second step falls on Sunday 13, and its message leaves on Monday 14. */
const STORY: DemoOptions = { debts: 120, days: 8, seed: '5', start: civilDate('2026-09-08'), port: 0 };

vi.mock('../../src/cli/demo/sandbox-process.ts', async (original) => {
  const { startSandboxProcess } = await original<typeof import('../../src/cli/demo/sandbox-process.ts')>();
  return {
    startSandboxProcess: async (): Promise<SandboxProcess> => {
      const sandbox = await startSandboxProcess();
      const stream: SandboxProcess['stream'] = (path, body) =>
        sandbox.stream(path, path === '/play' ? { ...(body as object), behaviour: LATE_READERS } : body);
      return { ...sandbox, stream };
    },
  };
});

async function play(guards: Guards): Promise<{ summary: DemoSummary; failures: readonly string[] }> {
  const running = await runDemo(STORY, { step: () => {}, day: () => {} }, guards);
  await running.stop();
  return { summary: running.summary, failures: running.failures };
}

const NO_HARM: DemoSummary['harm'] = {
  contactsAfterPayment: 0,
  contactsAfterDispute: 0,
  duplicateDeliveries: 0,
  disclosuresToOthers: 0,
  overCeiling: 0,
  outsideWindow: 0,
};

describe('with every guard on', () => {
  let whole: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    whole = await play(ALL_GUARDS);
  });

  it('the story harms nobody and surprises nobody', () => {
    expect(whole.summary.harm).toEqual(NO_HARM);
    expect(whole.failures).toEqual([]);
  });

  it('people act, and messages are held back: what the mutants take away is there', () => {
    expect(whole.summary.people.disputed).toBeGreaterThan(5);
    expect(whole.summary.deliveries.email.void).toBeGreaterThan(5);
    expect(whole.summary.people.paid).toBeGreaterThan(5);
  });
});

/** Which counters must leave zero when a guard is off; the others are nobody's business here. */
const MUTANTS: readonly (readonly [keyof Guards, readonly (keyof DemoSummary['harm'])[]])[] = [
  ['hold', ['contactsAfterPayment', 'contactsAfterDispute']],
  ['ceiling', ['overCeiling']],
  ['window', ['outsideWindow']],
  ['identity', ['disclosuresToOthers']],
  ['atMostOnce', ['duplicateDeliveries']],
];

describe('with one guard off', () => {
  it('there is a mutant for every guard', () => {
    expect(MUTANTS.map(([guard]) => guard).sort()).toEqual(Object.keys(ALL_GUARDS).sort());
  });

  it.each(MUTANTS)('%s: the counters of %j see it', { timeout: 180_000 }, async (guard, counters) => {
    const { summary } = await play({ ...ALL_GUARDS, [guard]: false });
    for (const counter of counters) expect(summary.harm[counter], counter).toBeGreaterThan(0);
  });
});
