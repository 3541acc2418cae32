/** Who the citizen is, told by SPID or CIE through the body's aggregator (architecture §4.5, §6). */

export const SIGN_IN_WAYS = ['spid', 'cie'] as const;
export type SignInWay = (typeof SIGN_IN_WAYS)[number];

/** What is asked of the aggregator for one way, and what is taken as level 2 of what it answers. */
export interface SignInWaySettings {
  /** `acr_values` of the request. */
  readonly acr: string;
  /** Values of the `acr` claim that are level 2 or above; anything else is refused. */
  readonly accepted: readonly string[];
  /** Further request parameters, e.g. what makes an aggregator choose SPID or CIE. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface SignInSettings {
  /** Issuer URL; https, or http on loopback. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientAuth: 'secretBasic' | 'secretPost' | 'privateKeyJwt';
  /** The client secret, or for `privateKeyJwt` the private key as PKCS #8 PEM (RSA, used with RS256). */
  readonly secret: string;
  readonly scope: string;
  /** Where the fiscal number may stand, in order. */
  readonly fiscalNumberClaims: readonly string[];
  readonly ways: Readonly<Partial<Record<SignInWay, SignInWaySettings>>>;
}

/** What binds the answer to the question: made by the caller, never stored in the clear. Each at least 43 characters. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SignInRequest {
  readonly enteId: number;
  readonly settings: SignInSettings;
  readonly way: SignInWay;
  /** The portal's return address, exactly as registered at the aggregator. */
  readonly redirectUrl: string;
  readonly secrets: SignInSecrets;
}

export const SIGN_IN_REFUSALS = [
  /** The person gave up, or did not consent. */
  'cancelled',
  /** Anything that does not fit what was asked: state, nonce, issuer, audience, signature, times, code. */
  'invalid',
  /** Identity proven at less than level 2. */
  'levelTooLow',
  /** No fiscal number of a person among the claims. */
  'noFiscalNumber',
  /** The aggregator does not answer. */
  'unavailable',
] as const;
export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];

export type SignInAnswer =
  | {
      readonly kind: 'identified';
      /** Upper case, without the `TINIT-` prefix, check character verified. */
      readonly codiceFiscale: string;
      /** The `acr` the provider vouched for. */
      readonly level: string;
      /** The provider's own (pairwise) name for the person. */
      readonly subject: string;
    }
  | { readonly kind: 'refused'; readonly reason: SignInRefusal };

export interface IdentityProvider {
  /** Where to send the browser; null when the aggregator does not answer. */
  startUrl(request: SignInRequest): Promise<string | null>;
  /** `callback`: the whole URL at which the browser came back. Never throws on what the provider or the browser sent. */
  finish(request: SignInRequest, callback: URL): Promise<SignInAnswer>;
}

/** SPID and CIE at level 2 as the national rules name it (channels §10); level 3 is above it. */
const LEVEL_2 = 'https://www.spid.gov.it/SpidL2';
const LEVEL_3 = 'https://www.spid.gov.it/SpidL3';
export const DEFAULT_WAY: SignInWaySettings = { acr: LEVEL_2, accepted: [LEVEL_2, LEVEL_3], parameters: {} };
export const DEFAULT_FISCAL_NUMBER_CLAIMS: readonly string[] = [
  'https://attributes.eid.gov.it/fiscal_number',
  'fiscalNumber',
  'fiscal_number',
];
