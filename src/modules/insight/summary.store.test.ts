import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { signalOf } from '../../../test/support/fake-channel.ts';
import { validCf } from '../../../test/support/ground.ts';
import { markDeceased } from '../debtors/index.ts';
import { placeHold, recordSignals } from '../deliveries/index.ts';
import { summarize } from './summary.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const summary = (run: CampaignRun) => run.tx((tx) => summarize(tx));
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);

/** The identities of architecture §4.9; they hold at every instant, not only at the end. */
async function check(run: CampaignRun, audience: number) {
  const { people, deliveries, unexplained } = await summary(run);
  expect(unexplained).toBe(0);
  expect(people.audience).toBe(audience);
  expect(people.contacted + sum(people.excluded)).toBe(audience);
  const rows = await run.deliveries();
  const email = deliveries.email ?? {
    planned: 0,
    handedOver: 0,
    failed: 0,
    void: 0,
    expired: 0,
    uncertain: 0,
    queued: 0,
    outcomes: { delivered: 0, bounced: 0, read: 0 },
  };
  const { planned, handedOver, failed, void: voided, expired, uncertain, queued, outcomes } = email;
  expect(planned).toBe(rows.length);
  expect(handedOver + failed + voided + expired + uncertain + queued).toBe(planned);
  expect(handedOver).toBe(rows.filter((d) => d.handedOverAt !== null).length);
  expect(outcomes.delivered + outcomes.bounced).toBeLessThanOrEqual(handedOver);
  expect(outcomes.read).toBeLessThanOrEqual(outcomes.delivered);
}

describe('the summary of a body', () => {
  it('is empty before anything happened', async () => {
    const run = await runs.fresh();
    expect(await summary(run)).toEqual({
      people: { audience: 0, contacted: 0, excluded: {}, paid: 0, disputed: 0, optedOut: 0 },
      deliveries: {},
      money: { dueCents: 0, paidCents: 0 },
      unexplained: 0,
    });
  });

  it('counts as the rehearsal did', async () => {
    const run = await runs.fresh();
    await run.addDebts([
      person(1),
      person(2, { amountCents: 100 }),
      { ...person(3), email: undefined as never, phone: '+39 347 1234567' },
    ]);
    const counts = await run.launch();
    await run.settle();
    const { people, money } = await summary(run);
    expect(people).toMatchObject({ audience: counts.audience, contacted: counts.toContact, excluded: counts.excluded });
    expect(money).toEqual({ dueCents: 20_100, paidCents: 0 });
  });

  it('explains everybody while messages are on the wire', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1), person(2)]);
    await run.launch();
    run.channel.whileSending = async () => {
      expect((await summary(run)).people.excluded).toEqual({ queued: 2 });
      await check(run, 2);
    };
    await run.settle();
    expect(run.channel.batches).toBe(1);
    await check(run, 2);
  });

  it('keeps what happened after acceptance apart from it', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1), person(2), person(3)]);
    await run.launch(campaignYaml({ cascata: '[{ canale: email, testo: primo-avviso }]' }));
    await run.settle();
    const [a, b] = run.channel.sent.map((s) => s.message);
    if (a === undefined || b === undefined) throw new Error('not sent');
    await run.tx((tx) =>
      recordSignals(
        tx,
        [signalOf(a, 'read'), signalOf(b, 'bounced', { fault: 'permanent', code: '5.1.1' })],
        run.now(),
      ),
    );
    const { people, deliveries } = await summary(run);
    expect(people.contacted).toBe(3);
    expect(deliveries.email).toMatchObject({
      handedOver: 3,
      failed: 0,
      outcomes: { delivered: 1, bounced: 1, read: 1 },
    });
  });

  it('adds up on any history', async () => {
    const event = fc.record({
      kind: fc.constantFrom('live', 'pay', 'part', 'hold', 'death', 'bounce', 'read', 'pause', 'resume'),
      who: fc.nat(4),
      days: fc.integer({ min: 1, max: 8 }),
    });
    const history = fc.record({
      answers: fc.array(fc.constantFrom('ok', 'ok', 'later', 'dead', 'policy', 'lost', 'technical'), {
        minLength: 7,
        maxLength: 7,
      }),
      events: fc.array(event, { minLength: 3, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(history, async ({ answers, events }) => {
        const run = await runs.fresh();
        const debts = await run.addDebts(
          Array.from({ length: 5 }, (_, i) =>
            person(i, { cf: validCf(i), email: `a${i % 4}@posta.example`, amountCents: i === 3 ? 500 : 10_000 }),
          ),
        );
        run.channel.answer = (_message, nth) => {
          switch (answers[nth % answers.length]) {
            case 'later':
              return { kind: 'retryLater', afterMs: 1, code: '4.7.1' };
            case 'dead':
              return { kind: 'rejected', code: '5.1.1', fault: 'permanent' };
            case 'policy':
              return { kind: 'rejected', code: '5.7.1', fault: 'policy' };
            case 'technical':
              return { kind: 'rejected', code: 'ETLS', fault: 'technical' };
            case 'lost':
              return { kind: 'uncertain', code: 'ECONNRESET' };
            default:
              return null;
          }
        };
        const { audience } = await run.launch();
        await run.settle();
        await check(run, audience);
        let paused = false;
        for (const { kind, who, days } of events) {
          const debt = debts[who] as (typeof debts)[number];
          const message = run.channel.reached[who % Math.max(run.channel.reached.length, 1)]?.message;
          if (kind === 'pay') await run.pay(debt.debtId, 10_000);
          if (kind === 'part') await run.pay(debt.debtId, 100);
          if (kind === 'death') await run.tx((tx) => markDeceased(tx, run.store.vaultOf(run.enteId), [validCf(who)]));
          if (kind === 'hold') {
            const subject = { kind: 'debtor', debtorId: debt.debtorId } as const;
            await run.tx((tx) =>
              placeHold(tx, { subject, reason: 'dispute', sourceRef: `${days}`, since: run.now(), until: null }),
            );
          }
          if (message !== undefined && (kind === 'bounce' || kind === 'read')) {
            const signal =
              kind === 'read'
                ? signalOf(message, 'read')
                : signalOf(message, 'bounced', { fault: 'temporary', code: '4.4.7' });
            await run.tx((tx) => recordSignals(tx, [signal], run.now()));
          }
          const over = (await run.notices()).every((n) => !['planned', 'active'].includes(n.state));
          if (kind === 'pause' && !paused && !over) {
            await run.pauseCampaign();
            paused = true;
          }
          if (kind === 'resume' && paused) {
            await run.resumeCampaign();
            paused = false;
          }
          await check(run, audience);
          if (kind === 'live') await run.live(run.now() + days * DAY);
          else await run.settle();
          await check(run, audience);
        }
      }),
      { numRuns: 8 },
    );
  });
});
