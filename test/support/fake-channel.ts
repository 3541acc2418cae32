import type {
  Channel,
  ChannelSignal,
  Fault,
  OutboundMessage,
  SendOutcome,
  SignalKind,
} from '../../src/modules/deliveries/index.ts';

/** A message that reached the wire, and when (legal time). */
export interface SentMessage {
  readonly message: OutboundMessage;
  readonly at: number;
  readonly outcome: SendOutcome;
}

/** An e-mail channel in memory: takes everything, unless told to answer otherwise, and keeps what it was given. */
export class FakeChannel implements Channel {
  readonly kind = 'email';
  readonly provider = 'fake';
  readonly capabilities = { maxTextLength: null, subject: true, html: true, query: false };
  /** What the wire saw, refused ones among it. */
  readonly sent: SentMessage[] = [];
  /** How many batches were asked for. */
  batches = 0;
  /** The answer to one message; `nth` counts all messages from 0. */
  answer: (message: OutboundMessage, nth: number) => SendOutcome | null = () => null;
  /** Runs while the batch is on the wire: after the mark was committed, before the outcome is. */
  whileSending: (batch: readonly OutboundMessage[]) => Promise<void> = async () => {};
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async send(batch: readonly OutboundMessage[]): Promise<SendOutcome[]> {
    this.batches += 1;
    const outcomes = batch.map((message) => {
      const outcome = this.answer(message, this.sent.length) ?? { kind: 'accepted', ref: `<${message.deliveryId}>` };
      this.sent.push({ message, at: this.#now(), outcome });
      return outcome;
    });
    await this.whileSending(batch);
    return outcomes;
  }

  /** What a person may have received: accepted, or nobody knows. */
  get reached(): SentMessage[] {
    return this.sent.filter(({ outcome }) => outcome.kind === 'accepted' || outcome.kind === 'uncertain');
  }

  /** The messages that reached an address. */
  to(address: string): SentMessage[] {
    return this.reached.filter(({ message }) => message.to === address);
  }

  async parseSignal(): Promise<ChannelSignal[]> {
    return [];
  }

  async health() {
    return { ok: true, detail: 'in memory' };
  }

  async close(): Promise<void> {}
}

/** A signal of this channel about one delivery. */
export function signalOf(
  message: { readonly enteId: number; readonly deliveryId: string },
  kind: SignalKind,
  over: { readonly fault?: Fault; readonly code?: string; readonly event?: string } = {},
): ChannelSignal {
  return {
    enteId: message.enteId,
    deliveryId: message.deliveryId,
    provider: 'fake',
    providerEventId: over.event ?? `${kind}:${message.deliveryId}`,
    kind,
    fault: over.fault ?? null,
    code: over.code ?? '2.0.0',
  };
}
