import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { type CampaignEvent, type CampaignState, campaignMachine } from './campaign.states.ts';
import { type CampaignDocument, parseCampaign } from './campaign-document.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import type { PaceCalendar } from './pacing-calendar.ts';

export interface CampaignRecord {
  readonly campaignId: string;
  readonly code: string;
  readonly state: CampaignState;
  readonly version: number;
  readonly approvedVersion: number | null;
  readonly submittedBy: string | null;
  readonly startedAt: number | null;
  /** When it starts by itself; null when nobody has set it. */
  readonly startAt: number | null;
  /** Why it did not start by itself when it should have; null once it was proposed anew. */
  readonly startRefused: StartRefusal | null;
}

export interface StartRefusal {
  readonly [fact: string]: string | number;
  /** Code of the error that an approval would have ended with. */
  readonly reason: string;
}

interface Row {
  campaign_id: string;
  code: string;
  state: CampaignState;
  version: number;
  approved_version: number | null;
  submitted_by: string | null;
  started_at: number | null;
  start_at: number | null;
  start_refused: StartRefusal | null;
}

const toRecord = (row: Row): CampaignRecord => ({
  campaignId: row.campaign_id,
  code: row.code,
  state: row.state,
  version: row.version,
  approvedVersion: row.approved_version,
  submittedBy: row.submitted_by,
  startedAt: row.started_at,
  startAt: row.start_at,
  startRefused: row.start_refused,
});

/** Error CAMPAIGN_UNKNOWN. `lock` for whoever goes on to change it. */
export async function findCampaign(tx: Tx, code: string, lock = false): Promise<CampaignRecord> {
  const { rows } = await sql<Row>`select * from campaign where ente_id = ${enteOf(tx)} and code = ${code}
    ${lock ? sql`for update` : sql``}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) throw new CodedError('CAMPAIGN_UNKNOWN', `no campaign ${code}`, { code });
  return toRecord(row);
}

export async function listCampaigns(tx: Tx): Promise<CampaignRecord[]> {
  const { rows } = await sql<Row>`select * from campaign where ente_id = ${enteOf(tx)} order by code`.execute(
    tx.kysely,
  );
  return rows.map(toRecord);
}

/** Saves the document as the next version of a draft; the same words again are no new version. Error CAMPAIGN_STATE. */
export async function saveVersion(tx: Tx, yaml: string, authorId: string, now: number): Promise<CampaignRecord> {
  const ente = enteOf(tx);
  const doc = parseCampaign(yaml);
  const sha256 = sha256Hex(yaml);
  await sql`insert into campaign (ente_id, campaign_id, code, state, version) values (${ente}, ${newId()}, ${doc.code}, 'draft', 0)
    on conflict (ente_id, code) do nothing`.execute(tx.kysely);
  const campaign = await findCampaign(tx, doc.code, true);
  const { rows } = await sql<{ sha256: string }>`select sha256 from campaign_version
    where ente_id = ${ente} and campaign_id = ${campaign.campaignId} and version = ${campaign.version}`.execute(
    tx.kysely,
  );
  if (rows[0]?.sha256 === sha256) return campaign;
  if (campaign.state !== 'draft') {
    throw new CodedError('CAMPAIGN_STATE', `the campaign is ${campaign.state}: it can no longer be rewritten`, {
      state: campaign.state,
    });
  }
  const version = campaign.version + 1;
  await sql`insert into campaign_version (ente_id, campaign_id, version, document, yaml, sha256, author_id, at)
    values (${ente}, ${campaign.campaignId}, ${version}, ${JSON.stringify(doc)}::jsonb, ${yaml}, ${sha256}, ${authorId}, ${instant(now)})`.execute(
    tx.kysely,
  );
  await sql`update campaign set version = ${version} where ente_id = ${ente} and campaign_id = ${campaign.campaignId}`.execute(
    tx.kysely,
  );
  return { ...campaign, version };
}

export async function documentOf(
  tx: Tx,
  campaignId: string,
  version: number,
): Promise<{ doc: CampaignDocument; yaml: string; authorId: string }> {
  const { rows } = await sql<{ document: CampaignDocument; yaml: string; author_id: string }>`
    select document, yaml, author_id from campaign_version
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId} and version = ${version}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) throw new CodedError('CAMPAIGN_UNKNOWN', 'this campaign has no document yet');
  return { doc: row.document, yaml: row.yaml, authorId: row.author_id };
}

