import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { makeNoticeNumber } from '../../kernel/notice-number.ts';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { type Ente, loadEnte } from '../creditors/index.ts';
import { addHeldItems } from '../debtors/index.ts';

/**
 * The bases ever used for notice numbers, kept outside the database. An IUV is unique for ever (pagopa §1): a database
 * restored from yesterday would give today's numbers again. `confirmed`: committed for sure. `pending`: written before the
 * commit of the last reservation, which may have been rolled back.
 */
export interface HighWaterMarks {
  readonly confirmed: number;
  readonly pending: number;
}

export interface HighWater {
  read(enteId: number, segregation: string): HighWaterMarks;
  write(enteId: number, segregation: string, marks: HighWaterMarks): void;
}

/** How far past the high-water mark a restored counter must be moved before it may generate again. */
export const RESTORE_MARGIN = 100_000;

export interface DebtToNumber {
  readonly debtId: string;
  readonly debtorId: string;
  /** As the file brought it. */
  readonly importedNoticeNumber: string | null;
}

/** Gives new debts of one transaction their notice numbers, one batch after the other. */
export type Numbering = (debts: readonly DebtToNumber[]) => Promise<void>;

/**
 * The numbering of a transaction that writes new debts: the number the file brought, or, where our own rail answers for
 * the body's segregation code, a generated one. A number that already belongs to another debt is not taken over. The body
 * is asked for at once, and the call awaits it.
 */
export function openNumbering(tx: Tx, vault: EnteVault, highWater: HighWater): Numbering {
  const loaded = loadEnte(tx);
  loaded.catch(() => {});
  const reserve = openReservations(tx, highWater);
  const number: Numbering = async (debts) => {
    const body = await loaded;
    const numbered = await takeImported(tx, debts);
    const without = debts.filter((debt) => !numbered.has(debt.debtId));
    if (without.length > 0 && body.generatesNoticeNumbers) await generate(tx, vault, without, body, reserve);
  };
  let last: Promise<void> = Promise.resolve();
  return (debts) => {
    last = last.then(() => number(debts));
    return last;
  };
}

/** The debts that the file gave a number which was free. */
async function takeImported(tx: Tx, debts: readonly DebtToNumber[]): Promise<Set<string>> {
  const brought = debts.filter((debt) => debt.importedNoticeNumber !== null);
  if (brought.length === 0) return new Set();
  const { rows } = await sql<{ debt_id: string }>`
    insert into payment_request (ente_id, notice_number, debt_id, origin, state)
    select ${enteOf(tx)}, u.number, u.debt, 'imported', 'active' from ${unnestRows({
      number: { type: 'text', values: brought.map((debt) => debt.importedNoticeNumber) },
      debt: { type: 'uuid', values: brought.map((debt) => debt.debtId) },
    })}
    on conflict do nothing returning debt_id`.execute(tx.kysely);
  return new Set(rows.map((row) => row.debt_id));
}

/**
 * As many new numbers for one debt: an installment has its own. Null where the body's numbers are given by others. Those the
 * debt had are out of use from now on: nobody pays it twice.
 */
export async function renumberDebt(
  tx: Tx,
  vault: EnteVault,
  highWater: HighWater,
  debt: { readonly debtId: string; readonly debtorId: string },
  count: number,
): Promise<string[] | null> {
  const body = await loadEnte(tx);
  if (!body.generatesNoticeNumbers) return null;
  await sql`update payment_request set state = 'withdrawn' where ente_id = ${enteOf(tx)} and debt_id = ${debt.debtId}`.execute(
    tx.kysely,
  );
  const wanted = Array.from({ length: count }, () => ({ ...debt, importedNoticeNumber: null }));
  return generate(tx, vault, wanted, body, openReservations(tx, highWater));
}

