import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import { checkCodiceFiscale } from '../../src/kernel/codice-fiscale.ts';
import { choosePage, type IdpPerson, lostPage } from './idp-page.ts';
import { memoryAdapters } from './memory-adapter.ts';

export type { IdpPerson } from './idp-page.ts';

export interface IdpOptions {
  readonly realNow: () => number;
  /** Persons offered in the list; any valid codice fiscale may be typed besides. */
  readonly people: () => readonly IdpPerson[];
  /** Spelling of the claim: with `TINIT-` as SPID and CIE have it, unless told otherwise. */
  readonly fiscalNumber?: (codiceFiscale: string) => string | undefined;
  /** Further clients by `private_key_jwt`, for tests: id and public key. */
  readonly keyClients?: readonly { readonly clientId: string; readonly jwk: Readonly<Record<string, unknown>> }[];
}

/** The aggregator of the sandbox: SPID and CIE behind one OpenID Connect issuer, on loopback. */
export interface Idp {
  readonly port: number;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  close(): Promise<void>;
}

const LEVEL = 'https://www.spid.gov.it/SpidL';
const LIFE_S = 600;
const MAX_BODY = 16_000;
const MAX_LISTED = 200;

/** Nobody's password is asked: the page lets whoever opens it be any person of the invented town. */
export async function startIdp(options: IdpOptions): Promise<Idp> {
  const clientId = 'bonario-sandbox';
  const clientSecret = randomBytes(24).toString('base64url');
  let provider: Provider | null = null;
  const server = createServer((request, response) => {
    const work = async (): Promise<void> => {
      if (provider === null) return sendPage(response, 503, lostPage());
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      if (path.startsWith('/interaction/')) return interact(provider, request, response, path);
      await provider.callback()(request, response);
    };
    work().catch(() => {
      if (response.headersSent) response.end();
      else sendPage(response, 500, lostPage());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  provider = new Provider(issuer, configuration(options, clientId, clientSecret));

  async function interact(
    idp: Provider,
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    const details = await idp.interactionDetails(request, response).catch(() => null);
    if (details === null) return sendPage(response, 404, lostPage());
    const people = options.people().slice(0, MAX_LISTED);
    if (request.method !== 'POST') return sendPage(response, 200, choosePage(path, people, false));
    const form = new URLSearchParams(await readBody(request));
    if (form.get('azione') === 'annulla') {
      const result = { error: 'access_denied', error_description: 'ErrorCode nr25' };
      return idp.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    }
    const checked = checkCodiceFiscale(form.get('codiceFiscale') ?? '');
    if (!checked.ok) return sendPage(response, 422, choosePage(path, people, true));
    const level = /^[123]$/.exec(form.get('livello') ?? '')?.[0] ?? '2';
    const login = { accountId: checked.value.value, acr: `${LEVEL}${level}`, remember: false };
    return idp.interactionFinished(request, response, { login, consent: {} }, { mergeWithLastSubmission: false });
  }

  return {
    port,
    issuer,
    clientId,
    clientSecret,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function configuration(options: IdpOptions, clientId: string, clientSecret: string): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // A native client's redirect to loopback is compared without its port (RFC 8252), which the program chooses itself.
  const common = {
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/entra/ritorno', 'http://localhost/entra/ritorno'],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  } as const;
  const fiscalNumber = options.fiscalNumber ?? ((codiceFiscale: string) => `TINIT-${codiceFiscale}`);
  return {
    adapter: memoryAdapters(options.realNow) as unknown as NonNullable<Configuration['adapter']>,
    clients: [
      {
        ...common,
        redirect_uris: [...common.redirect_uris],
        grant_types: [...common.grant_types],
        response_types: [...common.response_types],
        client_id: clientId,
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
      },
      ...(options.keyClients ?? []).map((keyed) => ({
        ...common,
        redirect_uris: [...common.redirect_uris],
        grant_types: [...common.grant_types],
        response_types: [...common.response_types],
        client_id: keyed.clientId,
        token_endpoint_auth_method: 'private_key_jwt' as const,
        jwks: { keys: [{ ...keyed.jwk, use: 'sig', alg: 'RS256' } as never] },
      })),
    ],
    acrValues: [`${LEVEL}1`, `${LEVEL}2`, `${LEVEL}3`],
    // As at SPID, the fiscal number comes at UserInfo.
    claims: { openid: ['sub', 'fiscalNumber'], acr: null, auth_time: null, iss: null, sid: null },
    findAccount: async (_ctx, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, fiscalNumber: fiscalNumber(accountId) }),
    }),
    // Whoever chose a person has said all there is to say.
    async loadExistingGrant(ctx) {
      const { client, session, provider } = ctx.oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' } as never] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: {
      AccessToken: LIFE_S,
      AuthorizationCode: 60,
      Grant: LIFE_S,
      IdToken: LIFE_S,
      Interaction: LIFE_S,
      Session: LIFE_S,
    },
    // Its own error page would be in English and prints a stack; the journey ends here anyway.
    renderError: (ctx) => {
      ctx.type = 'html';
      ctx.body = lostPage();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RangeError('body too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendPage(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}
