import { sql } from 'kysely';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';

/** A campaign of more notices than this has its figures kept: what is smaller is read in a few milliseconds. */
const LARGE = 1_000;
/** How often figures that may have changed are read anew. */
export const FIGURES_REFRESHED_MS = 5 * 60_000;

/**
 * The started campaigns of more than `large` notices whose kept figures are due, the oldest first. Where the body's
 * register has no fact since they were read, they are only dated anew: a body where nothing happens costs three small
 * statements. `now`: legal time.
 */
export async function dueFigures(tx: Tx, now: number, large = LARGE): Promise<string[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ campaign_id: string; as_of: number | null }>`
    select c.campaign_id, f.as_of from campaign c
    left join campaign_figures f on f.ente_id = ${ente} and f.campaign_id = c.campaign_id
    where c.ente_id = ${ente} and c.started_at is not null
      and (f.as_of is null or f.as_of <= ${instant(now - FIGURES_REFRESHED_MS)} or f.as_of > ${instant(now)})
      and ${large} < (select count(*) from (select from notice_now n
        where n.ente_id = ${ente} and n.campaign_id = c.campaign_id limit ${large + 1}) first)
    order by f.as_of nulls first`.execute(tx.kysely);
  if (rows.length === 0) return [];
  const last = await sql<{ at: number }>`select at from audit_leaf_now
    where ente_id = ${ente} order by leaf_id desc limit 1`.execute(tx.kysely);
  // A fact may be dated some minutes before it is committed, and seen.
  const changedAt = (last.rows[0]?.at ?? now) + FIGURES_REFRESHED_MS;
  const unchanged = rows.filter(({ as_of }) => as_of !== null && as_of > changedAt && as_of <= now);
  await sql`update campaign_figures set as_of = ${instant(now)} where ente_id = ${ente}
    and campaign_id = any(${unchanged.map((row) => row.campaign_id)}::uuid[])`.execute(tx.kysely);
  return rows.filter((row) => !unchanged.includes(row)).map((row) => row.campaign_id);
}

/** Keeps what was read of a campaign at `asOf`, legal time. */
export async function keepFigures(tx: Tx, campaignId: string, asOf: number, figures: object): Promise<void> {
  await sql`insert into campaign_figures (ente_id, campaign_id, as_of, figures)
    values (${enteOf(tx)}, ${campaignId}, ${instant(asOf)}, ${JSON.stringify(figures)}::jsonb)
    on conflict (ente_id, campaign_id) do update set as_of = excluded.as_of, figures = excluded.figures`.execute(
    tx.kysely,
  );
}
