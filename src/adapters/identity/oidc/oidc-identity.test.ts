import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Idp, startIdp } from '../../../../sandbox/idp/idp.ts';
import { type IdpChoice, passIdp } from '../../../../sandbox/idp/pass-idp.ts';
import { systemMonotonic } from '../../../kernel/clocks.ts';
import { computeCfCheck } from '../../../kernel/codice-fiscale.ts';
import {
  DEFAULT_FISCAL_NUMBER_CLAIMS,
  DEFAULT_WAY,
  type SignInRequest,
} from '../../../modules/conversations/identity.port.ts';
import { makeOidcIdentity } from './index.ts';

const CF = `RSSMRA80A01H501${computeCfCheck('RSSMRA80A01H501')}`;
const REDIRECT = 'http://127.0.0.1:8080/entra/ritorno';
const realNow = () => systemMonotonic.now();
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

let claim: (codiceFiscale: string) => string | undefined = (cf) => `TINIT-${cf}`;
let idp: Idp;
let other: Idp;
const codes: string[] = [];
const identity = makeOidcIdentity({ realNow, onRefusal: ({ code }) => codes.push(code) });

beforeAll(async () => {
  const keyClients = [
    { clientId: 'con-chiave', jwk: keys.publicKey.export({ format: 'jwk' }) as Record<string, unknown> },
  ];
  idp = await startIdp({ realNow, people: () => [], fiscalNumber: (cf) => claim(cf), keyClients });
  other = await startIdp({ realNow, people: () => [] });
});
afterAll(() => Promise.all([idp.close(), other.close()]));
beforeEach(() => {
  claim = (cf) => `TINIT-${cf}`;
  codes.length = 0;
});

const secret = () => randomBytes(32).toString('base64url');
function request(changes: Partial<SignInRequest['settings']> = {}, at: Idp = idp): SignInRequest {
  const { issuer, clientId, clientSecret } = at;
  return {
    enteId: 1,
    settings: {
      issuer,
      clientId,
      clientAuth: 'secretBasic',
      secret: clientSecret,
      scope: 'openid',
      fiscalNumberClaims: DEFAULT_FISCAL_NUMBER_CLAIMS,
      ways: { spid: DEFAULT_WAY },
      ...changes,
    },
    way: 'spid',
    redirectUrl: REDIRECT,
    secrets: { state: `1.${secret()}`, nonce: secret(), verifier: secret() },
  };
}

async function callback(asked: SignInRequest, choice: IdpChoice = { codiceFiscale: CF }): Promise<URL> {
  const url = await identity.startUrl(asked);
  if (url === null) throw new Error(`no start: ${codes.join()}`);
  return new URL(await passIdp(url, choice, realNow));
}
const refused = (reason: string) => ({ kind: 'refused', reason });

describe('sign-in by OpenID Connect', () => {
  it('asks with PKCE, state, nonce, level 2 and a fresh login', async () => {
    const asked = request();
    const query = new URL((await identity.startUrl(asked)) ?? '').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      client_id: idp.clientId,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'openid',
      state: asked.secrets.state,
      nonce: asked.secrets.nonce,
      code_challenge_method: 'S256',
      acr_values: 'https://www.spid.gov.it/SpidL2',
      prompt: 'login',
    });
    expect(query.get('code_challenge')).not.toBe(asked.secrets.verifier);
  });

  it('tells the codice fiscale with the prefix or without, at level 2 and above', async () => {
    for (const level of ['2', '3'] as const) {
      const asked = request();
      const answer = await identity.finish(asked, await callback(asked, { codiceFiscale: CF, level }));
      const acr = `https://www.spid.gov.it/SpidL${level}`;
      expect(answer).toEqual({ kind: 'identified', codiceFiscale: CF, level: acr, subject: CF });
    }
    claim = (cf) => cf.toLowerCase();
    const asked = request();
    expect(await identity.finish(asked, await callback(asked))).toMatchObject({
      kind: 'identified',
      codiceFiscale: CF,
    });
  });

  it('proves the client by a private key', async () => {
    const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const asked = request({ clientId: 'con-chiave', clientAuth: 'privateKeyJwt', secret: pem });
    expect(await identity.finish(asked, await callback(asked))).toMatchObject({ kind: 'identified' });
  });

  it('refuses a level below 2', async () => {
    const asked = request();
    expect(await identity.finish(asked, await callback(asked, { codiceFiscale: CF, level: '1' }))).toEqual(
      refused('levelTooLow'),
    );
  });

  it('refuses another state, nonce or verifier', async () => {
    for (const name of ['state', 'nonce', 'verifier'] as const) {
      const asked = request();
      const back = await callback(asked);
      const changed = { ...asked, secrets: { ...asked.secrets, [name]: secret() } };
      expect(await identity.finish(changed, back)).toEqual(refused('invalid'));
    }
    expect(codes).toHaveLength(3);
  });

  it('refuses the answer of another issuer', async () => {
    const asked = request();
    const back = await callback(asked);
    back.searchParams.set('iss', other.issuer);
    expect(await identity.finish(asked, back)).toEqual(refused('invalid'));
    const elsewhere = request({}, other);
    expect(await identity.finish({ ...elsewhere, secrets: asked.secrets }, await callback(request()))).toEqual(
      refused('invalid'),
    );
  });

  it('refuses the same answer a second time, and a code it made up', async () => {
    const asked = request();
    const back = await callback(asked);
    expect(await identity.finish(asked, back)).toMatchObject({ kind: 'identified' });
    expect(await identity.finish(asked, back)).toEqual(refused('invalid'));
    const fresh = request();
    const forged = await callback(fresh);
    forged.searchParams.set('code', 'A'.repeat(43));
    expect(await identity.finish(fresh, forged)).toEqual(refused('invalid'));
    expect(codes).toEqual(['invalid_grant', 'invalid_grant']);
  });

  it('refuses who has no fiscal number of a person', async () => {
    for (const value of [undefined, 'VATIT-12345678903', 'TINIT-']) {
      claim = () => value;
      const asked = request();
      expect(await identity.finish(asked, await callback(asked))).toEqual(refused('noFiscalNumber'));
    }
  });

  it('tells who gave up from what went wrong', async () => {
    const asked = request();
    expect(await identity.finish(asked, await callback(asked, 'cancel'))).toEqual(refused('cancelled'));
    expect(await identity.finish(asked, new URL(REDIRECT))).toEqual(refused('invalid'));
  });

  it('does not start at a provider that is away, or is not who it was to be, and tries again next time', async () => {
    const away = createServer();
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    const { port } = away.address() as AddressInfo;
    await close(away);
    const issuer = `http://127.0.0.1:${port}`;
    expect(await identity.startUrl(request({ issuer }))).toBeNull();
    // A provider that names itself otherwise in its own metadata.
    const liar = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer: idp.issuer, authorization_endpoint: `${idp.issuer}/auth` }));
    });
    await new Promise<void>((resolve) => liar.listen(port, '127.0.0.1', resolve));
    expect(await identity.startUrl(request({ issuer }))).toBeNull();
    await close(liar);
    expect(await identity.startUrl({ ...request(), way: 'cie' })).toBeNull();
    expect(await identity.startUrl(request())).not.toBeNull();
  });

  it('speaks without TLS to this machine alone', async () => {
    expect(await identity.startUrl(request({ issuer: 'http://idp.example' }))).toBeNull();
    expect(codes).toEqual(['OAUTH_HTTP_REQUEST_FORBIDDEN']);
  });
});

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
