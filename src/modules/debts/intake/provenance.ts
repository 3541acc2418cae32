export interface ContactProvenance {
  /** Where the contact comes from, in the words of the file. */
  readonly source: string | null;
  /** Credit types it may be used for; empty: not for reminders until the office says so. */
  readonly purposes: readonly string[];
}

/**
 * Provenance of the contacts of a row. The text is kept as it is; what it allows is decided by the profile, never by
 * reading the text, and by default it is the credit type of the file. Contacts of a health credit with no stated source
 * and no decision in the profile are for nothing: they may have been given for care (Garante, provv. n. 79/2026).
 */
export function contactProvenance(
  text: string | null,
  purposes: readonly string[] | undefined,
  creditType: { readonly code: string; readonly health: boolean },
): ContactProvenance {
  const source = text === null || text.trim() === '' ? null : text.trim();
  if (purposes !== undefined) return { source, purposes };
  return { source, purposes: creditType.health && source === null ? [] : [creditType.code] };
}
