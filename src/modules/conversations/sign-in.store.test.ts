import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignRuns, openCampaignRuns, PORTAL_URL, person } from '../../../test/support/campaign-run.ts';
import { OFFICE, TARI, TICKET, validCf } from '../../../test/support/ground.ts';
import { openVisit, type Visit } from '../../../test/support/visit.ts';
import { MINUTE, openRail } from './conversations.fixtures.ts';
import { DEFAULT_WAY, type IdentityProvider, type SignInAnswer, type SignInRequest } from './identity.port.ts';
import { makeDialogue, removeSignIn, saveSignIn, sweepAccess } from './index.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const A = 'p1@posta.example';
const BOTH = { creditTypes: [TARI, TICKET], offices: [OFFICE] };
const MARIO = validCf(1);
const ANNA = validCf(2);

/** A provider that vouches for whom it is told to, and keeps what it was asked. */
class FakeIdentity implements IdentityProvider {
  answer: SignInAnswer = identified(MARIO);
  away = false;
  started: SignInRequest[] = [];
  finished: SignInRequest[] = [];
  async startUrl(request: SignInRequest) {
    this.started.push(request);
    return this.away ? null : `https://idp.example/auth?state=${request.secrets.state}`;
  }
  async finish(request: SignInRequest) {
    this.finished.push(request);
    return this.answer;
  }
}
const identified = (codiceFiscale: string): SignInAnswer => ({
  kind: 'identified',
  codiceFiscale,
  level: 'https://www.spid.gov.it/SpidL2',
  subject: 'pairwise-1',
});

/** Mario owes for waste and, by another address, for health; Anna for waste. Sign-in is set up. */
async function signInVisit() {
  const visit = await openVisit(
    runs,
    [
      {
        rows: [
          person(1, { cf: MARIO, documentNumber: 'BOL-0001' }),
          person(2, { cf: ANNA, documentNumber: 'BOL-0002' }),
        ],
        creditType: 'TARI',
      },
      { rows: [person(1, { cf: MARIO, email: 'altro@posta.example', externalId: 'T1' })], creditType: 'TICKET' },
    ],
    BOTH,
  );
  const { run, real } = visit;
  const vault = run.store.vaultOf(run.enteId);
  const identity = new FakeIdentity();
  const carts: { description: string }[] = [];
  const rail: typeof openRail = {
    ...openRail,
    createCart: async (cart) => {
      carts.push(...cart.notices);
      return openRail.createCart(cart);
    },
  };
  const dialogue = makeDialogue({
    db: run.store.db,
    vaultOf: run.store.vaultOf,
    clock: run.store.clock,
    monotonic: real,
    channels: [run.channel],
    rail,
    portalUrl: PORTAL_URL,
    guards: run.deps.guards,
    identity,
  });
  const settings = {
    issuer: 'https://idp.example',
    clientId: 'ente',
    clientAuth: 'secretBasic',
    secret: 'parola-segreta',
    ways: { spid: DEFAULT_WAY },
  } as const;
  await run.tx((tx) => saveSignIn(tx, vault, settings));
  const { signIn } = dialogue;
  if (signIn === undefined) throw new Error('no sign-in');
  const begin = async () => {
    const started = await signIn.start(run.enteId, 'spid');
    if (started.kind !== 'redirect') throw new Error(started.kind);
    return {
      browser: started.browser,
      back: `/entra/ritorno?code=x&state=${new URL(started.url).searchParams.get('state')}`,
    };
  };
  const enter = async (earlier: string | null = null) => {
    const { back, browser } = await begin();
    const done = await signIn.finish(back, browser, earlier);
    if (done.kind !== 'signedIn') throw new Error(done.reason);
    return done.session;
  };
  return { ...visit, dialogue, signIn, identity, vault, begin, enter, carts };
}

const debtIds = (view: Awaited<ReturnType<Visit['dialogue']['view']>>) => view?.positions.map((p) => p.debtId).sort();

