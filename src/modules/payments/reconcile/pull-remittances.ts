import { sql } from 'kysely';
import { isCoded } from '../../../kernel/errors.ts';
import { type Database, enteOf, type Tx } from '../../../platform/db/index.ts';
import { loadEnte } from '../../creditors/index.ts';
import { loadRemittance } from './load-remittance.ts';
import type { FlowRef, RemittanceSource } from './reconcile.port.ts';

export interface Pulled {
  readonly loaded: number;
  /** Flows that could not be read or kept, with the code of why; they are tried again as long as the list names them. */
  readonly failed: readonly { readonly flowId: string; readonly code: string }[];
}

/**
 * How far back the list is asked for again: a flow may be written anew for days (pagopa §12), one that could not be read
 * may be readable tomorrow, and what is known is not read twice.
 */
const OVERLAP_MS = 15 * 86_400_000;
const TRY_LATER = ['FDR_UNAVAILABLE', 'FDR_BUSY'];

/**
 * Loads the flows that were published for a body since it was last looked, each in a transaction of its own, the network
 * outside of them. What is worth another try (FDR_UNAVAILABLE, FDR_BUSY) ends it with that error: what was loaded by then
 * stays, and the next call goes on from there.
 */
export async function pullRemittances(
  db: Database,
  source: RemittanceSource,
  enteId: number,
  now: () => number,
): Promise<Pulled> {
  const { fiscalCode, since } = await db.tenant(enteId, async (tx) => ({
    fiscalCode: (await loadEnte(tx)).codiceFiscale,
    since: await lastPublished(tx),
  }));
  const listed = await source.list(fiscalCode, since === null ? null : since - OVERLAP_MS);
  const fresh = await db.tenant(enteId, (tx) => unknownOf(tx, listed));
  const failed: { flowId: string; code: string }[] = [];
  let loaded = 0;
  for (const ref of fresh) {
    try {
      const flow = await source.read(fiscalCode, ref);
      const { kind } = await db.tenant(enteId, (tx) => loadRemittance(tx, flow, 'system', now()));
      if (kind === 'loaded') loaded += 1;
    } catch (error) {
      if (!isCoded(error) || TRY_LATER.includes(error.code)) throw error;
      failed.push({ flowId: ref.flowId, code: error.code });
    }
  }
  return { loaded, failed };
}

async function lastPublished(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select max(published_at) as at from remittance
    where ente_id = ${enteOf(tx)} and source = 'api'`.execute(tx.kysely);
  return rows[0]?.at ?? null;
}

/** In the order of their publishing, so that the last one known is never after one that is not. */
async function unknownOf(tx: Tx, listed: readonly FlowRef[]): Promise<FlowRef[]> {
  const { rows } = await sql<{ flow_id: string; revision: number }>`select flow_id, max(revision) as revision
    from remittance where ente_id = ${enteOf(tx)} and source = 'api'
      and flow_id = any(${listed.map((ref) => ref.flowId)}::text[]) group by flow_id`.execute(tx.kysely);
  const known = new Map(rows.map((row) => [row.flow_id, row.revision]));
  return listed
    .filter((ref) => ref.revision > (known.get(ref.flowId) ?? 0))
    .sort((a, b) => a.publishedAt - b.publishedAt || a.revision - b.revision);
}
