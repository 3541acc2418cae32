import { romeDate } from '../../kernel/rome-time.ts';
import type { Tx } from '../../platform/db/index.ts';
import { loadRules } from '../creditors/index.ts';
import type { CorrectionRules, HoldReason } from '../deliveries/index.ts';

const DAY_MS = 86_400_000;

/**
 * How a correction may be sent. No rule of law that we know says it (docs/legal-rules.md: correctionPassesHolds and
 * correctionPassesCeiling, marked U, settings of the body); the defaults rest on this:
 *
 * - **Who has paid, or objects, is told.** The silence after a payment and during a dispute (R56, R53) is there so that
 *   nobody is asked again for what he settled or contests. A correction asks for nothing: it takes back what was said, and
 *   who acted on it has most need to know. So the holds `payment` and `dispute` of the person do not stop it.
 * - **The address wins.** STOP, a complaint, «non sono io» bind an address for every message (architecture §4.8): whoever
 *   reads there has refused to be written to, or is not the person. So do a death and an operator's own hold.
 * - **The ceiling does not delay it, and it counts.** R64 bounds how often a person is pressed. A wrong claim that stays
 *   uncorrected for a week presses more than one more message; but the next notice waits its turn behind it.
 * - Opening hours, dead addresses, one attempt at most: as for every message.
 */
export async function correctionRules(tx: Tx, now: number): Promise<CorrectionRules> {
  const rules = await loadRules(tx, romeDate(now));
  const of = <T>(key: string) => rules.get<T>(key, null).value;
  return {
    expiresAfterMs: of<number>('deliveryExpiresDays') * DAY_MS,
    passesHolds: of<HoldReason[]>('correctionPassesHolds'),
    ceilings: of<boolean>('correctionPassesCeiling')
      ? null
      : { perPerson: of<number>('weeklyCeilingPerPerson'), perAddress: of<number>('weeklyCeilingPerAddress') },
  };
}
