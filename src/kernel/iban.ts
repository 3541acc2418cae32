/** Whether these are the characters of an IBAN (ISO 13616), blanks left out, and its two check digits are right. */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  if (text.startsWith('IT') && !/^IT\d{2}[A-Z]\d{10}[A-Z0-9]{12}$/.test(text)) return false;
  let rest = 0;
  for (const digit of `${text.slice(4)}${text.slice(0, 4)}`) {
    const value = Number.parseInt(digit, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
