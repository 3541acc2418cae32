import type { Fault, SendOutcome } from '../../../modules/deliveries/channel.port.ts';
import type { RequestResult } from './smpp-link.ts';

/** SMPP 3.4 §5.1.3, the statuses whose meaning is sure; everything else is kept and blamed on the connection. */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [8, 'temporary'], // system error
  [10, 'policy'], // source address: the alias is not registered, or not ours
  [11, 'permanent'], // destination address
  [69, 'temporary'], // submit failed
  [72, 'policy'], // source TON
  [73, 'policy'], // source NPI
  [100, 'temporary'], // temporary application error
  [102, 'policy'], // refused by the application
]);

export const ESME_RMSGQFUL = 20;
export const ESME_RTHROTTLED = 88;
/** Real milliseconds to hold off: a rate is over within the second or two, a full queue takes longer. */
const THROTTLED_RETRY_MS = 5_000;
const QUEUE_FULL_RETRY_MS = 30_000;

/** The outcome of a submit that was answered with a status other than 0: never accepted, for sure. */
function outcomeOfStatus(status: number): Exclude<SendOutcome, { kind: 'accepted' | 'uncertain' }> {
  const code = `smpp:${status}`;
  if (status === ESME_RTHROTTLED) return { kind: 'retryLater', afterMs: THROTTLED_RETRY_MS, code };
  if (status === ESME_RMSGQFUL) return { kind: 'retryLater', afterMs: QUEUE_FULL_RETRY_MS, code };
  return { kind: 'rejected', code, fault: FAULTS.get(status) ?? 'technical' };
}

/** The same when it came too late to hold off: a provider that wanted a pause has had it. */
export function refusalOfStatus(status: number): { readonly code: string; readonly fault: Fault } {
  const outcome = outcomeOfStatus(status);
  return { code: outcome.code, fault: outcome.kind === 'rejected' ? outcome.fault : 'temporary' };
}

/** Of a submit that was not answered with consent. */
export function outcomeOfFailure(result: RequestResult): Exclude<SendOutcome, { kind: 'accepted' }> {
  if (result.kind === 'answered') return outcomeOfStatus(result.answer.status);
  if (result.kind === 'lost') return { kind: 'uncertain', code: result.code };
  return { kind: 'rejected', code: result.code, fault: 'technical' };
}

/** No use to try the rest of the batch: there is no session, or the provider asks to slow down. */
export function isWall(outcome: SendOutcome): boolean {
  if (outcome.kind === 'retryLater') return outcome.code === `smpp:${ESME_RTHROTTLED}`;
  return outcome.kind === 'rejected' && /^(?:NO_SESSION|BIND_REFUSED)\b/.test(outcome.code);
}
