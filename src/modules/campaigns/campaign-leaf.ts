import type { Tx } from '../../platform/db/index.ts';
import { type Facts, writeLeaf } from '../audit/index.ts';

/** What happened to a campaign, by its code: the history that the console shows is made of these leaves. */
export async function campaignLeaf(
  tx: Tx,
  code: string,
  kind: `campaign.${string}`,
  actor: string,
  at: number,
  facts: Facts = {},
): Promise<void> {
  await writeLeaf(tx, { at, kind, actor, rowCount: 1, facts: { campaign: code, ...facts } });
}
