import type { KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import type { DebtNow } from './debts.tables.ts';
import { type DebtDetails, debtAad } from './ledger.ts';

/** A debt with its sealed details, to be opened with the person's key. */
export type DebtRecord = DebtNow & { readonly details: Uint8Array };

/** Debts by id, visible ones only, oldest due date first. */
export async function debtsById(tx: Tx, debtIds: readonly string[]): Promise<DebtRecord[]> {
  const { rows } = await sql<DebtRecord>`
    select n.*, d.details from debt_now n
    join debt d on d.ente_id = n.ente_id and d.debt_id = n.debt_id
    where n.ente_id = ${enteOf(tx)} and d.ente_id = ${enteOf(tx)} and n.debt_id = any(${[...debtIds]}::uuid[])
    order by n.due_date, n.external_id`.execute(tx.kysely);
  return rows;
}

/** Every visible debt of a person within one purpose group (what may be told together). */
export async function debtsOfDebtor(tx: Tx, debtorId: string, purposeGroup: string | null): Promise<DebtRecord[]> {
  const { rows } = await sql<DebtRecord>`
    select n.*, d.details from debt_now n
    join debt d on d.ente_id = n.ente_id and d.debt_id = n.debt_id
    where n.ente_id = ${enteOf(tx)} and d.ente_id = ${enteOf(tx)} and n.debtor_id = ${debtorId}
      and (${purposeGroup}::text is null or n.purpose_group = ${purposeGroup})
    order by n.due_date, n.external_id`.execute(tx.kysely);
  return rows;
}

export function openDetails(vault: EnteVault, key: KeyObject, debt: DebtRecord): DebtDetails {
  return JSON.parse(vault.open(key, debtAad(debt.debt_id), debt.details)) as DebtDetails;
}

const INSTALLMENTS = ['', 'prima', 'seconda', 'terza', 'quarta', 'quinta', 'sesta'];

/** "TARI 2024, seconda rata": what the citizen reads as the name of a debt. */
export function debtTitle(creditTypeName: string, debt: Pick<DebtNow, 'tax_year' | 'installment_no'>): string {
  const what = debt.tax_year === null ? creditTypeName : `${creditTypeName} ${debt.tax_year}`;
  if (debt.installment_no === null) return what;
  if (debt.installment_no === 0) return `${what}, rata unica`;
  const ordinal = INSTALLMENTS[debt.installment_no];
  return ordinal === undefined ? `${what}, rata ${debt.installment_no}` : `${what}, ${ordinal} rata`;
}
