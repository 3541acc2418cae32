import type { Fault } from '../../../modules/deliveries/channel.port.ts';

/**
 * What a mail host's refusal means, from its enhanced status (RFC 3463) and its words. Shared by the answers heard
 * while sending and by the reports that come later. Order: domain/channels.md §3; words beat codes, because hosts put
 * a full mailbox under 5.0.0 and a blocked sender under 5.1.0.
 */

/** Longest text looked at; what decides stands at the beginning. */
const TEXT_LIMIT = 65_536;

/** The status is about the sender's address: it must never be read as the recipient's being dead. */
const SENDER_TEXT = /sender (?:address|verify|rejected|denied)|address of sender|mittente (?:non|rifiutat)/;
const FULL_TEXT =
  /\bquota\b|overquota|mailbox (?:is |was |has been )?full|mailbox (?:size )?(?:limit )?exceeded|(?:casella|mailbox).{0,30}\bpiena\b|exceeded storage|storage (?:limit|allocation)|insufficient (?:system )?storage|insufficient disk|not enough (?:disk )?space/;
const POLICY_TEXT =
  /spamhaus|\btss\d\d\b|reputation|black-?list|block-?list|\bblock list\b|\bblocked\b|(?:detected|considered|identified|classified|rejected|looks) (?:as |like )?(?:being )?spam|spam (?:message )?(?:rejected|detected|content)|(?:dmarc|dkim|spf)\b.{0,40}(?:fail|reject|did not pass|not pass)|unauthenticated (?:e?mail|sender)|message (?:size )?exceeds|message too (?:large|big)|size limit exceeded|exceeds (?:the )?(?:fixed )?(?:maximum|max\b)/;
/** "Blocked" said of the person's mailbox, not of us. */
const MAILBOX_BLOCKED =
  /(?:mailbox|account|user|utenza|casella)(?: \S+)? (?:is |has been |e' |è )?(?:temporarily )?blocked/;
const DOMAIN_TEXT =
  /nxdomain|domain (?:name )?(?:was )?not found|no such domain|unknown domain|unrouteable address|null ?mx/;
const EXPIRED_TEXT =
  /retry (?:timeout|time|limit) |message expired|expired in queue|delivery time expired|in the queue too long/;
const UNKNOWN_USER_TEXT =
  /user unknown|unknown user|unknown (?:local[ -]part|recipient|mailbox)|no such (?:user|recipient|mailbox|person|address)|no mailbox here|user (?:does not|doesn't) exist|(?:account|mailbox|address|recipient)(?: \S+)?(?: that you tried to reach)? (?:does not|doesn't) exist|mailbox (?:unavailable|not found|disabled)|account (?:has been |is )?disabled|user not found|recipient (?:not found|unknown)|not our customer|invalid (?:recipient|mailbox)|recipient address rejected: access denied|resolver\.adr\.(?:recip|ex)notfound|utente (?:sconosciuto|inesistente)|casella inesistente/;

const DEAD_STATUS = new Set(['5.1.1', '5.1.10', '5.1.2', '5.1.3', '5.1.6', '5.2.1']);
const POLICY_STATUS = new Set(['5.2.3', '5.3.4', '5.1.7', '5.1.8', '4.1.7', '4.1.8']);

/** The first enhanced status in a text (`5.1.1`), or null. IP addresses are not taken for one. */
export function enhancedStatusIn(text: string): string | null {
  return /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)/.exec(text.slice(0, TEXT_LIMIT))?.[1] ?? null;
}

/** True for a status that says only "something went wrong": a better code may stand in the words. */
export function isGeneric(status: string): boolean {
  return /^[45]\.(?:0|5)\.0$/.test(status);
}

/** True when the words speak of a full mailbox. */
export function saysMailboxFull(text: string): boolean {
  return FULL_TEXT.test(normalise(text));
}

/**
 * The fault behind a refusal. `permanent` is said only when the address is surely dead. Null for a 5.x that could mean
 * anything, or when there is neither a status nor a word to go by: such a refusal condemns an address only when it
 * comes twice (domain/channels.md §3, 4), so callers answer `temporary` and keep the code.
 */
export function faultOf(status: string | null, text: string): Fault | null {
  const words = normalise(text);
  if (FULL_TEXT.test(words)) return 'temporary';
  if (SENDER_TEXT.test(words) || (status !== null && POLICY_STATUS.has(status))) return 'policy';
  if (MAILBOX_BLOCKED.test(words)) return 'temporary';
  if (POLICY_TEXT.test(words)) return 'policy';
  // "Host not found, try again": the name servers did not answer, which says nothing of the domain.
  if (DOMAIN_TEXT.test(words) && !words.includes('not found, try again')) return 'permanent';
  if (EXPIRED_TEXT.test(words)) return 'temporary';
  if (status === null) return UNKNOWN_USER_TEXT.test(words) ? 'permanent' : null;
  if (DEAD_STATUS.has(status)) return 'permanent';
  if (status.startsWith('5.7.')) return 'policy';
  if (status.startsWith('4.') || status === '5.2.2') return 'temporary';
  return UNKNOWN_USER_TEXT.test(words) ? 'permanent' : null;
}

function normalise(text: string): string {
  return text.slice(0, TEXT_LIMIT).toLowerCase().replace(/\s+/g, ' ');
}

/** A code fit to be stored: no address, no odd characters, at most 200 of them. */
export function cleanCode(code: string): string {
  const clean = code
    .replace(/\S*@\S*/g, '')
    .replace(/[^A-Za-z0-9 ._/-]/g, '')
    .trim();
  return clean.slice(0, 200) || 'none';
}
