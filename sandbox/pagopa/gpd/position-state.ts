import { defineMachine } from '../../../src/kernel/state-machine.ts';

/** A debt position's life on GPD, in the words of its first version (pagopa §8). */
export const positionMachine = defineMachine({
  name: 'gpdPosition',
  initial: 'DRAFT',
  transitions: [
    // With a date from which it may be paid, and without one.
    { from: 'DRAFT', event: 'publish', to: 'PUBLISHED' },
    { from: 'DRAFT', event: 'publishNow', to: 'VALID' },
    { from: 'PUBLISHED', event: 'validityReached', to: 'VALID' },
    { from: 'VALID', event: 'dueDatePassed', to: 'EXPIRED' },
    { from: 'EXPIRED', event: 'dueDateMoved', to: 'VALID' },
    { from: 'PUBLISHED', event: 'invalidate', to: 'INVALID' },
    { from: 'VALID', event: 'invalidate', to: 'INVALID' },
    { from: 'VALID', event: 'payPart', to: 'PARTIALLY_PAID' },
    { from: 'VALID', event: 'payAll', to: 'PAID' },
    { from: 'PARTIALLY_PAID', event: 'payPart', to: 'PARTIALLY_PAID' },
    { from: 'PARTIALLY_PAID', event: 'payAll', to: 'PAID' },
    { from: 'PAID', event: 'report', to: 'REPORTED' },
  ],
});

export type PositionStatus = (typeof positionMachine.states)[number];
export type PositionEvent = (typeof positionMachine.events)[number];

export const UPDATABLE: readonly PositionStatus[] = ['DRAFT', 'PUBLISHED', 'VALID', 'EXPIRED'];
const PAYABLE: readonly PositionStatus[] = ['VALID', 'PARTIALLY_PAID'];

/** What a station would answer for a position in this state; null where it may be paid (pagopa §4). */
export function faultOf(status: PositionStatus): string | null {
  if (PAYABLE.includes(status)) return null;
  if (status === 'EXPIRED') return 'PAA_PAGAMENTO_SCADUTO';
  if (status === 'INVALID') return 'PAA_PAGAMENTO_ANNULLATO';
  return status === 'PAID' || status === 'REPORTED' ? 'PAA_PAGAMENTO_DUPLICATO' : 'PAA_PAGAMENTO_SCONOSCIUTO';
}
