import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';

const HOW_MANY = 10;
const DIGITS = 12;

/** Digits alone: the field of the one-time code takes them, with the keyboard of figures. */
const plain = (typed: string) => typed.replace(/[\s-]/g, '');
const hashOf = (vault: EnteVault, operatorId: string, code: string) =>
  vault.lookup('code', `operator recovery|${operatorId}|${plain(code)}`);

export function isRecoveryCode(typed: string): boolean {
  return plain(typed).length === DIGITS && /^\d+$/.test(plain(typed));
}

/** New codes in the place of all earlier ones; they are told to their owner now and never again. */
export async function makeRecoveryCodes(
  tx: Tx,
  vault: EnteVault,
  operatorId: string,
  now: number,
): Promise<readonly string[]> {
  const codes = Array.from({ length: HOW_MANY }, newCode);
  await forgetRecoveryCodes(tx, operatorId);
  await sql`insert into operator_recovery (ente_id, operator_id, code_hash)
    select ${enteOf(tx)}, ${operatorId}, u.hash from ${unnestRows({
      hash: { type: 'bytea', values: codes.map((code) => hashOf(vault, operatorId, code)) },
    })} on conflict do nothing`.execute(tx.kysely);
  await leaf(tx, now, 'operator.recoveryMade', operatorId);
  return codes;
}

/** `1234-5678-9012`: 40 bits, behind a keyed hash and ten attempts a quarter of an hour. */
function newCode(): string {
  const group = () => String(randomInt(10_000)).padStart(4, '0');
  return [group(), group(), group()].join('-');
}

/** Uses the code up; false when it is none of his, or was used. */
export async function useRecoveryCode(
  tx: Tx,
  vault: EnteVault,
  operatorId: string,
  typed: string,
  at: { readonly now: number; readonly realNow: number },
): Promise<boolean> {
  const used = await sql`update operator_recovery set used_real = ${instant(at.realNow)}
    where ente_id = ${enteOf(tx)} and operator_id = ${operatorId} and code_hash = ${hashOf(vault, operatorId, typed)}
      and used_real is null`.execute(tx.kysely);
  if (used.numAffectedRows !== 1n) return false;
  await leaf(tx, at.now, 'operator.recoveryUsed', operatorId);
  return true;
}

export async function forgetRecoveryCodes(tx: Tx, operatorId: string): Promise<void> {
  await sql`delete from operator_recovery where ente_id = ${enteOf(tx)} and operator_id = ${operatorId}`.execute(
    tx.kysely,
  );
}

/** How many codes an operator could still use. */
export async function recoveryCodesLeft(tx: Tx, operatorId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from operator_recovery
    where ente_id = ${enteOf(tx)} and operator_id = ${operatorId} and used_real is null`.execute(tx.kysely);
  return rows[0]?.n ?? 0;
}

function leaf(tx: Tx, at: number, kind: string, operatorId: string): Promise<void> {
  return writeLeaf(tx, { at, kind, actor: `operator:${operatorId}`, rowCount: 1, facts: { operatorId } });
}
