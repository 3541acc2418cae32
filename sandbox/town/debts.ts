import { addDays, type CivilDate, civilDate } from '../../src/kernel/civil-date.ts';
import type { Cents } from '../../src/kernel/money.ts';
import { makeNoticeNumber } from '../../src/kernel/notice-number.ts';
import type { Dice } from '../dice.ts';
import type { TownFigures } from '../profile.ts';
import type { CreditType, Debt, Person, RowKind, TownBody } from './types.ts';

/** Makes the debts of one body, numbering them and their imported notice numbers. */
export interface DebtMaker {
  /** `count` debts of one person. */
  forPerson(person: Person, count: number): Debt[];
  /** One debt of a fresh person, for an odd row. */
  odd(person: Person, kind: Exclude<RowKind, 'good'>, oddity: string): Debt;
}

interface Slot {
  readonly year: number;
  readonly instalment: number | null;
  readonly parts: number;
}

export function creditTypeOf(body: TownBody): CreditType {
  return body.kind === 'comune' ? 'TARI' : 'TICKET';
}

export function makeDebts(dice: Dice, body: TownBody, figures: TownFigures, start: CivilDate): DebtMaker {
  const creditType = creditTypeOf(body);
  // What fell due in the last days before the start may still be on its way from the bank.
  const lastDue = addDays(start, -20);
  let serial = 0;

  function slots(personId: string, count: number): Slot[] {
    const found: Slot[] = [];
    const used = new Set<number>();
    for (let n = 0; found.length < count; n += 1) {
      const year = Number(dice.weighted(figures.years, body.slug, personId, 'year', n));
      // A few years are soon used up: after some tries the year may come twice (a second home).
      if (creditType === 'TARI' && used.has(year) && n < 12) continue;
      used.add(year);
      if (!dice.chance(figures.twoInstalments, body.slug, personId, 'parts', n)) {
        found.push({ year, instalment: null, parts: 1 });
      } else if (count - found.length >= 2 && dice.chance(0.6, body.slug, personId, 'both', n)) {
        found.push({ year, instalment: 1, parts: 2 }, { year, instalment: 2, parts: 2 });
      } else {
        found.push({ year, instalment: dice.chance(0.4, body.slug, personId, 'which', n) ? 1 : 2, parts: 2 });
      }
    }
    return found;
  }

  function dates(slot: Slot, key: readonly (string | number)[]): { due: CivilDate; service: CivilDate | null } {
    if (creditType === 'TARI') {
      const due = civilDate(`${slot.year}-${slot.instalment === 2 ? '12-16' : '06-16'}`);
      return { due: due <= lastDue ? due : civilDate(`${slot.year}-03-31`), service: null };
    }
    const service = addDays(civilDate(`${slot.year}-01-02`), dice.int(0, 345, ...key, 'service'));
    const due = addDays(service, 30);
    if (due <= lastDue) return { due, service };
    const early = addDays(civilDate(`${slot.year}-01-02`), dice.int(0, 120, ...key, 'service-early'));
    return { due: addDays(early, 30), service: early };
  }

  function amount(slot: Slot, key: readonly (string | number)[]): Cents {
    if (dice.chance(figures.minimumEuroShare, ...key, 'small')) return dice.int(300, 1199, ...key, 'small-cents');
    const euro = dice.lognormal(figures.amountMeanEuro, figures.amountSigma, body.slug, ...key.slice(0, 2), 'bill');
    const cents = Math.max(1200, Math.round((euro * 100) / slot.parts));
    return dice.chance(0.5, ...key, 'round') ? Math.round(cents / 100) * 100 : cents;
  }

  function build(person: Person, slot: Slot, kind: RowKind, oddity: string | null): Debt {
    serial += 1;
    const key = [person.id, slot.year, slot.instalment ?? 0, serial];
    const { due, service } = dates(slot, key);
    const imported = dice.chance(figures.importedNoticeShare, body.slug, ...key, 'imported');
    return {
      id: `${creditType}-${slot.year}-${String(serial).padStart(6, '0')}`,
      slug: body.slug,
      creditType,
      personId: person.id,
      year: slot.year,
      instalment: slot.instalment,
      serviceDate: service,
      dueDate: due,
      amountCents: amount(slot, key),
      noticeNumber: imported ? makeNoticeNumber(body.segregation, slot.year * 1_000_000_000 + serial) : null,
      wrong: null,
      kind,
      oddity,
    };
  }

  return {
    forPerson: (person, count) => slots(person.id, count).map((slot) => build(person, slot, 'good', null)),
    odd(person, kind, oddity) {
      const slot = slots(person.id, 1)[0];
      if (slot === undefined) throw new RangeError('no slot');
      const debt = build(person, oddity === 'oldYear' ? { ...slot, year: 2019 } : slot, kind, oddity);
      if (oddity === 'zeroAmount') return { ...debt, amountCents: 0 };
      return oddity === 'farFuture' ? { ...debt, dueDate: civilDate('2031-12-16') } : debt;
    },
  };
}

/**
 * Wrong debts come in clumps with one cause (citizens.md §4.4): each cause takes its rows from one year and instalment
 * before it spills into the next, so that an office could see the pattern.
 */
export function markWrong(dice: Dice, debts: readonly Debt[], figures: TownFigures): Debt[] {
  const groups = new Map<string, Debt[]>();
  for (const debt of debts) {
    const key = `${debt.slug}|${debt.year}|${debt.instalment ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), debt]);
  }
  const bySize = [...groups.values()].sort((a, b) => b.length - a.length || compare(a[0]?.id, b[0]?.id));
  const causes = figures.wrong.causes;
  const weights = causes.reduce((sum, cause) => sum + cause.weight, 0);
  const wrong = new Map<string, NonNullable<Debt['wrong']>>();
  for (const [n, cause] of causes.entries()) {
    let left = Math.round((debts.length * figures.wrong.share * cause.weight) / weights);
    // Causes start from different groups, so that their clumps do not mix.
    for (const group of [...bySize.slice(n), ...bySize.slice(0, n)]) {
      const drawn = group
        .filter((debt) => !wrong.has(debt.id))
        .sort((a, b) => dice.fraction(a.id, cause.id) - dice.fraction(b.id, cause.id))
        // A cause hits most of its group, never all of it: some of those debts are right.
        .slice(0, Math.min(left, Math.ceil(group.length * 0.6)));
      for (const debt of drawn) wrong.set(debt.id, { cause: cause.id, motive: cause.motive });
      left -= drawn.length;
      if (left <= 0) break;
    }
  }
  return debts.map((debt) => ({ ...debt, wrong: wrong.get(debt.id) ?? null }));
}

function compare(a: string | undefined, b: string | undefined): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
