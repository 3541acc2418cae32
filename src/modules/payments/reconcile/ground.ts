import { type RawBuilder, sql } from 'kysely';
import { addDays, type CivilDate } from '../../../kernel/civil-date.ts';
import { romeInstant } from '../../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../../platform/db/index.ts';
import { loadEnte } from '../../creditors/index.ts';
import { stationsOf } from '../stations.ts';

/** When what has not come is late. */
export interface ReconcileTerms {
  readonly today: CivilDate;
  /** Days within which a payment is reported, and credited: then its absence is an anomaly (pagopa §12: normally four). */
  readonly days: number;
}

/** What every question about a body's money needs. */
export interface Ground {
  readonly ente: number;
  readonly fiscalCode: string;
  /** Of the notice numbers that are given out here. */
  readonly segregationCodes: readonly string[];
  /** What was due before this day, or instant, is late. */
  readonly lateDate: CivilDate;
  readonly lateAt: number;
}

export async function groundOf(tx: Tx, { today, days }: ReconcileTerms): Promise<Ground> {
  const { codiceFiscale: fiscalCode, segregationCode } = await loadEnte(tx);
  const stations = await stationsOf(tx);
  const codes = new Set(stations.flatMap((station) => station.segregationCodes));
  if (segregationCode !== null) codes.add(segregationCode);
  const lateDate = addDays(today, -days);
  return { ente: enteOf(tx), fiscalCode, segregationCodes: [...codes], lateDate, lateAt: romeInstant(lateDate, 0) };
}

/** Of a transfer `t`: the bank credits it to this body. Not another's share, and no stamp (pagopa §12). */
export function ownTransfer({ fiscalCode }: Ground): RawBuilder<unknown> {
  return sql`t.beneficiary_fiscal_code = ${fiscalCode} and t.iban is not null`;
}

/** Whether an IUV is of a notice number that was given out here (pagopa §1: aux digits 1 to 3). */
export function ownNumber({ ente, segregationCodes }: Ground, iuv: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(length(${iuv}) = 17 and left(${iuv}, 2) = any(${[...segregationCodes]}::text[])
    or exists (select from payment_request q where q.ente_id = ${ente}
      and q.notice_number in ('3' || ${iuv}, '2' || ${iuv}, '1' || ${iuv})))`;
}
