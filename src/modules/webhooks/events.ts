/** What a program can be told of, by the role that its key needs for it. */
export const EVENT_KINDS = {
  'debt.paid': 'debts',
  'debt.cancelled': 'debts',
  'dispute.opened': 'disputes',
  'dispute.answered': 'disputes',
  'delivery.bounced': 'deliveries',
} as const;

export type EventKind = keyof typeof EVENT_KINDS;

/** A fact about one or more subjects of a kind: debts, disputes or deliveries, by their ids. `at` is legal time. */
export interface WebhookFact {
  readonly kind: EventKind;
  readonly ids: readonly string[];
  readonly at: number;
}
