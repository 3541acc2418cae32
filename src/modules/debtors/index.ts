export {
  addContacts,
  addressLookup,
  type ContactInput,
  type ContactRecord,
  loadContacts,
  markAddressDead,
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
  upsertDebtors,
} from './debtors.store.ts';
export { addHeldItems, type HeldItemKind, holdsItem } from './held-items.store.ts';
export { maskedAddress, maskedCode } from './masks.ts';
