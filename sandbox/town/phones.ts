import type { Dice } from '../dice.ts';
import type { TownFigures } from '../profile.ts';
import type { Person, Phone, PhoneState } from './types.ts';

/** Draws the phones of a town, while its people are drawn. */
export interface Phones {
  readonly phones: Map<string, Phone>;
  /** The number the bodies have for a person: his own, his family's, or by mistake somebody else's. */
  phoneOf(id: string, relatives: readonly Person[], figures: TownFigures): string | null;
}

export function makePhones(dice: Dice): Phones {
  const phones = new Map<string, Phone>();

  function open(id: string, owners: readonly string[], figures: TownFigures): string {
    for (let n = 0; ; n += 1) {
      const again = n === 0 ? [] : [n];
      const prefix = `3${dice.int(20, 99, id, 'prefix', ...again)}`;
      const written = `${prefix} ${String(dice.int(0, 9_999_999, id, 'subscriber', ...again)).padStart(7, '0')}`;
      const number = numberOf(written);
      if (phones.has(number)) continue;
      phones.set(number, { number, owners, state: phoneState(dice, number, figures) });
      return written;
    }
  }

  return {
    phones,
    phoneOf(id, relatives, figures) {
      if (!dice.chance(figures.phonePresent, id, 'phone')) return null;
      // A number that changed hands since: its reader is nobody we know.
      if (dice.chance(figures.phone.wrong, id, 'phone-wrong')) return open(id, [], figures);
      for (const { id: relative, phone } of relatives) {
        const shared = phone === null ? undefined : phones.get(numberOf(phone));
        if (phone === null || shared === undefined || !shared.owners.includes(relative)) continue;
        if (!dice.chance(figures.phone.shared * 3, id, 'shares-phone')) break;
        phones.set(shared.number, { ...shared, owners: [...shared.owners, id] });
        return phone;
      }
      return open(id, [id], figures);
    },
  };
}

/** E.164, of a number as the files write it. */
export function numberOf(written: string): string {
  return `+39${written.replaceAll(' ', '')}`;
}

function phoneState(dice: Dice, number: string, figures: TownFigures): PhoneState {
  const { unknownAtSubmit, unknownLater, off, twice, cut } = figures.phone;
  const works = 1 - unknownAtSubmit - unknownLater - off - twice - cut;
  return dice.weighted({ works, unknownAtSubmit, unknownLater, off, twice, cut }, number, 'phone-state');
}
