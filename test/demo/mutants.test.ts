import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Behaviour } from '../../sandbox/profile.ts';
import type { DemoOptions } from '../../src/cli/demo/demo-types.ts';
import { runDemo } from '../../src/cli/demo/run-demo.ts';
import type { SandboxProcess } from '../../src/cli/demo/sandbox-process.ts';
import type { DemoSummary } from '../../src/cli/demo/summary.ts';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { ALL_GUARDS, type Guards } from '../../src/modules/deliveries/index.ts';
import { layMigrated, makeTemplate } from '../support/template.ts';

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

/** Whoever has only a phone gets two SMS in three days. */
const CASCADE = `cascata:
  - { canale: email, testo: primo-avviso }
  - { canale: email, testo: secondo-avviso, attesaGiorni: 5, soloSe: nonLetto }
  - { canale: sms, testo: sms-avviso, soloSe: nonRaggiunto }
  - { canale: sms, testo: sms-avviso, attesaGiorni: 2, soloSe: nonLetto }
`;
/** To everybody who has a phone: who shares one has an e-mail too, more often than not. */
const SMS_ALONE = `cascata:
  - { canale: sms, testo: sms-avviso }
  - { canale: sms, testo: sms-avviso, attesaGiorni: 2, soloSe: nonLetto }
`;
/** Whoever gets an SMS answers STOP within the hour. */
const STOPPERS: Partial<Behaviour> = {
  ...LATE_READERS,
  openDelay: [
    [0, 5],
    [1, 60],
  ],
  smsStop: 1,
};

/** What the stories to come are played with. */
const staged = vi.hoisted(() => ({
  behaviour: {} as object,
  hearsStop: true,
  cascade: '',
  healthByCode: false,
  familyByCode: false,
  smsTellsDebt: false,
}));

vi.mock('../../src/cli/demo/sample-bodies.ts', async (original) => {
  const bodies = await original<typeof import('../../src/cli/demo/sample-bodies.ts')>();
  const sampleCampaign: typeof bodies.sampleCampaign = (body, dueBy) =>
    bodies.sampleCampaign(body, dueBy).replace(/^cascata:\n(?: .*\n)+/m, staged.cascade);
  return { ...bodies, sampleCampaign };
});

vi.mock('../../src/modules/conversations/positions.ts', async (original) => {
  const positions = await original<typeof import('../../src/modules/conversations/positions.ts')>();
  const entePublic: typeof positions.entePublic = (...args) => {
    const ente = positions.entePublic(...args);
    return staged.healthByCode ? { ...ente, offersCode: true } : ente;
  };
  const positionsOf: typeof positions.positionsOf = (tx, vault, ente, person, level, clock) =>
    positions.positionsOf(tx, vault, ente, person, staged.healthByCode ? 'oidc' : level, clock);
  return { ...positions, entePublic, positionsOf };
});

vi.mock('../../src/modules/notices/index.ts', async (original) => {
  const notices = await original<typeof import('../../src/modules/notices/index.ts')>();
  const findNotice: typeof notices.findNotice = async (tx, noticeId) => {
    const notice = await notices.findNotice(tx, noticeId);
    return notice !== null && staged.healthByCode ? { ...notice, health: false } : notice;
  };
  const told = (template: (typeof notices.DEFAULT_TEMPLATES)[number]) =>
    template.channel === 'sms' && staged.smsTellsDebt ? { ...template, body: `TARI. ${template.body}` } : template;
  return {
    ...notices,
    findNotice,
    get DEFAULT_TEMPLATES() {
      return notices.DEFAULT_TEMPLATES.map(told);
    },
  };
});

vi.mock('../../src/modules/conversations/access.store.ts', async (original) => {
  const access = await original<typeof import('../../src/modules/conversations/access.store.ts')>();
  const isShared: typeof access.isShared = async (...args) => !staged.familyByCode && access.isShared(...args);
  return { ...access, isShared };
});

vi.mock('../../src/modules/notices/text-rules.ts', async (original) => {
  const rules = await original<typeof import('../../src/modules/notices/text-rules.ts')>();
  const checkText: typeof rules.checkText = (...args) => (staged.smsTellsDebt ? [] : rules.checkText(...args));
  const checkTemplate: typeof rules.checkTemplate = (...args) =>
    staged.smsTellsDebt ? [] : rules.checkTemplate(...args);
  return { ...rules, checkText, checkTemplate };
});

vi.mock('../../src/adapters/channels/sms/index.ts', async (original) => {
  const sms = await original<typeof import('../../src/adapters/channels/sms/index.ts')>();
  const classifyReply: typeof sms.classifyReply = (text) => (staged.hearsStop ? sms.classifyReply(text) : 'other');
  return { ...sms, classifyReply };
});

