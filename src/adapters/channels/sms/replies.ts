/** What a person who answers an SMS wants. */
export type ReplyKind = 'stop' | 'paid' | 'info' | 'other';

const STOP = /^(?:STOP|BASTA|(?:CANCELLA|RIMUOVI|CANCELLATE|RIMUOVETE|TOGLI|TOGLIETE)(?:MI)?)$/;
const PAID = /^PAGAT[OAIE]$/;
/** What may stand before PAGATO without turning it round. */
const BEFORE_PAID = /^(?:HO|GIA|ABBIAMO|TUTTO|E|GRAZIE|SALVE|BUONGIORNO|STATO|STATA|STATI|STATE)$/;
const INFO = /^(?:INFO|INFORMAZIONI|AIUTO|HELP)$/;
const MAX_TEXT = 2000;

/**
 * Classifies an inbound text, whatever its case, accents and punctuation. STOP counts as the first word or the last,
 * because a refusal must never be missed; PAGATO only where nothing denies it ("non ho pagato" is `other`).
 */
export function classifyReply(text: string): ReplyKind {
  const words = wordsOf(text);
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return 'other';
  if (STOP.test(first) || (STOP.test(last) && words.at(-2) !== 'NON')) return 'stop';
  const paidAt = words.findIndex((word) => PAID.test(word));
  if (paidAt >= 0 && words.slice(0, paidAt).every((word) => BEFORE_PAID.test(word))) return 'paid';
  return INFO.test(first) ? 'info' : 'other';
}

function wordsOf(text: string): string[] {
  return text
    .slice(0, MAX_TEXT)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
