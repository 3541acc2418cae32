import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignDetail, CampaignProgress } from '../../modules/insight/index.ts';
import type { FoundCampaign } from './campaign-find.ts';
import { campaignState, count, counted } from './campaign-words.ts';

/** Equal while nothing has moved. */
export function markOf(
  { state }: CampaignDetail,
  { total, queued, onTheWire, handedOver, delivered, stuck }: CampaignProgress,
) {
  return [state, total, queued, onTheWire, handedOver, delivered, stuck.length].join('.');
}

/** What a screen reader is told: states and quarters, not every number every five seconds. */
export function announcement(
  campaign: CampaignDetail,
  progress: CampaignProgress,
  settled: number,
  total: number,
): string {
  const quarter = total === 0 ? 0 : Math.floor((settled * 4) / total) * 25;
  const [state] = campaignState(campaign.state);
  const where = total === 0 ? 'nessun messaggio preparato' : `${quarter} per cento`;
  return `Campagna ${state}${progress.stuck.length > 0 ? ', ma la coda è ferma' : ''}: ${where}.`;
}

export function paceSentence(campaign: FoundCampaign, progress: CampaignProgress): string {
  if (campaign.state === 'scheduled' && campaign.startAt !== null) {
    return `Non è ancora partita: si avvia da sola il ${formatInstant(campaign.startAt)}.`;
  }
  if (['draft', 'inApproval', 'approved'].includes(campaign.state)) return 'Non è ancora partita.';
  if (campaign.state === 'paused') return 'Finché è sospesa non parte nulla.';
  if (campaign.state !== 'running') return endSentence(progress);
  if (progress.stuck.length > 0) return 'Finché la coda è ferma non si può dire quando finisce.';
  const pace =
    progress.lastHour === 0 ? '' : ` Nell’ultima ora: ${counted(progress.lastHour, 'messaggio', 'messaggi')}.`;
  if (progress.endAt !== null) return `La coda dovrebbe finire il ${formatInstant(progress.endAt)}.${pace}`;
  if (progress.queued + progress.onTheWire > 0) return `I messaggi in coda partono al prossimo giro.${pace}`;
  if (progress.nextStepAt !== null)
    return `La coda è vuota. Il prossimo passo è il ${formatInstant(progress.nextStepAt)}.${pace}`;
  return progress.total === 0 ? 'Gli avvisi si stanno preparando.' : `La coda è vuota.${pace}`;
}

function endSentence({ failed, uncertain }: CampaignProgress): string {
  const done = 'Non c’è più nulla da mandare.';
  if (failed + uncertain === 0) return done;
  return `${done} Falliti: ${count(failed)}; di esito incerto: ${count(uncertain)}.`;
}
