import { createPrivateKey } from 'node:crypto';
import * as client from 'openid-client';
import type {
  IdentityProvider,
  SignInAnswer,
  SignInRefusal,
  SignInRequest,
  SignInSettings,
} from '../../../modules/conversations/identity.port.ts';
import { codiceFiscaleOf } from './fiscal-number.ts';

/** Seconds of real time. */
const TIMEOUT_S = 10;
const CLOCK_SKEW_S = 30;
/** The provider's keys are fetched anew by the client itself; its addresses once an hour. */
const KEEP_DISCOVERY_MS = 3_600_000;

interface Known {
  readonly key: string;
  readonly until: number;
  readonly configuration: Promise<client.Configuration>;
}

/**
 * SPID and CIE by OpenID Connect: authorization code with PKCE, state and nonce, ID token verified against the provider's
 * keys, level and fiscal number checked (channels §10). `realNow`: real time, epoch ms.
 */
export function makeOidcIdentity(deps: {
  readonly realNow: () => number;
  /** Told what went wrong, without a word on the person. */
  readonly onRefusal?: (facts: {
    readonly enteId: number;
    readonly reason: SignInRefusal;
    readonly code: string;
  }) => void;
}): IdentityProvider {
  const known = new Map<number, Known>();

  /** One per body. A changed setting is another key; a failed discovery is not kept. */
  function configurationOf({ enteId, settings }: SignInRequest): Promise<client.Configuration> {
    const key = JSON.stringify(settings);
    const found = known.get(enteId);
    if (found !== undefined && found.key === key && found.until > deps.realNow()) return found.configuration;
    const configuration = discover(settings);
    const entry = { key, until: deps.realNow() + KEEP_DISCOVERY_MS, configuration };
    known.set(enteId, entry);
    configuration.catch(() => {
      if (known.get(enteId) === entry) known.delete(enteId);
    });
    return configuration;
  }

  function refused(request: SignInRequest, reason: SignInRefusal, code: string): SignInAnswer {
    deps.onRefusal?.({ enteId: request.enteId, reason, code });
    return { kind: 'refused', reason };
  }

  return {
    async startUrl(request) {
      const { settings, way, redirectUrl, secrets } = request;
      const asked = settings.ways[way];
      if (asked === undefined) return null;
      try {
        const configuration = await configurationOf(request);
        const url = client.buildAuthorizationUrl(configuration, {
          // A shared computer must not let the next person in with the last one's session at the provider.
          prompt: 'login',
          ...asked.parameters,
          scope: settings.scope,
          response_type: 'code',
          redirect_uri: redirectUrl,
          acr_values: asked.acr,
          state: secrets.state,
          nonce: secrets.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),
          code_challenge_method: 'S256',
        });
        return url.href;
      } catch (error) {
        refused(request, 'unavailable', codeOf(error));
        return null;
      }
    },

    async finish(request, callback) {
      const { settings, way, secrets } = request;
      const asked = settings.ways[way];
      if (asked === undefined) return refused(request, 'invalid', 'WAY');
      try {
        const configuration = await configurationOf(request);
        const tokens = await client.authorizationCodeGrant(configuration, callback, {
          expectedState: secrets.state,
          expectedNonce: secrets.nonce,
          pkceCodeVerifier: secrets.verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) return refused(request, 'invalid', 'NO_ID_TOKEN');
        const level = claims.acr;
        if (typeof level !== 'string' || !asked.accepted.includes(level)) return refused(request, 'levelTooLow', 'ACR');
        // SPID gives attributes at UserInfo alone, CIE may put them into the ID token (channels §10).
        let codiceFiscale = fiscalNumberIn(claims, settings);
        if (codiceFiscale === null && configuration.serverMetadata().userinfo_endpoint !== undefined) {
          const info = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
          codiceFiscale = fiscalNumberIn(info, settings);
        }
        if (codiceFiscale === null) return refused(request, 'noFiscalNumber', 'FISCAL_NUMBER');
        return { kind: 'identified', codiceFiscale, level, subject: claims.sub };
      } catch (error) {
        return refused(request, reasonOf(error), codeOf(error));
      }
    },
  };
}

async function discover(settings: SignInSettings): Promise<client.Configuration> {
  const issuer = new URL(settings.issuer);
  // Without TLS only to this very machine: the sandbox, or an aggregator's own agent.
  const loopback = issuer.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(issuer.hostname);
  const configuration = await client.discovery(
    issuer,
    settings.clientId,
    { [client.clockTolerance]: CLOCK_SKEW_S },
    await clientAuthOf(settings),
    {
      execute: [client.enableNonRepudiationChecks, ...(loopback ? [client.allowInsecureRequests] : [])],
      timeout: TIMEOUT_S,
    },
  );
  configuration.timeout = TIMEOUT_S;
  return configuration;
}

async function clientAuthOf({ clientAuth, secret }: SignInSettings): Promise<client.ClientAuth> {
  switch (clientAuth) {
    case 'secretBasic':
      return client.ClientSecretBasic(secret);
    case 'secretPost':
      return client.ClientSecretPost(secret);
    case 'privateKeyJwt': {
      const der = createPrivateKey(secret).export({ type: 'pkcs8', format: 'der' });
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
      return client.PrivateKeyJwt(await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']));
    }
  }
}

function fiscalNumberIn(claims: Readonly<Record<string, unknown>>, settings: SignInSettings): string | null {
  for (const name of settings.fiscalNumberClaims) {
    const codiceFiscale = codiceFiscaleOf(claims[name]);
    if (codiceFiscale !== null) return codiceFiscale;
  }
  return null;
}

/** What a person may do about it: try again, try later, or ask. Everything doubtful is `invalid`. */
function reasonOf(error: unknown): SignInRefusal {
  if (error instanceof client.AuthorizationResponseError) {
    if (error.error === 'temporarily_unavailable' || error.error === 'server_error') return 'unavailable';
    return error.error === 'access_denied' ? 'cancelled' : 'invalid';
  }
  if (error instanceof client.ClientError && error.code === 'OAUTH_TIMEOUT') return 'unavailable';
  // What fetch throws when nobody answers.
  if (error instanceof TypeError && error.cause instanceof Error && 'syscall' in error.cause) return 'unavailable';
  return 'invalid';
}

function codeOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return error.error;
  if (!(error instanceof Error)) return 'UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
