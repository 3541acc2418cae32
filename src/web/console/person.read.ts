import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { checkCodiceFiscale } from '../../kernel/codice-fiscale.ts';
import { creditTypeOf, type Ente } from '../../modules/creditors/index.ts';
import {
  findDebtor,
  loadContacts,
  loadPersons,
  maskedAddress,
  type PersonRecord,
} from '../../modules/debtors/index.ts';
import { type DebtRecord, debtsOfDebtor, debtTitle, doubtedDebts, openDetails } from '../../modules/debts/index.ts';
import { stateOfCode, textOf } from '../../modules/deliveries/index.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { numberText } from './words.ts';

/** More than these are not a list to read through: the codice fiscale finds one. */
export const MAX_FOUND = 50;

export interface Found {
  readonly persons: readonly PersonRecord[];
  readonly more: boolean;
}

/** By codice fiscale or VAT number when it is one, else by surname or firm; both through keyed hashes. */
export async function searchPersons(tx: Tx, vault: EnteVault, typed: string): Promise<Found> {
  const code = checkCodiceFiscale(typed);
  if (code.ok) {
    const id = await findDebtor(tx, vault, typed);
    return { persons: id === null ? [] : [...(await loadPersons(tx, vault, [id])).values()], more: false };
  }
  // As the surname was hashed when it was written down: letters and digits alone.
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
  if (plain === '') return { persons: [], more: false };
  const { rows } = await sql<{
    debtor_id: string;
  }>`select debtor_id from debtor_surname_now where ente_id = ${enteOf(tx)}
    and surname_lookup = ${vault.lookup('surname', plain)} order by debtor_id limit ${MAX_FOUND + 1}`.execute(
    tx.kysely,
  );
  const ids = rows.slice(0, MAX_FOUND).map((row) => row.debtor_id);
  const persons = [...(await loadPersons(tx, vault, ids)).values()].sort((a, b) =>
    nameOf(a).localeCompare(nameOf(b), 'it'),
  );
  return { persons, more: rows.length > MAX_FOUND };
}

/** As in a register: surname first, or the firm's name. */
export function nameOf(person: PersonRecord): string {
  const { surname, name, companyName } = person.personal;
  return [surname, name].filter((part) => part !== null && part !== '').join(' ') || companyName || 'senza nome';
}

export interface DebtLine {
  readonly debtId: string;
  readonly title: string;
  readonly reference: string | null;
  readonly dueDate: CivilDate;
  readonly dueCents: number;
  readonly paidCents: number;
  readonly outstandingCents: number;
  readonly state: string;
}

export type TimelineEvent = { readonly at: number } & (
  | {
      readonly kind: 'debt';
      readonly title: string;
      readonly file: string;
      readonly cents: number;
      readonly state: string;
    }
  | {
      readonly kind: 'contact';
      readonly deliveryId: string;
      readonly channel: string;
      readonly address: string | null;
      readonly state: string;
      readonly reason: string | null;
      readonly handedOver: boolean;
      readonly campaign: string;
      readonly text: { readonly subject: string; readonly text: string } | null;
    }
  | { readonly kind: 'signal'; readonly signal: string; readonly code: string }
  | { readonly kind: 'identified' }
  | { readonly kind: 'payment'; readonly title: string; readonly cents: number; readonly excessCents: number }
  | {
      readonly kind: 'dispute';
      readonly id: string;
      readonly number: string;
      readonly what: string;
      readonly state: string;
    }
  | {
      readonly kind: 'decision';
      readonly id: string;
      readonly number: string;
      readonly state: string;
      readonly by: string | null;
    }
);

/** Of what happened in the same instant: what usually leads to what. */
const ORDER: readonly TimelineEvent['kind'][] = [
  'debt',
  'contact',
  'signal',
  'identified',
  'dispute',
  'decision',
  'payment',
];

export interface PersonHistory {
  readonly person: PersonRecord;
  readonly debts: readonly DebtLine[];
  /** Newest first. */
  readonly events: readonly TimelineEvent[];
  readonly openDisputes: readonly string[];
}

/** Everything that happened with one person; null when unknown or erased. `openText`: the delivery whose words to show. */
export async function readPerson(
  tx: Tx,
  vault: EnteVault,
  ente: Ente,
  debtorId: string,
  openText: string | null,
): Promise<PersonHistory | null> {
  const person = (await loadPersons(tx, vault, [debtorId])).get(debtorId);
  if (person === undefined) return null;
  const debts = await debtsOfDebtor(tx, debtorId, null);
  const doubted = await doubtedDebts(tx, { debtorId });
  const title = (debt: DebtRecord) => debtTitle(creditTypeOf(ente, debt.credit_type).name, debt);
  const titles = new Map(debts.map((debt) => [debt.debt_id, title(debt)]));
  const events: TimelineEvent[] = [
    ...(await debtEvents(tx, debts, titles)),
    ...(await contactEvents(tx, vault, person, openText)),
    ...(await visitEvents(tx, debtorId)),
    ...(await paymentEvents(tx, debts, titles)),
  ];
  const disputes = await disputeRows(tx, debtorId);
  for (const row of disputes) {
    const number = numberText(row);
    events.push({ at: row.opened_at, kind: 'dispute', id: row.dispute_id, number, what: row.kind, state: row.state });
    if (row.decided_at === null) continue;
    events.push({
      at: row.decided_at,
      kind: 'decision',
      id: row.dispute_id,
      number,
      state: row.state,
      by: row.decided_by,
    });
  }
  return {
    person,
    debts: debts.map((debt) => ({
      debtId: debt.debt_id,
      title: title(debt),
      reference: openDetails(vault, person.key, debt).description,
      dueDate: debt.due_date as CivilDate,
      dueCents: debt.due_cents,
      paidCents: debt.paid_cents,
      outstandingCents: debt.outstanding_cents,
      state: debt.state === 'open' && doubted.has(debt.debt_id) ? 'doubted' : debt.state,
    })),
    events: events.sort((a, b) => b.at - a.at || ORDER.indexOf(b.kind) - ORDER.indexOf(a.kind)),
    openDisputes: disputes.filter((row) => row.state === 'open').map(numberText),
  };
}

