import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, randomToken } from '../../platform/secrets/index.ts';
import {
  DEFAULT_FISCAL_NUMBER_CLAIMS,
  SIGN_IN_WAYS,
  type SignInSecrets,
  type SignInSettings,
  type SignInWay,
} from './identity.port.ts';

/** Real time in which a person can find his app and come back. */
export const SIGN_IN_VALID_MS = 10 * 60_000;
const SECRET_AAD = 'sign_in_provider|secret';

/**
 * Sets or replaces the body's aggregator. Error SIGN_IN_SETTINGS: an issuer that is neither https nor on loopback, or a
 * way without an accepted level.
 */
export async function saveSignIn(
  tx: Tx,
  vault: EnteVault,
  input: Omit<SignInSettings, 'scope' | 'fiscalNumberClaims'> & Partial<SignInSettings>,
): Promise<void> {
  const url = URL.canParse(input.issuer) ? new URL(input.issuer) : null;
  const loopback = url?.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  const ways = SIGN_IN_WAYS.map((way) => input.ways[way]).filter((way) => way !== undefined);
  if ((url?.protocol !== 'https:' && !loopback) || ways.some((way) => way.acr === '' || way.accepted.length === 0)) {
    throw new CodedError('SIGN_IN_SETTINGS', 'the issuer must be https, and each way must say what it accepts');
  }
  const { key, wrapped } = vault.newKey();
  const claims = input.fiscalNumberClaims ?? DEFAULT_FISCAL_NUMBER_CLAIMS;
  await sql`insert into sign_in_provider (ente_id, issuer, client_id, client_auth, key_wrapped, secret, scope,
      fiscal_number_claims, ways)
    values (${enteOf(tx)}, ${input.issuer}, ${input.clientId}, ${input.clientAuth}, ${wrapped},
      ${vault.seal(key, SECRET_AAD, input.secret)}, ${input.scope ?? 'openid'}, ${[...claims]}::text[],
      ${JSON.stringify(input.ways)}::text::jsonb)
    on conflict (ente_id) do update set issuer = excluded.issuer, client_id = excluded.client_id,
      client_auth = excluded.client_auth, key_wrapped = excluded.key_wrapped, secret = excluded.secret,
      scope = excluded.scope, fiscal_number_claims = excluded.fiscal_number_claims, ways = excluded.ways`.execute(
    tx.kysely,
  );
}

export async function removeSignIn(tx: Tx): Promise<void> {
  await sql`delete from sign_in_provider where ente_id = ${enteOf(tx)}`.execute(tx.kysely);
}

/** The ways this body has set up, in the order in which they are offered. */
export async function signInWays(tx: Tx): Promise<readonly SignInWay[]> {
  const { rows } = await sql<{ ways: SignInSettings['ways'] }>`select ways from sign_in_provider
    where ente_id = ${enteOf(tx)}`.execute(tx.kysely);
  return SIGN_IN_WAYS.filter((way) => rows[0]?.ways[way] !== undefined);
}

/** Null when the body has set up none. */
export async function signInSettings(tx: Tx, vault: EnteVault): Promise<SignInSettings | null> {
  const { rows } = await sql<{
    issuer: string;
    client_id: string;
    client_auth: SignInSettings['clientAuth'];
    key_wrapped: Uint8Array;
    secret: Uint8Array;
    scope: string;
    fiscal_number_claims: string[];
    ways: SignInSettings['ways'];
  }>`select issuer, client_id, client_auth, key_wrapped, secret, scope, fiscal_number_claims, ways from sign_in_provider
    where ente_id = ${enteOf(tx)}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    issuer: row.issuer,
    clientId: row.client_id,
    clientAuth: row.client_auth,
    secret: vault.open(vault.unwrap(row.key_wrapped), SECRET_AAD, row.secret),
    scope: row.scope,
    fiscalNumberClaims: row.fiscal_number_claims,
    ways: row.ways,
  };
}

/** `<body>.<256 bits>`: the state carries the tenant, as every reference that comes back to us does (architecture §4.3). */
export function enteOfState(state: string): number | null {
  const match = /^(\d{1,9})\.[A-Za-z0-9_-]{43}$/.exec(state);
  return match === null ? null : Number(match[1]);
}

/** Nonce and verifier come of the state and of what only this browser holds, under the body's key: nothing to steal here. */
export function secretsOf(vault: EnteVault, state: string, browser: string): SignInSecrets {
  const derive = (what: string) =>
    Buffer.concat(
      ['1', '2'].map((half) => vault.lookup('token', `sign-in ${what} ${half}|${state}|${browser}`)),
    ).toString('base64url');
  return { state, nonce: derive('nonce'), verifier: derive('verifier') };
}

/** A sign-in begins. The browser's half and the state are told once; the table keeps their hashes. */
export async function beginSignIn(
  tx: Tx,
  vault: EnteVault,
  way: SignInWay,
  realNow: number,
): Promise<{ readonly browser: string; readonly secrets: SignInSecrets }> {
  const ente = enteOf(tx);
  const state = `${ente}.${randomToken(256)}`;
  const browser = randomToken(256);
  await sql`delete from sign_in where ente_id = ${ente} and started_real < ${instant(realNow - SIGN_IN_VALID_MS)}`.execute(
    tx.kysely,
  );
  await sql`insert into sign_in (ente_id, state_hash, browser_hash, way, started_real)
    values (${ente}, ${vault.lookup('token', state)}, ${vault.lookup('token', browser)}, ${way}, ${instant(realNow)})`.execute(
    tx.kysely,
  );
  return { browser, secrets: secretsOf(vault, state, browser) };
}

/** Takes the sign-in with this state away, so that it is answered once. Null: unknown, too old, or another browser's. */
export async function takeSignIn(
  tx: Tx,
  vault: EnteVault,
  state: string,
  browser: string,
  realNow: number,
): Promise<SignInWay | null> {
  const { rows } = await sql<{ way: SignInWay }>`delete from sign_in where ente_id = ${enteOf(tx)}
    and state_hash = ${vault.lookup('token', state)} and browser_hash = ${vault.lookup('token', browser)}
    and started_real > ${instant(realNow - SIGN_IN_VALID_MS)} returning way`.execute(tx.kysely);
  return rows[0]?.way ?? null;
}
