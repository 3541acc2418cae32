import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { PaceCaps } from '../notices/index.ts';
import type { CampaignDocument } from './campaign-document.ts';

/**
 * What a document asks for as two figures: the day's is the smaller of what is written and of what the office can answer.
 * Null: the campaign goes as fast as its channels.
 */
export function paceCapsOf(doc: CampaignDocument): PaceCaps | null {
  if (doc.pace === undefined) return null;
  const { perDay, perHour, office } = doc.pace;
  const days = [perDay, office === null ? null : answerable(office)].filter((n) => n !== null);
  const caps = { perDay: days.length === 0 ? null : Math.min(...days), perHour };
  return caps.perDay === null && caps.perHour === null ? null : caps;
}

/** Contacts a day of which the office can answer what they produce; at least one, or nothing would ever go. */
function answerable(office: { readonly answersPerDay: number; readonly sharePerTenThousand: number }): number {
  return Math.max(1, Math.floor((office.answersPerDay * 10_000) / office.sharePerTenThousand));
}

/** Of a campaign that starts: what the gates read. */
export async function writePace(tx: Tx, campaignId: string, doc: CampaignDocument): Promise<void> {
  const caps = paceCapsOf(doc);
  if (caps === null) return;
  await sql`insert into campaign_pace (ente_id, campaign_id, per_day, per_hour)
    values (${enteOf(tx)}, ${campaignId}, ${caps.perDay}, ${caps.perHour})`.execute(tx.kysely);
}
