import type { SendOutcome } from '../../modules/deliveries/index.ts';
import type { DeliveryLineage } from '../../modules/deliveries/lineage.port.ts';
import type { SpanFacts, Tracing } from '../../platform/telemetry/index.ts';

/** One message that went over the wire; instants in real time, save those of the lineage. */
export interface SentDelivery {
  readonly enteId: number;
  readonly kind: string;
  readonly provider: string;
  readonly lineage: DeliveryLineage;
  readonly taken: number;
  readonly markedAt: number;
  readonly answeredAt: number;
  readonly answer: SendOutcome;
}

/**
 * The spans of one message; with the first of a notice also the file and the plan it came from, in legal time, which
 * outside a simulation is the same. Attributes are ids and codes.
 */
export function tellDelivery(tracing: Tracing, sent: SentDelivery): void {
  const { lineage, taken, markedAt, answeredAt, answer } = sent;
  const { noticeId, stepNo, attempt } = lineage;
  const ids = { 'bonario.ente': sent.enteId, 'bonario.notice': noticeId, 'bonario.campaign': lineage.campaignId };
  const add = (name: string, startMs: number, endMs: number, attributes: SpanFacts['attributes'], failed?: string) =>
    tracing.add(noticeId, { name, startMs, endMs, attributes: { ...ids, ...attributes }, failed });
  if (lineage.first) {
    const planAt = lineage.campaignAt ?? lineage.noticeAt;
    const startMs = Math.min(planAt, ...lineage.imports.map((file) => file.at));
    tracing.first(noticeId, { name: 'notice', startMs, endMs: answeredAt, attributes: ids });
    for (const { importId, at } of lineage.imports) add('import', at, at, { 'bonario.import': importId });
    add('plan', planAt, lineage.noticeAt, {});
  }
  const delivery = { 'bonario.delivery': lineage.deliveryId, 'bonario.step': stepNo, 'bonario.attempt': attempt };
  add('queue', lineage.dueAt, taken, delivery);
  add('hand over', taken, markedAt, delivery);
  const told = { 'bonario.channel': sent.kind, 'bonario.provider': sent.provider, 'bonario.outcome': answer.kind };
  add('provider', markedAt, answeredAt, { ...delivery, ...told }, failureOf(answer));
}

function failureOf(answer: SendOutcome): string | undefined {
  if (answer.kind === 'accepted') return undefined;
  return answer.kind === 'rejected' ? answer.fault : answer.kind;
}
