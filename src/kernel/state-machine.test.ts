import { describe, expect, it } from 'vitest';
import { defineMachine } from './state-machine.ts';

const dispute = defineMachine({
  name: 'dispute',
  initial: 'open',
  transitions: [
    { from: 'open', event: 'accept', to: 'accepted' },
    { from: 'open', event: 'reject', to: 'rejected' },
    { from: 'open', event: 'withdraw', to: 'withdrawn' },
    { from: 'rejected', event: 'withdraw', to: 'withdrawn' },
    { from: 'rejected', event: 'reopen', to: 'open' },
  ],
});

describe('defineMachine', () => {
  it('answers from its rows only', () => {
    expect(dispute.next('open', 'accept')).toBe('accepted');
    expect(dispute.next('accepted', 'reopen')).toBeNull();
    expect(dispute.sources('withdraw')).toEqual(['open', 'rejected']);
    expect(dispute.target('withdraw')).toBe('withdrawn');
    expect(dispute.states).toEqual(['open', 'accepted', 'rejected', 'withdrawn']);
    expect(dispute.events).toEqual(['accept', 'reject', 'withdraw', 'reopen']);
    expect(dispute.states.filter((s) => dispute.terminal(s))).toEqual(['accepted', 'withdrawn']);
  });

  it('draws itself', () => {
    expect(dispute.toMermaid()).toBe(`---
title: dispute
---
stateDiagram-v2
  [*] --> open
  open --> accepted: accept
  open --> rejected: reject
  open --> withdrawn: withdraw
  rejected --> withdrawn: withdraw
  rejected --> open: reopen
  accepted --> [*]
  withdrawn --> [*]
`);
  });

  it('refuses a state that cannot be reached, also on an island of its own', () => {
    expect(() =>
      defineMachine({
        name: 'island',
        initial: 'a',
        transitions: [
          { from: 'a', event: 'go', to: 'b' },
          { from: 'c', event: 'go', to: 'd' },
          { from: 'd', event: 'back', to: 'c' },
        ],
      }),
    ).toThrow(expect.objectContaining({ code: 'MACHINE_UNREACHABLE', message: expect.stringContaining('c, d') }));
  });

  it('refuses two answers to one question', () => {
    expect(() =>
      defineMachine({
        name: 'twice',
        initial: 'a',
        transitions: [
          { from: 'a', event: 'go', to: 'b' },
          { from: 'a', event: 'go', to: 'c' },
        ],
      }),
    ).toThrow(expect.objectContaining({ code: 'MACHINE_AMBIGUOUS' }));
  });

  it('has no single target for an event that splits', () => {
    const split = defineMachine({
      name: 'split',
      initial: 'a',
      transitions: [
        { from: 'a', event: 'go', to: 'b' },
        { from: 'b', event: 'go', to: 'c' },
      ],
    });
    expect(split.next('b', 'go')).toBe('c');
    expect(() => split.target('go')).toThrow(expect.objectContaining({ code: 'MACHINE_SPLIT_EVENT' }));
  });
});
