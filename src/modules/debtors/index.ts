export {
  addContacts,
  addressLookup,
  type ContactInput,
  type ContactRecord,
  loadContacts,
  markAddressDead,
  markAddressesDead,
} from './contacts.store.ts';
export {
  type DebtorInput,
  displayName,
  erasePerson,
  findDebtor,
  type KnownDebtor,
  loadPersons,
  markDeceased,
  type Personal,
  type PersonRecord,
} from './debtors.store.ts';
export { addHeldItems, type HeldItem, type HeldItemKind, holdsItem } from './held-items.store.ts';
export {
  type BatchDebtors,
  findDebtors,
  type GatheredDebtor,
  gatherDebtors,
  makeDebtors,
  upsertDebtors,
} from './make-debtors.ts';
export { maskedAddress, maskedCode } from './masks.ts';
