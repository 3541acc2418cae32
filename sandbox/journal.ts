import type { Cents } from '../src/kernel/money.ts';
import type { Channel, MailKind } from './mail/stored-mail.ts';

/** When something happened, on both clocks (epoch ms): the story's and the real one. */
export interface Moment {
  readonly simAt: number;
  readonly realAt: number;
}

/** A message that was accepted for an address, and whom it speaks to. */
export interface Contact extends Moment {
  readonly channel: Channel;
  readonly messageId: string;
  readonly address: string;
  readonly subject: string;
  /** Plain text and the words of the HTML part. */
  readonly text: string;
  readonly kind: MailKind;
  /** The debtor it is meant for; null when the message and its address leave more than one, or nobody. */
  readonly personId: string | null;
  /** Everybody it may be meant for: an SMS names nobody, and a phone may stand beside more than one name. */
  readonly candidates: readonly string[];
  readonly slug: string | null;
  /** True for a one-time code that a journey had just asked for. */
  readonly asked: boolean;
}

/** A payment that the program answered with a 2xx. */
export interface Payment extends Moment {
  readonly personId: string;
  readonly slug: string;
  readonly debtId: string;
  readonly amountCents: Cents;
  readonly how: 'pagopa' | 'counter';
}

/** Something after which contact must stop, as the program confirmed it. */
export interface Stop extends Moment {
  readonly kind: 'dispute' | 'notMe' | 'optOut';
  readonly slug: string;
  readonly personId: string;
  readonly address: string;
  /** For a dispute: the debts it is about. */
  readonly debtIds: readonly string[];
  /** Set once the office has answered. */
  answer: (Moment & { readonly accepted: boolean }) | null;
}

/** A page of the portal that was shown to somebody who is not the debtor. */
export interface StrangerPage extends Moment {
  readonly personId: string;
  readonly slug: string;
  readonly path: string;
  readonly text: string;
}

/** The sandbox's own log: the only ground on which harm is counted. */
export interface Journal {
  readonly contacts: Contact[];
  readonly payments: Payment[];
  readonly stops: Stop[];
  readonly pages: StrangerPage[];
  /** What went otherwise than agreed. */
  readonly failures: string[];
  /** How often each thing happened on the journeys. */
  readonly outcomes: Map<string, number>;
  journeys: number;
  bounced: number;
}

export function makeJournal(): Journal {
  return {
    contacts: [],
    payments: [],
    stops: [],
    pages: [],
    failures: [],
    outcomes: new Map(),
    journeys: 0,
    bounced: 0,
  };
}

export function count(journal: Journal, outcome: string): void {
  journal.outcomes.set(outcome, (journal.outcomes.get(outcome) ?? 0) + 1);
}
