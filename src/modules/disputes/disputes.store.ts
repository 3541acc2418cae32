import { sql } from 'kysely';
import { addDays, type CivilDate, year } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { nextWorkingDay } from '../../kernel/holidays.ts';
import { newId } from '../../kernel/ids.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { calendarOf, loadEnte, loadRules } from '../creditors/index.ts';
import { displayName, loadPersons, type PersonRecord } from '../debtors/index.ts';
import { debtsById, debtsOfDebtor, relieveDebts } from '../debts/index.ts';
import { liftHold, placeHold } from '../deliveries/index.ts';
import { announce } from '../webhooks/index.ts';
import { openWords, sealWords } from './words.ts';

export interface OpenedDispute {
  readonly disputeId: string;
  /** "2026/1042": what the citizen quotes. */
  readonly number: string;
  readonly deadline: CivilDate;
}

/**
 * "Ho già pagato / non devo": contact with the person stops in the same transaction, until a person has answered.
 * It asks for a look, not for a signed declaration (R55 comes with OIDC). The same form sent twice opens one.
 * Error DISPUTE_DEBT: the debt is not this person's.
 */
export async function openDispute(
  tx: Tx,
  vault: EnteVault,
  input: {
    readonly person: PersonRecord;
    readonly noticeId: string | null;
    readonly debtId: string | null;
    readonly kind: string;
    readonly statement: string;
    readonly idempotencyKey: string;
    readonly now: number;
  },
): Promise<OpenedDispute> {
  const ente = enteOf(tx);
  const { person, now } = input;
  if (input.debtId !== null && (await debtsById(tx, [input.debtId]))[0]?.debtor_id !== person.debtorId) {
    throw new CodedError('DISPUTE_DEBT', 'this debt is not the person’s own');
  }
  const earlier = await sql<{ dispute_id: string; number: number; opened_at: number; deadline: string }>`
    select dispute_id, number, opened_at, deadline from dispute where ente_id = ${ente} and debtor_id = ${person.debtorId}
      and (idempotency_key = ${input.idempotencyKey}
        or (state = 'open' and kind = ${input.kind} and debt_id is not distinct from ${input.debtId}))
    limit 1`.execute(tx.kysely);
  const same = earlier.rows[0];
  if (same !== undefined) {
    return { disputeId: same.dispute_id, number: numberText(same), deadline: same.deadline as CivilDate };
  }
  const today = romeDate(now);
  const rules = await loadRules(tx, today);
  const days = rules.get<number>('disputeAnswerDays', null).value;
  const deadline = nextWorkingDay(addDays(today, days), calendarOf(await loadEnte(tx), rules));
  const disputeId = newId();
  const { rows } = await sql<{ number: number }>`insert into dispute_counter (ente_id, next_number) values (${ente}, 2)
    on conflict (ente_id) do update set next_number = dispute_counter.next_number + 1
    returning next_number - 1 as number`.execute(tx.kysely);
  const number = rows[0]?.number ?? 1;
  await sql`insert into dispute (ente_id, dispute_id, number, debtor_id, notice_id, debt_id, kind, state, statement,
      idempotency_key, opened_at, deadline)
    values (${ente}, ${disputeId}, ${number}, ${person.debtorId}, ${input.noticeId}, ${input.debtId}, ${input.kind}, 'open',
      ${sealWords(vault, person, 'statement', disputeId, input.statement)}, ${input.idempotencyKey}, ${instant(now)}, ${deadline})`.execute(
    tx.kysely,
  );
  const subject = { kind: 'debtor', debtorId: person.debtorId } as const;
  await placeHold(tx, { subject, reason: 'dispute', sourceRef: disputeId, since: now, until: null });
  const facts = { disputeId, kind: input.kind, debtId: input.debtId, noticeId: input.noticeId };
  await writeLeaf(tx, { at: now, kind: 'dispute.opened', actor: 'citizen', rowCount: 1, facts });
  await announce(tx, { kind: 'dispute.opened', ids: [disputeId], at: now });
  return { disputeId, number: numberText({ number, opened_at: now }), deadline };
}

export interface DisputeRecord {
  readonly id: string;
  readonly number: string;
  readonly kind: string;
  readonly state: string;
  readonly debtorName: string;
  readonly creditTypes: readonly string[];
  readonly statement: string;
  readonly openedAt: number;
  readonly deadline: CivilDate;
}

