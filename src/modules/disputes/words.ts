import type { EnteVault } from '../../platform/secrets/index.ts';
import type { PersonRecord } from '../debtors/index.ts';

/** Where the words of a dispute are sealed for, so that none can be moved to another one. */
const AAD = { statement: 'dispute', answer: 'dispute answer' } as const;
type Words = keyof typeof AAD;

export function sealWords(vault: EnteVault, person: PersonRecord, words: Words, disputeId: string, text: string) {
  return vault.seal(person.key, `${AAD[words]}|${disputeId}`, text);
}

/** What the person wrote, or what the office answered, of a row of `dispute_text_now`. */
export function openWords(vault: EnteVault, person: PersonRecord, words: Words, disputeId: string, sealed: Uint8Array) {
  return vault.open(person.key, `${AAD[words]}|${disputeId}`, sealed);
}
