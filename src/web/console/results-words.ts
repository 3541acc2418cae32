import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import type { CampaignResults } from '../../modules/insight/index.ts';
import { channelWords, count, counted, reasonWords } from './campaign-words.ts';

function share(part: number, whole: number): string {
  return whole === 0 ? '0%' : `${Math.round((part * 100) / whole)}%`;
}

export function funnelSentence({ funnel }: CampaignResults): string {
  return `Persone del pubblico: ${count(funnel.audience)}. Contattate: ${count(funnel.contacted)} (${share(funnel.contacted, funnel.audience)}). Hanno pagato dopo l’avvio: ${count(funnel.paid)} (${share(funnel.paid, funnel.planned)} di chi ha un avviso).`;
}

export function moneySentence({ money, byDay }: CampaignResults): string {
  const last = byDay.at(-1);
  if (last === undefined) return 'Dopo l’avvio non è ancora arrivato nessun pagamento.';
  return `Dall’avvio al ${formatDate(last.day)} sono arrivati ${formatEuro(money.paidCents)}, il ${share(money.paidCents, money.toldCents)} di quanto è stato comunicato. Non tutto dipende dagli avvisi: qualcuno avrebbe pagato comunque.`;
}

export function channelSentence({ byChannel }: CampaignResults): string {
  const accepted = byChannel.reduce((sum, one) => sum + one.accepted, 0);
  const failed = byChannel.reduce((sum, one) => sum + one.failed, 0);
  return `I canali hanno accettato ${counted(accepted, 'messaggio', 'messaggi')}; non arrivati: ${count(failed)}.`;
}

export function exclusionSentence({ exclusions }: CampaignResults): string {
  const first = exclusions[0];
  if (first === undefined) return 'Nessuno è rimasto fuori.';
  const all = exclusions.reduce((sum, one) => sum + one.n, 0);
  return `Fuori dal giro: ${counted(all, 'persona', 'persone')}. Il primo motivo è «${reasonWords(first.reason)}» (${count(first.n)}).`;
}

export const NO_COST = 'costo non indicato';

/** What a message costs is told in words where a price is missing: a blank would look like nothing to pay. */
export function costOrNot(cents: number | null): string {
  return cents === null ? NO_COST : formatEuro(cents);
}

export function costSentence({ cost }: CampaignResults): string {
  const messages = cost.byChannel.reduce((sum, one) => sum + one.messages, 0);
  if (messages === 0) return 'Nessun messaggio è ancora partito.';
  if (cost.cents !== null)
    return `${counted(messages, 'messaggio è costato', 'messaggi sono costati')} ${formatEuro(cost.cents)}.`;
  const missing = cost.byChannel.filter((one) => one.unpriced > 0).map((one) => channelWords(one.channel));
  return `Il costo di tutta la campagna non si può dire: manca il prezzo in vigore il giorno dell’invio, o il numero di segmenti, per ${missing.join(' e ')}. Il prezzo è una regola dell’ente, con il contratto da cui viene.`;
}

/** Says exactly what is counted, so that the number is not taken for more than it is. */
export function returnSentence({ cost }: CampaignResults): string {
  const counts =
    'Si conta solo quanto è stato pagato dopo che il canale ha accettato il primo messaggio sulla posizione; chi avrebbe pagato comunque è compreso. Il costo è quello dei messaggi, non del lavoro dell’ufficio.';
  if (cost.perEuro === null) return counts;
  return `Per ogni euro incassato dopo il contatto i messaggi sono costati ${perEuroWords(cost.perEuro)}. ${counts}`;
}

export function perEuroWords(perEuro: number): string {
  const cents = perEuro * 100;
  if (cents >= 100) return formatEuro(Math.round(cents));
  if (cents > 0 && cents < 0.05) return 'meno di 0,1 centesimi';
  return `${cents.toFixed(1).replace('.', ',')} centesimi`;
}
