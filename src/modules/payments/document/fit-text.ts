/**
 * One line of plain text of at most `max` characters (code points): composed (NFC), without control and invisible
 * characters, blanks of every kind made one. What is longer ends with `…`. Half a surrogate pair becomes U+FFFD.
 */
export function fitText(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    // Marks of direction and joiners: they could make a name read as another one.
    .replace(/\p{Cf}/gu, '')
    .normalize('NFC')
    .replace(/ {2,}/g, ' ')
    .trim();
  const characters = [...line];
  if (characters.length <= max) return line;
  return `${characters
    .slice(0, max - 1)
    .join('')
    .trimEnd()}…`;
}
