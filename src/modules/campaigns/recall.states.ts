import { defineMachine } from '../../kernel/state-machine.ts';

/** A recall's life: asked by one person, approved by another, over when no correction is still on its way. */
export const recallMachine = defineMachine({
  name: 'recall',
  initial: 'requested',
  transitions: [
    { from: 'requested', event: 'approve', to: 'running' },
    { from: 'requested', event: 'refuse', to: 'refused' },
    { from: 'running', event: 'complete', to: 'completed' },
  ],
});
export type RecallState = (typeof recallMachine.states)[number];
export type RecallEvent = (typeof recallMachine.events)[number];
