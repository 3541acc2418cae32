import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  DAY,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { validCf } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { newId } from '../../kernel/ids.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { loadPersons, markDeceased } from '../debtors/index.ts';
import type { Channel } from './channel.port.ts';
import { ALL_GUARDS } from './guards.ts';
import { handOver } from './hand-over.ts';
import { placeHold } from './holds.ts';
import { textOf } from './kept-texts.ts';
import { type TakenDelivery, takeDue } from './take.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const never = new AbortController().signal;
const send = (run: CampaignRun, taken: readonly TakenDelivery[]) =>
  handOver(run.deps, run.enteId, run.channel, taken, never);

/** One person's first message, taken and not yet handed over: where everything may still change. */
async function taken(rows = [person(1)], yaml = campaignYaml()) {
  const run = await runs.fresh();
  const debts = await run.addDebts(rows);
  await run.launch(yaml);
  await run.queue();
  const { taken: list } = await run.tx((tx) =>
    takeDue(tx, 'email', 100, newId(), run.now(), Date.UTC(2026, 8, 7), ALL_GUARDS),
  );
  return { run, debts, taken: list };
}

const slotCount = async (run: CampaignRun) =>
  (
    await run.tx((tx) =>
      sql<{ n: number }>`select count(*)::int as n from contact_slot where ente_id = ${run.enteId}`.execute(tx.kysely),
    )
  ).rows[0]?.n;

