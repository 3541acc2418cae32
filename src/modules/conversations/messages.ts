import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { creditTypeOf, type Ente } from '../creditors/index.ts';
import { loadContacts, maskedAddress, type PersonRecord } from '../debtors/index.ts';
import { type DeliveryState, STATE_CODE, stateOfCode, textOf } from '../deliveries/index.ts';
import { withoutKeys } from '../notices/index.ts';
import type { MessageView } from './dialogue.ts';

/** Ceilings keep a person's messages to a few a month: these are years. */
const MAX_MESSAGES = 100;

const OUTCOME: Readonly<Partial<Record<DeliveryState, MessageView['outcome']>>> = {
  handedOver: 'sent',
  delivered: 'arrived',
  read: 'opened',
  failed: 'failed',
  uncertain: 'unknown',
};
const TRIED = (Object.keys(OUTCOME) as DeliveryState[]).map((state) => STATE_CODE[state]);

/**
 * Every message that was tried, newest first, with the very words (architecture §4.9). Those about health only for who
 * came by SPID or CIE, as their positions (§4.5). Callers have checked the level.
 */
export async function messagesOf(
  tx: Tx,
  vault: EnteVault,
  ente: Ente,
  person: PersonRecord,
  level: 'identified' | 'oidc',
): Promise<MessageView[]> {
  const id = enteOf(tx);
  const { rows } = await sql<{
    delivery_id: string;
    contact_id: string;
    channel: string;
    state: number;
    at: number;
    types: string[];
  }>`select d.delivery_id, d.contact_id, d.channel, d.state, coalesce(d.handed_over_at, d.finished_at, d.due_at) as at,
      array(select distinct b.credit_type from notice_line_now l join debt_now b on b.ente_id = ${id} and b.debt_id = l.debt_id
        where l.ente_id = ${id} and l.notice_id = d.notice_id order by 1) as types
    from delivery_now d join notice_now n on n.ente_id = ${id} and n.notice_id = d.notice_id
    where d.ente_id = ${id} and d.debtor_id = ${person.debtorId} and d.state = any(${TRIED}::smallint[])
      and (${level === 'oidc'} or not n.health)
    order by at desc, d.delivery_id limit ${MAX_MESSAGES}`.execute(tx.kysely);
  const contacts = await loadContacts(
    tx,
    vault,
    new Map([[person.debtorId, person]]),
    rows.map((row) => row.contact_id),
  );
  const messages: MessageView[] = [];
  for (const row of rows) {
    const words = await textOf(tx, vault, person, row.delivery_id);
    const contact = contacts.get(row.contact_id);
    messages.push({
      id: row.delivery_id,
      at: row.at,
      channel: row.channel,
      address: contact === undefined ? null : maskedAddress(contact.address),
      about: row.types.map((type) => creditTypeOf(ente, type).name),
      outcome: OUTCOME[stateOfCode(row.state)] ?? 'unknown',
      subject: words?.subject ?? '',
      text: words === null ? null : withoutKeys(words.text),
    });
  }
  return messages;
}
