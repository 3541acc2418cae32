/** RSSMRA80A01H501U → RSS••••••••••01U: enough to tell two people apart, not to know one (ui.md §5.13). */
export function maskedCode(codiceFiscale: string): string {
  const hidden = codiceFiscale.length - 6;
  return hidden <= 0
    ? '•'.repeat(codiceFiscale.length)
    : `${codiceFiscale.slice(0, 3)}${'•'.repeat(hidden)}${codiceFiscale.slice(-3)}`;
}

/** `p•••@posta.example`, `•••••4567`: enough for its owner to know it. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at > 0 ? `${address.slice(0, 1)}•••${address.slice(at)}` : `•••••${address.slice(-4)}`;
}
