import { type CivilDate, year } from '../../src/kernel/civil-date.ts';
import { computeCfCheck } from '../../src/kernel/codice-fiscale.ts';

const MONTH_LETTERS = 'ABCDEHLMPRST';

function letters(text: string): string {
  return text
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z]/g, '');
}

function split(text: string): { consonants: string; vowels: string } {
  const plain = letters(text);
  return { consonants: plain.replace(/[AEIOU]/g, ''), vowels: plain.replace(/[^AEIOU]/g, '') };
}

function surnameLetters(surname: string): string {
  const { consonants, vowels } = split(surname);
  return `${consonants}${vowels}XXX`.slice(0, 3);
}

function nameLetters(name: string): string {
  const { consonants, vowels } = split(name);
  // DM 23 December 1976, n. 13813: with four consonants or more the second is left out.
  if (consonants.length >= 4) return consonants.charAt(0) + consonants.charAt(2) + consonants.charAt(3);
  return `${consonants}${vowels}XXX`.slice(0, 3);
}

/** The 16 characters of an invented person; `place` is a letter and three digits. */
export function makeCodiceFiscale(
  lastName: string,
  firstName: string,
  birth: CivilDate,
  sex: 'F' | 'M',
  place: string,
): string {
  const day = Number(birth.slice(8, 10)) + (sex === 'F' ? 40 : 0);
  const first15 =
    surnameLetters(lastName) +
    nameLetters(firstName) +
    String(year(birth) % 100).padStart(2, '0') +
    MONTH_LETTERS.charAt(Number(birth.slice(5, 7)) - 1) +
    String(day).padStart(2, '0') +
    place;
  return first15 + computeCfCheck(first15);
}
