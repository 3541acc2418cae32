import type { CivilDate } from '../../kernel/civil-date.ts';
import type { Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { setEnteRule } from '../creditors/index.ts';
import { DEADLINE_KEYS, refreshDeadlines } from './refresh-deadlines.ts';

/**
 * A rule of the body's own, and in the same transaction the deadlines that follow from it. One that holds from a later day
 * moves none before that day (`followDeadlineRules`). Errors as `setEnteRule`.
 */
export async function setRule(
  tx: Tx,
  vault: EnteVault,
  rule: Parameters<typeof setEnteRule>[1],
  today: CivilDate,
): Promise<void> {
  await setEnteRule(tx, rule);
  if (!DEADLINE_KEYS.includes(rule.key) || rule.validFrom > today) return;
  const only = rule.creditType === '*' ? 'all' : { creditType: rule.creditType };
  await refreshDeadlines(tx, vault, { today, only });
}
