import { addDays, type CivilDate, civilDate, year } from '../../src/kernel/civil-date.ts';
import type { Dice } from '../dice.ts';
import type { TownFigures } from '../profile.ts';
import { makeCodiceFiscale } from './codice-fiscale.ts';
import { BIRTHPLACE_CODES, FEMALE_NAMES, MAIL_DOMAINS, MALE_NAMES, OTHER_PLACES, STREETS, SURNAMES } from './names.ts';
import { makePhones } from './phones.ts';
import { fullName, type Mailbox, type MailboxState, type Person, type Phone } from './types.ts';

/** Draws the people of a town, household by household, and the mailboxes their addresses lead to. */
export interface Registry {
  readonly people: Map<string, Person>;
  readonly mailboxes: Map<string, Mailbox>;
  readonly phones: Map<string, Phone>;
  /** The debtors of one more household living in `place`, most often one person. */
  household(figures: TownFigures, place: string): Person[];
  /** One more person for an odd row of a file. */
  single(figures: TownFigures, place: string, minor: boolean): Person;
}

interface Home {
  readonly key: string;
  readonly address: string;
  readonly cap: string;
  readonly place: string;
  readonly lastName: string;
}

export function makeRegistry(dice: Dice, start: CivilDate): Registry {
  const people = new Map<string, Person>();
  const mailboxes = new Map<string, Mailbox>();
  const phoneBook = makePhones(dice);
  const codes = new Set<string>();
  const citizensWithMail: string[] = [];
  let households = 0;

  function home(place: string): Home {
    households += 1;
    const key = `h${households}`;
    const lives = dice.chance(0.88, key, 'lives') ? place : dice.pick(OTHER_PLACES, key, 'place');
    return {
      key,
      place: lives,
      // 00xxx-98xxx are real; 99xxx is nobody's.
      cap: lives === place ? '99010' : `990${20 + OTHER_PLACES.indexOf(lives)}`,
      address: `${dice.pick(STREETS, key, 'street')} ${dice.int(1, 140, key, 'number')}`,
      lastName: dice.pick(SURNAMES, key, 'surname'),
    };
  }

  function identity(id: string, lastName: string, minor: boolean, taken: readonly string[]) {
    for (let attempt = 0; ; attempt += 1) {
      const sex = dice.chance(0.5, id, 'sex', attempt) ? ('F' as const) : ('M' as const);
      const firstName = dice.pick(sex === 'F' ? FEMALE_NAMES : MALE_NAMES, id, 'name', attempt);
      const age = minor ? dice.int(5, 15, id, 'age', attempt) : dice.int(21, 92, id, 'age', attempt);
      const birth = addDays(
        civilDate(`${year(start) - age}-01-01`),
        // Day 0-240 keeps the age what it is meant to be when the simulation starts in the autumn.
        dice.int(0, 240, id, 'birthday', attempt),
      );
      const code = makeCodiceFiscale(lastName, firstName, birth, sex, dice.pick(BIRTHPLACE_CODES, id, 'at', attempt));
      if (codes.has(code) || taken.includes(firstName)) continue;
      codes.add(code);
      return { sex, firstName, birth, codiceFiscale: code };
    }
  }

  function newAddress(id: string, firstName: string, lastName: string): string {
    const plain = (text: string): string =>
      text
        .normalize('NFD')
        .toLowerCase()
        .replace(/[^a-z]/g, '');
    const domain = dice.pick(MAIL_DOMAINS, id, 'domain');
    const base = `${plain(firstName)}.${plain(lastName)}`;
    let address = `${base}@${domain}`;
    for (let n = 0; mailboxes.has(address); n += 1) {
      address = `${base}${dice.int(2, 99, id, 'suffix', n) + 100 * Math.floor(n / 20)}@${domain}`;
    }
    return address;
  }

  function open(address: string, owners: readonly string[], figures: TownFigures): string {
    mailboxes.set(address, { address, owners, state: mailboxState(dice, address, figures) });
    return address;
  }

  /** The address the bodies have for a person: his own, his family's, or by mistake somebody else's. */
  function emailOf(id: string, who: { firstName: string; lastName: string }, figures: TownFigures): string | null {
    if (!dice.chance(figures.emailPresent, id, 'email')) return null;
    if (!dice.chance(figures.strangerShare, id, 'stranger')) {
      citizensWithMail.push(id);
      return open(newAddress(id, who.firstName, who.lastName), [id], figures);
    }
    if (citizensWithMail.length > 0 && dice.chance(figures.strangerIsCitizen, id, 'known')) {
      const other = people.get(dice.pick(citizensWithMail, id, 'whose'));
      if (other?.email && fullName(other) !== `${who.firstName} ${who.lastName}`) return other.email;
    }
    const names = dice.chance(0.5, id, 'outsider') ? FEMALE_NAMES : MALE_NAMES;
    const outsider = newAddress(id, dice.pick(names, id, 'outsider-name'), dice.pick(SURNAMES, id, 'outsider-surname'));
    return open(outsider, [], figures);
  }

  function add(place: Home, figures: TownFigures, minor: boolean, relatives: readonly Person[]): Person {
    const id = `p${people.size + 1}`;
    const who = identity(
      id,
      place.lastName,
      minor,
      relatives.map((relative) => relative.firstName),
    );
    const named = { firstName: who.firstName, lastName: place.lastName };
    const shared = relatives.find((relative) => relative.email !== null && isOwn(relative));
    let email: string | null;
    if (shared?.email && dice.chance(figures.sharedEmail * 3, id, 'shares')) {
      email = shared.email;
      const box = mailboxes.get(email);
      if (box) mailboxes.set(email, { ...box, owners: [...box.owners, id] });
    } else {
      email = emailOf(id, named, figures);
    }
    const person: Person = {
      id,
      ...who,
      lastName: place.lastName,
      address: place.address,
      cap: place.cap,
      place: place.place,
      phone: phoneBook.phoneOf(id, relatives, figures),
      email,
      deceased: !minor && dice.chance(figures.deceased, id, 'deceased'),
      minor,
    };
    people.set(id, person);
    return person;
  }

  function isOwn(person: Person): boolean {
    return person.email !== null && (mailboxes.get(person.email)?.owners.includes(person.id) ?? false);
  }

  return {
    people,
    mailboxes,
    phones: phoneBook.phones,
    household(figures, place) {
      const lives = home(place);
      const size = dice.fraction(lives.key, 'size');
      const members: Person[] = [];
      for (let n = 0; n < (size < 0.78 ? 1 : size < 0.96 ? 2 : 3); n += 1) {
        members.push(add(lives, figures, false, members));
      }
      return members;
    },
    single: (figures, place, minor) => add(home(place), figures, minor, []),
  };
}

function mailboxState(dice: Dice, address: string, figures: TownFigures): MailboxState {
  const { unknownUser, bouncesLater, full, cutAfterData } = figures.mailbox;
  const works = 1 - unknownUser - bouncesLater - full - cutAfterData;
  return dice.weighted({ works, unknownUser, bouncesLater, full, cutAfterData }, address, 'mailbox');
}
