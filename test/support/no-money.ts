import type { Money } from '../../src/compose/money.ts';

/** For chores whose test is about something else. */
export const noMoney: Money = {
  pullRemittances: async () => null,
  reconcile: async () => ({ lines: 0, credits: 0 }),
  reconcileTerms: async () => {
    throw new Error('not asked');
  },
};
