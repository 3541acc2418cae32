import { sql } from 'kysely';
import { newId, uuidBytes } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

export type HoldReason = 'payment' | 'dispute' | 'notMe' | 'optOut' | 'complaint' | 'deceased' | 'operator';

/** Whom a hold binds: a person, or an address for every person behind it. */
export type HoldSubject =
  | { readonly kind: 'debtor'; readonly debtorId: string }
  | { readonly kind: 'address'; readonly lookup: Uint8Array };

/**
 * The one door for holds (architecture §4.8): written in the caller's own transaction, seen by every later hand-over.
 * The same fact told twice is one hold. `until` null: until lifted.
 */
export async function placeHold(
  tx: Tx,
  hold: {
    readonly subject: HoldSubject;
    readonly reason: HoldReason;
    readonly sourceRef: string;
    readonly since: number;
    readonly until: number | null;
  },
): Promise<void> {
  const until = hold.until === null ? null : instant(hold.until);
  await sql`insert into contact_hold (ente_id, hold_id, subject_kind, subject, reason, source_ref, since, until)
    values (${enteOf(tx)}, ${newId()}, ${hold.subject.kind}, ${subjectBytes(hold.subject)}, ${hold.reason},
      ${hold.sourceRef}, ${instant(hold.since)}, ${until})
    on conflict do nothing`.execute(tx.kysely);
}

/** Ends a hold, when its cause has ended (a dispute was answered). */
export async function liftHold(
  tx: Tx,
  hold: { readonly subject: HoldSubject; readonly reason: HoldReason; readonly sourceRef: string; readonly at: number },
): Promise<void> {
  await sql`update contact_hold set until = ${instant(hold.at)}
    where ente_id = ${enteOf(tx)} and subject_kind = ${hold.subject.kind} and subject = ${subjectBytes(hold.subject)}
      and reason = ${hold.reason} and source_ref = ${hold.sourceRef}`.execute(tx.kysely);
}

export function subjectBytes(subject: HoldSubject): Buffer {
  return Buffer.from(subject.kind === 'debtor' ? uuidBytes(subject.debtorId) : subject.lookup);
}
