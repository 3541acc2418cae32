/**
 * The channel port (architecture §6): batches in, outcomes out, never a raw provider error.
 *
 * Rates, windows, ceilings and holds are enforced outside the adapter. An adapter turns one batch into wire traffic
 * and says for each message what became of it; what arrives later comes back through `parseSignal`.
 */
export type ChannelKind = 'email' | 'sms' | 'pec' | 'appIo' | 'letter' | 'send' | 'webPush' | 'voice' | 'chat';

/** One message, already rendered under the disclosure policy. Adapters may not add or change what it says. */
export interface OutboundMessage {
  readonly enteId: number;
  /** UUID of the delivery, or of the one-time code's sending. Together with `enteId` it is the idempotency key. */
  readonly deliveryId: string;
  readonly to: string;
  readonly sender: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  /** Absolute URL that takes an opt-out by POST (RFC 8058); null for messages the person asked for. */
  readonly optOutUrl: string | null;
}

/** Whose fault a failure is: a retry may help, the address is dead, the content or sender is refused, or we broke. */
export type Fault = 'temporary' | 'permanent' | 'policy' | 'technical';

export type SendOutcome =
  /** The provider took it. `ref` is the provider's own reference (e-mail: our Message-ID). */
  | { readonly kind: 'accepted'; readonly ref: string }
  /** Never accepted, for sure. `code` is the provider's, or ours when it gave none. */
  | { readonly kind: 'rejected'; readonly code: string; readonly fault: Fault }
  /**
   * Never accepted, and the provider asks for a pause of so many milliseconds. It is kept in legal time, as every date of
   * a message is; the two run alike outside a simulation.
   */
  | { readonly kind: 'retryLater'; readonly afterMs: number; readonly code: string }
  /** It may have been accepted: the connection broke after the point of no return (architecture §4.7). */
  | { readonly kind: 'uncertain'; readonly code: string };

export type SignalKind =
  | 'delivered'
  | 'bounced'
  /** The provider's own no to a send that had been given up as uncertain: it was never accepted. */
  | 'refused'
  | 'delayed'
  | 'read'
  | 'complaint'
  | 'autoReply'
  | 'optOut'
  | 'unknown';

/** What a channel says of a delivery after the send. Unique by (enteId, provider, providerEventId). */
export interface ChannelSignal {
  readonly enteId: number;
  readonly deliveryId: string;
  readonly provider: string;
  readonly providerEventId: string;
  readonly kind: SignalKind;
  /** Set when `kind` is `bounced` or `refused`. */
  readonly fault: Fault | null;
  /** The provider's own code, kept as it came (e.g. `5.1.1`), at most 200 characters, no address inside. */
  readonly code: string;
}

export interface ChannelCapabilities {
  /** Longest text in characters; null = no limit of its own. */
  readonly maxTextLength: number | null;
  readonly subject: boolean;
  readonly html: boolean;
  /** Whether the provider can be asked what became of a message. */
  readonly query: boolean;
}

export interface Channel {
  readonly kind: ChannelKind;
  readonly provider: string;
  readonly capabilities: ChannelCapabilities;
  /** Outcomes in the order of the batch, one each; never rejects for a provider's failure. */
  send(batch: readonly OutboundMessage[], signal: AbortSignal): Promise<SendOutcome[]>;
  /** Reads one raw event (e-mail: one RFC 5322 message with its envelope recipient). Empty when it is not about us. */
  parseSignal(raw: RawSignal): Promise<ChannelSignal[]>;
  /** Asks the provider what became of an uncertain message; null = it cannot say. */
  query?(ref: string, signal: AbortSignal): Promise<SendOutcome | null>;
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

export interface RawSignal {
  /** Where it was addressed to: e-mail, the envelope recipient (our per-recipient return path). */
  readonly recipient: string;
  readonly body: Uint8Array;
}
