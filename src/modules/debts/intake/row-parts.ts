import type { ContactInput, DebtorInput, HeldItem, HeldItemKind, KnownDebtor } from '../../debtors/index.ts';
import type { DebtFacts } from '../debt-facts.ts';
import type { DebtDetails } from '../ledger.ts';
import type { Staged } from './staged-rows.ts';
import type { DebtRow } from './verdict.ts';

export function debtorOf({ row, code }: Staged): DebtorInput {
  const { codiceFiscale, surname, name, companyName, address, postalCode, city } = row;
  return {
    personal: { codiceFiscale, surname, name, companyName, address, postalCode, city },
    isPerson: row.codiceFiscaleKind === 'person' || surname !== null,
    deceased: row.deceased,
    minor: code === 'MINOR',
  };
}

/** What is sealed of a row with the person's key. */
export function detailsOf(row: DebtRow, facts: DebtFacts, health: boolean): DebtDetails {
  const { description, documentNumber, customerCode } = row;
  const { serviceDate, violationDate, notifiedOn } = facts;
  return { description, documentNumber, customerCode, serviceDate, ...(health ? { violationDate, notifiedOn } : {}) };
}

export function contactsOf(row: DebtRow, debtor: KnownDebtor): ContactInput[] {
  const common = { debtor, source: row.contactSource ?? 'file', purposes: row.contactPurposes };
  const contacts: ContactInput[] = [];
  if (row.email !== null) contacts.push({ ...common, channel: 'email', address: row.email });
  for (const phone of [row.phone, ...row.otherPhones]) {
    if (phone !== null) contacts.push({ ...common, channel: 'sms', address: phone });
  }
  return contacts;
}

/** What the person holds on paper, by this row. */
export function itemsOf(row: DebtRow, debtorId: string): HeldItem[] {
  const { documentNumber, customerCode, noticeNumber } = row;
  return Object.entries({ documentNumber, customerCode, noticeNumber }).flatMap(([kind, value]) =>
    value === null ? [] : [{ debtorId, kind: kind as HeldItemKind, value }],
  );
}
