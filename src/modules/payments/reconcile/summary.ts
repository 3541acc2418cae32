import { sql } from 'kysely';
import type { Cents } from '../../../kernel/money.ts';
import type { Tx } from '../../../platform/db/index.ts';
import { groundOf, type ReconcileTerms } from './ground.ts';
import { type Bucket, type Side, sideOf } from './sides.ts';
import { onWholeTables } from './whole-tables.ts';

export interface Tally {
  readonly count: number;
  readonly cents: Cents;
}

/** Each row is in one bucket: they come to `all`, to the cent. */
export interface SideSummary {
  readonly all: Tally;
  readonly matched: Tally;
  readonly open: Tally;
  readonly anomaly: Tally;
  readonly elsewhere: Tally;
  readonly reversed: Tally;
}

export interface ReconciliationSummary {
  readonly sides: Readonly<Record<Side, SideSummary>>;
  readonly anomalies: readonly (Tally & { readonly side: Side; readonly kind: string })[];
  /** Matched, but to be looked at: a receipt without its id on the line. */
  readonly flagged: readonly (Tally & { readonly side: Side; readonly kind: string })[];
  /** What is neither matched nor an anomaly: money that is not late yet. */
  readonly unreconciledCents: Cents;
}

const SIDES: readonly Side[] = ['transfers', 'lines', 'flows', 'credits'];
const NONE: Tally = { count: 0, cents: 0 };

/** How the body's money stands on a day, from every side it can be looked at. */
export async function reconciliationSummary(tx: Tx, terms: ReconcileTerms): Promise<ReconciliationSummary> {
  const ground = await groundOf(tx, terms);
  const anomalies: (Tally & { side: Side; kind: string })[] = [];
  const flagged: (Tally & { side: Side; kind: string })[] = [];
  const sides = {} as Record<Side, SideSummary>;
  for (const side of SIDES) {
    const counted = sql<{ bucket: Bucket; kind: string | null; count: number; cents: Cents }>`
      select s.bucket, s.kind, count(*)::int8 as count, sum(s.cents)::int8 as cents from (${sideOf(ground, side)}) s
      group by s.bucket, s.kind order by s.bucket, s.kind`;
    const { rows } = await onWholeTables(tx, () => counted.execute(tx.kysely));
    const sums = { all: NONE, matched: NONE, open: NONE, anomaly: NONE, elsewhere: NONE, reversed: NONE };
    for (const { bucket, kind, count, cents } of rows) {
      sums[bucket] = plus(sums[bucket], { count, cents });
      sums.all = plus(sums.all, { count, cents });
      if (bucket === 'anomaly') anomalies.push({ side, kind: kind ?? '', count, cents });
      if (bucket === 'matched' && kind !== null && kind !== 'manual') flagged.push({ side, kind, count, cents });
    }
    sides[side] = sums;
  }
  const unreconciledCents = SIDES.reduce((sum, side) => sum + sides[side].open.cents, 0);
  return { sides, anomalies, flagged, unreconciledCents };
}

function plus(a: Tally, b: Tally): Tally {
  return { count: a.count + b.count, cents: a.cents + b.cents };
}
