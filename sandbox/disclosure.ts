/**
 * The sandbox's own list of what may not be said to somebody who is not the debtor (architecture §4.5): amounts, the
 * reason, the service, numbers of notices. Written apart from the program's, so that one list can catch the other.
 */
const WORDS: readonly (readonly [string, RegExp])[] = [
  ['amount', /(?<![\d.,/])\d{1,3}(?:\.\d{3})*,\d{2}(?!\d)/g],
  ['amount', /€|\beuro\b/gi],
  ['notice number', /\b\d{18}\b|\b(?:\d{4} ){4}\d{2}\b/g],
  ['notice number', /\bavviso\s+(?:n\.?|nr\.?|numero)\s*\d/gi],
  ['reason', /\btari\b|\bticket\b|\brifiut[oi]\b|\bsanitari[aeo]?\b|\bimu\b|\bmulta\b/gi],
  // A debit card is no debt.
  ['reason', /(?<!cart[ae] (?:di )?|credito o (?:di )?)\bdebit[oi]\b|\bimporto da pagare\b|\bmoros[oaie]\b/gi],
];

export interface Disclosure {
  readonly what: string;
  readonly found: string;
}

/**
 * What a text discloses. `openly` holds texts the body shows to everybody (its name, its public page): words found
 * there are no disclosure. Web addresses are left out, since they hold random letters.
 */
export function disclosures(text: string, openly: readonly string[]): Disclosure[] {
  let plain = text.replace(/https?:\/\/\S+/g, ' ').replaceAll('\u00a0', ' ');
  const publicText = openly.join('\n').toLowerCase().replaceAll('\u00a0', ' ');
  for (const name of openly) {
    if (name.length > 0 && name.length < 120) plain = replaceAllIgnoringCase(plain, name, ' ');
  }
  const found: Disclosure[] = [];
  for (const [what, pattern] of WORDS) {
    for (const match of plain.matchAll(pattern)) {
      if (!publicText.includes(match[0].toLowerCase())) found.push({ what, found: match[0] });
    }
  }
  return found;
}

/** The words of a piece of HTML, tags and styles left out. */
export function wordsOf(html: string): string {
  return html
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&nbsp;|&#160;/g, ' ')
    .replace(/&euro;|&#8364;/g, '€')
    .replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

function replaceAllIgnoringCase(text: string, what: string, by: string): string {
  const lower = text.toLowerCase();
  const wanted = what.toLowerCase();
  // Lower-casing can change the length of rare letters; then it is better to replace nothing.
  if (lower.length !== text.length) return text.replaceAll(what, by);
  let out = '';
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    out += text.slice(from, at) + by;
    from = at + wanted.length;
  }
  return out + text.slice(from);
}