async function debtEvents(
  tx: Tx,
  debts: readonly DebtRecord[],
  titles: ReadonlyMap<string, string>,
): Promise<TimelineEvent[]> {
  const { rows } = await sql<{ import_id: string; file_name: string; at: number }>`select import_id, file_name, at
    from import_now where ente_id = ${enteOf(tx)} and import_id = any(${[...new Set(debts.map((d) => d.import_id))]}::uuid[])`.execute(
    tx.kysely,
  );
  const files = new Map(rows.map((row) => [row.import_id, row]));
  return debts.flatMap((debt) => {
    const file = files.get(debt.import_id);
    if (file === undefined) return [];
    const title = titles.get(debt.debt_id) ?? debt.credit_type;
    return [
      { at: file.at, kind: 'debt' as const, title, file: file.file_name, cents: debt.due_cents, state: debt.state },
    ];
  });
}

async function contactEvents(
  tx: Tx,
  vault: EnteVault,
  person: PersonRecord,
  openText: string | null,
): Promise<TimelineEvent[]> {
  const { rows } = await sql<{
    delivery_id: string;
    contact_id: string;
    channel: string;
    state: number;
    reason: string | null;
    at: number;
    handed: boolean;
    code: string;
  }>`select d.delivery_id, d.contact_id, d.channel, d.state, d.reason, d.handed_over_at is not null as handed, c.code,
      coalesce(d.handed_over_at, d.finished_at, d.due_at) as at
    from delivery_now d join campaign_now c on c.ente_id = ${enteOf(tx)} and c.campaign_id = d.campaign_id
    where d.ente_id = ${enteOf(tx)} and d.debtor_id = ${person.debtorId} order by at desc limit 500`.execute(tx.kysely);
  const contacts = await loadContacts(
    tx,
    vault,
    new Map([[person.debtorId, person]]),
    rows.map((row) => row.contact_id),
  );
  const shown = rows.some((row) => row.delivery_id === openText) && openText !== null ? openText : null;
  const text = shown === null ? null : await textOf(tx, vault, person, shown);
  return rows.map((row) => {
    const contact = contacts.get(row.contact_id);
    return {
      at: row.at,
      kind: 'contact',
      deliveryId: row.delivery_id,
      channel: row.channel,
      address: contact === undefined ? null : maskedAddress(contact.address),
      state: stateOfCode(row.state),
      reason: row.reason,
      handedOver: row.handed,
      campaign: row.code,
      text: row.delivery_id === shown ? text : null,
    };
  });
}

/** Signals that a person caused, and the times they showed who they are. */
async function visitEvents(tx: Tx, debtorId: string): Promise<TimelineEvent[]> {
  const ente = enteOf(tx);
  const { rows: signals } = await sql<{ kind: string; code: string; at: number }>`select kind, code, at from signal_now
    where ente_id = ${ente} and debtor_id = ${debtorId} order by at desc limit 500`.execute(tx.kysely);
  const { rows: identified } = await sql<{ at: number }>`select a.at from notice_now n
    join audit_leaf_now a on a.ente_id = n.ente_id and a.kind = 'citizen.identified' and a.facts ->> 'noticeId' = n.notice_id::text
    where n.ente_id = ${ente} and a.ente_id = ${ente} and n.debtor_id = ${debtorId} order by a.at desc limit 200`.execute(
    tx.kysely,
  );
  return [
    ...signals.map((row) => ({ at: row.at, kind: 'signal' as const, signal: row.kind, code: row.code })),
    ...identified.map((row) => ({ at: row.at, kind: 'identified' as const })),
  ];
}

async function paymentEvents(
  tx: Tx,
  debts: readonly DebtRecord[],
  titles: ReadonlyMap<string, string>,
): Promise<TimelineEvent[]> {
  const { rows } = await sql<{ debt_id: string; amount_cents: number; excess_cents: number; paid_at: number }>`
    select debt_id, amount_cents, excess_cents, paid_at from payment_now where ente_id = ${enteOf(tx)} and state = 'booked'
      and debt_id = any(${debts.map((debt) => debt.debt_id)}::uuid[])`.execute(tx.kysely);
  return rows.map((row) => ({
    at: row.paid_at,
    kind: 'payment',
    title: titles.get(row.debt_id) ?? '',
    cents: row.amount_cents,
    excessCents: row.excess_cents,
  }));
}

async function disputeRows(tx: Tx, debtorId: string) {
  const { rows } = await sql<{
    dispute_id: string;
    number: number;
    kind: string;
    state: string;
    opened_at: number;
    decided_at: number | null;
    decided_by: string | null;
  }>`select d.dispute_id, d.number, d.kind, d.state, d.opened_at, d.decided_at, o.name as decided_by
    from dispute_now d
    join dispute_text_now t on t.ente_id = ${enteOf(tx)} and t.dispute_id = d.dispute_id
    left join operator_now o on o.ente_id = ${enteOf(tx)} and o.operator_id = t.decided_by
    where d.ente_id = ${enteOf(tx)} and d.debtor_id = ${debtorId}`.execute(tx.kysely);
  return rows;
}
