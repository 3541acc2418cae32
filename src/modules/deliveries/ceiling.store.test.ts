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
import { type SentMessage, signalOf } from '../../../test/support/fake-channel.ts';
import { validCf } from '../../../test/support/ground.ts';
import { newId } from '../../kernel/ids.ts';
import { recordSignals } from './record-signals.ts';
import { takeDue } from './take.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

/** The most messages of any span of seven days that begins with one of them. */
function mostInSevenDays(sent: readonly SentMessage[]): number {
  const at = sent.map((s) => s.at);
  return Math.max(0, ...at.map((from) => at.filter((t) => t >= from && t <= from + 7 * DAY).length));
}

/** Several workers at every due instant, as several processes would be. */
async function liveWith(run: CampaignRun, workers: number, until: number): Promise<void> {
  await run.plan();
  for (;;) {
    await Promise.all(Array.from({ length: workers }, () => run.settle()));
    // Each may have looked before the others were done: one more look, alone, says when there is work next.
    const next = await run.settle();
    if (next === null || next > until) return;
    if (next <= run.now()) throw new Error('due work does not move');
    run.store.clock.advanceTo(next);
  }
}

const eager = (max: number, steps: number) =>
  campaignYaml({
    cascata: `[${Array.from({ length: steps }, (_, i) => `{ canale: email, testo: primo-avviso, attesaGiorni: ${i === 0 ? 0 : 1} }`).join(', ')}]`,
    limiti: `{ perPersona: ${max}, perIndirizzo: ${max} }`,
  });

describe('the ceiling of seven days', () => {
  it('holds for a family of five on one address, with two workers at once', async () => {
    const run = await runs.fresh();
    await run.addDebts(Array.from({ length: 5 }, (_, i) => person(i, { email: 'famiglia@posta.example' })));
    await run.launch(eager(2, 2));
    await liveWith(run, 2, run.now() + 60 * DAY);
    expect(mostInSevenDays(run.channel.reached)).toBeLessThanOrEqual(2);
    // Nobody is starved: each was told at least once, and what expired while it waited says so.
    const rows = await run.deliveries();
    expect(new Set(rows.filter((d) => d.state === 'handedOver').map((d) => d.debtorId)).size).toBe(5);
    expect(rows.every((d) => ['handedOver', 'expired'].includes(d.state))).toBe(true);
    expect(new Set(run.channel.sent.map((s) => s.message.deliveryId)).size).toBe(run.channel.sent.length);
  });

  it('makes a second worker wait for the budget of an address that the first is using', async () => {
    const run = await runs.fresh();
    await run.addDebts([1, 2, 3].map((n) => person(n, { email: 'casa@posta.example' })));
    await run.launch(eager(1, 1));
    await run.settle();
    run.store.clock.advanceTo(run.now() + 8 * DAY);
    // Two messages are due now, for one place; the budget's row is there from the first.
    const take = (hold: Promise<void>, began: () => void = () => {}) =>
      run.tx(async (tx) => {
        const { taken } = await takeDue(tx, 'email', 1, newId(), run.now(), 0, run.deps.guards);
        began();
        await hold;
        return taken.length;
      });
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let began = () => {};
    const first = new Promise<void>((resolve) => {
      began = resolve;
    });
    const a = take(gate, began);
    await first;
    const b = take(Promise.resolve());
    setTimeout(release, 200);
    expect(await Promise.all([a, b])).toEqual([1, 0]);
  });

  it('counts a person over all his addresses', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { cf: validCf(1) })]);
    await run.addDebts([person(2, { cf: validCf(1), email: 'altro@posta.example' })]);
    await run.launch(eager(1, 2));
    await run.settle();
    const [first] = run.channel.sent;
    if (first === undefined) throw new Error('nothing was sent');
    // The first address turns out dead: the next step is due at once, on the other one.
    const bounce = signalOf(first.message, 'bounced', { fault: 'permanent', code: '5.1.1' });
    await run.tx((tx) => recordSignals(tx, [bounce], run.now()));
    await liveWith(run, 2, run.now() + 10 * DAY);
    const [, second, ...more] = run.channel.sent;
    expect(more).toEqual([]);
    expect(second?.message.to).not.toBe(first.message.to);
    expect((second?.at ?? 0) - first.at).toBeGreaterThan(7 * DAY);
  });

  it('counts what is uncertain, and what was refused it does not', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1), person(2, { email: 'p1@posta.example' }), person(3, { email: 'p1@posta.example' })]);
    run.channel.answer = (_message, nth) =>
      nth === 0
        ? { kind: 'uncertain', code: 'ECONNRESET' }
        : nth === 1
          ? { kind: 'rejected', code: '4.2.1', fault: 'policy' }
          : null;
    await run.launch(eager(2, 1));
    await run.settle();
    expect(run.channel.sent).toHaveLength(3);
    expect(run.channel.reached).toHaveLength(2);
    expect((await run.deliveries()).map((d) => d.state).sort()).toEqual(['failed', 'handedOver', 'uncertain']);
  });

  it('begins its days when a message left, however slow the wire was', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1), person(2, { email: 'p1@posta.example' })]);
    await run.launch(eager(1, 1));
    run.channel.whileSending = async () => run.store.clock.advanceTo(run.now() + 45_000);
    const start = run.now();
    await run.settle();
    expect((await run.deliveries()).find((d) => d.state === 'queued')?.dueAt).toBe(start + 45_000 + 7 * DAY + 1_000);
  });

  it('holds whatever the sizes, the steps and the answers', async () => {
    const story = fc.record({
      people: fc.integer({ min: 1, max: 4 }),
      addresses: fc.integer({ min: 1, max: 3 }),
      max: fc.integer({ min: 1, max: 2 }),
      steps: fc.integer({ min: 1, max: 3 }),
      workers: fc.integer({ min: 1, max: 3 }),
      answers: fc.array(fc.constantFrom('ok', 'later', 'lost'), { minLength: 5, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ people, addresses, max, steps, workers, answers }) => {
        const run = await runs.fresh();
        await run.addDebts(
          Array.from({ length: people }, (_, i) => person(i, { email: `a${i % addresses}@posta.example` })),
        );
        run.channel.answer = (_message, nth) => {
          const answer = answers[nth % answers.length];
          if (answer === 'later') return { kind: 'retryLater', afterMs: 1_000, code: '4.7.1' };
          return answer === 'lost' ? { kind: 'uncertain', code: 'ECONNRESET' } : null;
        };
        await run.launch(eager(max, steps));
        await liveWith(run, workers, run.now() + 30 * DAY);
        for (let i = 0; i < addresses; i += 1) {
          expect(mostInSevenDays(run.channel.to(`a${i}@posta.example`))).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 4 },
    );
  });
});
