import { CodedError } from '../../kernel/errors.ts';
import { type CampaignDetail, campaignDetail } from '../../modules/insight/index.ts';
import { listOperators } from '../../modules/operators/index.ts';
import { type ConsoleDeps, field, type Signed } from './context.ts';

/** Error NOT_FOUND, which is answered with the 404 page. */
export async function campaignOf(deps: ConsoleDeps, signed: Signed, params: unknown): Promise<CampaignDetail> {
  const found = await deps.db.tenant(signed.enteId, (tx) => campaignDetail(tx, field(params, 'code')));
  if (found === null) throw new CodedError('NOT_FOUND', 'no such campaign');
  return found;
}

/** Names of the people behind the ids in a campaign's history. */
export async function namesOf(deps: ConsoleDeps, enteId: number): Promise<ReadonlyMap<string, string>> {
  const operators = await deps.db.tenant(enteId, (tx) => listOperators(tx));
  return new Map(operators.map((one) => [one.operatorId, one.name]));
}
