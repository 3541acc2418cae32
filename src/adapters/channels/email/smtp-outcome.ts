import type { Fault, SendOutcome } from '../../../modules/deliveries/channel.port.ts';
import { cleanCode, enhancedStatusIn, faultOf, isGeneric, saysMailboxFull } from './reply-faults.ts';

/** What nodemailer says of a failed send; only what is read here. */
export interface SmtpFailure {
  readonly code?: string | undefined;
  /** The command that was answered: `CONN`, `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH ...`. */
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly originalCode?: string | undefined;
  readonly timeoutType?: string | undefined;
}

const MINUTE_MS = 60_000;
const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 60 * MINUTE_MS;
/** Pause when the host names none: busy hosts recover soon, greylisting wants some minutes. */
const BUSY_RETRY_MS = MINUTE_MS;
const RATE_RETRY_MS = 5 * MINUTE_MS;

const RATE_TEXT =
  /grey-?list|gray-?list|try again (?:later|in)|too (?:many|quickly|fast)|rate ?limit|rate (?:that|has been)|throttl|server busy|temporarily deferred|troppe? (?:connession|messagg)/i;

/**
 * The outcome of a failed send. `contentStarted` tells whether a byte of the message went out, which a server invites
 * only after DATA: from then on anything but a plain refusal is uncertain (architecture §4.7), because the host may
 * have taken the message and the answer got lost. Before it, the message was never accepted, for sure.
 */
export function outcomeOf(failure: SmtpFailure, contentStarted: boolean): SendOutcome {
  const reply = refusalCode(failure);
  const answersData = failure.command === 'DATA' && reply !== null;
  if (contentStarted && !answersData) return { kind: 'uncertain', code: localCode(failure) };
  if (reply === null) return withoutReply(failure);

  const text = failure.response ?? '';
  const status = enhancedStatusIn(text);
  const code = status ?? String(reply);
  if (reply === 421) return { kind: 'retryLater', afterMs: askedPause(text) ?? BUSY_RETRY_MS, code };
  if (reply < 500 && isRateLimit(reply, status, text)) {
    return { kind: 'retryLater', afterMs: askedPause(text) ?? RATE_RETRY_MS, code };
  }
  return { kind: 'rejected', code, fault: faultOfReply(reply, status, text, failure.command ?? '') };
}

/** True when every other message would meet the same wall: the host was not reached, or did not let us in. */
export function isHostDown(failure: SmtpFailure): boolean {
  switch (failure.code) {
    case 'EDNS':
    case 'ETLS':
    case 'EAUTH':
    case 'ENOAUTH':
      return true;
    case 'ESOCKET':
      return /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|ETIMEDOUT)$/.test(
        failure.originalCode ?? '',
      );
    case 'ETIMEDOUT':
      return failure.timeoutType !== undefined && failure.timeoutType !== 'SOCKET_TIMEOUT';
    case 'EPROTOCOL':
      // A greeting that is not 220.
      return failure.command === 'CONN';
    default:
      return false;
  }
}

function refusalCode(failure: SmtpFailure): number | null {
  const reply = failure.responseCode;
  return reply !== undefined && reply >= 400 && reply <= 599 ? reply : null;
}

function localCode(failure: SmtpFailure): string {
  return cleanCode(failure.originalCode ?? failure.timeoutType ?? failure.code ?? 'EUNKNOWN').slice(0, 40);
}

function withoutReply(failure: SmtpFailure): SendOutcome {
  // Larger than the SIZE the host announced (RFC 1870): nodemailer stops before MAIL FROM.
  if (failure.code === 'EMESSAGE' && failure.command === 'MAIL FROM') {
    return { kind: 'rejected', code: '5.3.4', fault: 'policy' };
  }
  return { kind: 'rejected', code: localCode(failure), fault: 'technical' };
}

function isRateLimit(reply: number, status: string | null, text: string): boolean {
  if (reply !== 450 && reply !== 451 && reply !== 452) return false;
  if (status === '4.2.2' || saysMailboxFull(text)) return false;
  return RATE_TEXT.test(text) || status === '4.3.2' || (reply === 451 && status !== null && status.startsWith('4.7.'));
}

/** The pause a host asks for in words ("try again in 300 seconds"), bounded; null when it names none. */
function askedPause(text: string): number | null {
  const match = /(?:again|retry|wait|after|in) {1,3}(?:in |after |for )?(\d{1,5}) ?(s|m|h)/i.exec(text);
  if (match === null) return null;
  const unit = match[2]?.toLowerCase();
  const unitMs = unit === 'h' ? 60 * MINUTE_MS : unit === 'm' ? MINUTE_MS : 1000;
  return Math.min(RETRY_MAX_MS, Math.max(RETRY_MIN_MS, Number(match[1]) * unitMs));
}

function faultOfReply(reply: number, status: string | null, text: string, command: string): Fault {
  const fault = faultOf(status, text);
  if (command === 'RCPT TO') return reply < 500 ? faultOfDeferral(fault) : faultOfRecipient(reply, status, fault);
  if (command === 'DATA') {
    if (reply < 500) return faultOfDeferral(fault);
    // The host read the message and refused it: its content, its size, or us.
    return fault ?? (reply === 552 || reply === 554 || reply === 550 ? 'policy' : faultByNumber(reply));
  }
  if (command === 'MAIL FROM') {
    // About us, whatever the words: the recipient was not named yet.
    if (reply < 500) return 'temporary';
    return fault === 'temporary' ? 'temporary' : (numberFault(reply) ?? 'policy');
  }
  // Greeting, EHLO, STARTTLS, AUTH: no message was spoken of.
  return fault === 'policy' ? 'policy' : 'technical';
}

/** A 4yz names a fault of the recipient only when the words say that the domain is not there. */
function faultOfDeferral(fault: Fault | null): Fault {
  return fault === 'permanent' || fault === 'policy' ? fault : 'temporary';
}

function faultOfRecipient(reply: number, status: string | null, fault: Fault | null): Fault {
  if (fault !== null) return fault;
  if (status === null || isGeneric(status)) return faultByNumber(reply);
  return status.startsWith('5.1.') ? 'permanent' : 'temporary';
}

/** RFC 5321, 4.2.3: what the number alone says of a recipient. */
function faultByNumber(reply: number): Fault {
  if (reply === 550 || reply === 551 || reply === 553) return 'permanent';
  if (reply === 552) return 'temporary';
  return numberFault(reply) ?? 'temporary';
}

/** We spoke wrongly (syntax, sequence, parameters) or were not let in (authentication, encryption). */
function numberFault(reply: number): Fault | null {
  return (reply >= 500 && reply <= 504) || reply === 555 || (reply >= 530 && reply <= 538) ? 'technical' : null;
}
