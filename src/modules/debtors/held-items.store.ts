import { type RawBuilder, sql } from 'kysely';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';

export type HeldItemKind = 'documentNumber' | 'customerCode' | 'noticeNumber';

/** Items are compared by letters and digits alone, so that a person may type them with blanks, dots or bars. */
export function normalItem(item: string): string {
  return item
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
}

export interface HeldItem {
  readonly debtorId: string;
  readonly kind: HeldItemKind;
  readonly value: string;
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Remembers things the person holds on paper, as keyed hashes (architecture §4.5). `newIds`: debtors that this transaction
 * has just made and that got none before, of whom nothing can be there.
 */
export async function addHeldItems(
  tx: Tx,
  vault: EnteVault,
  items: readonly HeldItem[],
  newIds: ReadonlySet<string> = NOBODY,
): Promise<void> {
  const fresh = new Map<string, HashedItem>();
  const other: HashedItem[] = [];
  for (const { debtorId, kind, value } of items) {
    const normal = normalItem(value);
    if (normal.length < 4) continue;
    const item = { debtorId, kind, lookup: vault.lookup('item', normal) };
    if (!newIds.has(debtorId)) other.push(item);
    else if (!fresh.has(debtorId + normal)) fresh.set(debtorId + normal, item);
  }
  const insert = (rows: readonly HashedItem[], unlessThere: RawBuilder<unknown>) =>
    sql`insert into held_item (ente_id, debtor_id, item_lookup, kind)
      select ${enteOf(tx)}, u.debtor, u.item, u.kind
      from ${unnestRows({
        debtor: { type: 'uuid', values: rows.map((i) => i.debtorId) },
        item: { type: 'bytea', values: rows.map((i) => i.lookup) },
        kind: { type: 'text', values: rows.map((i) => i.kind) },
      })} ${unlessThere}`.execute(tx.kysely);
  await Promise.all([
    fresh.size > 0 && insert([...fresh.values()], sql``),
    other.length > 0 && insert(other, sql`on conflict do nothing`),
  ]);
}

interface HashedItem {
  readonly debtorId: string;
  readonly kind: HeldItemKind;
  readonly lookup: Buffer;
}

/** Whether the person holds it: the only thing said of an item, and never of whom it is instead. */
export async function holdsItem(tx: Tx, vault: EnteVault, debtorId: string, item: string): Promise<boolean> {
  const { rows } = await sql`select 1 from held_item where ente_id = ${enteOf(tx)} and debtor_id = ${debtorId}
    and item_lookup = ${vault.lookup('item', normalItem(item))}`.execute(tx.kysely);
  return rows.length > 0;
}
