import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type EnteVault, sameBytes } from '../../platform/secrets/index.ts';

/** A request under the Idempotency-Key of one API key. */
export interface RequestKey {
  readonly apiKeyId: string;
  readonly idempotencyKey: string;
}

export type RequestBegun =
  /** To be done. `workId` is the same when a crash cut it short and it is sent again. */
  | { readonly kind: 'fresh'; readonly workId: string }
  | { readonly kind: 'kept'; readonly status: number; readonly body: string }
  /** The key was used for another request. */
  | { readonly kind: 'other' }
  | { readonly kind: 'busy' };

const KEEP_MS = 86_400_000;
/** Twice the longest request of the server: who has not answered by then has died. */
const DEAD_AFTER_MS = 60_000;

const answerAad = (key: RequestKey) => `answer|${key.apiKeyId}|${key.idempotencyKey}`;

/** Takes the key for this request, or says what became of the earlier one. Answers older than a day are forgotten. */
export async function beginRequest(
  tx: Tx,
  vault: EnteVault,
  key: RequestKey,
  input: { readonly sha256: Uint8Array; readonly workId: string; readonly realNow: number },
): Promise<RequestBegun> {
  const ente = enteOf(tx);
  await sql`delete from api_request where ente_id = ${ente} and started_real < ${instant(input.realNow - KEEP_MS)}`.execute(
    tx.kysely,
  );
  const mine = sql`ente_id = ${ente} and api_key_id = ${key.apiKeyId} and idempotency_key = ${key.idempotencyKey}`;
  const taken =
    await sql`insert into api_request (ente_id, api_key_id, idempotency_key, request_sha256, work_id, started_real)
    values (${ente}, ${key.apiKeyId}, ${key.idempotencyKey}, ${input.sha256}, ${input.workId}, ${instant(input.realNow)})
    on conflict do nothing`.execute(tx.kysely);
  if (taken.numAffectedRows === 1n) return { kind: 'fresh', workId: input.workId };
  const { rows } = await sql<{
    request_sha256: Uint8Array;
    work_id: string;
    started_real: number;
    status: number | null;
    key_wrapped: Uint8Array | null;
    answer: Uint8Array | null;
  }>`select request_sha256, work_id, started_real, status, key_wrapped, answer from api_request where ${mine}
    for update`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return { kind: 'busy' };
  if (!sameBytes(row.request_sha256, input.sha256)) return { kind: 'other' };
  if (row.status !== null && row.answer !== null) {
    return {
      kind: 'kept',
      status: row.status,
      body: vault.open(vault.unwrap(row.key_wrapped), answerAad(key), row.answer),
    };
  }
  if (row.started_real > input.realNow - DEAD_AFTER_MS) return { kind: 'busy' };
  await sql`update api_request set started_real = ${instant(input.realNow)} where ${mine}`.execute(tx.kysely);
  return { kind: 'fresh', workId: row.work_id };
}

/** Keeps what was answered. */
export async function keepAnswer(
  tx: Tx,
  vault: EnteVault,
  key: RequestKey,
  answer: { readonly status: number; readonly body: string },
): Promise<void> {
  const { key: sealing, wrapped } = vault.newKey();
  await sql`update api_request set status = ${answer.status}, key_wrapped = ${wrapped},
      answer = ${vault.seal(sealing, answerAad(key), answer.body)}
    where ente_id = ${enteOf(tx)} and api_key_id = ${key.apiKeyId} and idempotency_key = ${key.idempotencyKey}`.execute(
    tx.kysely,
  );
}

/** What failed did nothing: its key may be used again. */
export async function forgetRequest(tx: Tx, key: RequestKey): Promise<void> {
  await sql`delete from api_request where ente_id = ${enteOf(tx)} and api_key_id = ${key.apiKeyId}
    and idempotency_key = ${key.idempotencyKey} and status is null`.execute(tx.kysely);
}
