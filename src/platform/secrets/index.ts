export { loadMasterKey } from './master-key.ts';
export { type EnteVault, type LookupKind, makeVault, randomToken, sameBytes, type Vault } from './vault.ts';
