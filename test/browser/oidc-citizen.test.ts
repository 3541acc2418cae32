import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBrowser } from '../../sandbox/citizens/browser.ts';
import { arrive, type JourneyWorld, noticeNumberOn, payPosition, signIn } from '../../sandbox/citizens/journeys.ts';
import { makeHttpClient } from '../../sandbox/http-client.ts';
import { passIdp } from '../../sandbox/idp/pass-idp.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { validCf } from '../support/ground.ts';
import { MARIO, openSignInWorld, type SignInWorld } from './oidc-world.ts';

const realNow = () => systemMonotonic.now();
let world: SignInWorld;
beforeAll(async () => {
  world = await openSignInWorld();
}, 120_000);
afterAll(() => world.close());

/** A simulated citizen of the sandbox before the real portal. */
function citizen() {
  const client = makeHttpClient({ url: world.portalUrl });
  const outcomes: string[] = [];
  const seen: string[] = [];
  const leftFor: string[] = [];
  const journey: JourneyWorld = {
    browser: makeBrowser(client, world.portalUrl, realNow),
    seen: (page) => void seen.push(page.words()),
    askingCode: () => undefined,
    noCodeToCome: () => undefined,
    codeMail: async () => null,
    mailCount: () => 0,
    outcome: (name) => void outcomes.push(name),
    async payAtRail(url) {
      leftFor.push(url);
      return `/esito/${url.slice(url.lastIndexOf('/') + 1)}?esito=ok`;
    },
    passIdp: (url, codiceFiscale) => passIdp(url, { codiceFiscale }, realNow),
  };
  return { journey, outcomes, seen, leftFor, close: () => client.close() };
}

describe('a citizen of the sandbox', () => {
  it('signs in by SPID and pays a health position', async () => {
    const { journey, outcomes, leftFor, close } = citizen();
    const arrival = await arrive(journey, `/l/${world.visit.token('p1@posta.example')}`);
    if (arrival === null) throw new Error('no page');
    const page = await signIn(journey, arrival, 'spid', MARIO);
    expect(page.words()).toContain('Ticket');
    expect(noticeNumberOn(page)).toMatch(/^3\d{17}$/);
    expect(await payPosition(journey, page, true)).toBe(true);
    expect(leftFor).toHaveLength(1);
    expect(outcomes).toEqual(['signedIn:spid', 'paidOnline']);
    close();
  });

  it('who signs in as himself from another’s link is shown nothing of the other', async () => {
    const { journey, seen, close } = citizen();
    const arrival = await arrive(journey, `/l/${world.visit.token('p1@posta.example')}`);
    if (arrival === null) throw new Error('no page');
    const page = await signIn(journey, arrival, 'cie', validCf(77));
    expect(page.path).toBe('/posizioni');
    expect(seen.join('\n')).not.toMatch(/Ticket|100,00|Rossi/);
    close();
  });
});
