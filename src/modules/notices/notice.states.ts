import { defineMachine } from '../../kernel/state-machine.ts';

/** A notice's life (architecture §5). `settled`: nothing worth asking for is left. `exhausted`: every step was walked. */
export const noticeMachine = defineMachine({
  name: 'notice',
  initial: 'planned',
  transitions: [
    { from: 'planned', event: 'activate', to: 'active' },
    { from: 'planned', event: 'settle', to: 'settled' },
    { from: 'active', event: 'settle', to: 'settled' },
    { from: 'exhausted', event: 'settle', to: 'settled' },
    { from: 'planned', event: 'stop', to: 'stopped' },
    { from: 'active', event: 'stop', to: 'stopped' },
    { from: 'active', event: 'exhaust', to: 'exhausted' },
    { from: 'planned', event: 'recall', to: 'recalled' },
    { from: 'active', event: 'recall', to: 'recalled' },
    { from: 'exhausted', event: 'recall', to: 'recalled' },
  ],
});
export type NoticeState = (typeof noticeMachine.states)[number];
