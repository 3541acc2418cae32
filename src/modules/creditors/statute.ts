import type { Engine } from '../../platform/db/index.ts';

/**
 * The statutory defaults we ship, as rows (architecture §4.2). Source of each: law-and-practice of the design
 * folder, rule number in the comment; mark C confirmed, M from memory, U uncertain, D design choice of ours. A body
 * overrides any of them with its deliberation (`ente_rule`); code never holds one of these values.
 */
interface StatuteRow {
  readonly key: string;
  readonly nature: string;
  readonly from: string;
  readonly to?: string;
  readonly value: unknown;
  readonly basis: string;
  readonly mark: 'C' | 'M' | 'U' | 'D';
}

export const STATUTE: readonly StatuteRow[] = [
  // R01: 31 December of the fifth year after the one of the due date.
  {
    key: 'decadenceYears',
    nature: 'tax',
    from: '2007-01-01',
    value: 5,
    basis: 'L. 296/2006, art. 1, c. 161',
    mark: 'C',
  },
  // R04: no friendly wave so near to decadence.
  {
    key: 'decadenceMarginDays',
    nature: 'tax',
    from: '2007-01-01',
    value: 120,
    basis: 'scelta di progetto su L. 296/2006, art. 1, c. 161',
    mark: 'D',
  },
  // R05: every extended term of due years up to 2020 is over: to the office, never to a reminder.
  {
    key: 'expiredDueYear',
    nature: 'tax',
    from: '2026-03-27',
    value: 2020,
    basis: 'L. 296/2006, art. 1, c. 161; D.L. 18/2020, art. 67',
    mark: 'C',
  },
  // R31: a minimum per tax and year; below it nothing is due. Never for fees, tickets, water.
  {
    key: 'taxMinimumCents',
    nature: 'tax',
    from: '2007-01-01',
    to: '2026-12-31',
    value: 1200,
    basis: 'L. 296/2006, art. 1, c. 168; L. 289/2002, art. 25',
    mark: 'C',
  },
  // §1.7: practical floor for writing to somebody, over all the lines of a notice.
  { key: 'sendingFloorCents', nature: '*', from: '2000-01-01', value: 1200, basis: 'scelta di progetto', mark: 'D' },
  // §5.3: stricter than the code of conduct of private collectors; a campaign may only tighten it.
  {
    key: 'weeklyCeilingPerPerson',
    nature: '*',
    from: '2000-01-01',
    value: 2,
    basis: 'scelta di progetto sul codice di condotta UNIREC',
    mark: 'D',
  },
  {
    key: 'weeklyCeilingPerAddress',
    nature: '*',
    from: '2000-01-01',
    value: 3,
    basis: 'scelta di progetto sul codice di condotta UNIREC',
    mark: 'D',
  },
  // architecture §6: e-mail by the body's setting, default 8-20; days 1 (Monday) to 7.
  {
    key: 'window.email',
    nature: '*',
    from: '2000-01-01',
    value: { fromMinutes: 480, toMinutes: 1200, days: [1, 2, 3, 4, 5, 6] },
    basis: 'scelta di progetto',
    mark: 'D',
  },
  // architecture §3.10
  { key: 'silenceAfterPaymentDays', nature: '*', from: '2000-01-01', value: 7, basis: 'scelta di progetto', mark: 'D' },
  // R53: an unanswered request can be challenged after 90 days; we promise an answer much sooner.
  {
    key: 'disputeAnswerDays',
    nature: '*',
    from: '2000-01-01',
    value: 30,
    basis: 'scelta di progetto, entro i 90 giorni di L. 212/2000, art. 10-quater',
    mark: 'D',
  },
  { key: 'linkValidDays', nature: '*', from: '2000-01-01', value: 90, basis: 'scelta di progetto', mark: 'D' },
  { key: 'deliveryExpiresDays', nature: '*', from: '2000-01-01', value: 10, basis: 'scelta di progetto', mark: 'D' },
];

/** Brings the shipped rows to the database: part of `migrate`, run by the owner. Rows of bodies are never touched. */
export async function installStatute(engine: Engine): Promise<void> {
  const { connection, release } = await engine.acquire();
  try {
    await connection.query(
      `insert into statute_rule (key, nature, valid_from, valid_to, value, legal_basis, mark)
       select r->>'key', r->>'nature', (r->>'from')::date, (r->>'to')::date, r->'value', r->>'basis', r->>'mark'
       from jsonb_array_elements($1::jsonb) r
       on conflict (key, nature, valid_from) do update
       set valid_to = excluded.valid_to, value = excluded.value, legal_basis = excluded.legal_basis, mark = excluded.mark`,
      [JSON.stringify(STATUTE)],
    );
  } finally {
    release(false);
  }
}
