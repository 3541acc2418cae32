import type { Cents } from '../../src/kernel/money.ts';
import { type Debt, pairKey, type Town } from './types.ts';

/** What is still owed in truth while the story goes on, and which notice number stands for which debt. */
export interface Truth {
  /** Debts of a person at a body that are neither paid nor cancelled. */
  open(personId: string, slug: string): readonly Debt[];
  debt(slug: string, id: string): Debt | undefined;
  /** The debt behind a notice number, if known. */
  byNotice(slug: string, noticeNumber: string): Debt | undefined;
  /** Learns that a number shown to a person stands for the debt of that amount; undefined when none fits. */
  learn(slug: string, noticeNumber: string, personId: string, amountCents: Cents): Debt | undefined;
  /** The number of a debt, imported or learnt. */
  numberOf(debt: Debt): string | null;
  close(debt: Debt): void;
}

export function makeTruth(town: Town): Truth {
  const byPair = new Map<string, Debt[]>();
  const byId = new Map<string, Debt>();
  const byNumber = new Map<string, Debt>();
  const numbers = new Map<string, string>();
  const closed = new Set<string>();
  const idKey = (debt: Debt): string => `${debt.slug}|${debt.id}`;

  function bind(debt: Debt, noticeNumber: string): void {
    byNumber.set(`${debt.slug}|${noticeNumber}`, debt);
    numbers.set(idKey(debt), noticeNumber);
  }

  for (const debt of town.debts) {
    if (debt.kind === 'bad') continue;
    const key = pairKey(debt.personId, debt.slug);
    byPair.set(key, [...(byPair.get(key) ?? []), debt]);
    byId.set(idKey(debt), debt);
    if (debt.noticeNumber !== null) bind(debt, debt.noticeNumber);
  }
  // The order of the file depends on the draw; by id it is the same however they are asked for.
  for (const debts of byPair.values()) debts.sort((a, b) => (a.id < b.id ? -1 : 1));

  return {
    open: (personId, slug) => (byPair.get(pairKey(personId, slug)) ?? []).filter((debt) => !closed.has(idKey(debt))),
    debt: (slug, id) => byId.get(`${slug}|${id}`),
    byNotice: (slug, noticeNumber) => byNumber.get(`${slug}|${noticeNumber}`),
    learn(slug, noticeNumber, personId, amountCents) {
      const known = byNumber.get(`${slug}|${noticeNumber}`);
      if (known) return known;
      // Payments of local taxes are rounded to the euro (L. 296/2006, art. 1, c. 166).
      const fits = (byPair.get(pairKey(personId, slug)) ?? []).find(
        (debt) => !numbers.has(idKey(debt)) && Math.abs(debt.amountCents - amountCents) <= 50,
      );
      if (fits) bind(fits, noticeNumber);
      return fits;
    },
    numberOf: (debt) => numbers.get(idKey(debt)) ?? null,
    close: (debt) => void closed.add(idKey(debt)),
  };
}