/** Open disputes with the nearest deadline first. */
export async function listDisputes(
  tx: Tx,
  vault: EnteVault,
  state: 'open' | 'all',
  limit: number,
): Promise<DisputeRecord[]> {
  const { rows } = await sql<DisputeRow>`select * from dispute where ente_id = ${enteOf(tx)}
    and (${state === 'all'} or state = 'open') order by deadline, number limit ${limit}`.execute(tx.kysely);
  const persons = await loadPersons(
    tx,
    vault,
    rows.map((row) => row.debtor_id),
  );
  const records: DisputeRecord[] = [];
  for (const row of rows) {
    const person = persons.get(row.debtor_id);
    const debts = await disputedDebts(tx, row);
    records.push({
      id: row.dispute_id,
      number: numberText(row),
      kind: row.kind,
      state: row.state,
      debtorName: person === undefined ? '' : displayName(person.personal),
      creditTypes: [...new Set(debts.map((d) => d.credit_type))],
      statement: person === undefined ? '' : openWords(vault, person, 'statement', row.dispute_id, row.statement),
      openedAt: row.opened_at,
      deadline: row.deadline as CivilDate,
    });
  }
  return records;
}

/**
 * A person answers, and is named (R67). Accepted: what is disputed is written off, the debt that was named or, said of
 * the whole message, the lines of it (`linesOf`, handed in since notices are a neighbour) and nothing that it did not
 * tell. Either way contact may go on. Errors: DISPUTE_UNKNOWN, DISPUTE_DECIDED, DISPUTE_ANSWER (empty).
 */
export async function decideDispute(
  tx: Tx,
  vault: EnteVault,
  input: {
    readonly disputeId: string;
    readonly accept: boolean;
    readonly answer: string;
    readonly operatorId: string;
    readonly now: number;
  },
  linesOf: (tx: Tx, noticeId: string) => Promise<string[]>,
): Promise<{ debtorId: string; relieved: readonly string[] }> {
  const ente = enteOf(tx);
  if (input.answer.trim() === '') throw new CodedError('DISPUTE_ANSWER', 'an answer in words is owed to the citizen');
  const { rows } =
    await sql<DisputeRow>`select * from dispute where ente_id = ${ente} and dispute_id = ${input.disputeId}
    for update`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) throw new CodedError('DISPUTE_UNKNOWN', 'no such dispute');
  if (row.state !== 'open') throw new CodedError('DISPUTE_DECIDED', `already ${row.state}`, { state: row.state });
  const { now } = input;
  const state = input.accept ? 'accepted' : 'rejected';
  const person = (await loadPersons(tx, vault, [row.debtor_id])).get(row.debtor_id);
  const answer = person === undefined ? null : sealWords(vault, person, 'answer', row.dispute_id, input.answer);
  await sql`update dispute set state = ${state}, answer = ${answer}, decided_at = ${instant(now)}, decided_by = ${input.operatorId}
    where ente_id = ${ente} and dispute_id = ${row.dispute_id}`.execute(tx.kysely);
  const named = row.debt_id === null ? await linesOf(tx, row.notice_id ?? '') : [row.debt_id];
  const relieved = input.accept
    ? await relieveDebts(tx, named, { at: now, source: 'dispute', sourceRef: row.dispute_id })
    : [];
  const subject = { kind: 'debtor', debtorId: row.debtor_id } as const;
  await liftHold(tx, { subject, reason: 'dispute', sourceRef: row.dispute_id, at: now });
  await writeLeaf(tx, {
    at: now,
    kind: `dispute.${state}`,
    actor: `operator:${input.operatorId}`,
    rowCount: 1,
    facts: { disputeId: row.dispute_id, relieved },
  });
  await announce(tx, { kind: 'dispute.answered', ids: [row.dispute_id], at: now });
  await announce(tx, { kind: 'debt.cancelled', ids: relieved, at: now });
  return { debtorId: row.debtor_id, relieved };
}

/** The debt that was named, or, said of the whole message, every debt of its purpose group: for the list, not to decide. */
async function disputedDebts(tx: Tx, row: Pick<DisputeRow, 'debt_id' | 'debtor_id' | 'notice_id'>) {
  if (row.debt_id !== null) return debtsById(tx, [row.debt_id]);
  const { rows } = await sql<{ purpose_group: string }>`select purpose_group from notice_now
    where ente_id = ${enteOf(tx)} and notice_id = ${row.notice_id}`.execute(tx.kysely);
  return debtsOfDebtor(tx, row.debtor_id, rows[0]?.purpose_group ?? null);
}

function numberText(row: { number: number; opened_at: number }): string {
  return `${year(romeDate(row.opened_at))}/${row.number}`;
}

interface DisputeRow {
  dispute_id: string;
  number: number;
  debtor_id: string;
  notice_id: string | null;
  debt_id: string | null;
  kind: string;
  state: string;
  statement: Uint8Array;
  opened_at: number;
  deadline: string;
}
