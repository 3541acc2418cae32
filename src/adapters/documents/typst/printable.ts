import { CodedError } from '../../../kernel/errors.ts';

/** Longest run without a blank that every column of the notice holds, whatever its letters. */
const LONGEST_RUN = 24;
const BREAK_HERE = '\u200b';

/**
 * The characters that a TrueType font has a shape for, from its table `cmap` of format 4: the Basic Multilingual Plane.
 * Throws FONT_UNREADABLE.
 */
export function charactersOf(font: Buffer): Set<number> {
  const cmap = tableOf(font, 'cmap');
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i += 1) {
    const table = cmap + font.readUInt32BE(cmap + 8 + 8 * i);
    if (font.readUInt16BE(table) === 4) return charactersOfFormat4(font, table);
  }
  throw new CodedError('FONT_UNREADABLE', 'no character map of format 4');
}

function tableOf(font: Buffer, tag: string): number {
  for (let i = 0; i < font.readUInt16BE(4); i += 1) {
    const entry = 12 + 16 * i;
    if (font.toString('latin1', entry, entry + 4) === tag) return font.readUInt32BE(entry + 8);
  }
  throw new CodedError('FONT_UNREADABLE', `no table ${tag}`);
}

function charactersOfFormat4(font: Buffer, table: number): Set<number> {
  const size = font.readUInt16BE(table + 6);
  const [ends, starts, deltas, offsets] = [14, 16 + size, 16 + 2 * size, 16 + 3 * size].map((at) => table + at) as [
    number,
    number,
    number,
    number,
  ];
  const found = new Set<number>();
  for (let i = 0; i < size; i += 2) {
    const [end, start, delta, offset] = [ends, starts, deltas, offsets].map((at) => font.readUInt16BE(at + i)) as [
      number,
      number,
      number,
      number,
    ];
    for (let character = start; character <= end && character < 0xffff; character += 1) {
      const glyph =
        offset === 0 ? character + delta : font.readUInt16BE(offsets + i + offset + 2 * (character - start));
      if ((glyph & 0xffff) !== 0) found.add(character);
    }
  }
  return found;
}

/** `longestRun`: how many characters without a blank the column holds. */
export type Printable = (text: string, longestRun?: number) => string;

/**
 * Makes a text one that the fonts can show. A PDF/UA may not hold a character without a shape, so a letter that is
 * missing loses its accent, and what no letter stands for becomes `?`: it is seen that something was there. Runs longer
 * than a column get places where they may be broken.
 */
export function makePrintable(fonts: readonly Buffer[]): Printable {
  const known = fonts.map(charactersOf);
  const has = (character: string) => known.every((characters) => characters.has(character.codePointAt(0) ?? 0));
  const instead = (character: string): string => {
    if (has(character)) return character;
    if (/\p{M}/u.test(character)) return '';
    return [...character.normalize('NFKD')].filter(has).join('') || '?';
  };
  return (text, longestRun = LONGEST_RUN) => {
    const shown = [...text].map(instead).join('');
    if (shown.length <= longestRun) return shown;
    return shown.replace(new RegExp(`\\S{${longestRun}}(?=\\S)`, 'gu'), `$&${BREAK_HERE}`);
  };
}