async function generate(
  tx: Tx,
  vault: EnteVault,
  debts: readonly DebtToNumber[],
  body: Ente,
  reserve: Reserve,
): Promise<string[]> {
  const segregation = body.segregationCode;
  if (segregation === null) throw new CodedError('NO_SEGREGATION_CODE', `${body.name} has no segregation code`);
  const { first, moved } = await reserve(segregation, debts.length);
  const numbers = debts.map(({ debtId, debtorId }, i) => {
    return { debtId, debtorId, number: makeNoticeNumber(segregation, first + i) };
  });
  await Promise.all([
    moved,
    sql`insert into payment_request (ente_id, notice_number, debt_id, origin, state)
      select ${enteOf(tx)}, u.number, u.debt, 'generated', 'active' from ${unnestRows({
        number: { type: 'text', values: numbers.map((n) => n.number) },
        debt: { type: 'uuid', values: numbers.map((n) => n.debtId) },
      })}`.execute(tx.kysely),
    addHeldItems(
      tx,
      vault,
      numbers.map(({ debtorId, number }) => ({ debtorId, kind: 'noticeNumber', value: number })),
    ),
  ]);
  return numbers.map(({ number }) => number);
}

/** The first of as many bases, which nobody else gets once the counter is `moved`. */
type Reserve = (segregation: string, count: number) => Promise<{ first: number; moved: Promise<unknown> }>;

function openReservations(tx: Tx, highWater: HighWater): Reserve {
  const ente = enteOf(tx);
  // What this transaction reserved itself is not certain before its commit.
  let confirmedNow: number | null = null;
  return async (segregation, count) => {
    const [, { rows }] = await Promise.all([
      sql`insert into notice_counter (ente_id, segregation_code, next_base) values (${ente}, ${segregation}, 1)
        on conflict do nothing`.execute(tx.kysely),
      sql<{ next_base: number }>`select next_base from notice_counter
        where ente_id = ${ente} and segregation_code = ${segregation} for update`.execute(tx.kysely),
    ]);
    const next = rows[0]?.next_base ?? 1;
    const { confirmed, pending } = highWater.read(ente, segregation);
    if (next <= confirmed) {
      const details = { next, used: confirmed };
      throw new CodedError(
        'NOTICE_COUNTER_BEHIND',
        'the database is older than the notice numbers already given',
        details,
      );
    }
    confirmedNow ??= next - 1;
    // Between the two marks: the last reservation was rolled back, or only its commit was lost. Its numbers are wasted.
    const first = Math.max(next, pending + 1);
    const moved = sql`update notice_counter set next_base = ${first + count}
      where ente_id = ${ente} and segregation_code = ${segregation}`.execute(tx.kysely);
    moved.catch(() => {});
    highWater.write(ente, segregation, { confirmed: confirmedNow, pending: first + count - 1 });
    return { first, moved };
  };
}

/** After a restore: moves the counter past everything given, plus a margin. */
export async function advanceCounter(tx: Tx, segregation: string, highWater: HighWater): Promise<number> {
  const next = highWater.read(enteOf(tx), segregation).pending + RESTORE_MARGIN;
  const { rows } = await sql<{ next: number }>`insert into notice_counter (ente_id, segregation_code, next_base)
    values (${enteOf(tx)}, ${segregation}, ${next})
    on conflict (ente_id, segregation_code) do update set next_base = greatest(notice_counter.next_base, excluded.next_base)
    returning next_base as next`.execute(tx.kysely);
  return rows[0]?.next ?? next;
}

/** The number a debt is payable with now, or null. */
export async function noticeNumberOf(tx: Tx, debtId: string): Promise<string | null> {
  const { rows } = await sql<{ notice_number: string }>`select notice_number from payment_request
    where ente_id = ${enteOf(tx)} and debt_id = ${debtId} and state = 'active' order by origin, notice_number limit 1`.execute(
    tx.kysely,
  );
  return rows[0]?.notice_number ?? null;
}

/** The same for all debts of a person at once, by debt. */
export async function noticeNumbersOf(tx: Tx, debtorId: string): Promise<Map<string, string>> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ debt_id: string; notice_number: string }>`
    select distinct on (r.debt_id) r.debt_id, r.notice_number from debt_now d
    join payment_request r on r.ente_id = ${ente} and r.debt_id = d.debt_id and r.state = 'active'
    where d.ente_id = ${ente} and d.debtor_id = ${debtorId}
    order by r.debt_id, r.origin, r.notice_number`.execute(tx.kysely);
  return new Map(rows.map((row) => [row.debt_id, row.notice_number]));
}