describe('a session of SPID or CIE', () => {
  it('shows all of the person’s positions at the body, health among them, which no code shows', async () => {
    const { dialogue, enter, identified: byCode, debts, run } = await signInVisit();
    const view = await dialogue.view(await enter());
    expect(view).toMatchObject({ level: 'identified', personName: 'Mario Rossi', ente: { signIn: ['spid'] } });
    const [waste, , health] = debts;
    expect(debtIds(view)).toEqual([waste?.debtId, health?.debtId].sort());
    expect(debtIds(await dialogue.view(await byCode(A, 'BOL-0001')))).toEqual([waste?.debtId]);
    const [leaf] = await run.leaves('citizen.identified');
    expect(leaf?.facts).toMatchObject({ level: 'oidc', way: 'spid', acr: 'https://www.spid.gov.it/SpidL2' });
    expect(JSON.stringify(leaf)).not.toContain(MARIO);
    expect(JSON.stringify(leaf)).not.toContain('pairwise-1');
  });

  it('pays a health position, whose name the payment page is not told, and contests it', async () => {
    const { dialogue, enter, debts, carts } = await signInVisit();
    const session = await enter();
    const health = debts[2]?.debtId as string;
    const pay = { debtId: health, seenCents: 10_000, idempotencyKey: 'k1' };
    const started = await dialogue.startPayment(session, pay);
    expect(started.kind).toBe('redirect');
    expect(carts.map(({ description }) => description)).toEqual(['Avviso di pagamento']);
    const checkoutId = started.kind === 'redirect' ? started.checkoutId : '';
    expect(await dialogue.checkout(session, checkoutId)).toMatchObject({ position: { debtId: health } });
    const about = { debtId: health, kind: 'exempt', text: '', idempotencyKey: 'k2' } as const;
    expect(await dialogue.openDispute(session, about)).toMatchObject({ number: expect.any(String) });
  });

  it('opens with nothing for who owes nothing here, and acts on nobody', async () => {
    const { dialogue, identity, enter, debts } = await signInVisit();
    identity.answer = identified(validCf(77));
    const session = await enter();
    expect(await dialogue.view(session)).toMatchObject({ level: 'identified', personName: null, positions: [] });
    const debtId = debts[0]?.debtId as string;
    const pay = { debtId, seenCents: 10_000, idempotencyKey: 'k' };
    expect((await dialogue.startPayment(session, pay)).kind).toBe('sessionExpired');
    const about = { kind: 'other', text: '', idempotencyKey: 'k' } as const;
    expect(await dialogue.openDispute(session, { ...about, debtId })).toBeNull();
    expect(await dialogue.openDispute(session, { ...about, debtId: null })).toBeNull();
  });

  it('from the link of another shows the signed-in person’s positions only, and the link’s session is over', async () => {
    const { run, dialogue, identity, enter, open, debts } = await signInVisit();
    identity.answer = identified(ANNA);
    const link = await open(A);
    const session = await enter(link);
    expect(session).not.toBe(link);
    expect(await dialogue.view(link)).toBeNull();
    const view = await dialogue.view(session);
    expect(debtIds(view)).toEqual([debts[1]?.debtId]);
    expect(view?.messageSentAt).toBeNull();
    // It was no sign that Mario read his message, and "non sono io" has no address to bind.
    expect((await run.deliveries()).filter(({ state }) => state === 'read')).toEqual([]);
    expect(await dialogue.notMe(session)).toBeNull();
    const about = { debtId: debts[0]?.debtId as string, kind: 'other', text: '', idempotencyKey: 'k' } as const;
    expect(await dialogue.openDispute(session, about)).toBeNull();
  });

  it('from his own link keeps the message in mind, which was read', async () => {
    const { run, dialogue, enter, open } = await signInVisit();
    const session = await enter(await open(A));
    expect((await dialogue.view(session))?.messageSentAt).toBe(run.now());
    expect((await run.deliveries()).filter(({ state }) => state === 'read')).toHaveLength(1);
    // No code is sent to who is known already, and none lowers his level.
    expect((await dialogue.requestCode(session)).kind).toBe('sessionExpired');
  });
});

