import { checkCodiceFiscale } from '../../../kernel/codice-fiscale.ts';

/**
 * The codice fiscale in a fiscal number claim: `TINIT-` and the code in SPID and CIE, the code alone at some aggregators.
 * Omocode forms are taken as they are (R48). Null for anything else: a VAT number (`VATIT-`) or a code of another country
 * is no person of ours, nor is a body's eleven digits, which is what a provisional code looks like too.
 */
export function codiceFiscaleOf(claim: unknown): string | null {
  if (typeof claim !== 'string') return null;
  const checked = checkCodiceFiscale(claim.trim().replace(/^TINIT-/i, ''));
  return checked.ok && checked.value.kind === 'person' ? checked.value.value : null;
}
