import { sql } from 'kysely';
import { CodedError } from '../../../kernel/errors.ts';
import { sha256 } from '../../../kernel/hash.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../../platform/db/index.ts';
import { type EnteVault, sameBytes } from '../../../platform/secrets/index.ts';
import { writeLeaf } from '../../audit/index.ts';
import { loadEnte } from '../../creditors/index.ts';
import { referencesOf } from './movement-text.ts';
import type { TreasuryJournal, TreasuryMovement } from './reconcile.port.ts';
import { takeTurn } from './turn.ts';

export interface TreasuryLoaded {
  readonly kind: 'loaded' | 'known';
  /** Movements that no earlier journal had told of. */
  readonly fresh: number;
}

const ROWS_PER_STATEMENT = 5_000;

/**
 * Keeps what came in at the treasury, each movement once, whichever journal tells of it. Errors TREASURY_FOREIGN (the journal
 * is another body's), TREASURY_CONFLICT (a journal or a movement that was told before with another content, or twice in this
 * one): nothing is kept then.
 */
export async function loadTreasury(
  tx: Tx,
  vault: EnteVault,
  journal: TreasuryJournal,
  actor: string,
  now: number,
): Promise<TreasuryLoaded> {
  const ente = enteOf(tx);
  const { journalId, movements, fiscalCode } = journal;
  if (fiscalCode !== null && (await loadEnte(tx)).codiceFiscale !== fiscalCode) {
    throw new CodedError('TREASURY_FOREIGN', 'the journal is of another body', { journalId });
  }
  if (new Set(movements.map((one) => one.key)).size !== movements.length) throw conflict(journalId);
  await takeTurn(tx);
  const digest = sha256(movements.map(identity).join('\n'));
  const { key, wrapped } = vault.newKey();
  const inserted =
    await sql`insert into treasury_journal (ente_id, journal_id, sha256, text_key, movement_count, loaded_at)
    values (${ente}, ${journalId}, ${digest}, ${wrapped}, ${movements.length}, ${instant(now)})
    on conflict do nothing`.execute(tx.kysely);
  if (inserted.numAffectedRows !== 1n) {
    const { rows } = await sql<{ sha256: Uint8Array }>`select sha256 from treasury_journal
      where ente_id = ${ente} and journal_id = ${journalId}`.execute(tx.kysely);
    const before = rows[0]?.sha256;
    if (before === undefined || !sameBytes(before, digest)) throw conflict(journalId);
    return { kind: 'known', fresh: 0 };
  }
  const seal = (one: TreasuryMovement) => vault.seal(key, textAad(one.key), one.text);
  let fresh = 0;
  for (let at = 0; at < movements.length; at += ROWS_PER_STATEMENT) {
    const part = movements.slice(at, at + ROWS_PER_STATEMENT);
    await refuseChanged(tx, part, journalId);
    fresh += await insertMovements(tx, journalId, part, part.map(seal));
  }
  const facts = { journal: journalId, fresh, skipped: journal.skipped };
  await writeLeaf(tx, { at: now, kind: 'treasury.loaded', actor, rowCount: movements.length, facts });
  return { kind: 'loaded', fresh };
}

/** Binds a movement's text to its place. */
export const textAad = (movementKey: string) => `treasury_movement|${movementKey}`;

const identity = ({ key, amountCents, bookedOn, text }: TreasuryMovement) =>
  JSON.stringify([key, amountCents, bookedOn, text]);

const conflict = (journalId: string) =>
  new CodedError('TREASURY_CONFLICT', 'told before with another content', { journalId });

/** The sum makes a movement; the text is not compared: banks complete it from one journal to the next. */
async function refuseChanged(tx: Tx, movements: readonly TreasuryMovement[], journalId: string): Promise<void> {
  const { rows } = await sql`select from treasury_movement m join ${unnestRows({
    key: { type: 'text', values: movements.map((one) => one.key) },
    amount: { type: 'int8', values: movements.map((one) => one.amountCents) },
  })} on u.key = m.movement_key
    where m.ente_id = ${enteOf(tx)} and m.amount_cents <> u.amount limit 1`.execute(tx.kysely);
  if (rows.length > 0) throw conflict(journalId);
}

async function insertMovements(
  tx: Tx,
  journalId: string,
  movements: readonly TreasuryMovement[],
  texts: readonly Uint8Array[],
): Promise<number> {
  const references = movements.map((one) => referencesOf(one.text));
  const inserted =
    await sql`insert into treasury_movement (ente_id, movement_key, journal_id, movement_no, document, booked_on,
      value_on, amount_cents, text, flow_ids, iuv, state)
    select ${enteOf(tx)}, u.key, ${journalId}, u.no, u.document, u.booked_on, u.value_on, u.amount, u.text, u.flow_ids, u.iuv,
      'open'
    from ${unnestRows({
      key: { type: 'text', values: movements.map((one) => one.key) },
      no: { type: 'text', values: movements.map((one) => one.no) },
      document: { type: 'text', values: movements.map((one) => one.document) },
      booked_on: { type: 'date', values: movements.map((one) => one.bookedOn) },
      value_on: { type: 'date', values: movements.map((one) => one.valueOn) },
      amount: { type: 'int8', values: movements.map((one) => one.amountCents) },
      text: { type: 'bytea', values: texts },
      flow_ids: {
        type: 'text',
        values: references.map(({ flowIds }) => (flowIds.length === 0 ? null : flowIds.join(' '))),
      },
      iuv: { type: 'text', values: references.map((one) => one.iuv) },
    })} on conflict do nothing`.execute(tx.kysely);
  return Number(inserted.numAffectedRows ?? 0n);
}
