import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/** A station of the body as pagoPA knows it (pagopa §1, §3). */
export interface Station {
  /** `<broker's tax code>_<nn>`. */
  readonly stationId: string;
  /** The body itself, or whoever connects it. */
  readonly brokerFiscalCode: string;
  /** Two digits each: the notice numbers it answers for. */
  readonly segregationCodes: readonly string[];
  /** A station that is not is answered for like one that is not ours. */
  readonly active: boolean;
}

/** Writes a station, new or known. Errors STATION_ID, STATION_BROKER, STATION_SEGREGATION. */
export async function saveStation(tx: Tx, station: Station): Promise<void> {
  const { stationId, brokerFiscalCode, segregationCodes, active } = station;
  if (!/^\d{11}$/.test(brokerFiscalCode))
    throw new CodedError('STATION_BROKER', 'the broker has a tax code of 11 digits');
  if (stationId.length > 35 || !stationId.startsWith(`${brokerFiscalCode}_`)) {
    throw new CodedError('STATION_ID', 'a station is named after its broker', { stationId });
  }
  if (segregationCodes.length === 0 || !segregationCodes.every((code) => /^\d{2}$/.test(code))) {
    throw new CodedError('STATION_SEGREGATION', 'a segregation code has two digits');
  }
  await sql`insert into station (ente_id, station_id, broker_fiscal_code, segregation_codes, active)
    values (${enteOf(tx)}, ${stationId}, ${brokerFiscalCode}, ${[...segregationCodes]}::text[], ${active})
    on conflict (ente_id, station_id) do update set broker_fiscal_code = excluded.broker_fiscal_code,
      segregation_codes = excluded.segregation_codes, active = excluded.active`.execute(tx.kysely);
}

export async function stationsOf(tx: Tx): Promise<Station[]> {
  const { rows } = await sql<Station>`select station_id as "stationId", broker_fiscal_code as "brokerFiscalCode",
      segregation_codes as "segregationCodes", active
    from station where ente_id = ${enteOf(tx)} order by station_id`.execute(tx.kysely);
  return rows;
}

/**
 * Makes the node's calls for this tax code reach this body. Needs a system transaction. Error BODY_TAKEN: another body of
 * the installation has the code.
 */
export async function registerBody(tx: Tx, fiscalCode: string, enteId: number): Promise<void> {
  await sql`insert into pagopa_body (fiscal_code, ente_id) values (${fiscalCode}, ${enteId}) on conflict do nothing`.execute(
    tx.kysely,
  );
  if ((await bodyOf(tx, fiscalCode)) !== enteId) {
    throw new CodedError('BODY_TAKEN', 'this tax code, or this body, is registered otherwise', { fiscalCode });
  }
}

/** The body behind a tax code, or null. Needs a system transaction. */
export async function bodyOf(tx: Tx, fiscalCode: string): Promise<number | null> {
  const { rows } = await sql<{ ente_id: number }>`select ente_id from pagopa_body
    where fiscal_code = ${fiscalCode}`.execute(tx.kysely);
  return rows[0]?.ente_id ?? null;
}

/** The bodies that the node may call. Needs a system transaction. */
export async function registeredBodies(tx: Tx): Promise<number[]> {
  const { rows } = await sql<{ ente_id: number }>`select ente_id from pagopa_body order by ente_id`.execute(tx.kysely);
  return rows.map((row) => row.ente_id);
}