describe('a sign-in', () => {
  it('is answered once, in ten minutes, in the browser that began it', async () => {
    const { signIn, identity, begin, real, run } = await signInVisit();
    const refusal = { kind: 'refused', reason: 'invalid' };
    const first = await begin();
    const second = await begin();
    for (const browser of [null, second.browser, `${first.browser}x`]) {
      expect(await signIn.finish(first.back, browser, null)).toMatchObject(refusal);
    }
    expect(await signIn.finish(first.back, first.browser, null)).toMatchObject({ kind: 'signedIn' });
    expect(await signIn.finish(first.back, first.browser, null)).toMatchObject(refusal);
    real.later(10 * MINUTE);
    expect(await signIn.finish(second.back, second.browser, null)).toMatchObject(refusal);
    const ours = `${run.enteId}.${'A'.repeat(43)}`;
    for (const state of ['', 'x', ours, `99999.${'A'.repeat(43)}`]) {
      expect(await signIn.finish(`/entra/ritorno?code=x&state=${state}`, second.browser, null)).toMatchObject(refusal);
    }
    expect(identity.finished).toHaveLength(1);
    // What was asked is what the answer is held against, and nothing of it lies in the table in the clear.
    expect(identity.finished[0]?.secrets).toEqual(identity.started[0]?.secrets);
  });

  it('keeps hashes alone, and is swept away', async () => {
    const { run, begin, real, identity } = await signInVisit();
    const { browser } = await begin();
    const dump = () =>
      run.tx(async (tx) => {
        const { rows } = await sql<{
          t: string;
        }>`select t::text as t from sign_in t where ente_id = ${run.enteId}`.execute(tx.kysely);
        return rows.map(({ t }) => t);
      });
    const rows = await dump();
    expect(rows).toHaveLength(1);
    for (const secret of [browser, ...Object.values(identity.started[0]?.secrets ?? {})]) {
      expect(rows[0]).not.toContain(secret);
    }
    real.later(8 * 24 * 60 * MINUTE);
    await run.tx((tx) => sweepAccess(tx, real.now()));
    expect(await dump()).toEqual([]);
  });

  it('that the provider refuses opens nothing and is on record without a name', async () => {
    const { signIn, identity, begin, run } = await signInVisit();
    identity.answer = { kind: 'refused', reason: 'levelTooLow' };
    const { back, browser } = await begin();
    expect(await signIn.finish(back, browser, null)).toMatchObject({ kind: 'refused', reason: 'levelTooLow' });
    expect((await run.leaves('citizen.refused'))[0]?.facts).toEqual({
      level: 'oidc',
      way: 'spid',
      reason: 'levelTooLow',
    });
    expect(await run.leaves('citizen.identified')).toEqual([]);
  });

  it('is offered only in the ways the body has set up, and not once it has none', async () => {
    const { run, dialogue, signIn, identity } = await signInVisit();
    expect(await signIn.start(run.enteId, 'cie')).toEqual({ kind: 'notOffered' });
    expect(await signIn.start(99_999, 'spid')).toEqual({ kind: 'notOffered' });
    identity.away = true;
    expect(await signIn.start(run.enteId, 'spid')).toEqual({ kind: 'unavailable' });
    await run.tx((tx) => removeSignIn(tx));
    expect(await signIn.start(run.enteId, 'spid')).toEqual({ kind: 'notOffered' });
    expect((await dialogue.listEnti()).find((e) => e.enteId === run.enteId)?.signIn).toEqual([]);
  });

  it('takes settings only with TLS or on loopback, and keeps the secret sealed', async () => {
    const { run, vault, identity, begin } = await signInVisit();
    await begin();
    expect(identity.started[0]?.settings).toMatchObject({ secret: 'parola-segreta', scope: 'openid' });
    const { rows } = await run.tx((tx) =>
      sql<{
        t: string;
      }>`select t::text || encode(secret, 'escape') as t from sign_in_provider t where ente_id = ${run.enteId}`.execute(
        tx.kysely,
      ),
    );
    expect(rows[0]?.t).not.toContain('parola-segreta');
    const settings = { clientId: 'x', clientAuth: 'secretPost', secret: 'x' } as const;
    for (const [issuer, accepted] of [
      ['http://idp.example', ['2']],
      ['x', ['2']],
      ['https://idp.example', []],
    ] as const) {
      const ways = { spid: { acr: '2', accepted, parameters: {} } };
      await expect(run.tx((tx) => saveSignIn(tx, vault, { ...settings, issuer, ways }))).rejects.toThrow(/https/);
    }
  });
});
