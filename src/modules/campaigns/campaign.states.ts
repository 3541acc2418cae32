import { defineMachine } from '../../kernel/state-machine.ts';

/** A campaign's life (architecture §5); who approves is never who wrote or submitted it. */
export const campaignMachine = defineMachine({
  name: 'campaign',
  initial: 'draft',
  transitions: [
    { from: 'draft', event: 'submit', to: 'inApproval' },
    { from: 'inApproval', event: 'sendBack', to: 'draft' },
    { from: 'inApproval', event: 'approve', to: 'approved' },
    { from: 'approved', event: 'run', to: 'running' },
    { from: 'approved', event: 'schedule', to: 'scheduled' },
    { from: 'scheduled', event: 'callOff', to: 'approved' },
    { from: 'scheduled', event: 'run', to: 'running' },
    { from: 'scheduled', event: 'sendBack', to: 'draft' },
    { from: 'running', event: 'pause', to: 'paused' },
    { from: 'paused', event: 'resume', to: 'running' },
    { from: 'running', event: 'stop', to: 'stopped' },
    { from: 'paused', event: 'stop', to: 'stopped' },
    { from: 'running', event: 'complete', to: 'completed' },
    { from: 'running', event: 'recall', to: 'recalled' },
    { from: 'paused', event: 'recall', to: 'recalled' },
    { from: 'completed', event: 'recall', to: 'recalled' },
    // Whoever sees an error stops first, and thinks then.
    { from: 'stopped', event: 'recall', to: 'recalled' },
  ],
});
export type CampaignState = (typeof campaignMachine.states)[number];
export type CampaignEvent = (typeof campaignMachine.events)[number];
