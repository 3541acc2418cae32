import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRuns, openCampaignRuns, person } from '../../../test/support/campaign-run.ts';
import { OFFICE, TARI, TICKET, validCf } from '../../../test/support/ground.ts';
import { openVisit } from '../../../test/support/visit.ts';
import { SESSION_IDLE_MS, sweepAccess } from './access.store.ts';
import { DAY, HOUR, MINUTE } from './conversations.fixtures.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const A = 'p1@posta.example';
const rows = () => [
  person(1, { cf: validCf(1), documentNumber: 'BOL-0001' }),
  person(2, { cf: validCf(2), documentNumber: 'BOL-0002' }),
];
const visit = () => openVisit(runs, [{ rows: rows() }]);
const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

describe('a link', () => {
  it('gives the same answer when it is unknown, malformed, expired or gone', async () => {
    const { run, dialogue, token } = await visit();
    const good = token(A);
    for (const bad of [
      '',
      'x',
      `${run.enteId}-${'A'.repeat(22)}`,
      `9-${good.split('-')[1]}`,
      token(A, 'o'),
      `${good}x`,
    ]) {
      expect(await dialogue.openLink(bad)).toBeNull();
    }
    await run.tx((tx) => sql`update link set expires_at = created_at where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(await dialogue.openLink(good)).toBeNull();
    await run.tx((tx) => sql`delete from link where ente_id = ${run.enteId}`.execute(tx.kysely));
    expect(await dialogue.openLink(good)).toBeNull();
  });

  it('shows who writes and nothing of whom or what, however often it is opened', async () => {
    const { run, dialogue, open } = await visit();
    const session = await open(A);
    expect(await open(A)).not.toBe(session);
    const view = await dialogue.view(session);
    expect(view).toMatchObject({ level: 'link', personName: null, positions: [], messageSentAt: run.now() });
    expect(JSON.stringify(view)).not.toMatch(/TARI|BOL-|10000|Rossi|p1@/);
  });
});

describe('a session', () => {
  it('ends when nobody uses it, and lives on when somebody does', async () => {
    const { dialogue, open, real } = await visit();
    const session = await open(A);
    real.later(SESSION_IDLE_MS - 1);
    expect(await dialogue.view(session)).not.toBeNull();
    real.later(SESSION_IDLE_MS - 1);
    expect(await dialogue.view(session)).not.toBeNull();
    real.later(SESSION_IDLE_MS);
    expect(await dialogue.view(session)).toBeNull();
    expect(await dialogue.requestCode(session)).toEqual({ kind: 'sessionExpired' });
    expect(await dialogue.identify(session, '123456', 'x')).toEqual({ kind: 'sessionExpired' });
    expect(await dialogue.notMe(session)).toBeNull();
  });

  it('is nobody’s when it was closed, made up, or belongs to another body', async () => {
    const { run, dialogue, open } = await visit();
    const session = await open(A);
    const [, secret] = session.split('.');
    for (const token of ['', 'x', `${run.enteId}.${'A'.repeat(43)}`, `${run.enteId + 1}.${secret}`]) {
      expect(await dialogue.view(token)).toBeNull();
    }
    await dialogue.close(session);
    expect(await dialogue.view(session)).toBeNull();
  });

  it('and its codes and tries are swept away in time', async () => {
    const { run, dialogue, open, code, real } = await visit();
    const session = await open(A);
    await dialogue.identify(session, wrong(await code(session)), 'x');
    real.later(8 * DAY);
    await run.tx((tx) => sweepAccess(tx, real.now()));
    for (const table of ['portal_session', 'access_code', 'identity_try']) {
      const { rows: left } = await run.tx((tx) =>
        sql`select 1 from ${sql.table(table)} where ente_id = ${run.enteId}`.execute(tx.kysely),
      );
      expect(left).toEqual([]);
    }
  });
});

describe('a code', () => {
  it('with an item one holds opens the positions, typed with blanks or not', async () => {
    const { run, dialogue, open, code } = await visit();
    const session = await open(A);
    const digits = await code(session);
    const spaced = `${digits.slice(0, 3)} ${digits.slice(3)}`;
    expect(await dialogue.identify(session, spaced, ' bol 0001 ')).toEqual({ kind: 'identified' });
    const view = await dialogue.view(session);
    expect(view).toMatchObject({ level: 'identified', personName: 'Mario Rossi' });
    expect(view?.positions).toMatchObject([{ title: 'TARI', outstandingCents: 10_000 }]);
    expect(await run.leaves('citizen.identified')).toHaveLength(1);
  });

  it('alone opens nothing, nor does the item alone, nor another person’s item', async () => {
    const { dialogue, open, code } = await visit();
    const session = await open(A);
    const digits = await code(session);
    for (const item of ['', 'BOL-9999', validCf(1), 'BOL-0002']) {
      expect((await dialogue.identify(session, digits, item)).kind).not.toBe('identified');
    }
    expect(await dialogue.view(session)).toMatchObject({ level: 'link', positions: [] });
    expect(await dialogue.identify(session, wrong(digits), 'BOL-0001')).not.toEqual({ kind: 'identified' });
  });

  it('does not tell which of the two was wrong', async () => {
    const { dialogue, open, code } = await visit();
    const session = await open(A);
    const digits = await code(session);
    expect(await dialogue.identify(session, wrong(digits), 'BOL-0001')).toEqual({ kind: 'mismatch', triesLeft: 4 });
    expect(await dialogue.identify(session, digits, 'BOL-9999')).toEqual({ kind: 'mismatch', triesLeft: 3 });
  });

  it('ends after ten minutes, after five tries, when a newer one was sent, or once used', async () => {
    const { dialogue, open, code, real } = await visit();
    const session = await open(A);
    const old = await code(session);
    real.later(10 * MINUTE);
    expect(await dialogue.identify(session, old, 'BOL-0001')).toEqual({ kind: 'codeExpired' });
    const spent = await code(session);
    for (const left of [4, 3, 2, 1]) {
      expect(await dialogue.identify(session, wrong(spent), 'x')).toEqual({ kind: 'mismatch', triesLeft: left });
    }
    expect(await dialogue.identify(session, wrong(spent), 'x')).toEqual({ kind: 'codeExpired' });
    expect(await dialogue.identify(session, spent, 'BOL-0001')).toEqual({ kind: 'codeExpired' });
    real.later(MINUTE);
    const fresh = await code(session);
    expect(await dialogue.identify(session, fresh, 'BOL-0001')).toEqual({ kind: 'identified' });
    expect(await dialogue.identify(session, fresh, 'BOL-0001')).toEqual({ kind: 'codeExpired' });
  });

  it('of one session is no code of another', async () => {
    const { dialogue, open, code } = await visit();
    const [mine, other] = [await open(A), await open(A)];
    const digits = await code(mine);
    expect(await dialogue.identify(other, digits, 'BOL-0001')).toEqual({ kind: 'codeExpired' });
  });

  it('may be asked for again after a minute, five times a session, ten a day for an address', async () => {
    const { run, dialogue, open, real } = await visit();
    const session = await open(A);
    const ask = () => dialogue.requestCode(session);
    expect(await ask()).toEqual({ kind: 'sent', resendAfterSeconds: 60 });
    real.later(20_000);
    const before = run.channel.sent.length;
    expect(await ask()).toEqual({ kind: 'sent', resendAfterSeconds: 40 });
    expect(run.channel.sent).toHaveLength(before);
    for (let i = 0; i < 4; i += 1) {
      real.later(MINUTE);
      expect(await ask()).toEqual({ kind: 'sent', resendAfterSeconds: 60 });
    }
    real.later(MINUTE);
    expect(await ask()).toEqual({ kind: 'tooMany' });
    const kinds = [];
    for (let i = 0; i < 6; i += 1) {
      real.later(MINUTE);
      kinds.push((await dialogue.requestCode(await open(A))).kind);
    }
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 'tooMany']);
    real.later(DAY);
    expect((await dialogue.requestCode(await open(A))).kind).toBe('sent');
  });

  it('that could not be sent says so, and is not waited for', async () => {
    const { run, dialogue, open } = await visit();
    const session = await open(A);
    run.channel.answer = () => ({ kind: 'rejected', code: '5.7.1', fault: 'policy' });
    expect(await dialogue.requestCode(session)).toEqual({ kind: 'channelDown' });
    run.channel.answer = () => ({ kind: 'uncertain', code: 'ECONNRESET' });
    expect(await dialogue.requestCode(session)).toMatchObject({ kind: 'sent' });
  });

  it('tells its reader who writes, and nothing else', async () => {
    const { run, open, code } = await visit();
    await code(await open(A));
    const message = run.channel.sent.at(-1)?.message;
    expect(message).toMatchObject({ to: A, optOutUrl: null, subject: 'Il Suo codice di verifica' });
    expect(message?.text).not.toMatch(/TARI|Rossi|importo|http/);
  });
});

describe('too many wrong answers', () => {
  it('close the page for everybody with that link, over sessions and days, and a week opens it again', async () => {
    const { dialogue, open, code, real } = await visit();
    const kinds = [];
    for (let i = 0; i < 10; i += 1) {
      const session = await open(A);
      kinds.push((await dialogue.identify(session, wrong(await code(session)), 'x')).kind);
      real.later(2 * HOUR + 25 * MINUTE);
    }
    expect(kinds).toEqual([...Array(9).fill('mismatch'), 'officeOnly']);
    const locked = await open(A);
    expect(await dialogue.requestCode(locked)).toEqual({ kind: 'officeOnly' });
    expect(await dialogue.view(locked)).toMatchObject({ level: 'link' });
    // Another person of the same body is not shut out with him.
    expect((await dialogue.requestCode(await open('p2@posta.example'))).kind).toBe('sent');
    real.later(7 * DAY);
    const session = await open(A);
    expect(await dialogue.identify(session, await code(session), 'BOL-0001')).toEqual({ kind: 'identified' });
  });

  it('are counted also when many are typed at once', async () => {
    const { run, dialogue, open, code, real } = await visit();
    const sessions = [];
    for (let i = 0; i < 8; i += 1) {
      const session = await open(A);
      sessions.push({ session, code: await code(session) });
      real.later(MINUTE);
    }
    await Promise.all(sessions.flatMap((s) => [0, 1, 2].map(() => dialogue.identify(s.session, wrong(s.code), 'x'))));
    const { rows: tries } = await run.tx((tx) =>
      sql<{ n: number }>`select count(*)::int as n from identity_try where ente_id = ${run.enteId}
        and subject_kind = 'debtor'`.execute(tx.kysely),
    );
    // Five since the first of these codes was sent, and then none of them is worth anything.
    expect(tries[0]?.n).toBe(5);
  });
});

describe('what no code opens', () => {
  const both = { creditTypes: [TARI, TICKET], offices: [OFFICE] };

  it('health: answered like any other notice to who is wrong, by the office to who is right', async () => {
    const { dialogue, open, code, run } = await openVisit(
      runs,
      [{ rows: [person(1, { cf: validCf(1), documentNumber: 'BOL-0001' })], creditType: 'TICKET' }],
      both,
      '[TARI, TICKET]',
    );
    const session = await open(A);
    const digits = await code(session);
    expect(await dialogue.identify(session, wrong(digits), 'BOL-0001')).toEqual({ kind: 'mismatch', triesLeft: 4 });
    expect(await dialogue.identify(session, digits, 'BOL-9999')).toEqual({ kind: 'mismatch', triesLeft: 3 });
    expect(await dialogue.identify(session, digits, 'BOL-0001')).toEqual({ kind: 'officeOnly' });
    expect(await dialogue.view(session)).toMatchObject({ level: 'link', positions: [] });
    expect(await run.leaves('citizen.identified')).toEqual([]);
  });

  it('health positions of a person who identified himself for something else', async () => {
    const cf = validCf(1);
    const { dialogue, identified, debts } = await openVisit(
      runs,
      [
        { rows: [person(1, { cf, documentNumber: 'BOL-0001' })], creditType: 'TARI' },
        { rows: [person(1, { cf, email: 'altro@posta.example', externalId: 'T1' })], creditType: 'TICKET' },
      ],
      both,
    );
    const session = await identified(A, 'BOL-0001');
    expect((await dialogue.view(session))?.positions).toHaveLength(1);
    const health = debts[1]?.debtId as string;
    const pay = { debtId: health, seenCents: 10_000, idempotencyKey: 'k' };
    expect(await dialogue.startPayment(session, pay)).toEqual({ kind: 'notFound' });
    const about = { debtId: health, kind: 'other', text: '', idempotencyKey: 'k' } as const;
    expect(await dialogue.openDispute(session, about)).toBeNull();
  });

  it('a body with nothing but health offers none, the same to every visitor', async () => {
    const { dialogue, open, run } = await openVisit(
      runs,
      [{ rows: [person(1)], creditType: 'TICKET' }],
      { creditTypes: [TICKET] },
      '[TICKET]',
    );
    const before = run.channel.sent.length;
    expect(await dialogue.requestCode(await open(A))).toEqual({ kind: 'officeOnly' });
    expect(run.channel.sent).toHaveLength(before);
    expect((await dialogue.listEnti()).find((e) => e.enteId === run.enteId)?.offersCode).toBe(false);
  });

  it('an address that is another debtor’s too', async () => {
    const family = rows().map((row) => ({ ...row, email: 'casa@posta.example' }));
    const { dialogue, open, code } = await openVisit(runs, [{ rows: family }]);
    const session = await open('casa@posta.example');
    const digits = await code(session);
    const answers = [];
    for (const item of ['BOL-0001', 'BOL-0002']) answers.push((await dialogue.identify(session, digits, item)).kind);
    expect(answers.sort()).toEqual(['mismatch', 'officeOnly']);
    expect(await dialogue.view(session)).toMatchObject({ level: 'link', personName: null });
  });
});