describe('between take and hand-over', () => {
  it('a hold without an end voids the message and gives the budget back', async () => {
    const { run, debts, taken: list } = await taken();
    const debtorId = debts[0]?.debtorId as string;
    const subject = { kind: 'debtor', debtorId } as const;
    await run.tx((tx) => placeHold(tx, { subject, reason: 'dispute', sourceRef: 'x', since: run.now(), until: null }));
    expect(await send(run, list)).toBe(0);
    expect(run.channel.sent).toEqual([]);
    expect(await run.deliveries()).toMatchObject([{ state: 'void', reason: 'hold:dispute' }]);
    expect(await slotCount(run)).toBe(0);
  });

  it('a hold with an end makes it wait in the queue until then, without trying in between', async () => {
    const { run, taken: list } = await taken();
    const { rows } = await run.tx((tx) =>
      sql<{ address_lookup: Uint8Array }>`select address_lookup from delivery where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    const subject = { kind: 'address', lookup: rows[0]?.address_lookup as Uint8Array } as const;
    const until = run.now() + 2 * DAY;
    await run.tx((tx) => placeHold(tx, { subject, reason: 'operator', sourceRef: 'x', since: run.now(), until }));
    expect(await send(run, list)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'queued', reason: 'hold:operator', dueAt: until }]);
    expect(await run.settle()).toBe(until);
    expect(run.channel.batches).toBe(0);
    await run.live(until);
    expect(run.channel.sent).toHaveLength(1);
    expect((await run.deliveries()).filter((d) => d.stepNo === 1)).toMatchObject([
      { state: 'handedOver', reason: null },
    ]);
  });

  it('a hold that begins later or has ended stops nothing', async () => {
    const { run, debts, taken: list } = await taken();
    const subject = { kind: 'debtor', debtorId: debts[0]?.debtorId as string } as const;
    await run.tx(async (tx) => {
      const ended = { since: run.now() - 2 * DAY, until: run.now() };
      await placeHold(tx, { subject, reason: 'payment', sourceRef: 'old', ...ended });
      await placeHold(tx, { subject, reason: 'operator', sourceRef: 'new', since: run.now() + 1, until: null });
    });
    expect(await send(run, list)).toBe(1);
  });

  it('a window that closed makes it wait for the next opening', async () => {
    const { run, taken: list } = await taken();
    run.store.clock.advanceTo(romeInstant(civilDate('2026-09-07'), 20 * 60));
    expect(await send(run, list)).toBe(0);
    const opening = romeInstant(civilDate('2026-09-08'), 8 * 60);
    expect(await run.deliveries()).toMatchObject([{ state: 'queued', reason: 'window', dueAt: opening }]);
    expect(await slotCount(run)).toBe(0);
  });

  it('with no hours laid out at all it waits a day: never lost, never sent', async () => {
    const { run, taken: list } = await taken();
    await run.tx((tx) => sql`delete from calendar_window where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(await send(run, list)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'queued', reason: 'window', dueAt: run.now() + DAY }]);
  });

  it('a pause puts it back, and the resumed campaign sends it once', async () => {
    const { run, taken: list } = await taken();
    await run.pauseCampaign();
    expect(await send(run, list)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'queued', reason: 'paused' }]);
    await run.settle();
    expect(run.channel.sent).toEqual([]);
    await run.resumeCampaign();
    await run.settle();
    expect(run.channel.sent).toHaveLength(1);
  });

  it('a stop voids it: in the queue of a stopped campaign it would wait for ever', async () => {
    const { run, taken: list } = await taken();
    await run.stopCampaign();
    expect(await send(run, list)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'void', reason: 'campaignStopped' }]);
    expect(await run.notices()).toMatchObject([{ state: 'stopped', stopReason: 'campaignStopped' }]);
  });

  it('a death found meanwhile voids it, and the reason says so', async () => {
    const { run, taken: list } = await taken([person(1, { cf: validCf(1) })]);
    await run.tx((tx) => markDeceased(tx, run.store.vaultOf(run.enteId), [validCf(1)]));
    expect(await send(run, list)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'void', reason: 'deceased' }]);
    await run.settle();
    expect(await run.notices()).toMatchObject([{ state: 'stopped', stopReason: 'deceased' }]);
  });

  it('what was taken by a worker that was too slow is not sent by it', async () => {
    const { run, taken: list } = await taken();
    await run.tx((tx) => sql`update delivery set state = 0 where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(await send(run, list)).toBe(0);
    expect(run.channel.sent).toEqual([]);
  });
});

describe('the wire’s answers', () => {
  it('are kept with state, reason and reference; only what may have left keeps its budget', async () => {
    const { run, taken: list } = await taken([1, 2, 3, 4, 5].map((n) => person(n)));
    const answers = new Map([
      ['p1', { kind: 'accepted', ref: '<r1>' }],
      ['p2', { kind: 'rejected', code: '5.1.1', fault: 'permanent' }],
      ['p3', { kind: 'rejected', code: '5.7.1', fault: 'policy' }],
      ['p4', { kind: 'retryLater', afterMs: 1_000, code: '4.7.1' }],
      ['p5', { kind: 'uncertain', code: 'ECONNRESET' }],
    ] as const);
    run.channel.answer = (message) => answers.get(message.to.split('@')[0] as 'p1') ?? null;
    expect(await send(run, list)).toBe(5);
    const byAddress = new Map(run.channel.sent.map((s) => [s.message.deliveryId, s.message.to.split('@')[0]]));
    const rows = (await run.deliveries()).map((d) => [byAddress.get(d.deliveryId), d.state, d.reason, d.fault]);
    expect(rows.sort()).toEqual([
      ['p1', 'handedOver', null, null],
      ['p2', 'failed', '5.1.1', 'permanent'],
      ['p3', 'failed', '5.7.1', 'policy'],
      ['p4', 'failed', '4.7.1', 'temporary'],
      ['p5', 'uncertain', 'ECONNRESET', null],
    ]);
    expect(await slotCount(run)).toBe(4);
  });

  it('that never come leave the message to its lease, never to a second send', async () => {
    const { run, taken: list } = await taken();
    run.channel.send = async (batch) => {
      run.channel.sent.push(
        ...batch.map((message) => ({ message, at: run.now(), outcome: { kind: 'uncertain', code: 'x' } as const })),
      );
      return [];
    };
    await send(run, list);
    expect(await run.deliveries()).toMatchObject([{ state: 'handingOver' }]);
    await run.settle();
    expect(await run.deliveries()).toMatchObject([{ state: 'uncertain', reason: 'leaseExpired' }]);
    expect(run.channel.sent).toHaveLength(1);
  });

  it('that nobody knows after a broken connection are uncertain even if the adapter throws', async () => {
    const { run, taken: list } = await taken();
    run.channel.send = async () => {
      throw new Error('the adapter broke its promise');
    };
    await expect(send(run, list)).rejects.toThrow('broke its promise');
    await run.settle();
    expect(await run.deliveries()).toMatchObject([{ state: 'uncertain' }]);
  });

  it('a permanent refusal buries the address for everybody behind it', async () => {
    const { run, taken: list } = await taken([
      person(1, { email: 'stessa@posta.example' }),
      person(2, { email: 'stessa@posta.example' }),
      person(3),
    ]);
    run.channel.answer = (message) =>
      message.to.startsWith('stessa') ? { kind: 'rejected', code: '5.1.1', fault: 'permanent' } : null;
    expect(list).toHaveLength(2);
    await send(run, list);
    const { rows } = await run.tx((tx) =>
      sql<{ dead: boolean; n: number }>`select dead, count(*)::int as n from contact_now where ente_id = ${run.enteId}
        group by dead order by dead`.execute(tx.kysely),
    );
    expect(rows).toEqual([
      { dead: false, n: 1 },
      { dead: true, n: 2 },
    ]);
    await run.settle();
    expect(run.channel.sent).toHaveLength(2);
  });
});

describe('what is told', () => {
  it('is kept sealed with its hash, and read back only with the person’s key', async () => {
    const { run, debts, taken: list } = await taken();
    await send(run, list);
    const debtorId = debts[0]?.debtorId as string;
    const vault = run.store.vaultOf(run.enteId);
    const kept = await run.tx(async (tx) => {
      const personRecord = (await loadPersons(tx, vault, [debtorId])).get(debtorId);
      if (personRecord === undefined) throw new Error('no such person');
      return textOf(tx, vault, personRecord, list[0]?.deliveryId as string);
    });
    const [sent] = run.channel.sent;
    expect(kept).toEqual({ subject: sent?.message.subject, text: sent?.message.text });
    const { rows } = await run.tx((tx) =>
      sql<{ plain: boolean }>`select position('Gentile'::bytea in text_content) > 0 as plain from delivery
        where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows).toEqual([{ plain: false }]);
  });

  it('is counted as the provider bills it: segments of a text message, one of anything else', async () => {
    const { run, taken: list } = await taken([person(1), person(2)]);
    const long = `È ${'a'.repeat(140)}`;
    const text = { kind: 'text', sender: { name: 'C', address: 'c@x.example' }, subject: '', html: null } as const;
    const texts = {
      render: async () => new Map(list.map((d) => [d.deliveryId, { ...text, text: long, optOutUrl: null }])),
    };
    const sms: Channel = {
      kind: 'sms',
      provider: 'fake',
      capabilities: run.channel.capabilities,
      send: (batch) => run.channel.send(batch),
      parseSignal: () => run.channel.parseSignal(),
      health: () => run.channel.health(),
      close: () => run.channel.close(),
    };
    const units = async () =>
      (
        await run.tx((tx) =>
          sql<{
            units: number | null;
          }>`select units from delivery where ente_id = ${run.enteId} order by units`.execute(tx.kysely),
        )
      ).rows.map((row) => row.units);
    expect(await units()).toEqual([null, null]);
    await handOver({ ...run.deps, texts }, run.enteId, run.channel, list.slice(0, 1), never);
    await handOver({ ...run.deps, texts }, run.enteId, sms, list.slice(1), never);
    expect(await units()).toEqual([1, 3]);
  });

  it('nothing left to tell voids the message', async () => {
    const { run, taken: list } = await taken();
    const texts = { render: async () => new Map(list.map((d) => [d.deliveryId, { kind: 'nothingLeft' } as const])) };
    expect(await handOver({ ...run.deps, texts }, run.enteId, run.channel, list, never)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'void', reason: 'nothingLeft' }]);
  });

  it('a refused text voids it with the code of the rule', async () => {
    const { run, taken: list } = await taken();
    const refused = { kind: 'refused', code: 'DISCLOSURE_DEBT' } as const;
    const texts = { render: async () => new Map(list.map((d) => [d.deliveryId, refused])) };
    expect(await handOver({ ...run.deps, texts }, run.enteId, run.channel, list, never)).toBe(0);
    expect(await run.deliveries()).toMatchObject([{ state: 'void', reason: 'DISCLOSURE_DEBT' }]);
    expect(run.channel.sent).toEqual([]);
  });
});
