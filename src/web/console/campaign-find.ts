import { CodedError } from '../../kernel/errors.ts';
import { findCampaign, type StartRefusal } from '../../modules/campaigns/index.ts';
import { type CampaignDetail, campaignDetail } from '../../modules/insight/index.ts';
import { listOperators } from '../../modules/operators/index.ts';
import { type ConsoleDeps, field, type Signed } from './context.ts';

/** A campaign with what its owner alone knows: the start that was set, or why it did not happen. */
export interface FoundCampaign extends CampaignDetail {
  readonly startAt: number | null;
  readonly startRefused: StartRefusal | null;
}

/** Error NOT_FOUND, which is answered with the 404 page. */
export async function campaignOf(deps: ConsoleDeps, signed: Signed, params: unknown): Promise<FoundCampaign> {
  const code = field(params, 'code');
  const found = await deps.db.tenant(signed.enteId, async (tx) => {
    const detail = await campaignDetail(tx, code);
    if (detail === null) return null;
    const { startAt, startRefused } = await findCampaign(tx, code);
    return { ...detail, startAt, startRefused };
  });
  if (found === null) throw new CodedError('NOT_FOUND', 'no such campaign');
  return found;
}

/** Names of the people behind the ids in a campaign's history. */
export async function namesOf(deps: ConsoleDeps, enteId: number): Promise<ReadonlyMap<string, string>> {
  const operators = await deps.db.tenant(enteId, (tx) => listOperators(tx));
  return new Map(operators.map((one) => [one.operatorId, one.name]));
}
