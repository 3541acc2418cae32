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
import { digestOfIds } from '../audit/index.ts';
import {
  type Channel,
  handOver,
  newOwner,
  type OutboundMessage,
  type SendOutcome,
  stopAddress,
  takeDue,
} from '../deliveries/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../notices/index.ts';
import { findCampaign } from './campaigns.store.ts';
import { findRecall } from './recall.store.ts';
import { approveRecall, previewRecall, type RecallInput, refuseRecall, requestRecall } from './recall-actions.ts';
import type { RecallCause } from './recall-cause.ts';
import { channelOutcomes, correctedAfter, correctedPeople } from './recall-outcomes.ts';
import { runTenant } from './run-due.ts';
import { tick } from './tick.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const never = new AbortController().signal;
const NOTE = 'Gli importi del file erano sbagliati.';
const cascata = '[{ canale: email, testo: primo-avviso }, { canale: sms, testo: sms-avviso, attesaGiorni: 1 }]';

/** The run with a second channel, for SMS; both keep what they were given in the run's own list. */
function withSms(run: CampaignRun) {
  const sms: Channel = {
    kind: 'sms',
    provider: 'fake-sms',
    capabilities: { maxTextLength: null, subject: false, html: false, query: false },
    send: (batch) => run.channel.send(batch),
    parseSignal: async () => [],
    health: async () => ({ ok: true, detail: 'in memory' }),
    close: async () => {},
  };
  const deps = { ...run.deps, channels: [run.channel, sms] };
  return async () => {
    await run.plan();
    while ((await runTenant(deps, run.enteId, never)) > 0);
  };
}

const ask = (run: CampaignRun, cause: RecallCause, over: Partial<RecallInput> = {}) =>
  requestRecall(run.campaigns, run.enteId, { cause, note: NOTE, texts: {}, ...over }, run.clerk);
const grant = (run: CampaignRun, code = 'rettifica-1') => approveRecall(run.campaigns, run.enteId, code, run.head);
const recallOf = (run: CampaignRun, code = 'rettifica-1') => run.tx((tx) => findRecall(tx, code));
const outcomesOf = async (run: CampaignRun, code = 'rettifica-1') => {
  const { recallId } = await recallOf(run, code);
  return (await run.tx((tx) => channelOutcomes(tx, recallId))).map((o) => [
    o.channel,
    o.outcome,
    o.reason,
    o.addresses,
  ]);
};
const isCorrection = ({ text }: OutboundMessage) => text.includes('errore nostro');
const GIRO: RecallCause = { kind: 'campaign', code: 'giro' };