// A schema is made fifteen times otherwise, and most of a short story is that.
vi.mock('../../src/cli/demo/demo-config.ts', async (original) => {
  const config = await original<typeof import('../../src/cli/demo/demo-config.ts')>();
  return {
    ...config,
    demoConfig: (...args: Parameters<typeof config.demoConfig>) => {
      const made = config.demoConfig(...args);
      layMigrated(join(made.dataDir, 'pglite'));
      return made;
    },
  };
});

vi.mock('../../src/cli/demo/sandbox-process.ts', async (original) => {
  const { startSandboxProcess } = await original<typeof import('../../src/cli/demo/sandbox-process.ts')>();
  return {
    startSandboxProcess: async (): Promise<SandboxProcess> => {
      const sandbox = await startSandboxProcess();
      const stream: SandboxProcess['stream'] = (path, body) =>
        sandbox.stream(path, path === '/play' ? { ...(body as object), behaviour: staged.behaviour } : body);
      return { ...sandbox, stream };
    },
  };
});

/** One thing that the program gets wrong, besides the guards. */
type Flaw = Partial<Pick<typeof staged, 'hearsStop' | 'healthByCode' | 'familyByCode' | 'smsTellsDebt'>>;
const NO_FLAW: Required<Flaw> = { hearsStop: true, healthByCode: false, familyByCode: false, smsTellsDebt: false };

async function play(guards: Guards, behaviour = LATE_READERS, flaw: Flaw = {}, cascade = CASCADE) {
  Object.assign(staged, { behaviour, cascade, ...NO_FLAW, ...flaw });
  const running = await runDemo(STORY, { step: () => {}, day: () => {} }, guards);
  await running.stop();
  return { summary: running.summary, failures: running.failures, harmDetails: running.harmDetails };
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
    await makeTemplate();
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

describe('health', () => {
  it('shown after a code and an item is seen, though it is the debtor who reads', { timeout: 180_000 }, async () => {
    const { summary, harmDetails } = await play(ALL_GUARDS, LATE_READERS, { healthByCode: true });
    expect(summary.harm.disclosuresToOthers).toBeGreaterThan(0);
    expect(harmDetails.filter((line) => line.startsWith('disclosure by page /posizioni'))).not.toEqual([]);
  });
});

describe('SMS', () => {
  it('with a word of the debt is seen, though the program’s own list let it pass', { timeout: 180_000 }, async () => {
    const { summary, harmDetails } = await play(ALL_GUARDS, LATE_READERS, { smsTellsDebt: true }, SMS_ALONE);
    expect(summary.harm.disclosuresToOthers).toBeGreaterThan(0);
    expect(harmDetails.filter((line) => line.startsWith('disclosure by sms: reason «TARI»'))).not.toEqual([]);
  });

  it('to a family opens nothing by a code, and is seen when it does', { timeout: 180_000 }, async () => {
    const whole = await play(ALL_GUARDS, LATE_READERS, {}, SMS_ALONE);
    expect(whole.summary.harm).toEqual(NO_HARM);
    const { summary } = await play(ALL_GUARDS, LATE_READERS, { familyByCode: true }, SMS_ALONE);
    expect(summary.harm.disclosuresToOthers).toBeGreaterThan(0);
  });

  it('without the ceiling, a phone that a family shares rings too often', { timeout: 180_000 }, async () => {
    const { harmDetails } = await play({ ...ALL_GUARDS, ceiling: false }, LATE_READERS, {}, SMS_ALONE);
    // The names that stand beside the phone are written with a plus between them.
    expect(harmDetails.filter((line) => /^overCeiling sms: \S+ p\d+\+p\d+/.test(line))).not.toEqual([]);
  });

  it('a STOP is heard: nobody is written to after it', { timeout: 180_000 }, async () => {
    const { summary, failures } = await play(ALL_GUARDS, STOPPERS);
    expect(summary.harm).toEqual(NO_HARM);
    expect(failures).toEqual([]);
    expect(summary.people.optedOut).toBeGreaterThan(3);
  });

  it('a STOP that is not heard is seen by contactsAfterDispute', { timeout: 180_000 }, async () => {
    const { summary, harmDetails } = await play(ALL_GUARDS, STOPPERS, { hearsStop: false });
    expect(summary.harm.contactsAfterDispute).toBeGreaterThan(0);
    expect(harmDetails.filter((line) => line.startsWith('afterDispute sms'))).not.toEqual([]);
  });
});