/** Everybody who wrote a version of it: none of them may approve. */
export async function authorsOf(tx: Tx, campaignId: string): Promise<Set<string>> {
  const { rows } = await sql<{ author_id: string }>`select distinct author_id from campaign_version
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaignId}`.execute(tx.kysely);
  return new Set(rows.map((row) => row.author_id));
}

/** The only writer of a campaign's state. Error CAMPAIGN_STATE when the event cannot happen now. */
export async function moveCampaign(
  tx: Tx,
  campaign: CampaignRecord,
  event: CampaignEvent,
  set: {
    submittedBy?: string | null;
    approvedBy?: string;
    approvedVersion?: number;
    startedAt?: number;
    completedAt?: number;
    startAt?: number | null;
    startRefused?: StartRefusal | null;
  } = {},
): Promise<CampaignState> {
  const next = campaignMachine.next(campaign.state, event);
  if (next === null) {
    throw new CodedError('CAMPAIGN_STATE', `a campaign that is ${campaign.state} cannot ${event}`, {
      state: campaign.state,
      event,
    });
  }
  const { submittedBy, approvedBy, approvedVersion, startedAt, completedAt, startAt, startRefused } = set;
  await sql`update campaign set state = ${next}
      ${submittedBy === undefined ? sql`` : sql`, submitted_by = ${submittedBy}`}
      ${approvedBy === undefined ? sql`` : sql`, approved_by = ${approvedBy}`}
      ${approvedVersion === undefined ? sql`` : sql`, approved_version = ${approvedVersion}`}
      ${startedAt === undefined ? sql`` : sql`, started_at = ${instant(startedAt)}`}
      ${completedAt === undefined ? sql`` : sql`, completed_at = ${instant(completedAt)}`}
      ${startAt === undefined ? sql`` : sql`, start_at = ${startAt === null ? null : instant(startAt)}`}
      ${startRefused === undefined ? sql`` : sql`, start_refused = ${startRefused === null ? null : JSON.stringify(startRefused)}::jsonb`}
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaign.campaignId}`.execute(tx.kysely);
  return next;
}

/** Nothing more to do: the program says so itself, so the leaf is its own. */
export async function completeCampaign(tx: Tx, campaign: CampaignRecord, now: number): Promise<void> {
  await moveCampaign(tx, campaign, 'complete', { completedAt: now });
  await campaignLeaf(tx, campaign.code, 'campaign.completed', 'system', now);
}

export interface RehearsalCounts {
  readonly audience: number;
  readonly toContact: number;
  readonly excluded: Readonly<Record<string, number>>;
  readonly dueCents: number;
  readonly steps: readonly {
    readonly step: number;
    readonly channel: string;
    readonly template: string;
    /** The words that were looked at: what is approved, and what runs, is this version and no later one. */
    readonly templateVersion: number;
    readonly atMost: number;
    /** Of an SMS, the segments of the text with invented values in it; one for any other channel. Older rehearsals have none. */
    readonly segments?: number;
    /** Null: the body has told no price, which is not the same as free. */
    readonly costCents: number | null;
  }[];
  /** Only where the document sets a pace. */
  readonly pace?: PaceCalendar;
}

export async function saveRehearsal(
  tx: Tx,
  campaign: CampaignRecord,
  counts: RehearsalCounts,
  digest: string,
  now: number,
): Promise<void> {
  await sql`insert into rehearsal (ente_id, campaign_id, version, at, counts, digest)
    values (${enteOf(tx)}, ${campaign.campaignId}, ${campaign.version}, ${instant(now)}, ${JSON.stringify(counts)}::jsonb, ${Buffer.from(digest, 'hex')})
    on conflict (ente_id, campaign_id, version) do update set at = excluded.at, counts = excluded.counts, digest = excluded.digest`.execute(
    tx.kysely,
  );
}

export async function rehearsalOf(
  tx: Tx,
  campaign: CampaignRecord,
): Promise<{ at: number; counts: RehearsalCounts } | null> {
  const { rows } = await sql<{ at: number; counts: RehearsalCounts }>`select at, counts from rehearsal
    where ente_id = ${enteOf(tx)} and campaign_id = ${campaign.campaignId} and version = ${campaign.version}`.execute(
    tx.kysely,
  );
  return rows[0] ?? null;
}
