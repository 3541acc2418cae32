import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/** A file that is being read or loaded, or was when its process died. */
export interface OpenImport {
  readonly importId: string;
  readonly creditType: string;
  readonly state: 'staging' | 'committing';
  readonly begunAt: number;
  /** Another whenever it has moved by a piece of the file: whoever looks twice knows whether somebody is at it. */
  readonly mark: string;
}

/** The oldest first. */
export async function openImports(tx: Tx): Promise<OpenImport[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<OpenImport>`select i.import_id as "importId", i.credit_type as "creditType", i.state,
      i.at as "begunAt",
      concat_ws('|', i.state, i.created + i.changed + i.unchanged, i.quarantined,
        (select count(*) from import_chunk c where c.ente_id = ${ente} and c.import_id = i.import_id),
        (select count(*) from import_row r where r.ente_id = ${ente} and r.import_id = i.import_id)) as mark
    from import i where i.ente_id = ${ente} and i.state in ('staging', 'committing')
    order by i.at, i.import_id`.execute(tx.kysely);
  return rows;
}

/**
 * Notes that the program found it left half done; how far it was, the row locked. Null: it is over. Waits for whoever is at
 * the end of it.
 */
export async function noteInterrupted(tx: Tx, importId: string, now: number): Promise<OpenImport['state'] | null> {
  const { rows } = await sql<Pick<OpenImport, 'state'>>`update import set interrupted_at = ${instant(now)}
    where ente_id = ${enteOf(tx)} and import_id = ${importId} and state in ('staging', 'committing')
    returning state`.execute(tx.kysely);
  return rows[0]?.state ?? null;
}
