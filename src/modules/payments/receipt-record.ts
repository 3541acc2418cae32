import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { sha256, stableJson } from '../../kernel/hash.ts';
import type { Cents } from '../../kernel/money.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { type EnteVault, sameBytes } from '../../platform/secrets/index.ts';

/** How money came in. */
export type ReceiptChannel = 'pagopa' | 'api' | 'file' | 'counter' | 'post' | 'f24' | 'directDebit';

/** A part of a payment, as the bank credits it (pagopa §11). */
export interface ReceiptTransfer {
  /** 1 to 5. */
  readonly no: number;
  readonly fiscalCode: string;
  readonly amountCents: Cents;
  /** Null for a stamp. */
  readonly iban: string | null;
  readonly category: string;
}

/** What is known of a payment beyond its sum. */
export interface ReceiptDetails {
  readonly channel: ReceiptChannel;
  /** IUV. */
  readonly creditorReference: string | null;
  /** Charged to the payer on top: not the body's money. */
  readonly feeCents: Cents | null;
  /** The platform answered in our place (pagopa §7): its amount may be an old one. */
  readonly standIn: boolean;
  readonly transfers: readonly ReceiptTransfer[];
  /** What it was told with, sealed: see `sealDocument`. */
  readonly document: SealedDocument | null;
}

/** Of a payment that did not come through the node: nothing more is known. */
export function paidElsewhere(channel: Exclude<ReceiptChannel, 'pagopa'>): ReceiptDetails {
  return { channel, creditorReference: null, feeCents: null, standIn: false, transfers: [], document: null };
}

export interface SealedDocument {
  readonly sealed: Buffer;
  readonly key: Buffer;
}

export interface ReceiptInput {
  /** Unique within the platform (pagopa §11). */
  readonly receiptId: string;
  readonly noticeNumber: string;
  readonly amountCents: Cents;
  readonly paidAt: number;
  readonly psp: string;
  readonly details?: ReceiptDetails;
}

export interface ReceiptBooked {
  /** False when the same receipt had been booked before. */
  readonly fresh: boolean;
  readonly status: 'booked' | 'quarantined' | 'shared';
  /** Null unless booked. */
  readonly debtId: string | null;
  readonly debtorId: string | null;
  /** What exceeds the debt: kept, and flagged for refund. */
  readonly excessCents: Cents;
}

/**
 * Writes a receipt with its transfers, or says that it was there: then the answer is what came of it. Another content
 * under the same id is RECEIPT_CONFLICT. It serialises two tellings of the same receipt: the second waits for the first.
 */
export async function writeReceipt(
  tx: Tx,
  input: ReceiptInput,
  state: 'quarantined' | 'shared',
  now: number,
): Promise<ReceiptBooked | null> {
  const ente = enteOf(tx);
  const { details, ...core } = input;
  // Told again by the other version of the protocol it is the same receipt: only what makes it one is compared.
  const digest = sha256(stableJson(core));
  const inserted = await sql`
    insert into receipt (ente_id, receipt_id, notice_number, amount_cents, paid_at, received_at, psp, state, content_sha256,
      channel, creditor_reference, fee_cents, stand_in, document, document_key)
    values (${ente}, ${input.receiptId}, ${input.noticeNumber}, ${input.amountCents}, ${instant(input.paidAt)},
      ${instant(now)}, ${input.psp}, ${state}, ${digest}, ${details?.channel ?? 'api'}, ${details?.creditorReference ?? null},
      ${details?.feeCents ?? null}, ${details?.standIn ?? false}, ${details?.document?.sealed ?? null},
      ${details?.document?.key ?? null})
    on conflict do nothing`.execute(tx.kysely);
  if (inserted.numAffectedRows !== 1n) return bookedBefore(tx, input.receiptId, digest);
  const transfers = details?.transfers ?? [];
  if (transfers.length > 0) {
    await sql`insert into receipt_transfer (ente_id, receipt_id, transfer_no, beneficiary_fiscal_code, amount_cents, iban, category)
      select ${ente}, ${input.receiptId}, u.no, u.fiscal_code, u.amount, u.iban, u.category from ${unnestRows({
        no: { type: 'int4', values: transfers.map((t) => t.no) },
        fiscal_code: { type: 'text', values: transfers.map((t) => t.fiscalCode) },
        amount: { type: 'int8', values: transfers.map((t) => t.amountCents) },
        iban: { type: 'text', values: transfers.map((t) => t.iban) },
        category: { type: 'text', values: transfers.map((t) => t.category) },
      })}`.execute(tx.kysely);
  }
  return null;
}

const documentAad = (receiptId: string) => `receipt|${receiptId}`;

/** The document of a receipt under a key of its own: it names people, and of some nobody here knows who they are. */
export function sealDocument(vault: EnteVault, receiptId: string, document: string): SealedDocument {
  const { key, wrapped } = vault.newKey();
  return { sealed: vault.seal(key, documentAad(receiptId), document), key: wrapped };
}

/** The document a receipt was told with; null where none is kept. */
export async function receiptDocument(tx: Tx, vault: EnteVault, receiptId: string): Promise<string | null> {
  const { rows } = await sql<{
    document: Uint8Array | null;
    key: Uint8Array | null;
  }>`select document, document_key as key
    from receipt where ente_id = ${enteOf(tx)} and receipt_id = ${receiptId}`.execute(tx.kysely);
  const { document = null, key = null } = rows[0] ?? {};
  return document === null || key === null ? null : vault.open(vault.unwrap(key), documentAad(receiptId), document);
}

async function bookedBefore(tx: Tx, receiptId: string, digest: Buffer): Promise<ReceiptBooked> {
  const { rows } = await sql<{
    state: ReceiptBooked['status'];
    debt_id: string | null;
    excess_cents: number;
    content_sha256: Uint8Array;
  }>`
    select state, debt_id, excess_cents, content_sha256 from receipt
    where ente_id = ${enteOf(tx)} and receipt_id = ${receiptId}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined || !sameBytes(row.content_sha256, digest)) {
    throw new CodedError('RECEIPT_CONFLICT', 'another receipt was told under this id', {});
  }
  return { fresh: false, status: row.state, debtId: row.debt_id, debtorId: null, excessCents: row.excess_cents };
}