describe('a campaign that was wrong', () => {
  it('is taken back from everybody it reached, on every address, once, and stops for everybody else', async () => {
    const run = await runs.fresh();
    const settle = withSms(run);
    const debts = await run.addDebts([
      person(0, { phone: '+39 333 1000000' }),
      person(1, { phone: '+39 333 1000001' }), // pays
      person(2, { phone: '+39 333 1000002' }), // writes STOP to the e-mail
      person(3), // nobody knows whether it arrived
      person(4), // never accepted: nothing to take back
      person(5), // still waits, after a failure that may pass
    ]);
    const answers: Readonly<Record<string, SendOutcome>> = {
      'p3@posta.example': { kind: 'uncertain', code: 'lost' },
      'p4@posta.example': { kind: 'rejected', code: '5.1.1', fault: 'permanent' },
      'p5@posta.example': { kind: 'rejected', code: '4.4.1', fault: 'temporary' },
    };
    run.channel.answer = (message) => answers[message.to] ?? null;
    await run.launch(campaignYaml({ cascata }));
    await settle();
    run.store.clock.advanceTo(run.now() + DAY);
    // Only one more try of the fifth would come before the correction: not due.
    await settle();
    await run.pay(debts[1]?.debtId ?? '', 10_000);
    await run.tx((tx) => stopAddress(tx, run.store.vaultOf(run.enteId), 'email', 'p2@posta.example', run.now()));
    const before = run.channel.sent.length;
    await run.pauseCampaign();

    const { counts, texts } = await ask(run, GIRO);
    expect(counts).toMatchObject({
      people: 4,
      waitingOnly: 1,
      channels: [
        { channel: 'email', people: 4, addresses: 4 },
        { channel: 'sms', people: 3, addresses: 3 },
      ],
    });
    expect(texts.map((text) => text.code)).toEqual(['rettifica', 'sms-rettifica']);
    // Two more of the same would write to everybody twice.
    await expect(ask(run, GIRO)).rejects.toMatchObject({ code: 'RECALL_OPEN' });
    // Neither who asked nor who wrote the words, whatever their roles; nor without the role.
    const clerk = { ...run.clerk, roles: ['write', 'approve'] as const };
    await expect(approveRecall(run.campaigns, run.enteId, 'rettifica-1', clerk)).rejects.toMatchObject({
      code: 'SAME_PERSON',
    });
    await expect(approveRecall(run.campaigns, run.enteId, 'rettifica-1', run.clerk)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await settle();
    expect(run.channel.sent).toHaveLength(before);

    await grant(run);
    expect(await run.tx(async (tx) => (await findCampaign(tx, 'giro')).state)).toBe('recalled');
    await settle();
    const sent = run.channel.sent.slice(before).map(({ message }) => message);
    // Who paid is told, over the silence after a payment; STOP wins at its address and not at the phone; the third
    // message of the week passes the ceiling.
    expect(sent.map((message) => message.to).sort()).toEqual([
      '+393331000000',
      '+393331000001',
      '+393331000002',
      'p0@posta.example',
      'p1@posta.example',
      'p3@posta.example',
    ]);
    expect(sent.every(isCorrection)).toBe(true);
    expect(sent.map((message) => `${message.subject} ${message.text}`).join()).not.toMatch(/€|\d,\d\d|TARI/);
    expect(await outcomesOf(run)).toEqual([
      ['email', 'corrected', null, 2],
      ['email', 'notReached', 'hold:optOut', 1],
      ['email', 'uncertain', 'lost', 1],
      ['sms', 'corrected', null, 3],
    ]);

    // Nothing more, however long one waits and however often the program looks.
    run.store.clock.advanceTo(run.now() + 30 * DAY);
    await settle();
    await run.tx((tx) => tick(tx, run.deps));
    expect(run.channel.sent).toHaveLength(before + sent.length);
    const notices = (await run.notices()).filter((notice) => notice.nextStep > 0);
    expect(new Set(notices.map((n) => `${n.state} ${n.stopReason}`))).toEqual(
      new Set(['recalled recalled', 'settled paid', 'stopped noContact']),
    );

    const { recallId, state } = await recallOf(run);
    expect(state).toBe('completed');
    const touched = await run.tx((tx) =>
      sql<{ id: string }>`select notice_id as id from recall_notice where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    const digest = digestOfIds(touched.rows.map((row) => row.id));
    expect(await run.leaves('recall.approved')).toMatchObject([
      { actor: `operator:${run.head.operatorId}`, rowCount: 4, facts: { recall: 'rettifica-1', notices: digest } },
    ]);
    expect(await run.leaves('recall.started')).toMatchObject([
      { actor: 'system', rowCount: 4, facts: { recalled: 4, voided: 0, inFlight: 0, notices: digest } },
    ]);
    expect(await run.leaves('recall.prepared')).toMatchObject([{ actor: 'system', rowCount: 7, facts: { people: 4 } }]);
    expect(await run.leaves('recall.completed')).toMatchObject([
      { actor: 'system', rowCount: 7, facts: { corrected: 5, notReached: 1, uncertain: 1, notices: digest } },
    ]);
    expect(JSON.stringify([await run.leaves('recall.requested')])).not.toMatch(/importi|posta\.example/);

    const page = await run.tx((tx) => correctedPeople(tx, recallId, null, 1));
    expect(page).toMatchObject({ total: 7, pages: 1 });
    const rest = await run.tx((tx) => correctedAfter(tx, recallId, null, page.people[2] ?? null, 50));
    expect(rest).toEqual(page.people.slice(3));
    expect((await run.tx((tx) => correctedPeople(tx, recallId, 'notReached', 1))).people).toMatchObject([
      { debtorId: debts[2]?.debtorId, channel: 'email', reason: 'hold:optOut' },
    ]);
  });

  it('is recalled while a batch is on the wire: that batch is corrected, too, and nobody after it is written to', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(0), person(1), person(2)]);
    await run.launch();
    await run.queue();
    await ask(run, GIRO);
    run.channel.whileSending = async () => {
      if (run.channel.batches !== 1) return;
      await grant(run);
      await run.tx((tx) => tick(tx, run.deps));
    };
    // One of three is on the wire when the second person approves.
    run.channel.answer = (_, nth) => (nth === 1 ? { kind: 'retryLater', afterMs: 60_000, code: 'busy' } : null);
    const { taken } = await run.tx((tx) => takeDue(tx, 'email', 1, newOwner(), run.now(), 0, run.deps.guards));
    const { taken: about } = await run.tx((tx) => takeDue(tx, 'email', 1, newOwner(), run.now(), 0, run.deps.guards));
    await handOver(run.deps, run.enteId, run.channel, taken, never);
    expect(await handOver(run.deps, run.enteId, run.channel, about, never)).toBe(0);
    expect((await run.deliveries()).filter((d) => d.reason === 'recalled')).toHaveLength(2);
    expect(
      await run.tx((tx) => sql`select 1 from contact_slot where ente_id = ${run.enteId}`.execute(tx.kysely)),
    ).toMatchObject({ rows: { length: 2 } });
    expect((await recallOf(run)).state).toBe('running');

    await run.settle();
    const [first, second, ...others] = run.channel.sent.map(({ message }) => message);
    expect(others).toEqual([]);
    expect(second?.to).toBe(first?.to);
    expect(second === undefined ? false : isCorrection(second)).toBe(true);
    // The provider asked for a pause: the correction is tried again, and only then is the recall over.
    expect((await recallOf(run)).state).toBe('running');
    expect(await outcomesOf(run)).toEqual([['email', 'waiting', null, 1]]);
    await run.live(run.now() + DAY);
    expect(run.channel.sent).toHaveLength(3);
    expect((await recallOf(run)).state).toBe('completed');
  });
});

describe('other causes', () => {
  it('a file, a text, a list of debts: each finds its own people, and the campaign goes on for the others', async () => {
    const run = await runs.fresh();
    const [first] = await run.addDebts([person(0), person(1)]);
    await run.addDebts([person(2, { cf: validCf(2) }), person(3, { cf: validCf(3) })]);
    await run.launch();
    await run.settle();
    const preview = async (cause: RecallCause) => {
      const { counts } = await previewRecall(run.campaigns, run.enteId, { cause, texts: {} }, run.clerk);
      return [counts.people, counts.waitingOnly];
    };
    const { rows } = await run.tx((tx) =>
      sql<{ id: string }>`select import_id as id from debt where debt_id = ${first?.debtId}`.execute(tx.kysely),
    );
    const file: RecallCause = { kind: 'import', importId: rows[0]?.id ?? '' };
    const list = (...externalIds: string[]): RecallCause => ({ kind: 'debts', creditType: 'TARI', externalIds });
    expect(await preview(file)).toEqual([2, 0]);
    expect(await preview(list('P3', 'P3'))).toEqual([1, 0]);
    expect(await preview({ kind: 'text', code: 'primo-avviso', version: 1 })).toEqual([4, 0]);
    // Not sent to anybody yet, and still to come for everybody.
    expect(await preview({ kind: 'text', code: 'secondo-avviso', version: 1 })).toEqual([0, 4]);
    expect(await preview({ kind: 'text', code: 'avviso-riservato', version: 1 })).toEqual([0, 0]);
    await expect(preview(list('P3', 'P99'))).rejects.toMatchObject({
      code: 'RECALL_DEBTS_UNKNOWN',
      details: { unknown: 1 },
    });
    await expect(preview({ kind: 'import', importId: 'mai' })).rejects.toMatchObject({ code: 'IMPORT_UNKNOWN' });
    await expect(ask(run, file, { note: ' ' })).rejects.toMatchObject({ code: 'RECALL_NOTE' });
    await expect(ask(run, file, { texts: { email: 'mai' } })).rejects.toMatchObject({ code: 'RECALL_TEXT_MISSING' });
    await expect(ask(run, { kind: 'text', code: 'avviso-riservato', version: 1 })).rejects.toMatchObject({
      code: 'RECALL_NOBODY',
    });

    // Refused: nothing moves, and it may be asked again.
    await ask(run, file);
    await refuseRecall(run.campaigns, run.enteId, 'rettifica-1', 'Il file era giusto.', run.head);
    await expect(grant(run)).rejects.toMatchObject({ code: 'RECALL_STATE' });
    await run.settle();
    expect(run.channel.sent).toHaveLength(4);

    // The words that were asked for are those that are sent, whatever is saved meanwhile; its writer may not approve them.
    const words = DEFAULT_TEMPLATES.find((one) => one.code === 'rettifica');
    const save = (text: string, authorId: string) =>
      run.tx((tx) =>
        saveTemplate(tx, {
          ...words,
          code: 'rettifica',
          channel: 'email',
          subject: words?.subject ?? '',
          body: words?.body.replace('Ci scusiamo', text) ?? '',
          authorId,
          now: run.now(),
        }),
      );
    await save('Ci dispiace', run.head.operatorId);
    await ask(run, file);
    await expect(grant(run, 'rettifica-2')).rejects.toMatchObject({ code: 'SAME_PERSON' });
    await save('Chiediamo scusa', run.clerk.operatorId);
    const other = { ...run.head, operatorId: newOwner() };
    await approveRecall(run.campaigns, run.enteId, 'rettifica-2', other);
    await run.settle();
    expect(
      run.channel.sent
        .slice(4)
        .map(({ message }) => message.to)
        .sort(),
    ).toEqual(['p0@posta.example', 'p1@posta.example']);
    expect(run.channel.sent[4]?.message.text).toContain('Ci dispiace');
    expect(await run.leaves('recall.refused')).toHaveLength(1);

    await run.live(run.now() + 10 * DAY);
    expect(run.channel.to('p0@posta.example')).toHaveLength(2);
    expect(run.channel.to('p2@posta.example')).toHaveLength(2);
    expect(await run.tx(async (tx) => (await findCampaign(tx, 'giro')).state)).toBe('completed');
  });
});
