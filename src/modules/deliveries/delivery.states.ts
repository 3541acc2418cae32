import { defineMachine } from '../../kernel/state-machine.ts';

/**
 * A delivery's life (architecture §5). `handed_over_at` says whether the channel ever accepted it, so a message that
 * bounced later is `failed` with that instant set, and still counts as handed over (§4.9).
 */
export const deliveryMachine = defineMachine({
  name: 'delivery',
  initial: 'queued',
  transitions: [
    { from: 'queued', event: 'take', to: 'taken' },
    { from: 'queued', event: 'expire', to: 'expired' },
    { from: 'queued', event: 'cancel', to: 'void' },
    // The lease ran out before the wire was touched: nobody was written to, another worker may take it.
    { from: 'taken', event: 'leaseLost', to: 'queued' },
    { from: 'taken', event: 'handOver', to: 'handingOver' },
    { from: 'taken', event: 'cancel', to: 'void' },
    { from: 'handingOver', event: 'accept', to: 'handedOver' },
    { from: 'handingOver', event: 'reject', to: 'failed' },
    // The lease ran out, or the line broke, after the point of no return: never resent blindly (§4.7).
    { from: 'handingOver', event: 'loseTrack', to: 'uncertain' },
    { from: 'uncertain', event: 'accept', to: 'handedOver' },
    { from: 'uncertain', event: 'reject', to: 'failed' },
    { from: 'uncertain', event: 'deliver', to: 'delivered' },
    { from: 'uncertain', event: 'read', to: 'read' },
    { from: 'uncertain', event: 'bounce', to: 'failed' },
    { from: 'handedOver', event: 'deliver', to: 'delivered' },
    { from: 'handedOver', event: 'read', to: 'read' },
    { from: 'handedOver', event: 'bounce', to: 'failed' },
    { from: 'delivered', event: 'read', to: 'read' },
  ],
});

export type DeliveryState = (typeof deliveryMachine.states)[number];
export type DeliveryEvent = (typeof deliveryMachine.events)[number];

/** How states are stored; the partial index of the due queue needs 0 (data-engine §3.13). */
export const STATE_CODE: Readonly<Record<DeliveryState, number>> = {
  queued: 0,
  taken: 1,
  handingOver: 2,
  handedOver: 3,
  delivered: 4,
  read: 5,
  failed: 6,
  expired: 7,
  uncertain: 8,
  void: 9,
};

const STATES = Object.entries(STATE_CODE) as [DeliveryState, number][];

export function stateOfCode(code: number): DeliveryState {
  const found = STATES.find(([, value]) => value === code);
  if (found === undefined) throw new Error(`no delivery state ${code}`);
  return found[0];
}

/** Codes of the states an event may start from: what the only writer puts into its WHERE. */
export function sourceCodes(event: DeliveryEvent): number[] {
  return deliveryMachine.sources(event).map((state) => STATE_CODE[state]);
}

export function targetCode(event: DeliveryEvent): number {
  return STATE_CODE[deliveryMachine.target(event)];
}
