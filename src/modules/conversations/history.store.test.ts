import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { OFFICE, TARI, TICKET, validCf } from '../../../test/support/ground.ts';
import { openVisit } from '../../../test/support/visit.ts';
import { newId } from '../../kernel/ids.ts';
import { listDisputes } from '../disputes/index.ts';
import { openOidcSession } from './access.store.ts';
import { DAY } from './conversations.fixtures.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const A = 'p1@posta.example';
const HEALTH = 'altro@posta.example';
const rows = [
  person(1, { cf: validCf(1), documentNumber: 'BOL-0001' }),
  person(2, { cf: validCf(2), documentNumber: 'BOL-0002' }),
  person(3, { cf: validCf(1), email: A, taxYear: 2024, documentNumber: 'BOL-0003' }),
];
const about = (debtId: string | null) => ({ debtId, kind: 'other', text: '', idempotencyKey: newId() }) as const;

async function reported() {
  const visit = await openVisit(runs, [{ rows }]);
  const { run, dialogue } = visit;
  const [first, , second] = visit.debts.map((debt) => debt.debtId);
  const session = await visit.identified(A, 'BOL-0001');
  const answer = async (accept: boolean) => {
    const open = await run.tx((tx) => listDisputes(tx, run.store.vaultOf(run.enteId), 'open', 10));
    await run.decide(open[0]?.id as string, accept);
  };
  const shown = async () =>
    new Map((await dialogue.view(session))?.positions.map((p) => [p.debtId, [p.state, p.report?.state ?? null]]));
  const reportOf = async (debtId: string | undefined) =>
    (await dialogue.view(session))?.positions.find((p) => p.debtId === debtId)?.report;
  return { ...visit, first, second, session, answer, shown, reportOf };
}

describe('a report', () => {
  it('about a whole message is shown on each of its lines and on no other debt', async () => {
    const { run, dialogue, open, first, second, shown } = await reported();
    const [late] = await run.addDebts([person(9, { cf: validCf(1), externalId: 'late', taxYear: 2023, email: A })]);
    await dialogue.openDispute(await open(A), about(null));
    const states = await shown();
    expect(states.get(first as string)).toEqual(['disputed', 'open']);
    expect(states.get(second as string)).toEqual(['disputed', 'open']);
    expect(states.get(late?.debtId as string)?.[1]).toBeNull();
  });

  it('is followed by the office’s words, accepted or not, and only on the debt it is about', async () => {
    const { run, dialogue, first, second, session, answer, shown, reportOf } = await reported();
    await dialogue.openDispute(session, about(first as string));
    expect(await reportOf(first)).toEqual({
      number: '2026/1',
      state: 'open',
      deadline: '2026-10-07',
      answeredAt: null,
      answer: null,
    });
    await answer(false);
    const words = 'Abbiamo controllato.';
    expect(await reportOf(first)).toMatchObject({ state: 'rejected', answeredAt: run.now(), answer: words });
    expect((await shown()).get(first as string)?.[0]).not.toBe('disputed');
    expect(await reportOf(second)).toBeNull();
    // A second one, of the same debt: the open one stands before the answered, then the later answer.
    await run.live(run.now() + DAY);
    await dialogue.openDispute(session, about(first as string));
    expect(await reportOf(first)).toMatchObject({ number: '2026/2', state: 'open' });
    await answer(true);
    expect(await reportOf(first)).toMatchObject({ number: '2026/2', state: 'accepted' });
    expect((await shown()).get(first as string)).toEqual(['cancelled', 'accepted']);
  });
});

describe('the messages', () => {
  it('are told to nobody below identity', async () => {
    const { dialogue, open } = await openVisit(runs, [{ rows }]);
    expect(await dialogue.messages(await open(A))).toBeNull();
    expect(await dialogue.messages('1.x')).toBeNull();
  });

  it('stand with date, channel, masked address, purpose, outcome and their words without keys', async () => {
    const { run, dialogue, identified, token } = await openVisit(runs, [{ rows }]);
    const key = token(A);
    const session = await identified(A, 'BOL-0001');
    const messages = await dialogue.messages(session);
    expect(messages).toMatchObject([
      { at: run.now(), channel: 'email', address: 'p•••@posta.example', about: [TARI.name], outcome: 'opened' },
    ]);
    const [message] = messages ?? [];
    expect(message?.text).toContain('/l/•••');
    expect(message?.text).toContain('Mario Rossi');
    expect(message?.text).not.toContain(key);
  });

  it('about health are for SPID and CIE alone', async () => {
    const { run, dialogue, identified, real } = await openVisit(
      runs,
      [
        { rows: rows.slice(0, 1), creditType: 'TARI' },
        { rows: [person(1, { cf: validCf(1), email: HEALTH, externalId: 'T1' })], creditType: 'TICKET' },
      ],
      { creditTypes: [TARI, TICKET], offices: [OFFICE] },
      '[TARI, TICKET]',
    );
    expect(run.channel.to(HEALTH)).toHaveLength(1);
    const names = async (session: string) => (await dialogue.messages(session))?.flatMap((m) => m.about).sort();
    expect(await names(await identified(A, 'BOL-0001'))).toEqual([TARI.name]);
    const [notice] = await run.notices();
    const session = await run.tx((tx) =>
      openOidcSession(tx, run.store.vaultOf(run.enteId), notice?.debtorId as string, null, real.now()),
    );
    expect(await names(session)).toEqual([TARI.name, TICKET.name].sort());
    const nobody = await run.tx((tx) => openOidcSession(tx, run.store.vaultOf(run.enteId), null, null, real.now()));
    expect(await dialogue.messages(nobody)).toEqual([]);
  });
});
