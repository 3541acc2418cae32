import { sql } from 'kysely';
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

/** Remembers things the person holds on paper, as keyed hashes (architecture §4.5). */
export async function addHeldItems(
  tx: Tx,
  vault: EnteVault,
  items: readonly { debtorId: string; kind: HeldItemKind; value: string }[],
): Promise<void> {
  const useful = items.filter((item) => normalItem(item.value).length >= 4);
  if (useful.length === 0) return;
  await sql`insert into held_item (ente_id, debtor_id, item_lookup, kind)
    select ${enteOf(tx)}, u.debtor, u.item, u.kind
    from ${unnestRows({
      debtor: { type: 'uuid', values: useful.map((i) => i.debtorId) },
      item: { type: 'bytea', values: useful.map((i) => vault.lookup('item', normalItem(i.value))) },
      kind: { type: 'text', values: useful.map((i) => i.kind) },
    })}
    on conflict do nothing`.execute(tx.kysely);
}

/** Whether the person holds it: the only thing said of an item, and never of whom it is instead. */
export async function holdsItem(tx: Tx, vault: EnteVault, debtorId: string, item: string): Promise<boolean> {
  const { rows } = await sql`select 1 from held_item where ente_id = ${enteOf(tx)} and debtor_id = ${debtorId}
    and item_lookup = ${vault.lookup('item', normalItem(item))}`.execute(tx.kysely);
  return rows.length > 0;
}
