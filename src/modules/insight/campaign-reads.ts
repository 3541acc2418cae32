import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { CampaignState, RehearsalCounts } from '../campaigns/index.ts';

export interface CampaignRow {
  readonly campaignId: string;
  readonly code: string;
  readonly name: string;
  readonly state: CampaignState;
  readonly version: number;
  readonly startedAt: number | null;
}

/** A fact of a campaign's life as the audit keeps it. */
export interface CampaignFact {
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

export interface CampaignDetail extends CampaignRow {
  readonly yaml: string;
  /** Everybody who wrote a version or submitted it: none of them may approve. */
  readonly writers: readonly string[];
  readonly approvedBy: string | null;
  readonly completedAt: number | null;
  readonly rehearsal: { readonly at: number; readonly counts: RehearsalCounts } | null;
  /** Newest first. */
  readonly history: readonly CampaignFact[];
}

interface Row {
  campaign_id: string;
  code: string;
  name: string;
  state: CampaignState;
  version: number;
  started_at: number | null;
  yaml: string;
  submitted_by: string | null;
  approved_by: string | null;
  completed_at: number | null;
}

const toRow = (row: Row): CampaignRow => ({
  campaignId: row.campaign_id,
  code: row.code,
  name: row.name,
  state: row.state,
  version: row.version,
  startedAt: row.started_at,
});

/** The body's campaigns, those begun last first. */
export async function campaignRows(tx: Tx): Promise<CampaignRow[]> {
  const { rows } = await sql<Row>`select campaign_id, code, name, state, version, started_at from campaign_detail_now
    where ente_id = ${enteOf(tx)} order by started_at desc nulls first, code`.execute(tx.kysely);
  return rows.map(toRow);
}

/** One campaign with its document, its rehearsal and its history; null when there is none with this code. */
export async function campaignDetail(tx: Tx, code: string): Promise<CampaignDetail | null> {
  const ente = enteOf(tx);
  const { rows } =
    await sql<Row>`select campaign_id, code, name, state, version, started_at, yaml, submitted_by, approved_by,
    completed_at from campaign_detail_now where ente_id = ${ente} and code = ${code}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  const authors = await sql<{ author_id: string }>`select distinct author_id from campaign_author_now
    where ente_id = ${ente} and campaign_id = ${row.campaign_id}`.execute(tx.kysely);
  const rehearsals = await sql<{ at: number; counts: RehearsalCounts }>`select at, counts from rehearsal_now
    where ente_id = ${ente} and campaign_id = ${row.campaign_id} and version = ${row.version}`.execute(tx.kysely);
  const history = await sql<CampaignFact>`select at, kind, actor, facts from campaign_fact_now
    where ente_id = ${ente} and facts ->> 'campaign' = ${code} order by at desc, leaf_id desc limit 50`.execute(
    tx.kysely,
  );
  const writers = new Set(authors.rows.map((author) => author.author_id));
  if (row.submitted_by !== null) writers.add(row.submitted_by);
  return {
    ...toRow(row),
    yaml: row.yaml,
    writers: [...writers],
    approvedBy: row.approved_by,
    completedAt: row.completed_at,
    rehearsal: rehearsals.rows[0] ?? null,
    history: history.rows,
  };
}

export interface TextVersion {
  readonly code: string;
  readonly version: number;
  readonly channel: string;
  readonly subject: string;
  readonly body: string;
  readonly authorId: string;
  readonly at: number;
}

/** Every version of every text, or of one, the newest first. */
export async function textVersions(tx: Tx, code: string | null): Promise<TextVersion[]> {
  const only = code === null ? sql`` : sql`and code = ${code}`;
  const { rows } = await sql<Omit<TextVersion, 'authorId'> & { author_id: string }>`
    select code, version, channel, subject, body, author_id, at from template_text_now
    where ente_id = ${enteOf(tx)} ${only} order by code, version desc limit 500`.execute(tx.kysely);
  return rows.map(({ author_id, ...row }) => ({ ...row, authorId: author_id }));
}

export interface ImportProblem {
  readonly line: number;
  readonly verdict: 'rejected' | 'quarantined';
  readonly code: string | null;
  readonly column: string | null;
}

/** Where the rows of a file went wrong, by line; what the rows say is not here. */
export async function importProblems(tx: Tx, importId: string, limit: number): Promise<ImportProblem[]> {
  const { rows } = await sql<{ line: number; verdict: number; code: string | null; column_name: string | null }>`
    select line, verdict, code, column_name from import_problem_now
    where ente_id = ${enteOf(tx)} and import_id = ${importId} order by line limit ${limit}`.execute(tx.kysely);
  return rows.map((row) => ({
    line: row.line,
    verdict: row.verdict === 2 ? 'rejected' : 'quarantined',
    code: row.code,
    column: row.column_name,
  }));
}
