export { makeOidcIdentity } from './oidc-identity.ts';
