import { sql } from 'kysely';
import { smsSegments } from '../../kernel/sms-text.ts';
import type { Tx } from '../../platform/db/index.ts';
import { channelPriceOf, creditTypeOf, type Ente, officeOf, type RuleBook } from '../creditors/index.ts';
import { latestTemplate, previewMessage } from '../notices/index.ts';
import { audienceQuery } from './audience.ts';
import type { CampaignDocument } from './campaign-document.ts';
import type { RehearsalCounts } from './campaigns.store.ts';
import { rehearsePace } from './pacing-rehearsal.ts';

export const EMPTY_COUNTS: RehearsalCounts = { audience: 0, toContact: 0, excluded: {}, dueCents: 0, steps: [] };

/**
 * Who would be told, who not and why, what each step costs at most and, where a pace was set, on which days. Error
 * CREDIT_TYPE_UNKNOWN.
 */
export async function countAudience(
  tx: Tx,
  ente: Ente,
  rules: RuleBook,
  doc: CampaignDocument,
  campaignId: string,
  now: number,
): Promise<RehearsalCounts> {
  const audience = audienceQuery(tx, ente, rules, doc, campaignId, now);
  const { rows } = await sql<{ reason: string | null; n: number; cents: number }>`
    select a.reason, count(*)::int as n, coalesce(sum(a.total_cents), 0)::bigint as cents from (${audience}) a
    group by a.reason order by a.reason`.execute(tx.kysely);
  const toContact = rows.find((row) => row.reason === null);
  const atMost = toContact?.n ?? 0;
  const steps = [];
  for (const [i, { channel, templateCode }] of doc.steps.entries()) {
    const template = await latestTemplate(tx, templateCode);
    const segments = template === null || channel !== 'sms' ? 1 : segmentsOf(ente, doc, template);
    steps.push({
      step: i + 1,
      channel,
      template: templateCode,
      templateVersion: template?.version ?? 0,
      atMost,
      segments,
      costCents: costOf(rules, channel, atMost, segments),
    });
  }
  const pace = await rehearsePace(tx, ente, rules, doc, audience, atMost, now);
  return {
    audience: rows.reduce((sum, row) => sum + row.n, 0),
    toContact: atMost,
    excluded: Object.fromEntries(rows.flatMap((row) => (row.reason === null ? [] : [[row.reason, row.n]]))),
    dueCents: toContact?.cents ?? 0,
    steps,
    ...(pace === null ? {} : { pace }),
  };
}

/** The longest, over the offices that may be named in it. A text that cannot be made is a problem that the check tells. */
function segmentsOf(ente: Ente, doc: CampaignDocument, template: { subject: string; body: string }): number {
  const offices = new Set(doc.creditTypes.map((code) => creditTypeOf(ente, code).officeId));
  const lengths = [...offices].map((officeId) => {
    const text = previewMessage(ente, officeOf(ente, officeId), template);
    return text.kind === 'text' ? smsSegments(text.body).segments : 1;
  });
  return Math.max(1, ...lengths);
}

/** Rounded once, over the whole step: a price is a fraction of a cent. */
function costOf(rules: RuleBook, channel: string, messages: number, segments: number): number | null {
  const price = channelPriceOf(rules, channel);
  if (price === null) return null;
  return Math.round((messages * (price.per === 'segment' ? segments : 1) * price.milliCents) / 1000);
}
