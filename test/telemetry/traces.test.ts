import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traceDeliveries } from '../../src/adapters/telemetry/index.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { recordSignals } from '../../src/modules/deliveries/index.ts';
import { lineageOf, noticesOfDebt } from '../../src/modules/insight/index.ts';
import { openTracing } from '../../src/platform/telemetry/index.ts';
import { type CampaignRuns, campaignYaml, openCampaignRuns, person } from '../support/campaign-run.ts';
import { signalOf } from '../support/fake-channel.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';

let runs: CampaignRuns;
let receiver: OtlpReceiver;

beforeAll(async () => {
  [runs, receiver] = await Promise.all([openCampaignRuns(), startOtlpReceiver()]);
});
afterAll(async () => {
  await runs.close();
  await receiver.close();
});

/** A body whose messages are followed, with the doors wired as `compose` does it. */
async function followed(ratio: number, people: number, yaml?: string) {
  const run = await runs.fresh();
  const errors: unknown[] = [];
  const tracing = await openTracing({ endpoint: receiver.endpoint, ratio });
  const traces = traceDeliveries({
    tracing,
    monotonic: systemMonotonic,
    lineageOf: (enteId, ids) => runs.store.db.tenant(enteId, (tx) => lineageOf(tx, ids)),
    noticesOf: (enteId, debtId) => runs.store.db.tenant(enteId, (tx) => noticesOfDebt(tx, debtId)),
    onError: (error) => errors.push(error),
  });
  const deps = run.deps as { texts: typeof run.deps.texts; channels: typeof run.deps.channels };
  deps.texts = traces.texts(run.deps.texts);
  deps.channels = [traces.channel(run.channel)];
  const debts = await run.addDebts(Array.from({ length: people }, (_, i) => person(i)));
  await run.launch(yaml);
  return { run, tracing, traces, debts, errors };
}

const uuidOf = (traceId: string) =>
  traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, (_, ...parts: string[]) => parts.slice(0, 5).join('-'));
const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);

describe('the trace of a notice', () => {
  it('is one, from the file to the receipt, under the notice’s own id, and says nothing of anybody', async () => {
    const { run, tracing, traces, debts, errors } = await followed(1, 2);
    run.channel.answer = (message) =>
      message.to.startsWith('p1@') ? { kind: 'rejected', code: '550', fault: 'permanent' } : null;
    await run.settle();
    const [ada] = await run.deliveries().then((all) => all.filter((one) => one.debtorId === debts[0]?.debtorId));
    if (ada === undefined) throw new Error('nobody was written to');
    const delivered = signalOf({ enteId: run.enteId, deliveryId: ada.deliveryId }, 'delivered');
    await run.tx((tx) => recordSignals(tx, [delivered], run.now()));
    traces.signals(run.enteId, [delivered]);
    const { debtId } = await run.pay(debts[0]?.debtId ?? '', 10_000);
    traces.paid(run.enteId, debtId ?? '');
    await traces.settled();
    await tracing.close();

    expect(errors).toEqual([]);
    expect(new Set(receiver.spans.map((span) => uuidOf(span.traceId)))).toEqual(
      new Set((await run.notices()).map((notice) => notice.noticeId)),
    );
    const mine = receiver.spans.filter((span) => uuidOf(span.traceId) === ada.noticeId);
    expect(mine.map((span) => span.name).sort()).toEqual(
      ['notice', 'import', 'plan', 'queue', 'hand over', 'provider', 'signal', 'receipt'].sort(),
    );
    const [root] = named(mine, 'notice');
    expect(root?.parentSpanId).toBe('');
    for (const span of mine.filter((one) => one !== root)) expect(span.parentSpanId).toBe(root?.spanId);
    const [wire] = named(mine, 'provider');
    expect(wire?.attributes).toEqual({
      'bonario.ente': String(run.enteId),
      'bonario.notice': ada.noticeId,
      'bonario.campaign': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'bonario.delivery': ada.deliveryId,
      'bonario.step': '1',
      'bonario.attempt': '1',
      'bonario.channel': 'email',
      'bonario.provider': 'fake',
      'bonario.outcome': 'accepted',
    });
    const [queue, hand] = [named(mine, 'queue')[0], named(mine, 'hand over')[0]];
    expect([queue?.endNs, hand?.endNs]).toEqual([hand?.startNs, wire?.startNs]);
    // The other's message was refused: its span says so, and whose fault it was.
    expect(named(receiver.spans, 'provider').filter((span) => span.failed)).toHaveLength(1);
    const values = receiver.spans.flatMap((span) => Object.values(span.attributes));
    expect(
      values.filter((value) => !/^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+|[a-zA-Z]+)$/.test(value)),
    ).toEqual([]);
  });

  it('is kept or not by the notice’s id alone, so that every process decides the same', async () => {
    receiver.spans.length = 0;
    // Nobody here has a telephone: the first message of each is that of the second step.
    const cascade = '[{ canale: sms, testo: sms-avviso }, { canale: email, testo: primo-avviso }]';
    const { run, tracing, traces } = await followed(0.5, 24, campaignYaml({ cascata: cascade }));
    await run.settle();
    await traces.settled();
    await tracing.close();
    const other = await openTracing({ endpoint: receiver.endpoint, ratio: 0.5 });
    const kept = (await run.notices()).map((one) => one.noticeId).filter((id) => other.keeps(id));
    await other.close();
    expect(named(receiver.spans, 'notice')).toHaveLength(kept.length);
    expect(
      named(receiver.spans, 'provider')
        .map((span) => uuidOf(span.traceId))
        .sort(),
    ).toEqual(kept.sort());
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(24);
  });

  it('holds up no message when its collector is gone or its questions fail', async () => {
    const { run, traces, tracing, errors } = await followed(1, 1);
    const failing = traceDeliveries({
      tracing,
      monotonic: systemMonotonic,
      lineageOf: () => Promise.reject(new Error('no')),
      noticesOf: () => Promise.reject(new Error('no')),
      onError: (error) => errors.push(error),
    });
    const deps = run.deps as { texts: typeof run.deps.texts; channels: typeof run.deps.channels };
    deps.texts = failing.texts(run.deps.texts);
    deps.channels = [failing.channel(run.channel)];
    await run.settle();
    failing.paid(run.enteId, '00000000-0000-4000-8000-000000000000');
    await failing.settled();
    await traces.settled();
    await tracing.close();
    expect(run.channel.reached).toHaveLength(1);
    expect(errors.length).toBeGreaterThan(0);
  });
});
